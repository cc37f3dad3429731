package amqp

import (
	"bytes"
	"encoding/binary"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

// Encodings of part 1 that were worked out by hand from its tables.
func TestEncodings(t *testing.T) {
	tests := []struct {
		value any
		bytes string
	}{
		{nil, "\x40"},
		{true, "\x41"},
		{false, "\x42"},
		{uint8(7), "\x50\x07"},
		{int8(-1), "\x51\xff"},
		{uint16(258), "\x60\x01\x02"},
		{int16(-2), "\x61\xff\xfe"},
		{uint32(0), "\x43"},
		{uint32(255), "\x52\xff"},
		{uint32(256), "\x70\x00\x00\x01\x00"},
		{uint64(0), "\x44"},
		{uint64(255), "\x53\xff"},
		{uint64(1 << 32), "\x80\x00\x00\x00\x01\x00\x00\x00\x00"},
		{int32(-128), "\x54\x80"},
		{int32(200), "\x71\x00\x00\x00\xc8"},
		{int64(127), "\x55\x7f"},
		{int64(-129), "\x81\xff\xff\xff\xff\xff\xff\xff\x7f"},
		{float32(1), "\x72\x3f\x80\x00\x00"},
		{float64(1), "\x82\x3f\xf0\x00\x00\x00\x00\x00\x00"},
		{Char('€'), "\x73\x00\x00\x20\xac"},
		{time.UnixMilli(1000).UTC(), "\x83\x00\x00\x00\x00\x00\x00\x03\xe8"},
		{UUID{0: 1, 15: 2}, "\x98\x01" + strings.Repeat("\x00", 14) + "\x02"},
		{[]byte{9}, "\xa0\x01\x09"},
		{"é", "\xa1\x02\xc3\xa9"},
		{Symbol("a"), "\xa3\x01a"},
		{[]any{}, "\x45"},
		{[]any{nil, true}, "\xc0\x03\x02\x40\x41"},
		{Map{{"k", uint32(0)}}, "\xc1\x05\x02\xa1\x01k\x43"},
		{Array{Symbol("a"), Symbol("b")}, "\xe0\x0c\x02\xb3\x00\x00\x00\x01a\x00\x00\x00\x01b"},
		{Described{uint64(0x24), []any{}}, "\x00\x53\x24\x45"},
		{Decimal("\x01\x02\x03\x04"), "\x74\x01\x02\x03\x04"},
		{strings.Repeat("x", 256), "\xb1\x00\x00\x01\x00" + strings.Repeat("x", 256)},
	}
	for _, tt := range tests {
		if got := appendValue(nil, tt.value); string(got) != tt.bytes {
			t.Errorf("%T %v: %x, want %x", tt.value, tt.value, got, tt.bytes)
		}
		d := newDecoder([]byte(tt.bytes))
		if got, err := d.value(); err != nil || !reflect.DeepEqual(got, tt.value) || len(d.buf) != 0 {
			t.Errorf("%x: %#v, %v", tt.bytes, got, err)
		}
	}
	// Other encodings of the same values, which a peer may choose.
	for b, want := range map[string]any{
		"\x56\x01": true, "\x56\x00": false, "\x70\x00\x00\x00\x05": uint32(5),
		"\x80\x00\x00\x00\x00\x00\x00\x00\x05": uint64(5),
		"\xb3\x00\x00\x00\x01a":                Symbol("a"), "\xd0\x00\x00\x00\x05\x00\x00\x00\x01\x40": []any{nil},
		"\xf0\x00\x00\x00\x07\x00\x00\x00\x02\x52\x01\x02": Array{uint32(1), uint32(2)},
		"\xe0\x08\x02\x00\xa3\x01x\x50\x01\x02": Array{Described{Symbol("x"), uint8(1)},
			Described{Symbol("x"), uint8(2)}},
	} {
		if got, err := newDecoder([]byte(b)).value(); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%x: %#v, %v", b, got, err)
		}
	}
}

