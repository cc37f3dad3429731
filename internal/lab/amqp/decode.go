package amqp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"
	"unicode/utf8"
)

// Bounds on what a stranger may make the decoder do. Nothing that a hub's
// client sends comes near them.
const (
	maxDepth    = 12      // nesting of lists, maps, arrays and descriptors
	maxElements = 1 << 14 // values inside all lists, maps and arrays of one value
)

var errTruncated = errors.New("amqp: the value ends before its own length says so")

// decoder reads values off the front of buf.
type decoder struct {
	buf   []byte
	depth int
	left  *int // elements that may still come, shared with nested decoders
}

func newDecoder(b []byte) *decoder {
	left := maxElements
	return &decoder{buf: b, left: &left}
}

// take cuts n bytes off the front.
func (d *decoder) take(n uint64) ([]byte, error) {
	if n > uint64(len(d.buf)) {
		return nil, errTruncated
	}
	out := d.buf[:n]
	d.buf = d.buf[n:]
	return out, nil
}

func (d *decoder) code() (code, error) {
	b, err := d.take(1)
	if err != nil {
		return 0, err
	}
	return code(b[0]), nil
}

// uint reads a big-endian number of width bytes.
func (d *decoder) uint(width uint64) (uint64, error) {
	b, err := d.take(width)
	if err != nil {
		return 0, err
	}
	var n uint64
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return n, nil
}

// value reads one value with its constructor (1.2).
func (d *decoder) value() (any, error) {
	if d.depth++; d.depth > maxDepth {
		return nil, fmt.Errorf("amqp: values nested deeper than %d", maxDepth)
	}
	defer func() { d.depth-- }()
	c, err := d.code()
	if err != nil {
		return nil, err
	}
	if c != codeDescribed {
		return d.primitive(c)
	}
	descriptor, err := d.value()
	if err != nil {
		return nil, err
	}
	value, err := d.value()
	return Described{descriptor, value}, err
}

// primitive reads what follows the format code c. The code's high half tells
// the width (1.2): nothing, fixed, or a length of one or four bytes.
func (d *decoder) primitive(c code) (any, error) {
	switch c >> 4 {
	case 0x4:
		return empty(c)
	case 0x5, 0x6, 0x7, 0x8:
		n, err := d.uint(1 << (c>>4 - 5))
		if err != nil {
			return nil, err
		}
		return fixed(c, n)
	case 0x9:
		b, err := d.take(16)
		if err != nil {
			return nil, err
		}
		return sixteen(c, b)
	case 0xa, 0xb:
		b, err := d.sized(c>>4 == 0xa)
		if err != nil {
			return nil, err
		}
		return variable(c, b)
	case 0xc, 0xd, 0xe, 0xf:
		return d.compound(c)
	}
	return nil, fmt.Errorf("amqp: unknown format code %#02x", byte(c))
}

// sized cuts off a block with its length in front.
func (d *decoder) sized(short bool) ([]byte, error) {
	width := uint64(4)
	if short {
		width = 1
	}
	n, err := d.uint(width)
	if err != nil {
		return nil, err
	}
	return d.take(n)
}

func empty(c code) (any, error) {
	switch c {
	case codeNull:
		return nil, nil
	case codeTrue, codeFalse:
		return c == codeTrue, nil
	case codeUint0:
		return uint32(0), nil
	case codeUlong0:
		return uint64(0), nil
	case codeList0:
		return []any{}, nil
	}
	return nil, fmt.Errorf("amqp: unknown format code %#02x", byte(c))
}

// fixed makes a value of the number n that stood in 1, 2, 4 or 8 bytes.
func fixed(c code, n uint64) (any, error) {
	switch c {
	case codeUbyte:
		return uint8(n), nil
	case codeByte:
		return int8(n), nil
	case codeSmallUint, codeUint:
		return uint32(n), nil
	case codeSmallUlong, codeUlong:
		return n, nil
	case codeSmallInt:
		return int32(int8(n)), nil
	case codeSmallLong:
		return int64(int8(n)), nil
	case codeBool:
		if n > 1 {
			return nil, errors.New("amqp: a boolean that is neither 0 nor 1")
		}
		return n == 1, nil
	case codeUshort:
		return uint16(n), nil
	case codeShort:
		return int16(n), nil
	case codeInt:
		return int32(n), nil
	case codeLong:
		return int64(n), nil
	case codeFloat:
		return math.Float32frombits(uint32(n)), nil
	case codeDouble:
		return math.Float64frombits(n), nil
	case codeChar:
		if n > utf8.MaxRune {
			return nil, errors.New("amqp: a char beyond Unicode")
		}
		return Char(n), nil
	case codeTimestamp:
		return time.UnixMilli(int64(n)).UTC(), nil
	case codeDecimal32:
		return Decimal(binary.BigEndian.AppendUint32(nil, uint32(n))), nil
	case codeDecimal64:
		return Decimal(binary.BigEndian.AppendUint64(nil, n)), nil
	}
	return nil, fmt.Errorf("amqp: unknown format code %#02x", byte(c))
}

func sixteen(c code, b []byte) (any, error) {
	switch c {
	case codeUUID:
		return UUID(b), nil
	case codeDecimal128:
		return Decimal(b), nil
	}
	return nil, fmt.Errorf("amqp: unknown format code %#02x", byte(c))
}

func variable(c code, b []byte) (any, error) {
	switch c {
	case codeBinary8, codeBinary32:
		return append([]byte{}, b...), nil
	case codeString8, codeString32:
		if !utf8.Valid(b) {
			return nil, errors.New("amqp: a string that is not UTF-8")
		}
		return string(b), nil
	case codeSymbol8, codeSymbol32:
		return Symbol(b), nil
	}
	return nil, fmt.Errorf("amqp: unknown format code %#02x", byte(c))
}
