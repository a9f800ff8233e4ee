// Texts of which only the end is shown: what must not be read by those who read the stream.
package main

import (
	"slices"
	"strings"
	"unicode/utf8"

	"sluicebox"
	"sluicebox/columns"
	"sluicebox/transform"
)

type config struct {
	Columns []string `json:"columns" required:"true"`
	Keep    int64    `json:"keep"`
	Mask    string   `json:"mask"`
}

func (c *config) SetDefaults() { c.Keep, c.Mask = 4, "*" }

func (c *config) Validate() error {
	if utf8.RuneCountInString(c.Mask) != 1 {
		return sluicebox.InvalidConfig("mask is not one character")
	}
	if c.Keep < 0 {
		return sluicebox.InvalidConfig("keep is %d; it is at least 0", c.Keep)
	}
	return nil
}

// mask hides all characters of a text but the last.
func (c *config) mask(text string) string {
	hidden := utf8.RuneCountInString(text) - int(min(c.Keep, int64(len(text))))
	if hidden <= 0 {
		return text
	}
	at := 0
	for range hidden {
		_, size := utf8.DecodeRuneInString(text[at:])
		at += size
	}
	return strings.Repeat(c.Mask, hidden) + text[at:]
}

func bind(config config, input []columns.Field) ([]columns.Field, error) {
	for _, name := range config.Columns {
		at := slices.IndexFunc(input, func(field columns.Field) bool { return field.Name == name })
		if at < 0 {
			return nil, sluicebox.InvalidConfig("columns: the stream has no column `%s`", name)
		}
		if input[at].Type != columns.Utf8 {
			return nil, sluicebox.InvalidInput("column `%s` is not a string, and only those are masked", name)
		}
	}
	return input, nil
}

func open(config config, _ []columns.Field) (func(batch *columns.Batch, made []columns.Builder) error, error) {
	return func(batch *columns.Batch, made []columns.Builder) error {
		for i := range batch.Columns {
			column := &batch.Columns[i]
			if !slices.Contains(config.Columns, column.Field.Name) {
				made[i].Take(column)
				continue
			}
			for row := range batch.Rows {
				if column.IsNull(row) {
					made[i].Null()
				} else {
					made[i].Text(config.mask(column.Text(row)))
				}
			}
		}
		return nil
	}, nil
}

func init() {
	const doc = "Rows with all characters of some columns' texts masked, but for the last; nulls and other columns are left as they are."
	transform.MapColumns("mask-pii", doc, bind, open)
}

func main() {}
