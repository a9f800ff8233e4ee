// Package export_sluicebox_bench_boundary_session is an operator as plain functions.
package export_sluicebox_bench_boundary_session

import (
	. "wit_component/sluicebox_bench_boundary_shapes"

	. "go.bytecodealliance.org/pkg/wit/types"
)

var (
	isOpen bool
	calls  uint32
)

func Open(operator, config string) Result[Unit, string] {
	if operator == "" {
		return Err[Unit, string]("no operator named")
	}
	isOpen, calls = true, 0
	return Ok[Unit, string](Unit{})
}

func Process(input Batch) Result[Batch, string] {
	if !isOpen {
		return Err[Batch, string]("process before open")
	}
	calls++
	return Ok[Batch, string](input)
}

func Finish() Result[Option[Batch], string] {
	isOpen = false
	return Ok[Option[Batch], string](None[Batch]())
}
