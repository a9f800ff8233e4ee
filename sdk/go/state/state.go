// Package state has operators over keyed state: update-state-by-key and map-with-state.
//
// Types are rows as package transform says; a null where there is no pointer fails the call. The host holds the state.
package state

import (
	"fmt"
	"time"

	"sluicebox/columns"
	"sluicebox/internal/call"
	"sluicebox/internal/rows"
)

// State is what is kept of a key.
type State[S any] struct {
	value     *S
	changed   bool
	timingOut bool
}

// Get is what is kept; nil: nothing is.
func (s *State[S]) Get() *S { return s.value }

// Set keeps something else. Not of a key that times out.
func (s *State[S]) Set(value S) {
	if s.timingOut {
		panic("the state of a key that times out can't be set")
	}
	s.value, s.changed = &value, true
}

// Remove keeps nothing.
func (s *State[S]) Remove() { s.value, s.changed = nil, true }

// IsTimingOut is whether the key has rested too long, and its state goes after this call.
func (s *State[S]) IsTimingOut() bool { return s.timingOut }

// Timeout is how long a key of map-with-state may rest.
func Timeout(after time.Duration) call.Option { return func(o *call.Options) { o.Timeout = after } }

type kind uint8

const (
	updateStateByKey kind = iota
	mapWithState
)

// work is what the host asks for.
type work struct {
	keys, values, old   columns.Batch
	ends, olds, expired []uint32
}

type outcome struct {
	state, emitted     columns.Batch
	stateKeys, removed []uint32
}

type updating interface {
	update(work *work) (outcome, error)
}

type operator struct {
	name, doc                 string
	kind                      kind
	keys, input, kept, output []columns.Field
	version                   uint32
	timeoutMs                 uint64
	open                      func(config string) (updating, error)
	migrate                   func(version uint32, old *columns.Batch) (columns.Batch, error)
}

var operators []operator

// bound is what is wrong with a configuration, as far as that shows when columns are agreed on.
func (o *operator) bound(config string) error {
	return call.Bound(func() error {
		_, err := o.open(config)
		return err
	})
}

// Function works on a value of a key; nil: the key has timed out. It emits any number of rows.
type Function[K, V, S, Out any] func(key K, value *V, state *State[S], emit func(Out)) error

// MapWithState offers an operator that is called for each value of a key, in order, and emits rows.
func MapWithState[K, V, S, Out any](name, doc string, f Function[K, V, S, Out], options ...call.Option) {
	MapWithStateOf(name, doc, func(call.NoConfig) (Function[K, V, S, Out], error) { return f, nil }, options...)
}

// MapWithStateOf is MapWithState with a configuration, of which the function is made.
func MapWithStateOf[Config, K, V, S, Out any](name, doc string, open func(Config) (Function[K, V, S, Out], error), options ...call.Option) {
	given := call.OptionsOf(options)
	register(name, doc, mapWithState, given, given.Names, func(config Config) (each[K, V, S, Out], error) {
		f, err := open(config)
		return func(key K, values []V, state *State[S], emit func(Out)) error {
			if state.timingOut {
				return f(key, nil, state, emit)
			}
			for i := range values {
				if err := f(key, &values[i], state, emit); err != nil {
					return err
				}
			}
			return nil
		}, err
	})
}

// UpdateStateByKey offers an operator that makes a key's new state of its new values and its state; nil: there is none, or none is to be kept.
func UpdateStateByKey[K, V, S any](name, doc string, f func(key K, values []V, state *S) (*S, error), options ...call.Option) {
	UpdateStateByKeyOf(name, doc, func(call.NoConfig) (func(K, []V, *S) (*S, error), error) { return f, nil }, options...)
}

// UpdateStateByKeyOf is UpdateStateByKey with a configuration, of which the function is made.
func UpdateStateByKeyOf[Config, K, V, S any](name, doc string, open func(Config) (func(K, []V, *S) (*S, error), error), options ...call.Option) {
	register(name, doc, updateStateByKey, call.OptionsOf(options), nil, func(config Config) (each[K, V, S, struct{}], error) {
		f, err := open(config)
		return func(key K, values []V, state *State[S], _ func(struct{})) error {
			kept, err := f(key, values, state.value)
			if err != nil {
				return err
			}
			state.value, state.changed = kept, true
			return nil
		}, err
	})
}

