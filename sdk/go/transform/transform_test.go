package transform

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"sluicebox/columns"
	"sluicebox/internal/call"
	"sluicebox/internal/rows"
)

type point struct {
	X     int64
	Label *string `column:"the label"`
	Tags  []string
	Inner struct {
		A float32
		B []byte
	}
}

func text(text string) *string { return &text }

// batchOf has rows as columns, as the host would hand them over.
func batchOf[T any](t *testing.T, values ...T) (columns.Batch, rows.Codec[T]) {
	t.Helper()
	of, err := rows.Of[T](nil)
	if err != nil {
		t.Fatal(err)
	}
	builders := columns.Builders(of.Fields, 0)
	for i := range values {
		of.Write(builders, &values[i])
	}
	return columns.BatchOf(builders, len(values)), of
}

func TestRowsComeBackAsTheyWent(t *testing.T) {
	var points []point
	for i := range 100 {
		one := point{X: int64(i), Tags: strings.Split("abc"[:i%4], "")}
		if i%3 != 1 {
			one.Label = text(strings.Repeat("é", i))
		}
		one.Inner.A, one.Inner.B = float32(i)/2, []byte{byte(i)}
		points = append(points, one)
	}
	batch, of := batchOf(t, points...)
	if batch.Columns[1].Nulls != 33 || batch.Columns[1].Field.Name != "the label" || batch.Columns[0].Field.Name != "x" {
		t.Fatal(batch.Columns[1])
	}
	for row := range points {
		var read point
		if lacking := of.Read(&batch, row, &read); lacking != "" {
			t.Fatal(lacking)
		}
		if !reflect.DeepEqual(read, points[row]) {
			t.Fatal(row, read, points[row])
		}
	}
	copied, taken := columns.Builders(of.Fields, 0), columns.Builders(of.Fields, 0)
	for i := range batch.Columns {
		taken[i].Take(&batch.Columns[i])
		for row := range batch.Rows {
			copied[i].Copy(&batch.Columns[i], row)
		}
	}
	if a, b := columns.BatchOf(copied, 100), columns.BatchOf(taken, 100); !reflect.DeepEqual(a, b) {
		t.Fatal(a, b)
	}
}

func TestTypesThatAreNoColumnsAreRefused(t *testing.T) {
	for message, refused := range map[string]func() error{
		"int has no size of its own": func() error { _, err := rows.Of[int](nil); return err },
		"is not exported":            func() error { _, err := rows.Of[struct{ a int64 }](nil); return err },
		"map[string]string is no":    func() error { _, err := rows.Of[map[string]string](nil); return err },
		"give no other names":        func() error { _, err := rows.Of[point]([]string{"a"}); return err },
	} {
		if err := refused(); err == nil || !strings.Contains(err.Error(), message) {
			t.Error(message, err)
		}
	}
}

type settings struct {
	Keep int64  `json:"keep-last"`
	Word string `json:"word" required:"true"`
}

func (s *settings) SetDefaults() { s.Keep = 4 }

func TestAnOperatorOfAConfiguration(t *testing.T) {
	operators = nil
	FlatMapWith("repeat", "", func(s settings) (func(*string, func(string)) error, error) {
		if s.Keep > 10 {
			return nil, errors.New("keep-last is above 10")
		}
		return func(line *string, emit func(string)) error {
			if line == nil {
				return errors.New("nothing to repeat")
			}
			for range s.Keep {
				emit(*line + s.Word)
			}
			return nil
		}, nil
	})
	operator := operators[0]
	input := []columns.Field{{Name: "line", Type: columns.Utf8, Nullable: true}}
	for config, message := range map[string]string{
		`{}`:                           "word is missing",
		`{"word": 1}`:                  "word",
		`{"word": "", "kept": 1}`:      `unknown field "kept"`,
		`{"word": "", "keep-last":11}`: "keep-last is above 10",
	} {
		if _, err := operator.Bind(config, input); err == nil || !strings.Contains(err.Error(), message) || call.KindOf(err) != call.InvalidConfig {
			t.Error(config, err)
		}
	}
	if _, err := operator.Bind(`{"word": "!"}`, []columns.Field{{Name: "n", Type: columns.Int64}}); call.KindOf(err) != call.InvalidInput {
		t.Error(err)
	}
	partition, err := operator.Open(`{"word": "!", "keep-last": 2}`, input)
	if err != nil {
		t.Fatal(err)
	}
	batch, _ := batchOf(t, text("a"), nil, text("b"))
	output, err := partition.Process(&batch)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(output.Ends, []uint32{2, 2, 4}) || !reflect.DeepEqual(output.Rejected, []Rejection{{1, "nothing to repeat"}}) {
		t.Fatal(output)
	}
	if made := output.Made.Columns[0]; made.Text(0) != "a!" || made.Text(3) != "b!" {
		t.Fatal(made)
	}
}

func TestANullWithoutAPointerRejectsItsRow(t *testing.T) {
	operators = nil
	Filter("known", "", func(name string) (bool, error) { return name != "", nil })
	partition, err := operators[0].Open("{}", nil)
	if err != nil {
		t.Fatal(err)
	}
	batch, _ := batchOf(t, text("a"), nil, text(""), text("b"))
	output, err := partition.Process(&batch)
	if err != nil || !reflect.DeepEqual(output.Kept, []uint32{0, 3}) || len(output.Rejected) != 1 || output.Rejected[0].Row != 1 {
		t.Fatal(output, err)
	}
}

func TestAPanicIsToldWithItsPlace(t *testing.T) {
	defer func() {
		err := call.Recovered(recover())
		if !strings.Contains(err.Error(), "panic: assignment to entry in nil map") {
			t.Error(err)
		}
	}()
	var none map[string]int
	none["a"] = 1
}
