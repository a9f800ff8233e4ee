// Package export_sluicebox_bench_boundary_calls is the Go guest of the boundary benchmark: three workloads on every shape of a batch.
package export_sluicebox_bench_boundary_calls

import (
	"encoding/binary"
	"strings"

	"wit_component/sluicebox_bench_boundary_outlet"
	. "wit_component/sluicebox_bench_boundary_shapes"

	. "go.bytecodealliance.org/pkg/wit/types"
)

type words struct {
	rows    uint32
	offsets []byte
	data    []byte
}

func (w *words) add(row []byte) {
	for {
		end := 0
		for end < len(row) && row[end] != ' ' {
			end++
		}
		w.data = append(w.data, row[:end]...)
		w.offsets = binary.LittleEndian.AppendUint32(w.offsets, uint32(len(w.data)))
		w.rows++
		if end == len(row) {
			return
		}
		row = row[end+1:]
	}
}

func newWords(size int) words {
	return words{offsets: make([]byte, 4, size+8), data: make([]byte, 0, size+1)}
}

func splitRows(offsets, data []byte) words {
	w := newWords(len(data))
	begin := binary.LittleEndian.Uint32(offsets)
	for at := 4; at < len(offsets); at += 4 {
		end := binary.LittleEndian.Uint32(offsets[at:])
		w.add(data[begin:end])
		begin = end
	}
	return w
}

func splitBatch(input Batch) Batch {
	w := splitRows(input.Buffers[1], input.Buffers[2])
	return Batch{Rows: w.rows, Nodes: []Node{{Length: w.rows}}, Buffers: [][]byte{{}, w.offsets, w.data}}
}

func part(body Body, index int) []byte {
	return body.Bytes[body.Ranges[index].F0:body.Ranges[index].F1]
}

func Nothing() {}

func Take(input Batch) uint32      { return input.Rows }
func TakeBody(input Body) uint32   { return input.Rows }
func TakeTable(input Table) uint32 { return input.Rows }

func Echo(input Batch) Batch               { return input }
func EchoBody(input Body) Body             { return input }
func EchoTable(input Table) Table          { return input }
func EchoStrings(input []string) []string  { return input }
func EchoLines(input []Line) []Line        { return input }
func EchoNumbers(input []Number) []Number  { return input }
func EchoEmit(input Batch)                 { sluicebox_bench_boundary_outlet.Emit(input) }
func EchoEmitBody(input Body)              { sluicebox_bench_boundary_outlet.EmitBody(input) }

func Split(input Batch) Batch { return splitBatch(input) }

func SplitBody(input Body) Body {
	w := splitRows(part(input, 1), part(input, 2))
	middle := uint32(len(w.offsets))
	bytes := append(w.offsets, w.data...)
	end := uint32(len(bytes))
	ranges := []Tuple2[uint32, uint32]{{F0: 0, F1: 0}, {F0: 0, F1: middle}, {F0: middle, F1: end}}
	return Body{Rows: w.rows, Nodes: []Node{{Length: w.rows}}, Ranges: ranges, Bytes: bytes}
}

func SplitTable(input Table) Table {
	text := input.Columns[0].Utf8()
	w := newWords(len(text.Bytes))
	for i := 0; i+1 < len(text.Offsets); i++ {
		w.add(text.Bytes[text.Offsets[i]:text.Offsets[i+1]])
	}
	offsets := make([]uint32, w.rows+1)
	for i := range offsets {
		offsets[i] = binary.LittleEndian.Uint32(w.offsets[4*i:])
	}
	column := MakeColumnUtf8(Text{Validity: None[[]byte](), Offsets: offsets, Bytes: w.data})
	return Table{Rows: w.rows, Columns: []Column{column}}
}

func SplitStrings(input []string) []string {
	out := make([]string, 0, 10*len(input))
	for _, line := range input {
		out = append(out, strings.Split(line, " ")...)
	}
	return out
}

func SplitLines(input []Line) []Line {
	out := make([]Line, 0, 10*len(input))
	for _, line := range input {
		for _, word := range strings.Split(line.Value, " ") {
			out = append(out, Line{Value: word})
		}
	}
	return out
}

func SplitEmit(input Batch) { sluicebox_bench_boundary_outlet.Emit(splitBatch(input)) }

func sumBytes(bytes []byte) int64 {
	sum := int64(0)
	for ; len(bytes) >= 8; bytes = bytes[8:] {
		sum += int64(binary.LittleEndian.Uint64(bytes))
	}
	return sum
}

func Sum(input Batch) int64    { return sumBytes(input.Buffers[1]) }
func SumBody(input Body) int64 { return sumBytes(part(input, 1)) }

func SumTable(input Table) int64 {
	sum := int64(0)
	for _, value := range input.Columns[0].Int64().Values {
		sum += value
	}
	return sum
}

func SumNumbers(input []Number) int64 {
	sum := int64(0)
	for _, number := range input {
		sum += number.Value
	}
	return sum
}
