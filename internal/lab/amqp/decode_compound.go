package amqp

import (
	"errors"
	"fmt"
)

// compound reads a list, map (1.6.22, 1.6.23) or array (1.6.24): a length, a
// count, and the elements inside that length.
func (d *decoder) compound(c code) (any, error) {
	short := c>>4 == 0xc || c>>4 == 0xe
	body, err := d.sized(short)
	if err != nil {
		return nil, err
	}
	inner := decoder{buf: body, depth: d.depth, left: d.left}
	width := uint64(4)
	if short {
		width = 1
	}
	count, err := inner.uint(width)
	if err != nil {
		return nil, err
	}
	if count > uint64(*d.left) {
		return nil, fmt.Errorf("amqp: more than %d elements", maxElements)
	}
	*d.left -= int(count)
	var value any
	switch c {
	case codeList8, codeList32:
		value, err = inner.list(count)
	case codeMap8, codeMap32:
		value, err = inner.mapping(count)
	case codeArray8, codeArray32:
		value, err = inner.array(count)
	default:
		return nil, fmt.Errorf("amqp: unknown format code %#02x", byte(c))
	}
	if err == nil && len(inner.buf) > 0 {
		err = errors.New("amqp: bytes are left over inside a list, map or array")
	}
	return value, err
}

func (d *decoder) list(count uint64) (any, error) {
	// Every element takes a byte at least, so a lying count fails soon.
	list := make([]any, 0, min(count, uint64(len(d.buf))))
	for range count {
		v, err := d.value()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

func (d *decoder) mapping(count uint64) (any, error) {
	if count%2 != 0 {
		return nil, errors.New("amqp: a map with a key and no value")
	}
	m := make(Map, 0, min(count, uint64(len(d.buf)))/2)
	for range count / 2 {
		key, err := d.value()
		if err != nil {
			return nil, err
		}
		value, err := d.value()
		if err != nil {
			return nil, err
		}
		m = append(m, Pair{key, value})
	}
	return m, nil
}

// array reads one constructor and then count values without. Values of a code
// without width, such as null, take no byte at all: maxElements bounds those.
func (d *decoder) array(count uint64) (any, error) {
	if d.depth++; d.depth > maxDepth {
		return nil, fmt.Errorf("amqp: values nested deeper than %d", maxDepth)
	}
	defer func() { d.depth-- }()
	c, err := d.code()
	if err != nil {
		return nil, err
	}
	var descriptor any
	described := c == codeDescribed
	if described {
		if descriptor, err = d.value(); err != nil {
			return nil, err
		}
		if c, err = d.code(); err != nil {
			return nil, err
		}
	}
	array := Array{}
	for range count {
		v, err := d.primitive(c)
		if err != nil {
			return nil, err
		}
		if described {
			v = Described{descriptor, v}
		}
		array = append(array, v)
	}
	return array, nil
}
