package receiver

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"sluicebox/columns"
	"sluicebox/internal/call"
)

type counting struct{ next int64 }

func (c *counting) Receive(maxRows int, _ time.Duration, emit func(int64)) (Progress, error) {
	for range maxRows {
		emit(c.next)
		c.next++
	}
	return Progress{Position: strconv.AppendInt(nil, c.next, 10), Ended: c.next >= 15}, nil
}

func (c *counting) Ack(position []byte) error {
	if string(position) != fmt.Sprint(c.next) {
		return fmt.Errorf("%s is not %d", position, c.next)
	}
	return nil
}

func (c *counting) Stop() {}

func TestAReceiverStartsAgainAtAPosition(t *testing.T) {
	Register("counting", "", true, func(_ call.NoConfig, position []byte) (Receiver[int64], error) {
		if position == nil {
			return &counting{}, nil
		}
		next, err := strconv.ParseInt(string(position), 10, 64)
		return &counting{next}, err
	})
	var position []byte
	for round := range 3 {
		source, err := operators[0].start("{}", position)
		if err != nil {
			t.Fatal(err)
		}
		batch, progress, err := source.receive(5, time.Second)
		if err != nil || batch.Rows != 5 || columns.At[int64](&batch.Columns[0], 0) != int64(5*round) || progress.Ended != (round == 2) {
			t.Fatal(round, batch, progress, err)
		}
		position = progress.Position
		if err := source.ack(position); err != nil {
			t.Fatal(err)
		}
		source.stop()
	}
	if _, err := operators[0].start("{}", []byte("far")); err == nil {
		t.Fatal("a position that can't be read")
	}
}
