// The highest scores of a key, as a text.
package main

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"sluicebox"
	"sluicebox/aggregate"
)

type config struct {
	N int64 `json:"n"`
}

func (c *config) SetDefaults() { c.N = 10 }

func (c *config) Validate() error {
	if c.N < 1 {
		return errors.New("n is less than 1")
	}
	return nil
}

type row struct {
	Name  string
	Score int64
}

// partial has the highest scores, sorted.
type partial struct {
	Names  []string
	Scores []int64
}

func open(config config) (aggregate.Functions[row, partial, string], error) {
	insert := func(into *partial, name string, score int64) {
		at := len(into.Names)
		for at > 0 && (into.Scores[at-1] < score || into.Scores[at-1] == score && into.Names[at-1] > name) {
			at--
		}
		if int64(at) >= config.N {
			return
		}
		into.Names, into.Scores = slices.Insert(into.Names, at, name), slices.Insert(into.Scores, at, score)
		if n := int(config.N); len(into.Names) > n {
			into.Names, into.Scores = into.Names[:n], into.Scores[:n]
		}
	}
	return aggregate.Functions[row, partial, string]{
		Add: func(into *partial, row row) error {
			insert(into, row.Name, row.Score)
			return nil
		},
		Merge: func(into *partial, from partial) error {
			for i := range from.Names {
				insert(into, from.Names[i], from.Scores[i])
			}
			return nil
		},
		Finish: func(all partial) (string, error) {
			var text strings.Builder
			for i, name := range all.Names {
				if i > 0 {
					text.WriteByte(',')
				}
				text.WriteString(name + "=" + strconv.FormatInt(all.Scores[i], 10))
			}
			return text.String(), nil
		},
	}, nil
}

func init() {
	const doc = "The names with the highest scores, as `name=score,...`: higher scores first, and of equal ones the name that comes first by its bytes."
	aggregate.RegisterWith("top-n", doc, open, sluicebox.As("top"))
}

func main() {}