// Migrate says how the state of an operator is made of that of an older version.
func Migrate[Old, S any](name string, version uint32, f func(Old) (S, error)) {
	// What is no struct is one column, whatever it was called.
	from, to := codec[Old](name, nil), codec[S](name, keptNames[S]())
	for i := range operators {
		if operators[i].name != name {
			continue
		}
		before := operators[i].migrate
		operators[i].migrate = func(asked uint32, old *columns.Batch) (columns.Batch, error) {
			if asked != version {
				return before(asked, old)
			}
			kept := make([]columns.Field, len(old.Columns))
			for i := range kept {
				kept[i] = *old.Columns[i].Field
			}
			if err := rows.Suits(from.Fields, kept); err != nil {
				return columns.Batch{}, call.Fail(call.Failed, "state of version %d: %w", version, err)
			}
			builders := columns.Builders(to.Fields, old.Rows)
			for row := range old.Rows {
				var value Old
				if lacking := from.Read(old, row, &value); lacking != "" {
					return columns.Batch{}, call.Fail(call.Failed, "row %d: %s", row, rows.Lacks(lacking))
				}
				made, err := f(value)
				if err != nil {
					return columns.Batch{}, err
				}
				to.Write(builders, &made)
			}
			return columns.BatchOf(builders, old.Rows), nil
		}
		return
	}
	panic(fmt.Sprintf("operator %q: it is registered before it is said how its state migrates", name))
}

func codec[T any](operator string, names []string) rows.Codec[T] {
	of, err := rows.Of[T](names)
	if err != nil {
		panic(fmt.Sprintf("operator %q: %v", operator, err))
	}
	return of
}

// keptNames is what the column of a state that is no struct is called.
func keptNames[S any]() []string {
	if rows.IsStruct[S]() {
		return nil
	}
	return []string{"state"}
}

type each[K, V, S, Out any] func(key K, values []V, state *State[S], emit func(Out)) error

func register[Config, K, V, S, Out any](name, doc string, kind kind, given call.Options, outputs []string, open func(Config) (each[K, V, S, Out], error)) {
	keys, values, kept, out := codec[K](name, nil), codec[V](name, nil), codec[S](name, keptNames[S]()), codec[Out](name, outputs)
	operators = append(operators, operator{
		name: name, doc: doc, kind: kind, keys: keys.Fields, input: values.Fields, kept: kept.Fields, output: out.Fields, version: given.Version,
		timeoutMs: uint64(given.Timeout.Milliseconds()),
		open: func(text string) (updating, error) {
			config, err := call.Config[Config](text)
			if err != nil {
				return nil, err
			}
			f, err := open(config)
			if err != nil && !call.IsOfCall(err) {
				err = &call.Error{Kind: call.InvalidConfig, Err: err}
			}
			return &stateful[K, V, S, Out]{f, keys, values, kept, out}, err
		},
		migrate: func(version uint32, _ *columns.Batch) (columns.Batch, error) {
			return columns.Batch{}, call.Fail(call.Failed, "%q knows no state of version %d", name, version)
		},
	})
}

type stateful[K, V, S, Out any] struct {
	f      each[K, V, S, Out]
	keys   rows.Codec[K]
	values rows.Codec[V]
	kept   rows.Codec[S]
	out    rows.Codec[Out]
}

func (s *stateful[K, V, S, Out]) update(work *work) (outcome, error) {
	var result outcome
	state, emitted := columns.Builders(s.kept.Fields, work.keys.Rows), columns.Builders(s.out.Fields, work.keys.Rows)
	nEmitted := 0
	emit := func(row Out) {
		s.out.Write(emitted, &row)
		nEmitted++
	}
	old, expired, first := 0, 0, 0
	for i := range work.keys.Rows {
		var key K
		if lacking := s.keys.Read(&work.keys, i, &key); lacking != "" {
			return result, call.Fail(call.Failed, "key %d: %s", i, rows.Lacks(lacking))
		}
		values := make([]V, int(work.ends[i])-first)
		for at := range values {
			if lacking := s.values.Read(&work.values, first+at, &values[at]); lacking != "" {
				return result, call.Fail(call.Failed, "value %d: %s", first+at, rows.Lacks(lacking))
			}
		}
		first = int(work.ends[i])
		var kept State[S]
		if old < len(work.olds) && int(work.olds[old]) == i {
			kept.value = new(S)
			if lacking := s.kept.Read(&work.old, old, kept.value); lacking != "" {
				return result, call.Fail(call.Failed, "state %d: %s", old, rows.Lacks(lacking))
			}
			old++
		}
		if expired < len(work.expired) && int(work.expired[expired]) == i {
			kept.timingOut = true
			expired++
		}
		if err := s.f(key, values, &kept, emit); err != nil {
			return result, err
		}
		switch {
		case !kept.changed || kept.timingOut:
		case kept.value == nil:
			result.removed = append(result.removed, uint32(i))
		default:
			s.kept.Write(state, kept.value)
			result.stateKeys = append(result.stateKeys, uint32(i))
		}
	}
	result.state, result.emitted = columns.BatchOf(state, len(result.stateKeys)), columns.BatchOf(emitted, nEmitted)
	if len(s.out.Fields) == 0 {
		result.emitted.Rows = 0
	}
	return result, nil
}
