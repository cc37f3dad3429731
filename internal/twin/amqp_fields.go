package twin

import "encoding/binary"

// fieldReader reads the first fields of a performative's list, of the types that the
// guard has to understand. After something else it is bad, and gives zeros.
type fieldReader struct {
	rest []byte
	n    uint32 // fields still to come; missing ones are null
	bad  bool
}

// fields starts at a list.
func fields(p []byte) *fieldReader {
	switch {
	case len(p) >= 3 && p[0] == 0xc0:
		return &fieldReader{rest: p[3:], n: uint32(p[2])}
	case len(p) >= 9 && p[0] == 0xd0:
		return &fieldReader{rest: p[9:], n: binary.BigEndian.Uint32(p[5:])}
	}
	return &fieldReader{bad: true}
}

// next takes one field's type and bytes. The types are null, booleans, ushorts, uints,
// binaries and strings (AMQP 1.0, part 1.6).
func (f *fieldReader) next() (code byte, value []byte) {
	const null = 0x40
	if f.bad || f.n == 0 {
		return null, nil
	}
	f.n--
	kind, ok := f.take(1)
	if !ok {
		return null, nil
	}
	var width int
	switch kind[0] {
	case null, 0x41, 0x42, 0x43: // true, false, uint 0
	case 0x52, 0x56: // small uint, boolean
		width = 1
	case 0x60: // ushort
		width = 2
	case 0x70: // uint
		width = 4
	case 0xa0, 0xa1: // short binary and string
		if length, ok := f.take(1); ok {
			width = int(length[0])
		}
	case 0xb0, 0xb1: // binary and string
		if length, ok := f.take(4); ok {
			width = int(min(binary.BigEndian.Uint32(length), maxFrame))
		}
	default:
		f.bad = true
	}
	if value, ok = f.take(width); !ok {
		return null, nil
	}
	return kind[0], value
}

func (f *fieldReader) take(n int) ([]byte, bool) {
	if f.bad || n > len(f.rest) {
		f.bad = true
		return nil, false
	}
	p := f.rest[:n]
	f.rest = f.rest[n:]
	return p, true
}

func (f *fieldReader) skip(n int) {
	for range n {
		f.next()
	}
}

// uint is the next field as a number; false where it is null.
func (f *fieldReader) uint() (uint32, bool) {
	switch code, value := f.next(); code {
	case 0x43:
		return 0, true
	case 0x52:
		return uint32(value[0]), true
	case 0x70:
		return binary.BigEndian.Uint32(value), true
	case 0x40:
	default:
		f.bad = true
	}
	return 0, false
}

// bool is the next field as a truth; false where it is null.
func (f *fieldReader) bool() bool {
	switch code, value := f.next(); code {
	case 0x41:
		return true
	case 0x56:
		return value[0] != 0
	case 0x40, 0x42:
	default:
		f.bad = true
	}
	return false
}
