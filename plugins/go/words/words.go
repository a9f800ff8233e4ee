// What a word count needs: lines to words, and how often each comes in a batch.
package main

import (
	"strings"

	"sluicebox"
	"sluicebox/aggregate"
	"sluicebox/transform"
)

// split makes words of a line, at single spaces; there are no empty words.
func split(line string, emit func(string)) error {
	for word := range strings.SplitSeq(line, " ") {
		if word != "" {
			emit(word)
		}
	}
	return nil
}

// tally counts the rows of a key.
var tally = aggregate.Functions[struct{}, int64, int64]{
	Add:     func(count *int64, _ struct{}) error { *count++; return nil },
	Merge:   func(into *int64, from int64) error { *into += from; return nil },
	Unmerge: func(from *int64, what int64) error { *from -= what; return nil },
	Finish:  func(count int64) (int64, error) { return count, nil },
}

func init() {
	transform.FlatMap("split", "Words of lines, at single spaces; there are no empty words.", split, sluicebox.As("word"))
	aggregate.Register("tally", "How many rows a key has.", tally, sluicebox.As("count"))
}

func main() {}
