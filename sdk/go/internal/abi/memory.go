//go:build wasip1

// Package abi reads what the host hands over, and writes what it is answered, as the component model lays them out in memory.
//
// What a call is given and answers lives until the host has read the answer and calls the function that is named after the export, `cabi_post_` before: End.
package abi

import (
	"runtime"
	"unsafe"

	"sluicebox/columns"
)

// kept keeps what the host knows only by its address.
var kept []any

// End lets go of what the call needed.
func End() {
	clear(kept)
	kept = kept[:0]
}

//go:linkname sbrk runtime.sbrk
func sbrk(n uintptr) unsafe.Pointer

// cwd is the folder that relative paths begin at. Go takes the first that is granted for it; a job file's grants, and the paths in its configuration, are relative to neither of them.
//
//go:linkname cwd syscall.cwd
var cwd string

var started bool

func init() { started, cwd = true, "." }

// While memory is handed over nothing may be called outside, and the allocator asks for the time: the adapter then answers with the last one.
//
//go:wasmimport wasi_snapshot_preview1 adapter_monotonic_clock_set_paused
func pauseClock(paused bool)

// The collector also asks for the day's time, which nothing pauses, when it is done. So it neither begins nor goes on there: it leaves alone whoever is pinned.
//
//go:linkname procPin runtime.procPin
func procPin() int

//go:linkname procUnpin runtime.procUnpin
func procUnpin()

//go:wasmexport cabi_realloc
func realloc(old unsafe.Pointer, oldSize, align, size uint32) unsafe.Pointer {
	if old != nil {
		panic("cabi_realloc: nothing that was handed over grows")
	}
	if !started {
		// The adapter's own memory, which stays, and is asked for before there is a heap.
		at := uintptr(sbrk(uintptr(size) + uintptr(align)))
		return unsafe.Add(unsafe.Pointer(nil), (at+uintptr(align)-1)&^(uintptr(align)-1))
	}
	pauseClock(true)
	procPin()
	at := alloc(int(size))
	procUnpin()
	pauseClock(false)
	return at
}

// alloc gives memory that is aligned for every value.
func alloc(size int) unsafe.Pointer {
	words := make([]uint64, (size+7)/8+1)
	kept = append(kept, words)
	return unsafe.Pointer(unsafe.SliceData(words))
}

func pointer(address uint32) unsafe.Pointer { return unsafe.Add(unsafe.Pointer(nil), uintptr(address)) }

func address(at unsafe.Pointer) uint32 { return uint32(uintptr(at)) }

// Bytes are a list of bytes that was handed over.
func Bytes(at unsafe.Pointer, size uint32) []byte {
	if size == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(at), size)
}

// String is a text that was handed over.
func String(at unsafe.Pointer, size uint32) string { return string(Bytes(at, size)) }

// Uint32s are a list of numbers that was handed over.
func Uint32s(at unsafe.Pointer, n uint32) []uint32 {
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*uint32)(at), n)
}

// Record is memory with members at fixed places.
type Record struct{ at unsafe.Pointer }

// NewRecord is one of zeros.
func NewRecord(size int) Record { return Record{alloc(size)} }

// RecordAt is one that was handed over.
func RecordAt(at unsafe.Pointer) Record { return Record{at} }

// Pointer is where it is.
func (r Record) Pointer() unsafe.Pointer { return r.at }

// At is a part of it.
func (r Record) At(offset int) Record { return Record{unsafe.Add(r.at, offset)} }

func (r Record) U8(offset int) uint8   { return *(*uint8)(unsafe.Add(r.at, offset)) }
func (r Record) U32(offset int) uint32 { return *(*uint32)(unsafe.Add(r.at, offset)) }
func (r Record) U64(offset int) uint64 { return *(*uint64)(unsafe.Add(r.at, offset)) }

func (r Record) SetU8(offset int, value uint8)   { *(*uint8)(unsafe.Add(r.at, offset)) = value }
func (r Record) SetU32(offset int, value uint32) { *(*uint32)(unsafe.Add(r.at, offset)) = value }
func (r Record) SetU64(offset int, value uint64) { *(*uint64)(unsafe.Add(r.at, offset)) = value }
func (r Record) SetBool(offset int, value bool) {
	if value {
		r.SetU8(offset, 1)
	}
}

// List is a list within a record: its address and its length.
func (r Record) List(offset int) (unsafe.Pointer, uint32) {
	return pointer(r.U32(offset)), r.U32(offset + 4)
}

// SetList puts a list into a record.
func (r Record) SetList(offset int, at unsafe.Pointer, n int) {
	r.SetU32(offset, address(at))
	r.SetU32(offset+4, uint32(n))
}

// SetBytes puts bytes into a record.
func (r Record) SetBytes(offset int, bytes []byte) {
	kept = append(kept, bytes)
	r.SetList(offset, unsafe.Pointer(unsafe.SliceData(bytes)), len(bytes))
}

// SetString puts a text into a record.
func (r Record) SetString(offset int, text string) {
	kept = append(kept, text)
	r.SetList(offset, unsafe.Pointer(unsafe.StringData(text)), len(text))
}

// SetUint32s puts numbers into a record.
func (r Record) SetUint32s(offset int, numbers []uint32) {
	kept = append(kept, numbers)
	r.SetList(offset, unsafe.Pointer(unsafe.SliceData(numbers)), len(numbers))
}

// Records is a list of records of a size.
func (r Record) Records(offset, n, size int) Record {
	list := NewRecord(n * size)
	r.SetList(offset, list.at, n)
	return list
}

const fieldSize = 36

