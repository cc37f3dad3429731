package amqp

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// appendValue writes v in its shortest encoding, as the hub does; null fields at
// a list's end are the exception, which the hub writes out. It panics on a Go
// type outside those of types.go: that is a mistake in this program, as
// everything from outside went through the decoder.
func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(b, byte(codeNull))
	case bool:
		if v {
			return append(b, byte(codeTrue))
		}
		return append(b, byte(codeFalse))
	case string:
		return appendSized(b, codeString8, codeString32, v)
	case Symbol:
		return appendSized(b, codeSymbol8, codeSymbol32, string(v))
	case []byte:
		return appendSized(b, codeBinary8, codeBinary32, string(v))
	case UUID:
		return append(append(b, byte(codeUUID)), v[:]...)
	case []any:
		return appendList(b, v)
	case Map:
		return appendMap(b, v)
	case Array:
		return appendArray(b, v)
	case Described:
		return appendValue(appendValue(append(b, byte(codeDescribed)), v.Descriptor), v.Value)
	}
	return appendNumber(b, v)
}

func appendNumber(b []byte, v any) []byte {
	be := binary.BigEndian
	switch v := v.(type) {
	case uint8:
		return append(b, byte(codeUbyte), v)
	case int8:
		return append(b, byte(codeByte), byte(v))
	case uint16:
		return be.AppendUint16(append(b, byte(codeUshort)), v)
	case int16:
		return be.AppendUint16(append(b, byte(codeShort)), uint16(v))
	case uint32:
		return appendUint(b, v)
	case uint64:
		return appendUlong(b, v)
	case int32:
		if v >= math.MinInt8 && v <= math.MaxInt8 {
			return append(b, byte(codeSmallInt), byte(v))
		}
		return be.AppendUint32(append(b, byte(codeInt)), uint32(v))
	case int64:
		if v >= math.MinInt8 && v <= math.MaxInt8 {
			return append(b, byte(codeSmallLong), byte(v))
		}
		return be.AppendUint64(append(b, byte(codeLong)), uint64(v))
	case float32:
		return be.AppendUint32(append(b, byte(codeFloat)), math.Float32bits(v))
	case float64:
		return be.AppendUint64(append(b, byte(codeDouble)), math.Float64bits(v))
	case Char:
		return be.AppendUint32(append(b, byte(codeChar)), uint32(v))
	case time.Time:
		return be.AppendUint64(append(b, byte(codeTimestamp)), uint64(millis(v)))
	case Decimal:
		return append(append(b, byte(decimalCode(v))), v...)
	}
	panic(fmt.Sprintf("amqp: no encoding for %T", v))
}

func decimalCode(v Decimal) code {
	switch len(v) {
	case 4:
		return codeDecimal32
	case 8:
		return codeDecimal64
	}
	return codeDecimal128
}

func appendUint(b []byte, v uint32) []byte {
	switch {
	case v == 0:
		return append(b, byte(codeUint0))
	case v <= math.MaxUint8:
		return append(b, byte(codeSmallUint), byte(v))
	}
	return binary.BigEndian.AppendUint32(append(b, byte(codeUint)), v)
}

func appendUlong(b []byte, v uint64) []byte {
	switch {
	case v == 0:
		return append(b, byte(codeUlong0))
	case v <= math.MaxUint8:
		return append(b, byte(codeSmallUlong), byte(v))
	}
	return binary.BigEndian.AppendUint64(append(b, byte(codeUlong)), v)
}

func appendSized(b []byte, short, long code, text string) []byte {
	if len(text) <= math.MaxUint8 {
		b = append(b, byte(short), byte(len(text)))
	} else {
		b = binary.BigEndian.AppendUint32(append(b, byte(long)), uint32(len(text)))
	}
	return append(b, text...)
}

// appendCompound writes length, count and body; the length covers the count.
func appendCompound(b []byte, short, long code, count int, body []byte) []byte {
	if count <= math.MaxUint8 && len(body)+1 <= math.MaxUint8 {
		return append(append(b, byte(short), byte(len(body)+1), byte(count)), body...)
	}
	b = binary.BigEndian.AppendUint32(append(b, byte(long)), uint32(len(body)+4))
	b = binary.BigEndian.AppendUint32(b, uint32(count))
	return append(b, body...)
}

func appendList(b []byte, list []any) []byte {
	if len(list) == 0 {
		return append(b, byte(codeList0))
	}
	var body []byte
	for _, v := range list {
		body = appendValue(body, v)
	}
	return appendCompound(b, codeList8, codeList32, len(list), body)
}

func appendMap(b []byte, m Map) []byte {
	var body []byte
	for _, p := range m {
		body = appendValue(appendValue(body, p.Key), p.Value)
	}
	return appendCompound(b, codeMap8, codeMap32, 2*len(m), body)
}

// appendArray writes symbols, the only arrays that a hub sends, with the long
// constructor that it uses. Arrays of anything else, which only an echo of a
// client's properties can hold, go out as lists: equal in meaning, not in type.
func appendArray(b []byte, array Array) []byte {
	body := []byte{byte(codeSymbol32)}
	for _, v := range array {
		symbol, ok := v.(Symbol)
		if !ok {
			return appendList(b, array)
		}
		body = binary.BigEndian.AppendUint32(body, uint32(len(symbol)))
		body = append(body, symbol...)
	}
	return appendCompound(b, codeArray8, codeArray32, len(array), body)
}
