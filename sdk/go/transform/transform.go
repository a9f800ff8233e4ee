// Package transform has operators from rows to rows: map, flat-map, filter and map-partitions.
//
// A row is a struct, whose fields are columns: by their names in lower case, or as a tag `column:"name"` says. One that is no struct is one column. Pointers are values that may be null; a row
// with a null where there is no pointer is rejected. A function that returns an error rejects its row for that reason; sluicebox.Failed and its like fail the call instead.
package transform

import (
	"fmt"

	"sluicebox/columns"
	"sluicebox/internal/call"
	"sluicebox/internal/rows"
)

// Kind is what an operator makes of rows.
type Kind uint8

const (
	// OneToOne makes a row of each row, less those rejected.
	OneToOne Kind = iota
	// OneToMany makes any number of rows of each row.
	OneToMany
	// Choosing says which rows stay.
	Choosing
	// OfPartitions makes rows of the rows of a partition.
	OfPartitions
)

// Rejection is a row that an operator will have nothing to do with.
type Rejection struct {
	Row    int
	Reason string
}

// Output is what is made of a chunk.
type Output struct {
	// Made has the rows; a Choosing operator makes none.
	Made columns.Batch
	// Ends are, of OneToMany, for each row of the chunk how many rows were made of it and those before.
	Ends []uint32
	// Kept are, of Choosing, the rows that stay.
	Kept     []uint32
	Rejected []Rejection
}

// Binding is what is agreed on when a job is checked.
type Binding struct {
	// Columns are those that are read, by their places in the input; nil: all.
	Columns []uint32
	// Output are those that are made.
	Output []columns.Field
}

// Partition is an operator at work on a partition.
type Partition interface {
	// Process works on a chunk.
	Process(batch *columns.Batch) (Output, error)
	// Finish gives rows held back, at the partition's end; nil: there are none. It is called until there are none.
	Finish() (*columns.Batch, error)
}

// Operator works on whole columns. Functions on rows are easier: see Map, FlatMap, Filter and MapPartitions.
type Operator struct {
	Name string
	Doc  string
	Kind Kind
	// Input are the columns it reads; nil: whichever there are.
	Input []columns.Field
	// Bind agrees on the columns. Config is the plugin's table of the job file, as JSON.
	Bind func(config string, input []columns.Field) (Binding, error)
	// Open begins a partition; input are the columns bound.
	Open func(config string, input []columns.Field) (Partition, error)
}

var operators []Operator

// Register offers an operator on whole columns.
func Register(operator Operator) { operators = append(operators, operator) }

// EachChunk is a Partition of a function that keeps nothing.
type EachChunk func(batch *columns.Batch) (Output, error)

func (f EachChunk) Process(batch *columns.Batch) (Output, error) { return f(batch) }
func (f EachChunk) Finish() (*columns.Batch, error)              { return nil, nil }

// Map offers an operator that makes a row of each row.
func Map[In, Out any](name, doc string, f func(In) (Out, error), options ...call.Option) {
	MapWith(name, doc, func(call.NoConfig) (func(In) (Out, error), error) { return f, nil }, options...)
}

// MapWith is Map with a configuration, of which the function is made.
func MapWith[Config, In, Out any](name, doc string, open func(Config) (func(In) (Out, error), error), options ...call.Option) {
	FlatOrOne(OneToOne, name, doc, func(config Config) (func(In, func(Out)) error, error) {
		f, err := open(config)
		if err != nil {
			return nil, err
		}
		return func(in In, emit func(Out)) error {
			out, err := f(in)
			if err == nil {
				emit(out)
			}
			return err
		}, nil
	}, options...)
}

// FlatMap offers an operator that makes any number of rows of each row, by calling emit. A row that is rejected may have emitted none.
func FlatMap[In, Out any](name, doc string, f func(in In, emit func(Out)) error, options ...call.Option) {
	FlatMapWith(name, doc, func(call.NoConfig) (func(In, func(Out)) error, error) { return f, nil }, options...)
}

