package columns

import (
	"fmt"
	"math"
	"unsafe"
)

// Builder makes a column. What doesn't suit the column's type panics, which fails the call.
type Builder struct {
	Field    *Field
	Length   int
	Nulls    int
	Validity []byte
	Offsets  []int32
	Values   []byte
	Children []Builder
	taken    *Column
}

// NewBuilder begins a column for about so many rows.
func NewBuilder(field *Field, rows int) Builder {
	b := Builder{Field: field}
	if width := field.Width(); width > 0 {
		b.Values = make([]byte, 0, width*rows)
	} else if field.Type == Utf8 || field.Type == Binary {
		b.Values = make([]byte, 0, 8*rows)
	}
	if field.HasOffsets() {
		b.Offsets = append(make([]int32, 0, rows+1), 0)
	}
	for i := range field.Children {
		b.Children = append(b.Children, NewBuilder(&field.Children[i], 0))
	}
	return b
}

func (b *Builder) end(null bool) {
	row := b.Length
	b.Length++
	if null && b.Validity == nil {
		b.Validity = make([]byte, row/8, row/8+64)
		for i := range b.Validity {
			b.Validity[i] = 0xff
		}
		if row&7 != 0 {
			b.Validity = append(b.Validity, 0xff)
		}
	}
	if b.Validity == nil {
		return
	}
	if row&7 == 0 {
		b.Validity = append(b.Validity, 0xff)
	}
	if null {
		b.Validity[row>>3] &^= 1 << (row & 7)
		b.Nulls++
	}
}

func (b *Builder) endOffset(end int) {
	if end > math.MaxInt32 {
		panic(fmt.Sprintf("column %q has more than 2 GiB in a call", b.Field.Name))
	}
	b.Offsets = append(b.Offsets, int32(end))
}

// Null appends a row without a value.
func (b *Builder) Null() {
	if !b.Field.Nullable {
		panic(fmt.Sprintf("column %q has no value in a row, and takes no nulls", b.Field.Name))
	}
	b.nothing()
	b.end(true)
}

// nothing appends what stands where there is no value.
func (b *Builder) nothing() {
	switch {
	case b.Field.Type == Utf8 || b.Field.Type == Binary:
		b.endOffset(len(b.Values))
	case b.Field.HasOffsets():
		b.endOffset(b.Children[0].Length)
	case b.Field.Type == Bool:
		if b.Length&7 == 0 {
			b.Values = append(b.Values, 0)
		}
	case b.Field.IsNested():
		each := 1
		if b.Field.Type == FixedList {
			each = int(b.Field.Size)
		}
		for i := range b.Children {
			for range each {
				b.Children[i].nothing()
				b.Children[i].end(b.Children[i].Field.Nullable)
			}
		}
	default:
		b.Values = append(b.Values, make([]byte, b.Field.Width())...)
	}
}

// Text appends a text.
func (b *Builder) Text(value string) {
	b.Values = append(b.Values, value...)
	b.endOffset(len(b.Values))
	b.end(false)
}

// Bytes appends a binary, of any size or of the fixed one.
func (b *Builder) Bytes(value []byte) {
	b.Values = append(b.Values, value...)
	if b.Field.Type == FixedBinary {
		if len(value) != int(b.Field.Size) {
			panic(fmt.Sprintf("column %q has %d bytes a row, and %d are put into it", b.Field.Name, b.Field.Size, len(value)))
		}
	} else {
		b.endOffset(len(b.Values))
	}
	b.end(false)
}

// Bool appends a bool.
func (b *Builder) Bool(value bool) {
	if b.Length&7 == 0 {
		b.Values = append(b.Values, 0)
	}
	if value {
		b.Values[b.Length>>3] |= 1 << (b.Length & 7)
	}
	b.end(false)
}

// Append appends a value of the column's width.
func Append[T Fixed](b *Builder, value T) {
	b.Values = append(b.Values, unsafe.Slice((*byte)(unsafe.Pointer(&value)), unsafe.Sizeof(value))...)
	b.end(false)
}

// Nested ends a list, map or struct: what was appended to its children since the last.
func (b *Builder) Nested() {
	if b.Field.HasOffsets() {
		b.endOffset(b.Children[0].Length)
	}
	b.end(false)
}

// Copy appends the value of a row of a column of the same type, whatever that is.
func (b *Builder) Copy(column *Column, row int) {
	switch {
	case column.IsNull(row):
		b.Null()
	case b.Field.Type == Utf8 || b.Field.Type == Binary || b.Field.Type == FixedBinary:
		b.Bytes(column.Bytes(row))
	case b.Field.Type == Bool:
		b.Bool(column.Bool(row))
	case b.Field.Type == Struct:
		for i := range b.Children {
			b.Children[i].Copy(&column.Children[i], row)
		}
		b.Nested()
	case b.Field.IsNested():
		first, end := column.Items(row)
		for i := first; i < end; i++ {
			b.Children[0].Copy(&column.Children[0], i)
		}
		b.Nested()
	default:
		width := b.Field.Width()
		b.Values = append(b.Values, column.Values[row*width:(row+1)*width]...)
		b.end(false)
	}
}

// Take makes the whole column another of the same type, which is not copied.
func (b *Builder) Take(column *Column) {
	if !b.Field.Equal(column.Field) {
		panic(fmt.Sprintf("column %q is %v, and one of %v is put into it", b.Field.Name, b.Field.Type, column.Field.Type))
	}
	if b.Length > 0 {
		panic(fmt.Sprintf("column %q has rows already, and a whole one is put into it", b.Field.Name))
	}
	b.taken, b.Length = column, column.Length
}

// Column is what was made.
func (b *Builder) Column() Column {
	if b.taken != nil {
		return *b.taken
	}
	c := Column{Field: b.Field, Length: b.Length, Nulls: b.Nulls, Offsets: b.Offsets, Values: b.Values}
	if b.Nulls > 0 {
		c.Validity = b.Validity
	}
	for i := range b.Children {
		c.Children = append(c.Children, b.Children[i].Column())
	}
	return c
}

// Builders begins columns.
func Builders(fields []Field, rows int) []Builder {
	builders := make([]Builder, len(fields))
	for i := range fields {
		builders[i] = NewBuilder(&fields[i], rows)
	}
	return builders
}

// BatchOf is what builders made: columns of the same length.
func BatchOf(builders []Builder, rows int) Batch {
	batch := Batch{Rows: rows}
	for i := range builders {
		if builders[i].Length != rows {
			panic(fmt.Sprintf("column %q has %d rows, and %d are due", builders[i].Field.Name, builders[i].Length, rows))
		}
		batch.Columns = append(batch.Columns, builders[i].Column())
	}
	return batch
}