func TestDecoderRefuses(t *testing.T) {
	bomb := []byte{0xf0}
	bomb = binary.BigEndian.AppendUint32(bomb, 5)
	bomb = append(binary.BigEndian.AppendUint32(bomb, math.MaxInt32), byte(codeNull))
	for name, b := range map[string][]byte{
		"nothing":                    {},
		"a code of no type":          {0x3f},
		"string behind its end":      {0xa1, 5, 'a'},
		"list behind its end":        {0xc0, 9, 1, 0x40},
		"list with bytes left over":  {0xc0, 3, 1, 0x40, 0x40},
		"map with half a pair":       {0xc1, 2, 1, 0x40},
		"string of no UTF-8":         {0xa1, 1, 0xff},
		"boolean of 2":               {0x56, 2},
		"two billion nulls":          bomb,
		"nested without end":         bytes.Repeat([]byte{0xc0, 0xff, 1}, 100),
		"described without end":      bytes.Repeat([]byte{0}, 100),
		"array of arrays of nothing": bytes.Repeat([]byte{0xe0, 0xff, 0xff}, 100),
	} {
		if v, err := newDecoder(b).value(); err == nil {
			t.Errorf("%s: %#v", name, v)
		}
	}
	for name, b := range map[string]string{
		"larger than agreed":     "\x00\x01\x00\x01\x02\x00\x00\x00",
		"4 GiB":                  "\xff\xff\xff\xff\x02\x00\x00\x00",
		"smaller than a header":  "\x00\x00\x00\x07\x02\x00\x00\x00",
		"header behind its end":  "\x00\x00\x00\x08\x03\x00\x00\x00",
		"header shorter than 8":  "\x00\x00\x00\x08\x01\x00\x00\x00",
		"the body does not come": "\x00\x00\x00\x10\x02\x00\x00\x00x",
	} {
		if f, err := readFrame(strings.NewReader(b), MaxFrameSize); err == nil {
			t.Errorf("%s: %v", name, f)
		}
	}
}

func FuzzValue(f *testing.F) {
	f.Add([]byte("\xc1\x05\x02\xa1\x01k\x43"))
	f.Add([]byte("\xe0\x08\x02\x00\xa3\x01x\x50\x01\x02"))
	f.Add([]byte("\x00\x53\x24\x45"))
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := newDecoder(b).value()
		if err != nil {
			return
		}
		encoded := appendValue(nil, v)
		again, err := newDecoder(encoded).value()
		if err != nil {
			t.Fatalf("%#v is written as %x, which is not read: %v", v, encoded, err)
		}
		if got := appendValue(nil, again); !bytes.Equal(got, encoded) {
			t.Fatalf("%x is written again as %x", encoded, got)
		}
	})
}

func FuzzFrame(f *testing.F) {
	f.Add(EncodeFrame(&Open{ContainerID: "x", MaxFrameSize: 512}))
	f.Add(EncodeSASL(&Mechanisms{[]Symbol{"ANONYMOUS"}}))
	f.Add(appendFrame(nil, frameAMQP, 1, &Transfer{Handle: 1}, (&Message{Data: [][]byte{[]byte("x")}}).Encode()))
	f.Fuzz(func(t *testing.T, b []byte) {
		fr, err := readFrame(bytes.NewReader(b), MaxFrameSize)
		if err != nil {
			return
		}
		if len(fr.body) > len(b) {
			t.Fatalf("a body of %d bytes out of %d", len(fr.body), len(b))
		}
		if p, payload, err := parse(fr.body, parsers); err == nil {
			appendFrame(nil, fr.kind, fr.channel, p, payload)
			if a, ok := p.(*Attach); ok {
				a.Address()
			}
			if m, err := DecodeMessage(payload); err == nil {
				m.Encode()
				m.Body()
			}
		}
		if p, _, err := parse(fr.body, saslParsers); err == nil {
			appendFrame(nil, fr.kind, fr.channel, p, nil)
		}
	})
}
