// Package receiver has sources of rows.
//
// A row is a type as package transform says.
package receiver

import (
	"fmt"
	"time"

	"sluicebox/columns"
	"sluicebox/internal/call"
	"sluicebox/internal/rows"
)

// Progress is where a source stands after the rows that were given.
type Progress struct {
	// Position is a place in the source, at most 64 KiB.
	Position []byte
	// Ended is whether nothing comes any more.
	Ended bool
}

// Receiver is a source that was started.
type Receiver[Out any] interface {
	// Receive waits until there is a row, or the time has passed, and emits at most as many rows as it may.
	Receive(maxRows int, maxTime time.Duration, emit func(Out)) (Progress, error)
	// Ack is called once all rows up to a position are kept by the host.
	Ack(position []byte) error
	// Stop lets go of the source. It isn't called where the host or the plugin fails.
	Stop()
}

type started interface {
	receive(maxRows int, maxTime time.Duration) (columns.Batch, Progress, error)
	ack(position []byte) error
	stop()
}

type operator struct {
	name, doc  string
	replayable bool
	output     []columns.Field
	check      func(config string) error
	start      func(config string, position []byte) (started, error)
}

var operators []operator

// Register offers a receiver. `replayable` is whether starting at any position since the last one acknowledged gives the same rows again. Position is nil where there is none yet.
func Register[Config, Out any](name, doc string, replayable bool, start func(config Config, position []byte) (Receiver[Out], error), options ...call.Option) {
	out, err := rows.Of[Out](call.OptionsOf(options).Names)
	if err != nil {
		panic(fmt.Sprintf("operator %q: %v", name, err))
	}
	operators = append(operators, operator{
		name: name, doc: doc, replayable: replayable, output: out.Fields,
		check: func(text string) error {
			_, err := call.Config[Config](text)
			return err
		},
		start: func(text string, position []byte) (started, error) {
			config, err := call.Config[Config](text)
			if err != nil {
				return nil, err
			}
			receiver, err := start(config, position)
			return &receiving[Out]{receiver, out}, err
		},
	})
}

type receiving[Out any] struct {
	receiver Receiver[Out]
	out      rows.Codec[Out]
}

func (r *receiving[Out]) receive(maxRows int, maxTime time.Duration) (columns.Batch, Progress, error) {
	builders, made := columns.Builders(r.out.Fields, min(maxRows, 1024)), 0
	progress, err := r.receiver.Receive(maxRows, maxTime, func(row Out) {
		r.out.Write(builders, &row)
		made++
	})
	if err != nil {
		return columns.Batch{}, progress, err
	}
	return columns.BatchOf(builders, made), progress, nil
}

func (r *receiving[Out]) ack(position []byte) error { return r.receiver.Ack(position) }
func (r *receiving[Out]) stop()                     { r.receiver.Stop() }
