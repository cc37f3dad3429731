package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
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
	if json.Unmarshal(line[prefix:], &r) == nil {
		return r, true
	}
	return decodeByValue(line[prefix:])
}

// decodeByValue reads a record that another version wrote, in which a value is of another
// kind than here: that one is left out, and what can be read is kept.
func decodeByValue(text []byte) (r machine.Record, ok bool) {
	var parts struct {
		Memory map[string]json.RawMessage
		New    []json.RawMessage
	}
	var loose map[string]json.RawMessage
	if json.Unmarshal(text, &loose) != nil {
		return r, false
	}
	_ = json.Unmarshal(loose["m"], &parts.Memory) // what is none of these is left out
	_ = json.Unmarshal(loose["t"], &parts.New)
	for name, value := range parts.Memory {
		one, err := json.Marshal(map[string]json.RawMessage{name: value})
		m := r.Memory
		if err == nil && json.Unmarshal(one, &m) == nil {
			r.Memory = m
		}
	}
	for _, text := range parts.New {
		var t machine.Transition
		if json.Unmarshal(text, &t) == nil {
			r.New = append(r.New, t)
		}
	}
	r.Desired = loose["d"]
	return r, len(parts.Memory) > 0
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
			out.log = append(out.log[:len(out.log):len(out.log)], t)
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
