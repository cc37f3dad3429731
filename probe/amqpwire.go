package probe

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"edgenet/report"
)

// The part of AMQP 1.0 (OASIS, 2012) that a greeting needs: protocol headers, frames,
// and a bounded decoder of values. Real sessions use go-amqp; it does not show the
// mechanisms, the container and the idle time, nor what came in place of them.

// Protocol headers (part 2, section 2.2; part 5, section 5.3.1).
var (
	headerSASL = [8]byte{'A', 'M', 'Q', 'P', 3, 1, 0, 0}
	headerAMQP = [8]byte{'A', 'M', 'Q', 'P', 0, 1, 0, 0}
)

// Descriptors of the performatives (part 2, section 2.7; part 5, section 5.3.3).
const (
	descOpen           = 0x10
	descClose          = 0x18
	descError          = 0x1d
	descSASLMechanisms = 0x40
	descSASLOutcome    = 0x44
)

// maxAMQPFrame bounds a frame of a stranger: IoT Hub advertises 64 KiB, and a greeting
// needs less.
const maxAMQPFrame = 64 << 10

// errFrame is a frame that cannot be one.
var errFrame = errors.New("broken AMQP frame")

// frame is a performative with its fields.
type frame struct {
	desc   uint64
	fields []any
}

// readFrame reads one frame (part 2, section 2.3). An empty frame, a heartbeat, has
// the descriptor 0.
func readFrame(r io.Reader) (frame, error) {
	var head [8]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return frame{}, err
	}
	size, off := binary.BigEndian.Uint32(head[:4]), int(head[4])*4
	if size < 8 || size > maxAMQPFrame || off < 8 || off > int(size) {
		return frame{}, fmt.Errorf("%w: size %d, data offset %d", errFrame, size, head[4])
	}
	body := make([]byte, size-8)
	if _, err := io.ReadFull(r, body); err != nil {
		return frame{}, err
	}
	return parsePerformative(body[off-8:])
}

func parsePerformative(body []byte) (frame, error) {
	if len(body) == 0 {
		return frame{}, nil
	}
	d := &decoder{rest: body}
	v := d.value(0)
	if d.err != nil {
		return frame{}, d.err
	}
	x, ok := v.(described)
	if !ok {
		return frame{}, fmt.Errorf("%w: no performative", errFrame)
	}
	code, ok := x.desc.(uint64)
	if !ok {
		return frame{}, fmt.Errorf("%w: descriptor %v", errFrame, x.desc)
	}
	fields, _ := x.value.([]any)
	return frame{code, fields}, nil
}

// field gives a performative's field, nil where it is absent.
func (f frame) field(i int) any {
	if i < len(f.fields) {
		return f.fields[i]
	}
	return nil
}

// described is a value with a descriptor (part 1, section 1.2).
type described struct{ desc, value any }

// decoder reads values. It never holds more than the frame, and stops at a depth and a
// number of elements that no greeting has.
type decoder struct {
	rest  []byte
	err   error
	count int
}

const (
	maxDepth    = 8
	maxElements = 4096
)

func (d *decoder) fail(why string) any {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s", errFrame, why)
	}
	d.rest = nil
	return nil
}

