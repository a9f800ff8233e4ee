// Package sluicebox has what operators of every kind use: errors, the context of a call, a log, counters and configuration.
//
// Operators are registered by the packages beside it, transform, aggregate, state, receiver and sink, from a plugin's init functions:
//
//	func shout(line string) (string, error) { return strings.ToUpper(line), nil }
//
//	func init() { transform.Map("shout", "The line in capitals.", shout, sluicebox.As("line")) }
//
//	func main() {}
//
// A plugin offers what the packages that it imports register; `sluicebox plugin build` makes the component.
package sluicebox

import (
	"fmt"

	"sluicebox/internal/call"
)

// Context is what a call is about. The same work done again has the same context but for Attempt.
type Context = call.Context

// CurrentContext is the context of the partition that is worked on; zero where there is none, in bind functions.
func CurrentContext() Context { return call.Current }

// InvalidConfig is an error that says that the configuration in the job file is wrong.
func InvalidConfig(format string, arguments ...any) error {
	return &call.Error{Kind: call.InvalidConfig, Err: fmt.Errorf(format, arguments...)}
}

// InvalidInput is an error that says that the input's columns don't suit the operator.
func InvalidInput(format string, arguments ...any) error {
	return &call.Error{Kind: call.InvalidInput, Err: fmt.Errorf(format, arguments...)}
}

// Failed is an error that fails the call where another would reject a row.
func Failed(format string, arguments ...any) error {
	return &call.Error{Kind: call.Failed, Err: fmt.Errorf(format, arguments...)}
}

// Unavailable is an error that says that something outside can't be had right now. The host tries again.
func Unavailable(format string, arguments ...any) error {
	return &call.Error{Kind: call.Unavailable, Err: fmt.Errorf(format, arguments...)}
}

// Debugf writes a line to the host's log, as do those that follow.
func Debugf(format string, arguments ...any) { call.Log(0, fmt.Sprintf(format, arguments...)) }

// Infof writes a line to the host's log.
func Infof(format string, arguments ...any) { call.Log(1, fmt.Sprintf(format, arguments...)) }

// Warnf writes a line to the host's log.
func Warnf(format string, arguments ...any) { call.Log(2, fmt.Sprintf(format, arguments...)) }

// Errorf writes a line to the host's log.
func Errorf(format string, arguments ...any) { call.Log(3, fmt.Sprintf(format, arguments...)) }

// Count adds to a counter of the operator's. Names have a-z, 0-9 and _.
func Count(name string, count uint64) { call.Count(name, count) }

// Option says more of an operator.
type Option = call.Option

// As names the columns that are made, where their type is no struct, whose fields name themselves.
func As(names ...string) Option { return func(o *call.Options) { o.Names = names } }

// Version is that of a partial's or a state's meaning: 1 where it isn't given. Of another, the host hands over none, or asks to migrate it.
func Version(version uint32) Option { return func(o *call.Options) { o.Version = version } }
