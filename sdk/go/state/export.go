//go:build wasip1

package state

import (
	"unsafe"

	"sluicebox/columns"
	"sluicebox/internal/abi"
	"sluicebox/internal/call"
	rowsof "sluicebox/internal/rows"
)

// What is open.
var (
	open        updating
	of          *operator
	keys, input []columns.Field
)

func find(name string) (*operator, error) {
	return call.Find("stateful operator", operators, name, func(of *operator) string { return of.name })
}

//go:wasmexport sluicebox:operator/state@0.1.0#describe
func exportDescribe() unsafe.Pointer {
	return abi.Describe(operators, 44, func(operator *operator, wire abi.Record) {
		wire.SetString(0, operator.name)
		wire.SetU8(8, uint8(operator.kind))
		wire.SetString(12, operator.doc)
		wire.SetAsked(20, operator.keys, false)
		wire.SetAsked(32, operator.input, false)
	})
}

//go:wasmexport cabi_post_sluicebox:operator/state@0.1.0#describe
func afterDescribe(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/state@0.1.0#bind
func exportBind(name unsafe.Pointer, nName uint32, config unsafe.Pointer, nConfig uint32,
	keyFields unsafe.Pointer, nKeys uint32, fields unsafe.Pointer, nFields uint32) unsafe.Pointer {
	return abi.Answer(56, 8, func(result abi.Record) error {
		operator, err := find(abi.String(name, nName))
		if err != nil {
			return err
		}
		if err := operator.bound(abi.String(config, nConfig)); err != nil {
			return err
		}
		given := abi.Fields(fields, nFields)
		if err := rowsof.Suits(operator.keys, abi.Fields(keyFields, nKeys)); err != nil {
			return call.Fail(call.InvalidInput, "the key: %w", err)
		}
		if err := result.SetRead(8, operator.input, given); err != nil {
			return err
		}
		result.SetFields(16, operator.kept)
		result.SetU32(24, operator.version)
		result.SetFields(28, operator.output)
		if operator.timeoutMs > 0 {
			result.SetU8(40, 1)
			result.SetU64(48, operator.timeoutMs)
		}
		return nil
	})
}

//go:wasmexport cabi_post_sluicebox:operator/state@0.1.0#bind
func afterBind(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/state@0.1.0#open
func exportOpen(job unsafe.Pointer, nJob uint32, stream unsafe.Pointer, nStream uint32, time int64, partition, partitions, attempt uint32,
	name unsafe.Pointer, nName uint32, config unsafe.Pointer, nConfig uint32,
	keyFields unsafe.Pointer, nKeys uint32, fields unsafe.Pointer, nFields uint32) unsafe.Pointer {
	return abi.Answer(16, 4, func(abi.Record) (err error) {
		abi.Begin(job, nJob, stream, nStream, time, partition, partitions, attempt)
		if of, err = find(abi.String(name, nName)); err != nil {
			return err
		}
		keys, input = abi.Fields(keyFields, nKeys), abi.Fields(fields, nFields)
		open, err = of.open(abi.String(config, nConfig))
		return err
	})
}

//go:wasmexport cabi_post_sluicebox:operator/state@0.1.0#open
func afterOpen(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/state@0.1.0#update
func exportUpdate(given unsafe.Pointer) unsafe.Pointer {
	return abi.Answer(60, 4, func(result abi.Record) error {
		record := abi.RecordAt(given)
		numbers := func(offset int) []uint32 { return abi.Uint32s(record.List(offset)) }
		work := work{
			keys: record.BatchAt(0, keys), values: record.BatchAt(20, input), old: record.BatchAt(48, of.kept),
			ends: numbers(40), olds: numbers(68), expired: numbers(76),
		}
		made, err := open.update(&work)
		if err != nil {
			return err
		}
		result.SetBatch(4, made.state)
		result.SetUint32s(24, made.stateKeys)
		result.SetUint32s(32, made.removed)
		result.SetBatch(40, made.emitted)
		return nil
	})
}

//go:wasmexport cabi_post_sluicebox:operator/state@0.1.0#update
func afterUpdate(unsafe.Pointer) { abi.End() }

//go:wasmexport sluicebox:operator/state@0.1.0#migrate
func exportMigrate(version uint32, schema unsafe.Pointer, nSchema uint32, rows uint32, nodes unsafe.Pointer, _ uint32, buffers unsafe.Pointer, _ uint32) unsafe.Pointer {
	return abi.AnswerBatch(func() (columns.Batch, error) {
		batch := abi.Batch(abi.Fields(schema, nSchema), rows, nodes, buffers)
		return of.migrate(version, &batch)
	})
}

//go:wasmexport cabi_post_sluicebox:operator/state@0.1.0#migrate
func afterMigrate(unsafe.Pointer) { abi.End() }
