//go:build wasip1

package abi

import (
	"unsafe"

	"sluicebox/columns"
	"sluicebox/internal/call"
	"sluicebox/internal/rows"
)

// Describe is what `describe` answers: a record of that size for each operator, which `write` fills.
func Describe[T any](operators []T, size int, write func(operator *T, wire Record)) unsafe.Pointer {
	answer := NewRecord(8)
	list := answer.Records(0, len(operators), size)
	for i := range operators {
		write(&operators[i], list.At(i*size))
	}
	return answer.Pointer()
}

// Begin takes down what a call of `open` or `start` is about, and those that follow it.
func Begin(job unsafe.Pointer, nJob uint32, stream unsafe.Pointer, nStream uint32, time int64, partition, partitions, attempt uint32) {
	call.Current = call.Context{
		Job: String(job, nJob), Stream: String(stream, nStream), BatchTimeMs: time, Partition: partition, Partitions: partitions, Attempt: attempt,
	}
}

// SetRead puts the places of the columns that are read into a record: all that are offered, which have to suit those asked for.
func (r Record) SetRead(offset int, asked, offered []columns.Field) error {
	if err := rows.Suits(asked, offered); err != nil {
		return &call.Error{Kind: call.InvalidInput, Err: err}
	}
	r.SetUint32s(offset, All(offered))
	return nil
}

// All are the places of all columns.
func All(offered []columns.Field) []uint32 {
	all := make([]uint32, len(offered))
	for i := range all {
		all[i] = uint32(i)
	}
	return all
}

// AnswerBatch is what an export returns that makes rows and nothing else.
func AnswerBatch(make func() (columns.Batch, error)) unsafe.Pointer {
	return Answer(24, 4, func(result Record) error {
		made, err := make()
		if err == nil {
			result.SetBatch(4, made)
		}
		return err
	})
}
