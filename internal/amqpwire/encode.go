package amqpwire

import (
	"encoding/binary"
	"math"
)

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

// SASLInit chooses ANONYMOUS (part 5, section 5.3.3.2).
func SASLInit() []byte {
	return encodeFrame(1, performative(0x41, 1, str8(0xa3, "ANONYMOUS")))
}

// Open names a container and the host dialled, against which edgeHub resolves link
// addresses (part 2, section 2.7.1).
func Open(container, host string) []byte {
	fields := append(str8(0xa1, container), str8(0xa1, host)...)
	fields = append(fields, 0x70)
	fields = binary.BigEndian.AppendUint32(fields, MaxFrame)
	return encodeFrame(0, performative(CodeOpen, 3, fields))
}

// Close says goodbye (part 2, section 2.7.9).
func Close() []byte { return encodeFrame(0, performative(CodeClose, 0, nil)) }

// Heartbeat is the empty frame, which keeps a connection (part 2, section 2.4.5).
func Heartbeat() []byte { return encodeFrame(0, nil) }
