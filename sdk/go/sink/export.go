//go:build wasip1

package sink

import (
	"unsafe"

	"sluicebox/columns"
	"sluicebox/internal/abi"
	"sluicebox/internal/call"
)

// What is open.
var (
	open  writing
	input []columns.Field
)

func find(name string) (*operator, error) {
	return call.Find("sink", operators, name, func(of *operator) string { return of.name })
}

//go:wasmexport sluicebox:operator/sink@0.1.0#describe
func exportDescribe() unsafe.Pointer {
	return abi.Describe(operators, 28, func(operator *operator, wire abi.Record) {
		wire.SetString(0, operator.name)
		wire.SetString(8, operator.doc)
		wire.SetAsked(16, operator.input, false)
	})
}

//go:wasmexport cabi_post_sluicebox:operator/sink@0.1.0#describe
func afterDescribe(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/sink@0.1.0#bind
func exportBind(name unsafe.Pointer, nName uint32, config unsafe.Pointer, nConfig uint32, fields unsafe.Pointer, nFields uint32) unsafe.Pointer {
	return abi.Answer(16, 4, func(result abi.Record) error {
		operator, err := find(abi.String(name, nName))
		if err != nil {
			return err
		}
		given := abi.Fields(fields, nFields)
		if err := result.SetRead(4, operator.input, given); err != nil {
			return err
		}
		return operator.check(abi.String(config, nConfig))
	})
}

//go:wasmexport cabi_post_sluicebox:operator/sink@0.1.0#bind
func afterBind(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/sink@0.1.0#open
func exportOpen(job unsafe.Pointer, nJob uint32, stream unsafe.Pointer, nStream uint32, time int64, partition, partitions, attempt uint32,
	name unsafe.Pointer, nName uint32, config unsafe.Pointer, nConfig uint32, fields unsafe.Pointer, nFields uint32) unsafe.Pointer {
	return abi.Answer(16, 4, func(abi.Record) error {
		abi.Begin(job, nJob, stream, nStream, time, partition, partitions, attempt)
		operator, err := find(abi.String(name, nName))
		if err != nil {
			return err
		}
		input = abi.Fields(fields, nFields)
		open, err = operator.open(abi.String(config, nConfig))
		return err
	})
}

//go:wasmexport cabi_post_sluicebox:operator/sink@0.1.0#open
func afterOpen(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/sink@0.1.0#write
func exportWrite(rows uint32, nodes unsafe.Pointer, _ uint32, buffers unsafe.Pointer, _ uint32) unsafe.Pointer {
	return abi.Answer(16, 4, func(abi.Record) error {
		batch := abi.Batch(input, rows, nodes, buffers)
		return open.write(&batch)
	})
}

//go:wasmexport cabi_post_sluicebox:operator/sink@0.1.0#write
func afterWrite(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/sink@0.1.0#prepare
func exportPrepare() unsafe.Pointer {
	return abi.Answer(16, 4, func(result abi.Record) error {
		committable, err := open.prepare()
		result.SetBytes(4, committable)
		return err
	})
}

//go:wasmexport cabi_post_sluicebox:operator/sink@0.1.0#prepare
func afterPrepare(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/sink@0.1.0#commit
func exportCommit(job unsafe.Pointer, nJob uint32, output unsafe.Pointer, nOutput uint32, time int64,
	name unsafe.Pointer, nName uint32, config unsafe.Pointer, nConfig uint32, committables unsafe.Pointer, n uint32) unsafe.Pointer {
	target := Target{abi.String(job, nJob), abi.String(output, nOutput), time}
	return settle(abi.String(name, nName), func(of *operator) error {
		return of.commit(abi.String(config, nConfig), target, given(committables, n))
	})
}

//go:wasmexport cabi_post_sluicebox:operator/sink@0.1.0#commit
func afterCommit(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/sink@0.1.0#abort
func exportAbort(job unsafe.Pointer, nJob uint32, output unsafe.Pointer, nOutput uint32, time int64,
	name unsafe.Pointer, nName uint32, config unsafe.Pointer, nConfig uint32, committables unsafe.Pointer, n uint32) unsafe.Pointer {
	target := Target{abi.String(job, nJob), abi.String(output, nOutput), time}
	return settle(abi.String(name, nName), func(of *operator) error {
		return of.abort(abi.String(config, nConfig), target, given(committables, n))
	})
}

//go:wasmexport cabi_post_sluicebox:operator/sink@0.1.0#abort
func afterAbort(unsafe.Pointer) { abi.End() }

// settle ends a batch, by a function of the sink's.
func settle(name string, end func(of *operator) error) unsafe.Pointer {
	return abi.Answer(16, 4, func(abi.Record) error {
		operator, err := find(name)
		if err != nil {
			return err
		}
		return end(operator)
	})
}

func given(committables unsafe.Pointer, n uint32) [][]byte {
	all := make([][]byte, n)
	for i := range all {
		all[i] = abi.Bytes(abi.RecordAt(committables).List(i * 8))
	}
	return all
}
