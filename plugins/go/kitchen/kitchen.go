// What the tests look at of the SDK beside the plugins that other languages have too: every kind of operator, and everything that can go wrong.
package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"sluicebox"
	"sluicebox/receiver"
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

// city is a row of the table `cities`.
type city struct {
	Key  string
	City *string
}

// located is a key with its city, by the job's table `cities`, and with the job's value `motto`.
type located struct {
	Key   string
	City  *string
	Motto *string
}

// locating has read both for a partition.
type locating struct {
	cities map[string]*string
	motto  *string
}

func locate(none) (transform.Task[string, located], error) {
	cities, err := sluicebox.Table[city]("cities")
	if err != nil {
		return nil, err
	}
	read := &locating{cities: map[string]*string{}}
	for _, city := range cities {
		read.cities[city.Key] = city.City
	}
	// Without a motto they are located all the same.
	if bytes, err := sluicebox.Broadcast("motto"); err == nil {
		motto := string(bytes)
		read.motto = &motto
	}
	return read, nil
}

func (l *locating) Process(key string, emit func(located)) error {
	emit(located{key, l.cities[key], l.motto})
	return nil
}

func (l *locating) Finish(func(located)) error { return nil }

// surveyed is how many rows the table `many` has, and the sum of its column `n`.
type surveyed struct {
	Rows uint64
	Sum  int64
}

func survey(string) (surveyed, error) {
	rows, err := sluicebox.Table[int64]("many", "n")
	made := surveyed{Rows: uint64(len(rows))}
	for _, n := range rows {
		made.Sum += n
	}
	return made, err
}

// total is what `chameleon` keeps of a key since the second version of its state: the sum of its values, and who saw the last.
type total struct {
	Sum  int64
	Seen int64
}

type totalled struct {
	Key  int64
	Sum  int64
	Seen int64
}

// us is who we are.
const us = -1

func sums(key int64, value *int64, kept *state.State[total], emit func(totalled)) error {
	if value == nil {
		return nil
	}
	sum, before := total{Sum: *value, Seen: us}, int64(us)
	if old := kept.Get(); old != nil {
		sum.Sum += old.Sum
		before = old.Seen
	}
	kept.Set(sum)
	emit(totalled{key, sum.Sum, before})
	return nil
}

// until says which numbers come, and when it goes wrong.
type until struct {
	End    uint64 `json:"end" required:"true"`
	FailAt uint64 `json:"fail-at"`
}

// counting is numbers from 0. The first start fails before one of them.
type counting struct {
	until until
	next  uint64
}

func count(until until, position []byte) (receiver.Receiver[uint64], error) {
	counting := &counting{until: until}
	if position != nil {
		counting.next = binary.LittleEndian.Uint64(position)
	}
	sluicebox.Infof("it starts at %d", counting.next)
	return counting, nil
}

func (c *counting) Receive(maxRows int, _ time.Duration, emit func(uint64)) (receiver.Progress, error) {
	for rows := 0; rows < maxRows && c.next < c.until.End; rows++ {
		if sluicebox.CurrentContext().Attempt == 0 && c.next == c.until.FailAt {
			if rows > 0 {
				break
			}
			return receiver.Progress{}, sluicebox.Failed("can't count past %d", c.next)
		}
		emit(c.next)
		c.next++
	}
	return receiver.Progress{Position: binary.LittleEndian.AppendUint64(nil, c.next), Ended: c.next == c.until.End}, nil
}

func (c *counting) Ack([]byte) error { return nil }

func (c *counting) Stop() {}

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
	transform.MapPartitions("locate", "", locate)
	transform.Map("survey", "", survey)
	state.UpdateStateByKey("latest", "", latest)
	state.MapWithState("total", "", sums, sluicebox.Version(2))
	state.Migrate("total", 1, func(sum int64) (total, error) { return total{sum, 0}, nil })
	receiver.Register("counting", "", true, count, sluicebox.As("number"))
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
