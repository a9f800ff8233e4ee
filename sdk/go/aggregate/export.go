//go:build wasip1

package aggregate

import (
	"unsafe"

	"sluicebox/columns"
	"sluicebox/internal/abi"
	"sluicebox/internal/call"
)

// What is open.
var (
	open  fold
	of    *operator
	input []columns.Field
)

func find(name string) (*operator, error) {
	return call.Find("aggregate", operators, name, func(of *operator) string { return of.name })
}

//go:wasmexport sluicebox:operator/aggregate@0.1.0#describe
func exportDescribe() unsafe.Pointer {
	return abi.Describe(operators, 32, func(operator *operator, wire abi.Record) {
		wire.SetString(0, operator.name)
		wire.SetString(8, operator.doc)
		wire.SetAsked(16, operator.input, false)
		wire.SetBool(28, operator.invertible)
	})
}

//go:wasmexport cabi_post_sluicebox:operator/aggregate@0.1.0#describe
func afterDescribe(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/aggregate@0.1.0#bind
func exportBind(name unsafe.Pointer, nName uint32, config unsafe.Pointer, nConfig uint32, fields unsafe.Pointer, nFields uint32) unsafe.Pointer {
	return abi.Answer(32, 4, func(result abi.Record) error {
		operator, err := find(abi.String(name, nName))
		if err != nil {
			return err
		}
		if err := operator.bound(abi.String(config, nConfig)); err != nil {
			return err
		}
		given := abi.Fields(fields, nFields)
		if err := result.SetRead(4, operator.input, given); err != nil {
			return err
		}
		result.SetFields(12, operator.between)
		result.SetU32(20, operator.version)
		result.SetFields(24, operator.output)
		return nil
	})
}

//go:wasmexport cabi_post_sluicebox:operator/aggregate@0.1.0#bind
func afterBind(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/aggregate@0.1.0#open
func exportOpen(job unsafe.Pointer, nJob uint32, stream unsafe.Pointer, nStream uint32, time int64, partition, partitions, attempt uint32,
	name unsafe.Pointer, nName uint32, config unsafe.Pointer, nConfig uint32, fields unsafe.Pointer, nFields uint32) unsafe.Pointer {
	return abi.Answer(16, 4, func(abi.Record) (err error) {
		abi.Begin(job, nJob, stream, nStream, time, partition, partitions, attempt)
		if of, err = find(abi.String(name, nName)); err != nil {
			return err
		}
		input = abi.Fields(fields, nFields)
		open, err = of.open(abi.String(config, nConfig))
		return err
	})
}

//go:wasmexport cabi_post_sluicebox:operator/aggregate@0.1.0#open
func afterOpen(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/aggregate@0.1.0#partial
func exportPartial(rows uint32, nodes unsafe.Pointer, _ uint32, buffers unsafe.Pointer, _ uint32, groups unsafe.Pointer, nRows uint32, n uint32) unsafe.Pointer {
	return abi.AnswerBatch(func() (columns.Batch, error) {
		batch := abi.Batch(input, rows, nodes, buffers)
		return open.partial(&batch, abi.Uint32s(groups, nRows), int(n))
	})
}

//go:wasmexport cabi_post_sluicebox:operator/aggregate@0.1.0#partial
func afterPartial(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/aggregate@0.1.0#merge
func exportMerge(rows uint32, nodes unsafe.Pointer, _ uint32, buffers unsafe.Pointer, _ uint32, groups unsafe.Pointer, nRows uint32, n uint32) unsafe.Pointer {
	return abi.AnswerBatch(func() (columns.Batch, error) {
		batch := abi.Batch(of.between, rows, nodes, buffers)
		return open.merge(&batch, abi.Uint32s(groups, nRows), int(n))
	})
}

//go:wasmexport cabi_post_sluicebox:operator/aggregate@0.1.0#merge
func afterMerge(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/aggregate@0.1.0#unmerge
func exportUnmerge(wholeRows uint32, wholeNodes unsafe.Pointer, _ uint32, wholeBuffers unsafe.Pointer, _ uint32,
	rows uint32, nodes unsafe.Pointer, _ uint32, buffers unsafe.Pointer, _ uint32, groups unsafe.Pointer, nRows uint32) unsafe.Pointer {
	return abi.AnswerBatch(func() (columns.Batch, error) {
		whole := abi.Batch(of.between, wholeRows, wholeNodes, wholeBuffers)
		batch := abi.Batch(of.between, rows, nodes, buffers)
		return open.unmerge(&whole, &batch, abi.Uint32s(groups, nRows))
	})
}

//go:wasmexport cabi_post_sluicebox:operator/aggregate@0.1.0#unmerge
func afterUnmerge(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/aggregate@0.1.0#finish
func exportFinish(rows uint32, nodes unsafe.Pointer, _ uint32, buffers unsafe.Pointer, _ uint32) unsafe.Pointer {
	return abi.AnswerBatch(func() (columns.Batch, error) {
		batch := abi.Batch(of.between, rows, nodes, buffers)
		return open.finish(&batch)
	})
}

//go:wasmexport cabi_post_sluicebox:operator/aggregate@0.1.0#finish
func afterFinish(unsafe.Pointer) { abi.End() }