// FlatMapWith is FlatMap with a configuration, of which the function is made.
func FlatMapWith[Config, In, Out any](name, doc string, open func(Config) (func(In, func(Out)) error, error), options ...call.Option) {
	FlatOrOne(OneToMany, name, doc, open, options...)
}

// codec is that of a type, or a panic that names the operator: such a mistake is found when the plugin is looked at.
func codec[T any](operator string, names []string) rows.Codec[T] {
	of, err := rows.Of[T](names)
	if err != nil {
		panic(fmt.Sprintf("operator %q: %v", operator, err))
	}
	return of
}

// FlatOrOne is what Map and FlatMap have in common.
func FlatOrOne[Config, In, Out any](kind Kind, name, doc string, open func(Config) (func(In, func(Out)) error, error), options ...call.Option) {
	in, out := codec[In](name, nil), codec[Out](name, call.OptionsOf(options).Names)
	Register(Operator{
		Name: name, Doc: doc, Kind: kind, Input: in.Fields,
		Bind: func(config string, input []columns.Field) (Binding, error) {
			return bind[Config](config, in.Fields, input, out.Fields, open)
		},
		Open: func(config string, _ []columns.Field) (Partition, error) {
			f, err := opened(config, open)
			if err != nil {
				return nil, err
			}
			return EachChunk(func(batch *columns.Batch) (Output, error) {
				builders, made := columns.Builders(out.Fields, batch.Rows), 0
				emit := func(row Out) {
					out.Write(builders, &row)
					made++
				}
				var output Output
				if kind == OneToMany {
					output.Ends = make([]uint32, 0, batch.Rows)
				}
				err := eachRow(batch, &in, &output, func(_ int, row In) error {
					before := made
					err := f(row, emit)
					if err != nil && made > before && !call.IsOfCall(err) {
						return call.Fail(call.Failed, "a row is rejected (%v) of which something was made", err)
					}
					return err
				}, func() {
					if kind == OneToMany {
						output.Ends = append(output.Ends, uint32(made))
					}
				})
				if err == nil {
					output.Made = columns.BatchOf(builders, made)
				}
				return output, err
			}), nil
		},
	})
}

// Filter offers an operator that says which rows stay; all of their columns do.
func Filter[In any](name, doc string, f func(In) (bool, error)) {
	FilterWith(name, doc, func(call.NoConfig) (func(In) (bool, error), error) { return f, nil })
}

// FilterWith is Filter with a configuration, of which the function is made.
func FilterWith[Config, In any](name, doc string, open func(Config) (func(In) (bool, error), error)) {
	in := codec[In](name, nil)
	Register(Operator{
		Name: name, Doc: doc, Kind: Choosing, Input: in.Fields,
		Bind: func(config string, input []columns.Field) (Binding, error) {
			return bind[Config](config, in.Fields, input, nil, open)
		},
		Open: func(config string, _ []columns.Field) (Partition, error) {
			f, err := opened(config, open)
			if err != nil {
				return nil, err
			}
			return EachChunk(func(batch *columns.Batch) (Output, error) {
				var output Output
				err := eachRow(batch, &in, &output, func(row int, in In) error {
					keep, err := f(in)
					if keep && err == nil {
						output.Kept = append(output.Kept, uint32(row))
					}
					return err
				}, func() {})
				return output, err
			}), nil
		},
	})
}

// Task keeps something over the rows of a partition.
type Task[In, Out any] interface {
	// Process takes a row, and emits as many as it makes.
	Process(in In, emit func(Out)) error
	// Finish emits rows held back, at the partition's end.
	Finish(emit func(Out)) error
}

// MapPartitions offers an operator that keeps something from row to row; open makes it for each partition.
func MapPartitions[Config, In, Out any](name, doc string, open func(Config) (Task[In, Out], error), options ...call.Option) {
	in, out := codec[In](name, nil), codec[Out](name, call.OptionsOf(options).Names)
	Register(Operator{
		Name: name, Doc: doc, Kind: OfPartitions, Input: in.Fields,
		Bind: func(config string, input []columns.Field) (Binding, error) {
			return bind[Config](config, in.Fields, input, out.Fields, open)
		},
		Open: func(config string, _ []columns.Field) (Partition, error) {
			task, err := opened(config, open)
			return &partition[In, Out]{in: in, out: out, task: task}, err
		},
	})
}

