// Package reference asks the host for what a job has beside an operator's input: static tables and broadcast values.
package reference

import (
	"math"
	"unsafe"

	"sluicebox/columns"
	"sluicebox/internal/abi"
)

//go:wasmimport sluicebox:operator/tables@0.1.0 columns
func tableColumns(name unsafe.Pointer, nName uint32, answer unsafe.Pointer)

//go:wasmimport sluicebox:operator/tables@0.1.0 read
func tableRows(name unsafe.Pointer, nName uint32, wanted unsafe.Pointer, nWanted uint32, start uint64, maxRows uint32, answer unsafe.Pointer)

//go:wasmimport sluicebox:operator/broadcasts@0.1.0 size
func broadcastSize(name unsafe.Pointer, nName uint32, answer unsafe.Pointer)

//go:wasmimport sluicebox:operator/broadcasts@0.1.0 read
func broadcastBytes(name unsafe.Pointer, nName uint32, start uint64, maxBytes uint32, answer unsafe.Pointer)

// Columns are a table's; false: there is no such table, or it isn't granted.
func Columns(name string) ([]columns.Field, bool) {
	answer := abi.NewRecord(12)
	tableColumns(unsafe.Pointer(unsafe.StringData(name)), uint32(len(name)), answer.Pointer())
	if answer.U8(0) == 0 {
		return nil, false
	}
	return abi.Fields(answer.List(4)), true
}

// Rows are some of a table's, from a row on, with the columns of `wanted`; false: there are none any more.
func Rows(name string, wanted []columns.Field, start int) (columns.Batch, bool) {
	names := abi.NewRecord(len(wanted) * 8)
	for i := range wanted {
		names.SetString(i*8, wanted[i].Name)
	}
	answer := abi.NewRecord(24)
	tableRows(unsafe.Pointer(unsafe.StringData(name)), uint32(len(name)), names.Pointer(), uint32(len(wanted)), uint64(start), math.MaxUint32, answer.Pointer())
	if answer.U8(0) == 0 {
		return columns.Batch{}, false
	}
	return answer.BatchAt(4, wanted), true
}

// Size is how many bytes a value has; false: there is no such value, or it isn't granted.
func Size(name string) (uint64, bool) {
	answer := abi.NewRecord(16)
	broadcastSize(unsafe.Pointer(unsafe.StringData(name)), uint32(len(name)), answer.Pointer())
	return answer.U64(8), answer.U8(0) != 0
}

// Bytes are some of a value's, from a byte on; false: there are none any more.
func Bytes(name string, start uint64, most uint32) ([]byte, bool) {
	answer := abi.NewRecord(12)
	broadcastBytes(unsafe.Pointer(unsafe.StringData(name)), uint32(len(name)), start, most, answer.Pointer())
	return abi.Bytes(answer.List(4)), answer.U8(0) != 0
}
