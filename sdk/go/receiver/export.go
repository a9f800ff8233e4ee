//go:build wasip1

package receiver

import (
	"time"
	"unsafe"

	"sluicebox/internal/abi"
	"sluicebox/internal/call"
)

// What was started.
var source started

func find(name string) (*operator, error) {
	return call.Find("receiver", operators, name, func(of *operator) string { return of.name })
}

//go:wasmexport sluicebox:operator/receiver@0.1.0#describe
func exportDescribe() unsafe.Pointer {
	return abi.Describe(operators, 20, func(operator *operator, wire abi.Record) {
		wire.SetString(0, operator.name)
		wire.SetString(8, operator.doc)
		wire.SetBool(16, operator.replayable)
	})
}

//go:wasmexport cabi_post_sluicebox:operator/receiver@0.1.0#describe
func afterDescribe(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/receiver@0.1.0#bind
func exportBind(name unsafe.Pointer, nName uint32, config unsafe.Pointer, nConfig uint32) unsafe.Pointer {
	return abi.Answer(16, 4, func(result abi.Record) error {
		operator, err := find(abi.String(name, nName))
		if err != nil {
			return err
		}
		result.SetFields(4, operator.output)
		return operator.check(abi.String(config, nConfig))
	})
}

//go:wasmexport cabi_post_sluicebox:operator/receiver@0.1.0#bind
func afterBind(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/receiver@0.1.0#start
func exportStart(job unsafe.Pointer, nJob uint32, stream unsafe.Pointer, nStream uint32, now int64, partition, partitions, attempt uint32,
	name unsafe.Pointer, nName uint32, config unsafe.Pointer, nConfig uint32,
	hasPosition uint32, position unsafe.Pointer, nPosition uint32) unsafe.Pointer {
	return abi.Answer(16, 4, func(abi.Record) error {
		abi.Begin(job, nJob, stream, nStream, now, partition, partitions, attempt)
		operator, err := find(abi.String(name, nName))
		if err != nil {
			return err
		}
		var after []byte
		if hasPosition != 0 {
			after = append([]byte{}, abi.Bytes(position, nPosition)...)
		}
		source, err = operator.start(abi.String(config, nConfig), after)
		return err
	})
}

//go:wasmexport cabi_post_sluicebox:operator/receiver@0.1.0#start
func afterStart(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/receiver@0.1.0#receive
func exportReceive(maxRows, maxTimeMs uint32) unsafe.Pointer {
	return abi.Answer(36, 4, func(result abi.Record) error {
		batch, progress, err := source.receive(int(maxRows), time.Duration(maxTimeMs)*time.Millisecond)
		if err != nil {
			return err
		}
		result.SetBatch(4, batch)
		result.SetBytes(24, progress.Position)
		result.SetBool(32, progress.Ended)
		return nil
	})
}

//go:wasmexport cabi_post_sluicebox:operator/receiver@0.1.0#receive
func afterReceive(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/receiver@0.1.0#ack
func exportAck(position unsafe.Pointer, nPosition uint32) unsafe.Pointer {
	return abi.Answer(16, 4, func(abi.Record) error { return source.ack(abi.Bytes(position, nPosition)) })
}

//go:wasmexport cabi_post_sluicebox:operator/receiver@0.1.0#ack
func afterAck(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/receiver@0.1.0#stop
func exportStop() {
	source.stop()
	abi.End()
}
