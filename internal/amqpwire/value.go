package amqpwire

import "fmt"

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
		d.err = fmt.Errorf("%w: %s", ErrMalformed, why)
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
		return d.uint(1) != 0
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
