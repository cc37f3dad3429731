package manifest

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// encoding is how a file's characters are written: UTF-8 but for what Windows tools make.
type encoding struct {
	order binary.ByteOrder // nil: UTF-8, or what is taken for it
	bom   bool
}

// decode gives a text as UTF-8, and how to write it again. Two bytes a character are
// recognised by their mark, or by the zero bytes of a text that begins with an ASCII
// character.
func decode(text []byte) ([]byte, encoding) {
	e := encoding{}
	switch {
	case bytes.HasPrefix(text, []byte{0xff, 0xfe}):
		e = encoding{binary.LittleEndian, true}
	case bytes.HasPrefix(text, []byte{0xfe, 0xff}):
		e = encoding{binary.BigEndian, true}
	case len(text) > 3 && text[0] != 0 && text[1] == 0 && text[2] != 0 && text[3] == 0:
		e.order = binary.LittleEndian
	case len(text) > 3 && text[0] == 0 && text[1] != 0 && text[2] == 0 && text[3] != 0:
		e.order = binary.BigEndian
	default:
		return text, e
	}
	if e.bom {
		text = text[2:]
	}
	units := make([]uint16, len(text)/2)
	for i := range units {
		units[i] = e.order.Uint16(text[2*i:])
	}
	return []byte(string(utf16.Decode(units))), e
}

// encode writes a text as it was.
func (e encoding) encode(text []byte) []byte {
	if e.order == nil {
		return text
	}
	units := utf16.Encode([]rune(string(text)))
	out := make([]byte, 0, 2+2*len(units))
	if e.bom {
		out = append(out, 0, 0)
		e.order.PutUint16(out, 0xfeff)
	}
	for _, u := range units {
		out = append(out, 0, 0)
		e.order.PutUint16(out[len(out)-2:], u)
	}
	return out
}

// notUTF8 finds the first byte that is no UTF-8, -1 where all of it is.
func notUTF8(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}
