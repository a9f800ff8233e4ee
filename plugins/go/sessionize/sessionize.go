// Sessions of keys by the time that their rows say: a session ends when the next row comes more than a gap after its last one.
package main

import (
	"math"

	"sluicebox/state"
)

type config struct {
	GapMs int64 `json:"gap-ms" required:"true"`
}

type row struct {
	At int64
}

type session struct {
	Start int64
	End   int64
	Count int64
}

func open(config config) (state.Function[string, row, session, session], error) {
	return func(_ string, value *row, kept *state.State[session], emit func(session)) error {
		if value == nil {
			return nil
		}
		before := kept.Get()
		if before != nil && value.At <= saturated(before.End, config.GapMs) {
			kept.Set(session{min(before.Start, value.At), max(before.End, value.At), before.Count + 1})
			return nil
		}
		if before != nil {
			emit(*before)
		}
		kept.Set(session{value.At, value.At, 1})
		return nil
	}, nil
}

// saturated is a sum that stays at the largest and smallest numbers.
func saturated(a, b int64) int64 {
	sum := a + b
	switch {
	case b > 0 && sum < a:
		return math.MaxInt64
	case b < 0 && sum > a:
		return math.MinInt64
	}
	return sum
}

func init() {
	state.MapWithStateOf("sessionize", "Sessions that are over: their first and last time, and how many rows they had. A row that comes late belongs to the session that is open.", open)
}

func main() {}
