//go:build wasip1

package transform

import (
	"unsafe"

	"sluicebox/columns"
	"sluicebox/internal/abi"
	"sluicebox/internal/call"
)

// What is open.
var (
	open  Partition
	kind  Kind
	input []columns.Field
)

func find(name string) (*Operator, error) {
	return call.Find("transform", operators, name, func(of *Operator) string { return of.Name })
}

//go:wasmexport sluicebox:operator/transform@0.1.0#describe
func exportDescribe() unsafe.Pointer {
	return abi.Describe(operators, 32, func(operator *Operator, wire abi.Record) {
		wire.SetString(0, operator.Name)
		wire.SetU8(8, uint8(operator.Kind))
		wire.SetString(12, operator.Doc)
		wire.SetAsked(20, operator.Input, operator.Input == nil)
	})
}

//go:wasmexport cabi_post_sluicebox:operator/transform@0.1.0#describe
func afterDescribe(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/transform@0.1.0#bind
func exportBind(name unsafe.Pointer, nName uint32, config unsafe.Pointer, nConfig uint32, fields unsafe.Pointer, nFields uint32) unsafe.Pointer {
	return abi.Answer(20, 4, func(result abi.Record) error {
		operator, err := find(abi.String(name, nName))
		if err != nil {
			return err
		}
		input := abi.Fields(fields, nFields)
		binding, err := operator.Bind(abi.String(config, nConfig), input)
		if err != nil {
			return err
		}
		if binding.Columns == nil {
			binding.Columns = abi.All(input)
		}
		result.SetUint32s(4, binding.Columns)
		result.SetFields(12, binding.Output)
		return nil
	})
}

//go:wasmexport cabi_post_sluicebox:operator/transform@0.1.0#bind
func afterBind(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/transform@0.1.0#open
func exportOpen(job unsafe.Pointer, nJob uint32, stream unsafe.Pointer, nStream uint32, time int64, partition, partitions, attempt uint32,
	name unsafe.Pointer, nName uint32, config unsafe.Pointer, nConfig uint32, fields unsafe.Pointer, nFields uint32) unsafe.Pointer {
	return abi.Answer(16, 4, func(abi.Record) error {
		abi.Begin(job, nJob, stream, nStream, time, partition, partitions, attempt)
		operator, err := find(abi.String(name, nName))
		if err != nil {
			return err
		}
		input, kind = abi.Fields(fields, nFields), operator.Kind
		open, err = operator.Open(abi.String(config, nConfig), input)
		return err
	})
}

//go:wasmexport cabi_post_sluicebox:operator/transform@0.1.0#open
func afterOpen(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/transform@0.1.0#process
func exportProcess(rows uint32, nodes unsafe.Pointer, _ uint32, buffers unsafe.Pointer, _ uint32) unsafe.Pointer {
	return abi.Answer(44, 4, func(result abi.Record) error {
		batch := abi.Batch(input, rows, nodes, buffers)
		output, err := open.Process(&batch)
		if err != nil {
			return err
		}
		switch kind {
		case OneToMany:
			result.SetU8(4, 1)
			result.SetBatch(8, output.Made)
			result.SetUint32s(28, output.Ends)
		case Choosing:
			result.SetU8(4, 2)
			result.SetUint32s(8, output.Kept)
		default:
			result.SetBatch(8, output.Made)
		}
		list := result.Records(36, len(output.Rejected), 12)
		for i, rejection := range output.Rejected {
			list.At(i*12).SetU32(0, uint32(rejection.Row))
			list.At(i*12).SetString(4, rejection.Reason)
		}
		return nil
	})
}

//go:wasmexport cabi_post_sluicebox:operator/transform@0.1.0#process
func afterProcess(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/transform@0.1.0#finish
func exportFinish() unsafe.Pointer {
	return abi.Answer(28, 4, func(result abi.Record) error {
		batch, err := open.Finish()
		if err == nil && batch != nil {
			result.SetU8(4, 1)
			result.SetBatch(8, *batch)
		}
		return err
	})
}

//go:wasmexport cabi_post_sluicebox:operator/transform@0.1.0#finish
func afterFinish(unsafe.Pointer) { abi.End() }
