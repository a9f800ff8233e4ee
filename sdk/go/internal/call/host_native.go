//go:build !wasip1

package call

import (
	"fmt"
	"os"
)

// Counted is what was counted, for an author's tests.
var Counted = map[string]uint64{}

// Log writes a line to standard error: there is no host.
func Log(level uint32, message string) {
	fmt.Fprintln(os.Stderr, [...]string{"DEBUG", "INFO", "WARN", "ERROR"}[level], message)
}

// Count adds to a counter.
func Count(name string, count uint64) { Counted[name] += count }
