//go:build !wasip1

package sluicebox

import (
	"fmt"

	"sluicebox/columns"
	"sluicebox/internal/reference"
	"sluicebox/internal/rows"
)

// SetTable puts a table in place for tests, in which there is no host. Column is what the one is called of rows that are no structs.
func SetTable[Row any](name string, all []Row, column ...string) {
	of, err := rows.Of[Row](column)
	if err != nil {
		panic(fmt.Sprintf("table %q: %v", name, err))
	}
	builders := columns.Builders(of.Fields, len(all))
	for i := range all {
		of.Write(builders, &all[i])
	}
	reference.Tables[name] = reference.Table{Fields: of.Fields, Batch: columns.BatchOf(builders, len(all))}
}

// SetBroadcast puts a value in place for tests.
func SetBroadcast(name string, bytes []byte) { reference.Values[name] = bytes }
