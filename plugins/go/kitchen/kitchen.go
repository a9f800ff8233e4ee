// What the tests look at of the SDK beside the plugins that other languages have too: every kind of operator, and everything that can go wrong.
package main

import (
	"errors"
	"fmt"
	"strings"

	"sluicebox"
	"sluicebox/sink"
	"sluicebox/state"
	"sluicebox/transform"
)

type none struct{}

type numbered struct {
	Partition uint32
	Number    int64
	Line      string
}

// numbering gives lines with their partition and number, and how many they were at the end.
type numbering struct {
	rows int64
}

func (n *numbering) Process(line string, emit func(numbered)) error {
	emit(numbered{sluicebox.CurrentContext().Partition, n.rows, line})
	n.rows++
	sluicebox.Count("numbered", 1)
	return nil
}

func (n *numbering) Finish(emit func(numbered)) error {
	emit(numbered{sluicebox.CurrentContext().Partition, n.rows, "in all"})
	return nil
}

type kept struct {
	Count int64
	Last  string
}

// latest is how often a key has come, and its last value; the value `forget` removes it.
func latest(_ string, values []string, state *kept) (*kept, error) {
	if len(values) == 0 {
		return state, nil
	}
	last := values[len(values)-1]
	if last == "forget" {
		return nil, nil
	}
	count := int64(len(values))
	if state != nil {
		count += state.Count
	}
	return &kept{count, last}, nil
}

// goWrong is what can go wrong with a line, by what it says.
func goWrong(line string) (string, error) {
	switch line {
	case "null pointer":
		var nowhere *kept
		return nowhere.Last, nil
	case "fail":
		return "", sluicebox.Failed("it said %s", line)
	case "reject":
		return "", errors.New("it said reject")
	case "print":
		fmt.Println("this was printed")
	}
	return line, nil
}

// told is a sink that tells the log what it commits.
type told struct {
	text strings.Builder
}

func (t *told) Write(line string) error {
	t.text.WriteString(line + ";")
	return nil
}

func (t *told) Prepare() ([]byte, error) { return []byte(t.text.String()), nil }

func init() {
	transform.Filter("long", "", func(line string) (bool, error) { return len(line) > 3, nil })
	transform.MapPartitions("number", "", func(none) (transform.Task[string, numbered], error) { return &numbering{}, nil })
	transform.Map("go-wrong", "", goWrong, sluicebox.As("line"))
	state.UpdateStateByKey("latest", "", latest)
	sink.Register("tell", "", sink.Functions[none, string]{
		Open: func(none) (sink.Writer[string], error) { return &told{}, nil },
		Commit: func(_ none, target sink.Target, committables [][]byte) error {
			for _, each := range committables {
				if len(each) > 0 {
					sluicebox.Infof("%s has %s", target.Output, each)
				}
			}
			return nil
		},
	})
}

func main() {}
