package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"

	"edgenet/internal/sidecar/machine"
)

// A record is a line: the CRC-32C of the JSON in eight hexadecimal digits, a space, the
// JSON, a line feed. JSON holds none of the last.
const prefix = 9

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

func encode(r machine.Record) ([]byte, error) {
	if !json.Valid(r.Desired) {
		r.Desired = nil // nothing that was not JSON comes this far
	}
	b, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	return append(fmt.Appendf(nil, "%08x %s", checksum(b), b), '\n'), nil
}

func decode(line []byte) (machine.Record, bool) {
	var r machine.Record
	if len(line) < prefix || line[prefix-1] != ' ' {
		return r, false
	}
	sum, err := strconv.ParseUint(string(line[:prefix-1]), 16, 32)
	if err != nil || uint32(sum) != checksum(line[prefix:]) {
		return r, false
	}
	return r, json.Unmarshal(line[prefix:], &r) == nil
}

// read takes in a file. Good is where its last whole line ends; damaged lines before are
// skipped, for each record says all of the memory.
func (c *contents) read(text []byte) (good, skipped int) {
	for {
		line, _, whole := bytes.Cut(text[good:], []byte{'\n'})
		if !whole {
			return good, skipped
		}
		good += len(line) + 1
		r, ok := decode(line)
		if !ok {
			skipped++
			continue
		}
		*c = c.with(r)
	}
}

// with is the contents after one more record.
func (c contents) with(r machine.Record) contents {
	out := contents{r.Memory, c.log, c.section}
	for _, t := range r.New { // a record that was saved twice says nothing new
		if n := len(out.log); n == 0 || t.Seq > out.log[n-1].Seq {
			out.log = append(slices.Clip(out.log), t)
		}
	}
	if over := len(out.log) - maxLog; over > 0 {
		out.log = out.log[over:]
	}
	if r.Desired != nil {
		out.section = r.Desired
	}
	return out
}
