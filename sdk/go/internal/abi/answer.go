//go:build wasip1

package abi

import (
	"unsafe"

	"sluicebox/internal/call"
)

// Answer is what an export returns: what `write` puts into a result of that size, or the error that comes of it. A panic is an error too. `payload` is where what isn't an error begins, and the
// error stands: 4, or 8 where a number of 64 bits is in the result.
func Answer(size, payload int, write func(result Record) error) (answer unsafe.Pointer) {
	fail := func(err error) unsafe.Pointer {
		result := NewRecord(max(size, payload+12))
		result.SetU8(0, 1)
		result.SetU8(payload, call.KindOf(err))
		result.SetString(payload+4, err.Error())
		return result.Pointer()
	}
	defer func() {
		if panicked := recover(); panicked != nil {
			answer = fail(call.Recovered(panicked))
		}
	}()
	result := NewRecord(max(size, payload+12))
	if err := write(result); err != nil {
		return fail(err)
	}
	return result.Pointer()
}
