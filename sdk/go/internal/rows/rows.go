// Package rows reads and writes Go values as rows: a struct is columns, one for each field; anything else is one column.
package rows

import (
	"cmp"
	"fmt"
	"reflect"
	"strings"
	"unsafe"

	"sluicebox/columns"
)

// A reader puts the value of a row into memory; false: there is a null that the type has no room for.
type reader func(column *columns.Column, row int, to unsafe.Pointer) bool

// A writer appends the value in memory.
type writer func(builder *columns.Builder, from unsafe.Pointer)

type member struct {
	offset uintptr
	read   reader
	write  writer
}

// Codec is how a type is rows.
type Codec[T any] struct {
	Fields  []columns.Field
	members []member
}

// Of is a type's codec. The columns of one that is no struct are called by `names`, or have no names, which of an operator's input means those that there are.
func Of[T any](names []string) (Codec[T], error) {
	t := reflect.TypeFor[T]()
	codec := Codec[T]{}
	if t.Kind() != reflect.Struct {
		field, read, write, err := of(t)
		if err != nil {
			return codec, err
		}
		if len(names) > 1 {
			return codec, fmt.Errorf("%v is one column, and %d names are given", t, len(names))
		}
		if len(names) == 1 {
			field.Name = names[0]
		}
		codec.Fields, codec.members = []columns.Field{field}, []member{{0, read, write}}
		return codec, nil
	}
	if len(names) > 0 {
		return codec, fmt.Errorf("the fields of %v name its columns: give no other names", t)
	}
	var err error
	codec.Fields, codec.members, err = membersOf(t)
	return codec, err
}

// IsStruct is whether a type names its columns itself.
func IsStruct[T any]() bool { return reflect.TypeFor[T]().Kind() == reflect.Struct }

// Read reads a row; the name of a column that is null, and has no room for that, if it can't.
func (c *Codec[T]) Read(batch *columns.Batch, row int, to *T) (lacking string) {
	for i := range c.members {
		if !c.members[i].read(&batch.Columns[i], row, unsafe.Add(unsafe.Pointer(to), c.members[i].offset)) {
			return cmp.Or(batch.Columns[i].Field.Name, "0")
		}
	}
	return ""
}

// Lacks is whether a row could not be read.
func Lacks(column string) string {
	return fmt.Sprintf("column `%s` is null, and the operator takes no null there", column)
}

// Write appends a row.
func (c *Codec[T]) Write(builders []columns.Builder, from *T) {
	for i := range c.members {
		c.members[i].write(&builders[i], unsafe.Add(unsafe.Pointer(from), c.members[i].offset))
	}
}

// Suits is an error where columns that are offered aren't those that are read.
func Suits(asked, offered []columns.Field) error {
	if len(asked) != len(offered) {
		return fmt.Errorf("the operator reads %d columns, but gets %d", len(asked), len(offered))
	}
	for i := range asked {
		if asked[i].Name != "" && asked[i].Name != offered[i].Name {
			return fmt.Errorf("the operator reads column `%s`, not `%s`", asked[i].Name, offered[i].Name)
		}
		if !asked[i].Equal(&offered[i]) {
			return fmt.Errorf("column `%s` is %v, the operator reads %v", offered[i].Name, offered[i].Type, asked[i].Type)
		}
	}
	return nil
}

func membersOf(t reflect.Type) (fields []columns.Field, members []member, err error) {
	fields = []columns.Field{}
	for i := range t.NumField() {
		of_ := t.Field(i)
		if !of_.IsExported() {
			return nil, nil, fmt.Errorf("field %s of %v is not exported, and so no column", of_.Name, t)
		}
		field, read, write, err := of(of_.Type)
		if err != nil {
			return nil, nil, fmt.Errorf("field %s of %v: %w", of_.Name, t, err)
		}
		field.Name = of_.Tag.Get("column")
		if field.Name == "" {
			field.Name = strings.ToLower(of_.Name)
		}
		fields = append(fields, field)
		members = append(members, member{of_.Offset, read, write})
	}
	return fields, members, nil
}

func fixed[T columns.Fixed](t columns.Type) (columns.Field, reader, writer, error) {
	read := func(column *columns.Column, row int, to unsafe.Pointer) bool {
		if column.IsNull(row) {
			return false
		}
		*(*T)(to) = columns.At[T](column, row)
		return true
	}
	write := func(builder *columns.Builder, from unsafe.Pointer) { columns.Append(builder, *(*T)(from)) }
	return columns.Field{Type: t}, read, write, nil
}

