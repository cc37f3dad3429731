package amqp

import (
	"fmt"
	"time"
)

// AMQP's types (part 1, 1.6) as Go's: null is nil; boolean bool; ubyte, ushort,
// uint, ulong uint8 to uint64; byte, short, int, long int8 to int64; float and
// double float32 and float64; timestamp time.Time (milliseconds); binary
// []byte; string string; list []any. The others have types here.
type (
	// Symbol is a string of ASCII from a closed domain.
	Symbol string
	// Char is one Unicode code point.
	Char rune
	// UUID is a universally unique id of RFC 4122.
	UUID [16]byte
	// Decimal is a decimal32, decimal64 or decimal128 in its 4, 8 or 16 bytes:
	// carried, never computed with.
	Decimal string
	// Array holds values of one type, encoded with one constructor.
	Array []any
	// Map keeps the order of its pairs, so that what is echoed looks as it came.
	Map []Pair
)

// Pair is one entry of a Map.
type Pair struct{ Key, Value any }

// Described is a value with a descriptor, either a ulong code or a symbol.
type Described struct{ Descriptor, Value any }

// Get returns the value of the entry whose key reads as name, be it a string or
// a symbol: clients disagree on which of the two belongs into annotations.
func (m Map) Get(name string) (any, bool) {
	for _, p := range m {
		switch key := p.Key.(type) {
		case string:
			if key == name {
				return p.Value, true
			}
		case Symbol:
			if string(key) == name {
				return p.Value, true
			}
		}
	}
	return nil, false
}

// Text returns the entry's value where it is a string or a symbol.
func (m Map) Text(name string) string {
	value, _ := m.Get(name)
	text, _ := asText(value)
	return text
}

func asText(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case Symbol:
		return string(v), true
	}
	return "", false
}

// Int returns any of AMQP's integers as an int64.
func Int(value any) (int64, bool) {
	switch v := value.(type) {
	case uint8:
		return int64(v), true
	case uint16:
		return int64(v), true
	case uint32:
		return int64(v), true
	case uint64:
		return int64(v), v <= 1<<63-1
	case int8:
		return int64(v), true
	case int16:
		return int64(v), true
	case int32:
		return int64(v), true
	case int64:
		return v, true
	}
	return 0, false
}

func (u UUID) String() string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[0:4], u[4:6], u[6:8], u[8:10], u[10:16])
}

// code is a constructor's format code (1.2); the values are those of the tables
// in 1.6.
type code byte

const (
	codeDescribed  code = 0x00
	codeNull       code = 0x40
	codeTrue       code = 0x41
	codeFalse      code = 0x42
	codeUint0      code = 0x43
	codeUlong0     code = 0x44
	codeList0      code = 0x45
	codeUbyte      code = 0x50
	codeByte       code = 0x51
	codeSmallUint  code = 0x52
	codeSmallUlong code = 0x53
	codeSmallInt   code = 0x54
	codeSmallLong  code = 0x55
	codeBool       code = 0x56
	codeUshort     code = 0x60
	codeShort      code = 0x61
	codeUint       code = 0x70
	codeInt        code = 0x71
	codeFloat      code = 0x72
	codeChar       code = 0x73
	codeDecimal32  code = 0x74
	codeUlong      code = 0x80
	codeLong       code = 0x81
	codeDouble     code = 0x82
	codeTimestamp  code = 0x83
	codeDecimal64  code = 0x84
	codeDecimal128 code = 0x94
	codeUUID       code = 0x98
	codeBinary8    code = 0xa0
	codeString8    code = 0xa1
	codeSymbol8    code = 0xa3
	codeBinary32   code = 0xb0
	codeString32   code = 0xb1
	codeSymbol32   code = 0xb3
	codeList8      code = 0xc0
	codeMap8       code = 0xc1
	codeList32     code = 0xd0
	codeMap32      code = 0xd1
	codeArray8     code = 0xe0
	codeArray32    code = 0xf0
)

// millis is the wire form of a timestamp: milliseconds since 1970 (1.6.17).
func millis(t time.Time) int64 { return t.UnixMilli() }
