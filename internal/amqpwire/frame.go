package amqpwire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Protocol headers (part 2, section 2.2; part 5, section 5.3.1).
var (
	HeaderSASL = [8]byte{'A', 'M', 'Q', 'P', 3, 1, 0, 0}
	HeaderAMQP = [8]byte{'A', 'M', 'Q', 'P', 0, 1, 0, 0}
)

const (
	// MaxFrame bounds a frame of a stranger: IoT Hub and edgeHub announce 64 KiB, and so do we.
	MaxFrame = 64 << 10
	// FrameHeader is the size of what stands before each frame's body.
	FrameHeader = 8
)

// ErrMalformed is a frame that cannot be one.
var ErrMalformed = errors.New("broken AMQP frame")

// Frame is a frame's header (part 2, section 2.3.1).
type Frame struct {
	Size   int // of the whole frame, header included
	Offset int // where the body begins
}

// ParseHeader judges the first eight bytes of a frame before anything is believed of it.
func ParseHeader(p []byte) (Frame, error) {
	if len(p) < FrameHeader {
		return Frame{}, fmt.Errorf("%w: a header of %d bytes", ErrMalformed, len(p))
	}
	size, offset := binary.BigEndian.Uint32(p), int(p[4])*4
	if size < FrameHeader || size > MaxFrame || offset < FrameHeader || offset > int(size) {
		return Frame{}, fmt.Errorf("%w: size %d, data offset %d", ErrMalformed, size, p[4])
	}
	return Frame{Size: int(size), Offset: offset}, nil
}

// Read reads one frame. An empty one, a heartbeat, has the code 0.
func Read(r io.Reader) (Performative, error) {
	var head [FrameHeader]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return Performative{}, err
	}
	f, err := ParseHeader(head[:])
	if err != nil {
		return Performative{}, err
	}
	body := make([]byte, f.Size-FrameHeader)
	if _, err := io.ReadFull(r, body); err != nil {
		return Performative{}, err
	}
	return Parse(body[f.Offset-FrameHeader:])
}
