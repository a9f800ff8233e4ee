// Package call has what lasts as long as a call of the host's: its context, its errors, its configuration.
package call

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime/debug"
	"strings"
	"time"
)

// Context is what a call is about.
type Context struct {
	Job         string
	Stream      string
	BatchTimeMs int64
	Partition   uint32
	Partitions  uint32
	Attempt     uint32
}

// Current is that of the call.
var Current Context

// ErrNotYet is that of a table or value that is asked for while columns are agreed on.
var ErrNotYet = errors.New("the job's tables and values are there once a partition begins, and not when its columns are agreed on")

// IsBinding is whether columns are being agreed on.
var IsBinding bool

// Bound is what is wrong with making an operator's function while columns are agreed on. What needs the job's tables or values shows when a partition begins.
func Bound(open func() error) error {
	IsBinding = true
	defer func() { IsBinding = false }()
	if err := open(); !errors.Is(err, ErrNotYet) {
		return err
	}
	return nil
}

// Kinds of errors, as the host numbers them.
const (
	InvalidConfig uint8 = iota
	InvalidInput
	Failed
	Unavailable
)

// Error is one with a kind.
type Error struct {
	Kind uint8
	Err  error
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// KindOf is an error's; of one that has none, Failed.
func KindOf(err error) uint8 {
	var own *Error
	if errors.As(err, &own) {
		return own.Kind
	}
	return Failed
}

// IsOfCall is whether an error is the call's, and not about a row.
func IsOfCall(err error) bool {
	var own *Error
	return errors.As(err, &own)
}

// Fail is an error of the SDK's.
func Fail(kind uint8, format string, arguments ...any) error {
	return &Error{Kind: kind, Err: fmt.Errorf(format, arguments...)}
}

// Find is the operator that is called so, of those that are something for people, such as "transform".
func Find[T any](what string, operators []T, name string, nameOf func(*T) string) (*T, error) {
	for i := range operators {
		if nameOf(&operators[i]) == name {
			return &operators[i], nil
		}
	}
	return nil, Fail(Failed, "there is no %s %q", what, name)
}

// Recovered is an error of a panic, with the stack up to the SDK.
func Recovered(panicked any) error {
	return Fail(Failed, "panic: %v\n%s", panicked, stack(string(debug.Stack())))
}

// stack is what is the author's of a stack: from below the panic to above the SDK.
func stack(all string) string {
	if _, below, found := strings.Cut(all, "panic("); found {
		if lines := strings.SplitN(below, "\n", 3); len(lines) == 3 {
			all = lines[2]
		}
	}
	var own []string
	lines := strings.Split(strings.TrimSpace(all), "\n")
	for i := 0; i+1 < len(lines); i += 2 {
		if strings.HasPrefix(lines[i], "sluicebox/") {
			break
		}
		place, _, _ := strings.Cut(strings.TrimSpace(lines[i+1]), " +0x")
		own = append(own, lines[i]+" "+place)
	}
	return strings.Join(own, "\n")
}

// Options say more of an operator.
type Options struct {
	Names   []string
	Version uint32
	Timeout time.Duration
}

// Option changes one of them.
type Option func(*Options)

// OptionsOf are those given.
func OptionsOf(options []Option) Options {
	all := Options{Version: 1}
	for _, option := range options {
		option(&all)
	}
	return all
}

// NoConfig is the configuration of an operator that has none: the plugin's table is read by its other operators, so it may hold anything.
type NoConfig struct{}

// Config reads the table `config` of the job file into a struct, whose fields are called as their `json` tags say. Of those with the tag `required:"true"` none may be missing. A method
// SetDefaults of the struct's is called before, and Validate after.
func Config[C any](text string) (C, error) {
	var config C
	if _, none := any(config).(NoConfig); none {
		return config, nil
	}
	if defaults, ok := any(&config).(interface{ SetDefaults() }); ok {
		defaults.SetDefaults()
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&config); err != nil {
		return config, Fail(InvalidConfig, "%s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := decoder.Token(); err != io.EOF {
		return config, Fail(InvalidConfig, "there is more behind the configuration")
	}
	if err := missing(reflect.TypeOf(config), text); err != nil {
		return config, err
	}
	if valid, ok := any(&config).(interface{ Validate() error }); ok {
		if err := valid.Validate(); err != nil {
			return config, &Error{Kind: InvalidConfig, Err: err}
		}
	}
	return config, nil
}

func missing(of reflect.Type, text string) error {
	if of.Kind() != reflect.Struct {
		return nil
	}
	given := map[string]json.RawMessage{}
	if err := json.NewDecoder(bytes.NewReader([]byte(text))).Decode(&given); err != nil {
		return Fail(InvalidConfig, "the configuration isn't a table")
	}
	for i := range of.NumField() {
		field := of.Field(i)
		key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if key == "" {
			key = field.Name
		}
		if _, there := given[key]; !there && field.Tag.Get("required") == "true" {
			return Fail(InvalidConfig, "%s is missing", key)
		}
	}
	return nil
}
