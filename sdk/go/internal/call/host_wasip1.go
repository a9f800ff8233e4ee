package call

import "unsafe"

//go:wasmimport sluicebox:operator/logging@0.1.0 log
func hostLog(level uint32, message unsafe.Pointer, size uint32)

//go:wasmimport sluicebox:operator/counters@0.1.0 add
func hostCount(name unsafe.Pointer, size uint32, count uint64)

// Log writes a line to the host's log.
func Log(level uint32, message string) {
	hostLog(level, unsafe.Pointer(unsafe.StringData(message)), uint32(len(message)))
}

// Count adds to a counter.
func Count(name string, count uint64) {
	hostCount(unsafe.Pointer(unsafe.StringData(name)), uint32(len(name)), count)
}