type partition[In, Out any] struct {
	in       rows.Codec[In]
	out      rows.Codec[Out]
	task     Task[In, Out]
	finished bool
}

func (p *partition[In, Out]) collect(n int, f func(emit func(Out)) error) (columns.Batch, error) {
	builders, made := columns.Builders(p.out.Fields, n), 0
	err := f(func(row Out) {
		p.out.Write(builders, &row)
		made++
	})
	if err != nil {
		return columns.Batch{}, err
	}
	return columns.BatchOf(builders, made), nil
}

func (p *partition[In, Out]) Process(batch *columns.Batch) (output Output, err error) {
	output.Made, err = p.collect(batch.Rows, func(emit func(Out)) error {
		return eachRow(batch, &p.in, &output, func(_ int, in In) error { return p.task.Process(in, emit) }, func() {})
	})
	return output, err
}

func (p *partition[In, Out]) Finish() (*columns.Batch, error) {
	if p.finished {
		return nil, nil
	}
	p.finished = true
	batch, err := p.collect(0, p.task.Finish)
	if err != nil || batch.Rows == 0 {
		return nil, err
	}
	return &batch, nil
}

func opened[Config, F any](text string, open func(Config) (F, error)) (F, error) {
	config, err := call.Config[Config](text)
	if err != nil {
		var none F
		return none, err
	}
	return open(config)
}

func bind[Config, F any](text string, asked, input, output []columns.Field, open func(Config) (F, error)) (Binding, error) {
	err := call.Bound(func() error {
		_, err := opened(text, open)
		return err
	})
	if err != nil {
		if !call.IsOfCall(err) {
			err = &call.Error{Kind: call.InvalidConfig, Err: err}
		}
		return Binding{}, err
	}
	if err := rows.Suits(asked, input); err != nil {
		return Binding{}, &call.Error{Kind: call.InvalidInput, Err: err}
	}
	return Binding{Output: output}, nil
}

// eachRow calls f with each row that can be read, and after with each.
func eachRow[In any](batch *columns.Batch, in *rows.Codec[In], output *Output, f func(row int, in In) error, after func()) error {
	for row := range batch.Rows {
		var value In
		if lacking := in.Read(batch, row, &value); lacking != "" {
			output.Rejected = append(output.Rejected, Rejection{row, rows.Lacks(lacking)})
		} else if err := f(row, value); call.IsOfCall(err) {
			return err
		} else if err != nil {
			output.Rejected = append(output.Rejected, Rejection{row, err.Error()})
		}
		after()
	}
	return nil
}

// MapColumns offers an operator that makes a row of each row, and works on whole columns, whichever the stream has. `bind` says which columns it makes of them; the function that `open` makes
// fills the builders, one for each.
func MapColumns[Config any](name, doc string, bind func(config Config, input []columns.Field) ([]columns.Field, error),
	open func(config Config, input []columns.Field) (func(batch *columns.Batch, made []columns.Builder) error, error)) {
	bound := func(text string, input []columns.Field) (Config, []columns.Field, error) {
		config, err := call.Config[Config](text)
		if err != nil {
			return config, nil, err
		}
		output, err := bind(config, input)
		return config, output, err
	}
	Register(Operator{
		Name: name, Doc: doc, Kind: OneToOne,
		Bind: func(text string, input []columns.Field) (Binding, error) {
			_, output, err := bound(text, input)
			return Binding{Output: output}, err
		},
		Open: func(text string, input []columns.Field) (Partition, error) {
			config, output, err := bound(text, input)
			if err != nil {
				return nil, err
			}
			f, err := open(config, input)
			return EachChunk(func(batch *columns.Batch) (Output, error) {
				builders := columns.Builders(output, batch.Rows)
				if err := f(batch, builders); err != nil {
					return Output{}, err
				}
				return Output{Made: columns.BatchOf(builders, batch.Rows)}, nil
			}), err
		},
	})
}
