// Package sink has outputs: rows of a partition are written and prepared, and when the batch is on record, what its partitions prepared is committed, once or again.
//
// A row is a type as package transform says. A null where there is no pointer fails the call.
package sink

import (
	"fmt"

	"sluicebox/columns"
	"sluicebox/internal/call"
	"sluicebox/internal/rows"
)

// Target is a batch of an output.
type Target struct {
	Job         string
	Output      string
	BatchTimeMs int64
}

// Writer takes the rows of a partition. Nothing of them may be seen yet.
type Writer[In any] interface {
	Write(row In) error
	// Prepare makes what was written safe, and gives what Commit needs to show it: at most 64 KiB.
	Prepare() ([]byte, error)
}

// Functions of a sink. Commit may come again with the same committables, and changes nothing then.
type Functions[Config, In any] struct {
	Open   func(config Config) (Writer[In], error)
	Commit func(config Config, target Target, committables [][]byte) error
	// Abort removes what was prepared and is never committed; nil: there is nothing to remove.
	Abort func(config Config, target Target, committables [][]byte) error
}

type writing interface {
	write(batch *columns.Batch) error
	prepare() ([]byte, error)
}

type operator struct {
	name, doc string
	input     []columns.Field
	check     func(config string) error
	open      func(config string) (writing, error)
	commit    func(config string, target Target, committables [][]byte) error
	abort     func(config string, target Target, committables [][]byte) error
}

var operators []operator

// Register offers a sink.
func Register[Config, In any](name, doc string, functions Functions[Config, In]) {
	in, err := rows.Of[In](nil)
	if err != nil {
		panic(fmt.Sprintf("operator %q: %v", name, err))
	}
	decide := func(f func(Config, Target, [][]byte) error) func(string, Target, [][]byte) error {
		return func(text string, target Target, committables [][]byte) error {
			config, err := call.Config[Config](text)
			if err != nil || f == nil {
				return err
			}
			return f(config, target, committables)
		}
	}
	operators = append(operators, operator{
		name: name, doc: doc, input: in.Fields, commit: decide(functions.Commit), abort: decide(functions.Abort),
		check: func(text string) error {
			_, err := call.Config[Config](text)
			return err
		},
		open: func(text string) (writing, error) {
			config, err := call.Config[Config](text)
			if err != nil {
				return nil, err
			}
			writer, err := functions.Open(config)
			return &partition[In]{writer, in}, err
		},
	})
}

type partition[In any] struct {
	writer Writer[In]
	in     rows.Codec[In]
}

func (p *partition[In]) write(batch *columns.Batch) error {
	for row := range batch.Rows {
		var value In
		if lacking := p.in.Read(batch, row, &value); lacking != "" {
			return call.Fail(call.Failed, "row %d: %s", row, rows.Lacks(lacking))
		}
		if err := p.writer.Write(value); err != nil {
			return err
		}
	}
	return nil
}

func (p *partition[In]) prepare() ([]byte, error) { return p.writer.Prepare() }
