// Lines of one file, as they are appended to it.
//
// Its position is how many bytes were taken, so it goes on where it stood.
package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"
	"unicode/utf8"

	"sluicebox"
	"sluicebox/receiver"
)

// The most that is read in one call, and the longest line.
const most = 1 << 20

type config struct {
	File string `json:"file" required:"true"`
	Ends bool   `json:"ends"`
}

type reader struct {
	config config
	offset int64
}

func start(config config, position []byte) (receiver.Receiver[string], error) {
	reader := &reader{config: config}
	if position != nil {
		if len(position) != 8 {
			return nil, sluicebox.Failed("its position is of another receiver")
		}
		reader.offset = int64(binary.LittleEndian.Uint64(position))
	}
	return reader, nil
}

func (r *reader) read() ([]byte, error) {
	file, err := os.Open(r.config.File)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, sluicebox.Unavailable("%s is not there", r.config.File)
	}
	if err != nil {
		return nil, sluicebox.Unavailable("%w", err)
	}
	defer file.Close()
	read, err := io.ReadAll(io.NewSectionReader(file, r.offset, most+1))
	if err != nil {
		return nil, sluicebox.Unavailable("%w", err)
	}
	return read, nil
}

func (r *reader) Receive(maxRows int, _ time.Duration, emit func(string)) (receiver.Progress, error) {
	read, err := r.read()
	if err != nil {
		return receiver.Progress{}, err
	}
	atEnd, taken := len(read) <= most, 0
	for rows := 0; rows < maxRows && taken < len(read); {
		line, _, whole := bytes.Cut(read[taken:], []byte{'\n'})
		if !whole && !(atEnd && r.config.Ends) {
			if taken == 0 && !atEnd {
				return receiver.Progress{}, sluicebox.Failed("a line of %s has more than %d bytes", r.config.File, most)
			}
			break // The line isn't whole yet.
		}
		if utf8.Valid(line) {
			emit(string(line))
			rows++
		} else {
			sluicebox.Count("lines_dropped", 1)
		}
		taken += len(line)
		if whole {
			taken++
		}
	}
	r.offset += int64(taken)
	position := binary.LittleEndian.AppendUint64(nil, uint64(r.offset))
	return receiver.Progress{Position: position, Ended: atEnd && r.config.Ends && taken == len(read)}, nil
}

func (r *reader) Ack([]byte) error { return nil }

func (r *reader) Stop() {}

func init() {
	const doc = "Lines of a file, as UTF-8; those that aren't are counted as `lines_dropped`."
	receiver.Register("read-lines", doc, true, start, sluicebox.As("line"))
}

func main() {}