// Fields reads a schema: fields depth first, as trees.
func Fields(at unsafe.Pointer, n uint32) []columns.Field {
	list, next := RecordAt(at), uint32(0)
	var read func(n uint32) []columns.Field
	one := func() columns.Field {
		wire := list.At(int(next) * fieldSize)
		next++
		name, size := wire.List(0)
		field := columns.Field{Name: String(name, size), Type: columns.Type(wire.U8(8)), Nullable: wire.U8(28) != 0}
		switch field.Type {
		case columns.Decimal128:
			field.Precision, field.Scale = wire.U8(12), int8(wire.U8(13))
		case columns.FixedBinary, columns.FixedList:
			field.Size = wire.U32(12)
		case columns.Time, columns.Duration, columns.Interval:
			field.Unit = wire.U8(12)
		case columns.Timestamp:
			field.Unit = wire.U8(12)
			if wire.U8(16) != 0 {
				at, size := wire.List(20)
				zone := String(at, size)
				field.Zone = &zone
			}
		}
		field.Children = read(wire.U32(32))
		return field
	}
	read = func(n uint32) []columns.Field {
		var fields []columns.Field
		for range n {
			fields = append(fields, one())
		}
		return fields
	}
	var fields []columns.Field
	for next < n {
		fields = append(fields, one())
	}
	return fields
}

func countFields(fields []columns.Field) int {
	n := len(fields)
	for i := range fields {
		n += countFields(fields[i].Children)
	}
	return n
}

// SetFields puts a schema into a record.
func (r Record) SetFields(offset int, fields []columns.Field) {
	list, next := r.Records(offset, countFields(fields), fieldSize), 0
	var write func(fields []columns.Field)
	write = func(fields []columns.Field) {
		for i := range fields {
			field, wire := &fields[i], list.At(next*fieldSize)
			next++
			wire.SetString(0, field.Name)
			wire.SetU8(8, uint8(field.Type))
			wire.SetBool(28, field.Nullable)
			wire.SetU32(32, uint32(len(field.Children)))
			switch field.Type {
			case columns.Decimal128:
				wire.SetU8(12, field.Precision)
				wire.SetU8(13, uint8(field.Scale))
			case columns.FixedBinary, columns.FixedList:
				wire.SetU32(12, field.Size)
			case columns.Time, columns.Duration, columns.Interval:
				wire.SetU8(12, field.Unit)
			case columns.Timestamp:
				wire.SetU8(12, field.Unit)
				if field.Zone != nil {
					wire.SetU8(16, 1)
					wire.SetString(20, *field.Zone)
				}
			}
			write(field.Children)
		}
	}
	write(fields)
}

// SetAsked puts the columns that an operator asks for into a record; nil: any.
func (r Record) SetAsked(offset int, fields []columns.Field, any bool) {
	if any {
		return
	}
	r.SetU8(offset, 1)
	// A null where the operator takes none is the SDK's to refuse, by its row.
	taking := append([]columns.Field(nil), fields...)
	for i := range taking {
		taking[i].Nullable = true
	}
	r.SetFields(offset+4, taking)
}

// Batch reads rows.
func Batch(fields []columns.Field, rows uint32, nodes, buffers unsafe.Pointer) columns.Batch {
	nextNode, nextBuffer := 0, 0
	buffer := func() []byte {
		at, n := RecordAt(buffers).List(nextBuffer * 8)
		nextBuffer++
		return Bytes(at, n)
	}
	var read func(fields []columns.Field) []columns.Column
	read = func(fields []columns.Field) []columns.Column {
		all := make([]columns.Column, len(fields))
		for i := range fields {
			field, column := &fields[i], &all[i]
			node := RecordAt(nodes).At(nextNode * 8)
			nextNode++
			column.Field, column.Length, column.Nulls = field, int(node.U32(0)), int(node.U32(4))
			validity := buffer()
			if column.Nulls > 0 {
				column.Validity = validity
			}
			if field.HasOffsets() {
				offsets := buffer()
				column.Offsets = unsafe.Slice((*int32)(unsafe.Pointer(unsafe.SliceData(offsets))), len(offsets)/4)
			}
			if !field.IsNested() {
				column.Values = buffer()
			}
			column.Children = read(field.Children)
		}
		return all
	}
	return columns.Batch{Rows: int(rows), Columns: read(fields)}
}

// BatchAt reads rows from a record.
func (r Record) BatchAt(offset int, fields []columns.Field) columns.Batch {
	nodes, _ := r.List(offset + 4)
	buffers, _ := r.List(offset + 12)
	return Batch(fields, r.U32(offset), nodes, buffers)
}

// SetBatch puts rows into a record.
func (r Record) SetBatch(offset int, batch columns.Batch) {
	var nodes []uint32
	var buffers [][]byte
	var write func(all []columns.Column)
	write = func(all []columns.Column) {
		for i := range all {
			column := &all[i]
			nodes = append(nodes, uint32(column.Length), uint32(column.Nulls))
			var validity []byte
			if column.Nulls > 0 {
				validity = column.Validity[:(column.Length+7)/8]
			}
			buffers = append(buffers, validity)
			if column.Field.HasOffsets() {
				offsets := column.Offsets
				buffers = append(buffers, unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(offsets))), len(offsets)*4))
			}
			if !column.Field.IsNested() {
				buffers = append(buffers, column.Values)
			}
			write(column.Children)
		}
	}
	write(batch.Columns)
	kept = append(kept, nodes, batch)
	r.SetU32(offset, uint32(batch.Rows))
	r.SetList(offset+4, unsafe.Pointer(unsafe.SliceData(nodes)), len(nodes)/2)
	list := r.Records(offset+12, len(buffers), 8)
	for i, buffer := range buffers {
		list.SetBytes(i*8, buffer)
	}
	runtime.KeepAlive(batch)
}
