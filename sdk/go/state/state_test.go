package state

import (
	"strings"
	"testing"

	"sluicebox/columns"
	"sluicebox/internal/call"
	"sluicebox/internal/rows"
)

type sum struct {
	Sum  int64
	Seen int64
}

// batchOf has rows as columns, as the host would hand them over.
func batchOf[T any](t *testing.T, values ...T) columns.Batch {
	t.Helper()
	of, err := rows.Of[T](nil)
	if err != nil {
		t.Fatal(err)
	}
	builders := columns.Builders(of.Fields, 0)
	for i := range values {
		of.Write(builders, &values[i])
	}
	return columns.BatchOf(builders, len(values))
}

func TestStateOfOlderVersionsIsMigrated(t *testing.T) {
	operators = nil
	UpdateStateByKey("sum", "", func(_ string, _ []int64, state *sum) (*sum, error) { return state, nil }, func(o *call.Options) { o.Version = 3 })
	Migrate("sum", 1, func(old int64) (sum, error) { return sum{old, 1}, nil })
	Migrate("sum", 2, func(old struct{ Total, Seen int64 }) (sum, error) {
		if old.Seen < 0 {
			return sum{}, call.Fail(call.Failed, "it was seen %d times", old.Seen)
		}
		return sum{old.Total, old.Seen}, nil
	})
	of := &operators[0]
	if of.version != 3 || len(of.kept) != 2 {
		t.Fatal(of)
	}
	old := batchOf[int64](t, 5, 7)
	made, err := of.migrate(1, &old)
	if err != nil || made.Rows != 2 || columns.At[int64](&made.Columns[0], 1) != 7 || columns.At[int64](&made.Columns[1], 1) != 1 {
		t.Fatal(made, err)
	}
	for _, c := range []struct {
		version  uint32
		seen     int64
		expected string
	}{{2, 4, ""}, {2, -4, "it was seen -4 times"}, {4, 4, `"sum" knows no state of version 4`}} {
		old := batchOf(t, struct{ Total, Seen int64 }{9, c.seen})
		made, err := of.migrate(c.version, &old)
		switch {
		case c.expected == "" && (err != nil || columns.At[int64](&made.Columns[1], 0) != 4):
			t.Error(made, err)
		case c.expected != "" && (err == nil || !strings.Contains(err.Error(), c.expected)):
			t.Errorf("no %q in %v", c.expected, err)
		}
	}
	other := batchOf(t, "no number")
	if _, err := of.migrate(1, &other); err == nil || !strings.Contains(err.Error(), "state of version 1: column `` is utf8, the operator reads int64") {
		t.Error(err)
	}
	missing := batchOf[*int64](t, nil)
	if _, err := of.migrate(1, &missing); err == nil {
		t.Error("there is no state without a sum")
	}
}
