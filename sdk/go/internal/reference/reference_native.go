//go:build !wasip1

// Package reference asks the host for what a job has beside an operator's input: static tables and broadcast values.
package reference

import "sluicebox/columns"

// Table is one that a test has put in place.
type Table struct {
	Fields []columns.Field
	Batch  columns.Batch
}

// Tables and Values are what a test has put in place: there is no host.
var (
	Tables = map[string]Table{}
	Values = map[string][]byte{}
)

// Columns are a table's; false: there is no such table, or it isn't granted.
func Columns(name string) ([]columns.Field, bool) {
	table, there := Tables[name]
	return table.Fields, there
}

// Rows are some of a table's, from a row on, with the columns of `wanted`; false: there are none any more.
func Rows(name string, wanted []columns.Field, start int) (columns.Batch, bool) {
	table := Tables[name]
	if start >= table.Batch.Rows {
		return columns.Batch{}, false
	}
	batch := columns.Batch{Rows: table.Batch.Rows}
	for i := range wanted {
		for j := range table.Fields {
			if table.Fields[j].Name == wanted[i].Name {
				batch.Columns = append(batch.Columns, table.Batch.Columns[j])
			}
		}
	}
	return batch, true
}

// Size is how many bytes a value has; false: there is no such value, or it isn't granted.
func Size(name string) (uint64, bool) {
	value, there := Values[name]
	return uint64(len(value)), there
}

// Bytes are some of a value's, from a byte on; false: there are none any more.
func Bytes(name string, start uint64, most uint32) ([]byte, bool) {
	value := Values[name]
	if start >= uint64(len(value)) {
		return nil, false
	}
	return value[start:min(start+uint64(most), uint64(len(value)))], true
}
