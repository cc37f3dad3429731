package amqpwire

import (
	"fmt"
	"math"
)

// Fields reads a performative's fields one after the other. It needs no more than the
// beginning of a body, since a guard keeps no more of it. After the first fault it gives
// nothing but absent fields.
type Fields struct {
	d    decoder
	left uint64 // fields still to come; missing ones are null
	size uint64 // what the list says of its length behind its count
}

// Start reads what stands before the fields: the descriptor, and the list's head.
func Start(body []byte) (code uint64, f *Fields, err error) {
	f = &Fields{d: decoder{rest: body}}
	if f.d.uint(1) != 0 {
		f.d.fail("no performative")
	}
	desc := f.d.value(1)
	code, number := desc.(uint64)
	if f.d.err == nil && !number {
		f.d.fail(fmt.Sprintf("descriptor %v", desc))
	}
	switch constructor := byte(f.d.uint(1)); constructor {
	case 0x45: // the empty list
	case 0xc0:
		f.head(1)
	case 0xd0:
		f.head(4)
	default:
		f.d.fail("no list of fields")
	}
	if f.d.err != nil {
		return 0, f, f.d.err
	}
	return code, f, nil
}

func (f *Fields) head(width uint64) {
	f.size = f.d.uint(width)
	if f.size < width {
		f.d.fail("list smaller than its count")
		return
	}
	f.size -= width
	f.left = f.d.uint(width)
}

// Err is the first fault.
func (f *Fields) Err() error { return f.d.err }

// Rest is how many bytes of the body are unread.
func (f *Fields) Rest() int { return len(f.d.rest) }

// Next is the next field, nil where it is absent.
func (f *Fields) Next() any {
	if f.d.err != nil || f.left == 0 {
		return nil
	}
	f.left--
	const depth = 2 // a value, in a list, in a described value
	return f.d.value(depth)
}

// Skip passes over n fields.
func (f *Fields) Skip(n int) {
	for range n {
		f.Next()
	}
}

// Uint is the next field as a number of 32 bits; false where it is absent.
func (f *Fields) Uint() (uint32, bool) {
	switch v := f.Next().(type) {
	case nil:
		return 0, false
	case uint64:
		if v <= math.MaxUint32 {
			return uint32(v), true
		}
	}
	f.d.fail("no number of 32 bits")
	return 0, false
}

// Bool is the next field as a truth; false where it is absent.
func (f *Fields) Bool() bool {
	switch v := f.Next().(type) {
	case nil:
		return false
	case bool:
		return v
	}
	f.d.fail("neither true nor false")
	return false
}
