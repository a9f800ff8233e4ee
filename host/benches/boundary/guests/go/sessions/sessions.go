package export_sluicebox_bench_boundary_sessions

import (
	"runtime"

	. "wit_component/sluicebox_bench_boundary_shapes"

	. "go.bytecodealliance.org/pkg/wit/types"
)

// Operator is the same operator as a resource. The bindings want the first two fields and OnDrop.
type Operator struct {
	pinner runtime.Pinner
	handle int32
	calls  uint32
}

func MakeOperator(operator, config string) *Operator { return &Operator{} }

func (self *Operator) Process(input Batch) Result[Batch, string] {
	self.calls++
	return Ok[Batch, string](input)
}

func (self *Operator) Finish() Result[Option[Batch], string] {
	return Ok[Option[Batch], string](None[Batch]())
}

func (self *Operator) OnDrop() {}
