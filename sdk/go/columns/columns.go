// Package columns has the columns of record batches, as Arrow lays them out: those that come from the host, which are not copied, and those that are made for it.
//
// Most operators are functions over rows, and need nothing of it.
package columns

import "unsafe"

// Type is the type of a column.
type Type uint8

// The types, in the order in which the host numbers them.
const (
	Bool Type = iota
	Int8
	Int16
	Int32
	Int64
	Uint8
	Uint16
	Uint32
	Uint64
	Float32
	Float64
	Decimal128
	Utf8
	Binary
	FixedBinary
	Date32
	Date64
	Time
	Timestamp
	Duration
	Interval
	List
	FixedList
	Struct
	Map
)

var typeNames = [...]string{"bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64", "decimal128", "utf8", "binary",
	"fixed-size binary", "date32", "date64", "time", "timestamp", "duration", "interval", "list", "fixed-size list", "struct", "map"}

func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return "unknown"
}

// Units of times, timestamps and durations.
const (
	Second uint8 = iota
	Millisecond
	Microsecond
	Nanosecond
)

// Shapes of intervals.
const (
	YearMonth uint8 = iota
	DayTime
	MonthDayNano
)

// Field is a column's name and type. Of an operator's input, the empty name means the column in this place.
type Field struct {
	Name     string
	Type     Type
	Nullable bool
	// Unit is that of a time, or the shape of an interval.
	Unit      uint8
	Precision uint8
	Scale     int8
	// Size is that of a FixedBinary or a FixedList.
	Size uint32
	// Zone is that of a timestamp; nil where it has none.
	Zone *string
	// Children are a list's item, a struct's fields, a map's entries.
	Children []Field
}

// Width is the number of bytes of a value; 0 where values are bits, or have no fixed width.
func (f *Field) Width() int {
	switch f.Type {
	case Int8, Uint8:
		return 1
	case Int16, Uint16:
		return 2
	case Int32, Uint32, Float32, Date32:
		return 4
	case Int64, Uint64, Float64, Date64, Timestamp, Duration:
		return 8
	case Time:
		if f.Unit <= Millisecond {
			return 4
		}
		return 8
	case Decimal128:
		return 16
	case Interval:
		return [...]int{4, 8, 16}[f.Unit]
	case FixedBinary:
		return int(f.Size)
	}
	return 0
}

// HasOffsets is whether values are of any length.
func (f *Field) HasOffsets() bool {
	return f.Type == Utf8 || f.Type == Binary || f.Type == List || f.Type == Map
}

// IsNested is whether values are in the column's children.
func (f *Field) IsNested() bool { return f.Type >= List }

// Equal is whether two fields have the same type, whatever they are called and whether they take nulls.
func (f *Field) Equal(other *Field) bool {
	if f.Type != other.Type || f.Unit != other.Unit || f.Precision != other.Precision || f.Scale != other.Scale || f.Size != other.Size ||
		len(f.Children) != len(other.Children) {
		return false
	}
	for i := range f.Children {
		if !f.Children[i].Equal(&other.Children[i]) {
			return false
		}
	}
	return true
}

// Column has the values of a column. It is valid as long as it is referred to.
type Column struct {
	Field  *Field
	Length int
	Nulls  int
	// Validity has one bit a row, the least significant first, set where there is a value; nil where there is no null.
	Validity []byte
	// Offsets are those of texts, binaries, lists and maps: one more than there are rows.
	Offsets []int32
	// Values are those of all others but lists and structs; of texts and binaries their bytes.
	Values   []byte
	Children []Column
}

// Batch is rows.
type Batch struct {
	Rows    int
	Columns []Column
}

// IsNull is whether a row has no value.
func (c *Column) IsNull(row int) bool {
	return c.Validity != nil && c.Validity[row>>3]>>(row&7)&1 == 0
}

// Bytes is the value of a text or a binary. It is not copied, and not to be written to.
func (c *Column) Bytes(row int) []byte {
	if c.Offsets != nil {
		return c.Values[c.Offsets[row]:c.Offsets[row+1]]
	}
	size := int(c.Field.Size)
	return c.Values[row*size : (row+1)*size]
}

// Text is the value of a text. It is not copied.
func (c *Column) Text(row int) string {
	bytes := c.Bytes(row)
	return unsafe.String(unsafe.SliceData(bytes), len(bytes))
}

// Bool is the value of a bool.
func (c *Column) Bool(row int) bool { return c.Values[row>>3]>>(row&7)&1 == 1 }

// Items are the rows of the child that a list or a map has.
func (c *Column) Items(row int) (first, end int) {
	if c.Offsets != nil {
		return int(c.Offsets[row]), int(c.Offsets[row+1])
	}
	size := int(c.Field.Size)
	return row * size, (row + 1) * size
}

// Fixed is what a value of a fixed width may be read as.
type Fixed interface {
	~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// Slice is all values of a column, as a slice of a type of their width.
func Slice[T Fixed](c *Column) []T {
	var one T
	size := int(unsafe.Sizeof(one))
	if len(c.Values) < size {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(c.Values))), len(c.Values)/size)
}

// At is the value of a row, as a type of its width.
func At[T Fixed](c *Column, row int) T {
	var one T
	at := uintptr(row) * unsafe.Sizeof(one)
	_ = c.Values[at+unsafe.Sizeof(one)-1]
	return *(*T)(unsafe.Pointer(&c.Values[at]))
}