func of(t reflect.Type) (columns.Field, reader, writer, error) {
	switch t.Kind() {
	case reflect.Int8:
		return fixed[int8](columns.Int8)
	case reflect.Int16:
		return fixed[int16](columns.Int16)
	case reflect.Int32:
		return fixed[int32](columns.Int32)
	case reflect.Int64:
		return fixed[int64](columns.Int64)
	case reflect.Uint8:
		return fixed[uint8](columns.Uint8)
	case reflect.Uint16:
		return fixed[uint16](columns.Uint16)
	case reflect.Uint32:
		return fixed[uint32](columns.Uint32)
	case reflect.Uint64:
		return fixed[uint64](columns.Uint64)
	case reflect.Float32:
		return fixed[float32](columns.Float32)
	case reflect.Float64:
		return fixed[float64](columns.Float64)
	case reflect.Bool:
		read := func(column *columns.Column, row int, to unsafe.Pointer) bool {
			*(*bool)(to) = !column.IsNull(row) && column.Bool(row)
			return !column.IsNull(row)
		}
		return columns.Field{Type: columns.Bool}, read, func(b *columns.Builder, from unsafe.Pointer) { b.Bool(*(*bool)(from)) }, nil
	case reflect.String:
		read := func(column *columns.Column, row int, to unsafe.Pointer) bool {
			if column.IsNull(row) {
				return false
			}
			*(*string)(to) = column.Text(row)
			return true
		}
		return columns.Field{Type: columns.Utf8}, read, func(b *columns.Builder, from unsafe.Pointer) { b.Text(*(*string)(from)) }, nil
	case reflect.Pointer:
		return pointerTo(t)
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			read := func(column *columns.Column, row int, to unsafe.Pointer) bool {
				if column.IsNull(row) {
					return false
				}
				*(*[]byte)(to) = column.Bytes(row)
				return true
			}
			return columns.Field{Type: columns.Binary}, read, func(b *columns.Builder, from unsafe.Pointer) { b.Bytes(*(*[]byte)(from)) }, nil
		}
		return sliceOf(t)
	case reflect.Struct:
		return structOf(t)
	case reflect.Int, reflect.Uint, reflect.Uintptr:
		return columns.Field{}, nil, nil, fmt.Errorf("%v has no size of its own: take int64, or another that has", t)
	}
	return columns.Field{}, nil, nil, fmt.Errorf("%v is no column's type", t)
}

func pointerTo(t reflect.Type) (columns.Field, reader, writer, error) {
	field, read, write, err := of(t.Elem())
	if err == nil && field.Nullable {
		err = fmt.Errorf("%v: one pointer is enough for a null", t)
	}
	field.Nullable = true
	elem := t.Elem()
	readNull := func(column *columns.Column, row int, to unsafe.Pointer) bool {
		if column.IsNull(row) {
			*(*unsafe.Pointer)(to) = nil
			return true
		}
		value := reflect.New(elem).UnsafePointer()
		*(*unsafe.Pointer)(to) = value
		return read(column, row, value)
	}
	writeNull := func(builder *columns.Builder, from unsafe.Pointer) {
		if value := *(*unsafe.Pointer)(from); value != nil {
			write(builder, value)
		} else {
			builder.Null()
		}
	}
	return field, readNull, writeNull, err
}

func sliceOf(t reflect.Type) (columns.Field, reader, writer, error) {
	item, read, write, err := of(t.Elem())
	item.Name = "item"
	size := t.Elem().Size()
	readAll := func(column *columns.Column, row int, to unsafe.Pointer) bool {
		if column.IsNull(row) {
			return false
		}
		first, end := column.Items(row)
		slice := reflect.MakeSlice(t, end-first, end-first)
		at := slice.UnsafePointer()
		for i := first; i < end; i++ {
			if !read(&column.Children[0], i, unsafe.Add(at, uintptr(i-first)*size)) {
				return false
			}
		}
		reflect.NewAt(t, to).Elem().Set(slice)
		return true
	}
	writeAll := func(builder *columns.Builder, from unsafe.Pointer) {
		slice := reflect.NewAt(t, from).Elem()
		at := slice.UnsafePointer()
		for i := range slice.Len() {
			write(&builder.Children[0], unsafe.Add(at, uintptr(i)*size))
		}
		builder.Nested()
	}
	return columns.Field{Type: columns.List, Children: []columns.Field{item}}, readAll, writeAll, err
}

func structOf(t reflect.Type) (columns.Field, reader, writer, error) {
	fields, members, err := membersOf(t)
	read := func(column *columns.Column, row int, to unsafe.Pointer) bool {
		if column.IsNull(row) {
			return false
		}
		for i := range members {
			if !members[i].read(&column.Children[i], row, unsafe.Add(to, members[i].offset)) {
				return false
			}
		}
		return true
	}
	write := func(builder *columns.Builder, from unsafe.Pointer) {
		for i := range members {
			members[i].write(&builder.Children[i], unsafe.Add(from, members[i].offset))
		}
		builder.Nested()
	}
	return columns.Field{Type: columns.Struct, Children: fields}, read, write, err
}
