package amqp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Header is what each side sends before anything else, per layer (2.2).
type Header [8]byte

// The two layers' headers of protocol version 1.0.0. TLS has one of its own
// (5.2.1), which the hub does not use: its ports speak TLS from the first byte.
var (
	HeaderAMQP = Header{'A', 'M', 'Q', 'P', 0, 1, 0, 0}
	HeaderSASL = Header{'A', 'M', 'Q', 'P', 3, 1, 0, 0}
)

// Frame types (2.3.1 and 5.3.1).
const (
	frameAMQP byte = 0
	frameSASL byte = 1
)

const (
	frameHeaderSize = 8
	// minFrameSize is what every peer must take (2.8, MIN-MAX-FRAME-SIZE).
	minFrameSize = 512
	// MaxFrameSize is what the hub announces and what Serve takes.
	MaxFrameSize = 65536
)

// frame is one frame's content. An empty body is a heartbeat (2.4.5).
type frame struct {
	kind    byte
	channel uint16
	body    []byte
}

// readFrame reads one frame of at most limit bytes. The size is checked before
// anything is allocated: it is the first thing a liar lies about.
func readFrame(r io.Reader, limit uint32) (frame, error) {
	var head [frameHeaderSize]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return frame{}, err
	}
	size, offset := binary.BigEndian.Uint32(head[:]), uint32(head[4])*4
	if size > limit {
		return frame{}, fmt.Errorf("amqp: a frame of %d bytes, at most %d were agreed", size, limit)
	}
	if offset < frameHeaderSize || size < offset {
		return frame{}, errors.New("amqp: a frame whose header does not fit its size")
	}
	rest := make([]byte, size-frameHeaderSize)
	if _, err := io.ReadFull(r, rest); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return frame{}, err
	}
	return frame{head[5], binary.BigEndian.Uint16(head[6:]), rest[offset-frameHeaderSize:]}, nil
}

// appendFrame writes a frame with performative p, which may be nil, and payload.
func appendFrame(b []byte, kind byte, channel uint16, p performative, payload []byte) []byte {
	start := len(b)
	b = append(b, 0, 0, 0, 0, 2, kind, 0, 0)
	if p != nil {
		b = appendValue(b, Described{p.code(), p.list()})
	}
	b = append(b, payload...)
	binary.BigEndian.PutUint32(b[start:], uint32(len(b)-start))
	binary.BigEndian.PutUint16(b[start+6:], channel)
	return b
}

// EncodeSASL and EncodeFrame give the bytes of single frames to whoever needs a
// piece of the protocol without the rest, such as a fault that breaks off in the
// middle of it.
func EncodeSASL(p SASL) []byte { return appendFrame(nil, frameSASL, 0, p, nil) }

// EncodeFrame is EncodeSASL for performatives of the connection on channel 0.
func EncodeFrame(p Performative) []byte { return appendFrame(nil, frameAMQP, 0, p, nil) }
