package sluicebox

import (
	"fmt"
	"strings"

	"sluicebox/columns"
	"sluicebox/internal/call"
	"sluicebox/internal/reference"
	"sluicebox/internal/rows"
)

// Table is the rows of one of the job's static tables, in its order: structs, whose fields name the columns that are read, or values of the one column that is named. The job file grants
// it: `grants = { tables = ["pages"] }`. Read it once a partition, where the operator's function or task is made. That is also done when columns are agreed on, before there are tables: return
// the error as it is, or wrapped, and it is asked for again when a partition begins. A batch sees one version of a table.
func Table[Row any](name string, column ...string) ([]Row, error) {
	of, err := rows.Of[Row](column)
	if err != nil {
		return nil, Failed("table `%s`: %w", name, err)
	}
	if call.IsBinding {
		return nil, fmt.Errorf("table `%s`: %w", name, call.ErrNotYet)
	}
	offered, there := reference.Columns(name)
	if !there {
		return nil, Failed("there is no table `%s`, or its job doesn't grant it: grants = { tables = [\"%s\"] }", name, name)
	}
	given := make([]columns.Field, len(of.Fields))
	for i := range of.Fields {
		found, err := columnOf(offered, &of.Fields[i])
		if err != nil {
			return nil, Failed("table `%s`%w", name, err)
		}
		given[i] = *found
	}
	var all []Row
	for {
		batch, more := reference.Rows(name, given, len(all))
		if !more || batch.Rows == 0 {
			return all, nil
		}
		for row := range batch.Rows {
			var value Row
			if lacking := of.Read(&batch, row, &value); lacking != "" {
				return nil, Failed("table `%s`, row %d: column `%s` is null", name, len(all), lacking)
			}
			all = append(all, value)
		}
	}
}

// columnOf is the column of a table that is asked for.
func columnOf(offered []columns.Field, asked *columns.Field) (*columns.Field, error) {
	if asked.Name == "" {
		return nil, fmt.Errorf(": name the column that is read, beside the table")
	}
	var names []string
	for i := range offered {
		if found := &offered[i]; found.Name == asked.Name {
			if !asked.Equal(found) {
				return nil, fmt.Errorf(": column `%s` is %v, and is read as %v", found.Name, found.Type, asked.Type)
			}
			return found, nil
		}
		names = append(names, offered[i].Name)
	}
	return nil, fmt.Errorf(" has no column `%s`; it has %s", asked.Name, strings.Join(names, ", "))
}

// The most bytes of a value that are asked for at a time.
const piece = 1 << 20

// Broadcast is the bytes of one of the job's values. The job file grants it: `grants = { broadcasts = ["model"] }`. It is there when tables are.
func Broadcast(name string) ([]byte, error) {
	if call.IsBinding {
		return nil, fmt.Errorf("value `%s`: %w", name, call.ErrNotYet)
	}
	size, there := reference.Size(name)
	if !there {
		return nil, Failed("there is no value `%s`, or its job doesn't grant it: grants = { broadcasts = [\"%s\"] }", name, name)
	}
	all := make([]byte, 0, size)
	for {
		part, more := reference.Bytes(name, uint64(len(all)), piece)
		if !more || len(part) == 0 {
			return all, nil
		}
		all = append(all, part...)
	}
}
