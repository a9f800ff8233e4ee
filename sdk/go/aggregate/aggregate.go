// Package aggregate has operators that fold the rows of a key: rows are added to partials, partials are merged, the last one is finished.
//
// Types are rows as package transform says. A null where there is no pointer fails the call.
package aggregate

import (
	"fmt"

	"sluicebox/columns"
	"sluicebox/internal/call"
	"sluicebox/internal/rows"
)

// Functions fold rows. A partial is the zero value of its type at first.
type Functions[In, Partial, Out any] struct {
	Add func(partial *Partial, row In) error
	// Merge adds a partial of rows after those of `into`.
	Merge func(into *Partial, from Partial) error
	// Unmerge takes it out again; nil where that can't be. Whether there is one may not depend on the configuration.
	Unmerge func(from *Partial, what Partial) error
	Finish  func(partial Partial) (Out, error)
}

type fold interface {
	partial(values *columns.Batch, groups []uint32, n int) (columns.Batch, error)
	merge(partials *columns.Batch, groups []uint32, n int) (columns.Batch, error)
	unmerge(whole, partials *columns.Batch, groups []uint32) (columns.Batch, error)
	finish(partials *columns.Batch) (columns.Batch, error)
}

type operator struct {
	name, doc              string
	input, between, output []columns.Field
	version                uint32
	invertible             bool
	open                   func(config string) (fold, error)
}

var operators []operator

// bound is what is wrong with a configuration, as far as that shows when columns are agreed on.
func (o *operator) bound(config string) error {
	return call.Bound(func() error {
		_, err := o.open(config)
		return err
	})
}

// Register offers an aggregate. Options name the columns of its result.
func Register[In, Partial, Out any](name, doc string, functions Functions[In, Partial, Out], options ...call.Option) {
	open := func(call.NoConfig) (Functions[In, Partial, Out], error) { return functions, nil }
	register(name, doc, functions.Unmerge != nil, open, options)
}

// RegisterWith offers an aggregate whose functions are made of a configuration; one that has no Unmerge.
func RegisterWith[Config, In, Partial, Out any](name, doc string, open func(Config) (Functions[In, Partial, Out], error), options ...call.Option) {
	register(name, doc, false, open, options)
}

func codec[T any](operator string, names []string) rows.Codec[T] {
	of, err := rows.Of[T](names)
	if err != nil {
		panic(fmt.Sprintf("operator %q: %v", operator, err))
	}
	return of
}

func register[Config, In, Partial, Out any](name, doc string, invertible bool, open func(Config) (Functions[In, Partial, Out], error), options []call.Option) {
	given := call.OptionsOf(options)
	names := []string{"partial"}
	if rows.IsStruct[Partial]() {
		names = nil
	}
	in, between, out := codec[In](name, nil), codec[Partial](name, names), codec[Out](name, given.Names)
	operators = append(operators, operator{
		name: name, doc: doc, input: in.Fields, between: between.Fields, output: out.Fields, version: given.Version, invertible: invertible,
		open: func(text string) (fold, error) {
			config, err := call.Config[Config](text)
			if err != nil {
				return nil, err
			}
			functions, err := open(config)
			if err != nil && !call.IsOfCall(err) {
				err = &call.Error{Kind: call.InvalidConfig, Err: err}
			}
			return &folding[In, Partial, Out]{functions, in, between, out}, err
		},
	})
}

type folding[In, Partial, Out any] struct {
	functions Functions[In, Partial, Out]
	in        rows.Codec[In]
	between   rows.Codec[Partial]
	out       rows.Codec[Out]
}

func (f *folding[In, Partial, Out]) write(partials []Partial) (columns.Batch, error) {
	builders := columns.Builders(f.between.Fields, len(partials))
	for i := range partials {
		f.between.Write(builders, &partials[i])
	}
	return columns.BatchOf(builders, len(partials)), nil
}

func (f *folding[In, Partial, Out]) read(batch *columns.Batch) ([]Partial, error) {
	partials := make([]Partial, batch.Rows)
	for row := range partials {
		if lacking := f.between.Read(batch, row, &partials[row]); lacking != "" {
			return nil, call.Fail(call.Failed, "partial %d: %s", row, rows.Lacks(lacking))
		}
	}
	return partials, nil
}

func (f *folding[In, Partial, Out]) partial(values *columns.Batch, groups []uint32, n int) (columns.Batch, error) {
	folded := make([]Partial, n)
	for row := range values.Rows {
		var value In
		if lacking := f.in.Read(values, row, &value); lacking != "" {
			return columns.Batch{}, call.Fail(call.Failed, "row %d: %s", row, rows.Lacks(lacking))
		}
		if err := f.functions.Add(&folded[groups[row]], value); err != nil {
			return columns.Batch{}, err
		}
	}
	return f.write(folded)
}

func (f *folding[In, Partial, Out]) merge(batch *columns.Batch, groups []uint32, n int) (columns.Batch, error) {
	partials, err := f.read(batch)
	folded := make([]Partial, n)
	for row := 0; err == nil && row < len(partials); row++ {
		err = f.functions.Merge(&folded[groups[row]], partials[row])
	}
	if err != nil {
		return columns.Batch{}, err
	}
	return f.write(folded)
}

func (f *folding[In, Partial, Out]) unmerge(whole, batch *columns.Batch, groups []uint32) (columns.Batch, error) {
	if f.functions.Unmerge == nil {
		return columns.Batch{}, call.Fail(call.Failed, "it can't take partials out")
	}
	folded, err := f.read(whole)
	if err != nil {
		return columns.Batch{}, err
	}
	partials, err := f.read(batch)
	for row := 0; err == nil && row < len(partials); row++ {
		err = f.functions.Unmerge(&folded[groups[row]], partials[row])
	}
	if err != nil {
		return columns.Batch{}, err
	}
	return f.write(folded)
}

func (f *folding[In, Partial, Out]) finish(batch *columns.Batch) (columns.Batch, error) {
	partials, err := f.read(batch)
	if err != nil {
		return columns.Batch{}, err
	}
	builders := columns.Builders(f.out.Fields, len(partials))
	for i := range partials {
		out, err := f.functions.Finish(partials[i])
		if err != nil {
			return columns.Batch{}, err
		}
		f.out.Write(builders, &out)
	}
	return columns.BatchOf(builders, len(partials)), nil
}