func (d *decoder) take(n uint64) []byte {
	if d.err != nil || n > uint64(len(d.rest)) {
		d.fail("value past the end")
		return nil
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

// uint reads a big-endian number of n bytes; 0 after an error.
func (d *decoder) uint(n uint64) uint64 {
	var v uint64
	for _, c := range d.take(n) {
		v = v<<8 | uint64(c)
	}
	return v
}

// value reads one value with its constructor (part 1, section 1.6).
func (d *decoder) value(depth int) any {
	d.count++
	if depth > maxDepth || d.count > maxElements {
		return d.fail("nested too deep or too many values")
	}
	code := byte(d.uint(1))
	if d.err != nil {
		return nil
	}
	if code == 0 {
		desc := d.value(depth + 1)
		return described{desc, d.value(depth + 1)}
	}
	return d.of(code, depth)
}

// of reads a value whose constructor is known. The high nibble says how wide it is.
func (d *decoder) of(code byte, depth int) any {
	switch code {
	case 0x40:
		return nil
	case 0x41:
		return true
	case 0x42:
		return false
	case 0x43, 0x44:
		return uint64(0)
	case 0x45:
		return []any{}
	case 0x56:
		return d.uint(1) == 1
	case 0x50, 0x52, 0x53:
		return d.uint(1)
	case 0x60:
		return d.uint(2)
	case 0x70:
		return d.uint(4)
	case 0x80:
		return d.uint(8)
	case 0xa1, 0xa3:
		return string(d.take(d.uint(1)))
	case 0xb1, 0xb3:
		return string(d.take(d.uint(4)))
	case 0xc0, 0xc1:
		return d.compound(1, depth)
	case 0xd0, 0xd1:
		return d.compound(4, depth)
	case 0xe0:
		return d.array(1, depth)
	case 0xf0:
		return d.array(4, depth)
	}
	return d.opaque(code)
}

// opaque skips what a greeting does not use: signed numbers, floats, decimals, times,
// UUIDs, binary (part 1, table of section 1.6).
func (d *decoder) opaque(code byte) any {
	switch code >> 4 {
	case 5:
		return d.take(1)
	case 6:
		return d.take(2)
	case 7:
		return d.take(4)
	case 8:
		return d.take(8)
	case 9:
		return d.take(16)
	case 0xa:
		return d.take(d.uint(1))
	case 0xb:
		return d.take(d.uint(4))
	}
	return d.fail(fmt.Sprintf("constructor 0x%02x", code))
}

// compound reads a list or a map as the flat sequence of its values.
func (d *decoder) compound(width uint64, depth int) any {
	size := d.uint(width)
	if size < width {
		return d.fail("compound smaller than its count")
	}
	in := &decoder{rest: d.take(size), err: d.err, count: d.count}
	n := in.uint(width)
	out := []any{}
	for i := uint64(0); i < n && in.err == nil; i++ {
		out = append(out, in.value(depth+1))
	}
	d.err, d.count = in.err, in.count
	return out
}

func (d *decoder) array(width uint64, depth int) any {
	size := d.uint(width)
	if size < width+1 {
		return d.fail("array smaller than its head")
	}
	in := &decoder{rest: d.take(size), err: d.err, count: d.count}
	n := in.uint(width)
	code := byte(in.uint(1))
	if code == 0 {
		return d.fail("array of described values")
	}
	out := []any{}
	for i := uint64(0); i < n && in.err == nil; i++ {
		if in.count++; in.count > maxElements {
			in.fail("too many values")
			break
		}
		out = append(out, in.of(code, depth+1))
	}
	d.err, d.count = in.err, in.count
	return out
}

// mechanisms reads the one field of sasl-mechanisms, which is an array of symbols or a
// single one (multiple="true", part 1, section 1.4).
func (f frame) mechanisms() []string {
	var out []string
	add := func(v any) {
		if s, ok := v.(string); ok && len(out) < 16 {
			out = append(out, report.Clean(s, 40))
		}
	}
	if many, ok := f.field(0).([]any); ok {
		for _, v := range many {
			add(v)
		}
		return out
	}
	add(f.field(0))
	return out
}

// text gives a field that is a string or symbol, cleaned.
func (f frame) text(i int) string {
	s, _ := f.field(i).(string)
	return report.Clean(s, 200)
}

// number gives a field that is an unsigned number.
func (f frame) number(i int) (uint64, bool) {
	n, ok := f.field(i).(uint64)
	return n, ok
}

// problem gives condition and description of a close's error (part 2, section 2.8.14).
func (f frame) problem() (condition, description string, ok bool) {
	x, ok := f.field(0).(described)
	if !ok || x.desc != uint64(descError) {
		return "", "", false
	}
	fields, _ := x.value.([]any)
	e := frame{fields: fields}
	return e.text(0), e.text(1), true
}

// Encoders of the three performatives that a greeting sends.

func encodeFrame(kind byte, body []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(body)+8))
	return append(append(out, 2, kind, 0, 0), body...)
}

func performative(desc byte, count int, fields []byte) []byte {
	out := []byte{0, 0x53, desc, 0xd0}
	out = binary.BigEndian.AppendUint32(out, uint32(len(fields)+4))
	out = binary.BigEndian.AppendUint32(out, uint32(count))
	return append(out, fields...)
}

func str8(constructor byte, s string) []byte {
	s = s[:min(len(s), math.MaxUint8)]
	return append([]byte{constructor, byte(len(s))}, s...)
}

// saslInit chooses ANONYMOUS (part 5, section 5.3.3.2).
func saslInit() []byte {
	return encodeFrame(1, performative(0x41, 1, str8(0xa3, "ANONYMOUS")))
}

// open names a container and the host dialled, against which edgeHub resolves link
// addresses (part 2, section 2.7.1).
func open(container, host string) []byte {
	fields := append(str8(0xa1, container), str8(0xa1, host)...)
	fields = append(fields, 0x70)
	fields = binary.BigEndian.AppendUint32(fields, maxAMQPFrame)
	return encodeFrame(0, performative(descOpen, 3, fields))
}

func closeFrame() []byte { return encodeFrame(0, performative(descClose, 0, nil)) }
