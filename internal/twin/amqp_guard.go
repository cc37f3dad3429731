package twin

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"
)

// Bounds of AMQP frames, which go-amqp believes: a frame may claim 2 GiB and is
// collected whole, a message goes on as long as its frames say so, a disposition of
// all four billion deliveries is walked one by one, and values nest as deep as they are
// long, at 1 KiB of stack a level. Each level takes a zero byte, as a descriptor's mark or
// in its size, and JSON has none: so zeros are counted.
const (
	maxFrame        = 64 << 10 // bytes; what is announced to the peer
	maxDispositions = 4096     // deliveries in one disposition
	maxPartial      = 16       // messages that arrive in pieces at the same time
	maxZeros        = 8 << 10  // bytes in one message; an honest one has some 25 a frame
	frameHeader     = 8
	headOfFrame     = 640         // bytes of a body that hold the fields that are read: two names of 255 at most
	minPeerIdle     = time.Second // what a peer may want heartbeats for; edgeHub wants 4 minutes
)

// Codes of performatives (AMQP 1.0, part 2.7).
const (
	codeOpen        = 0x10
	codeTransfer    = 0x14
	codeDisposition = 0x15
)

var (
	errFrame  = errors.New("edgeHub breaks the rules of AMQP")
	errNested = fmt.Errorf("%w: over %d zero bytes, as in values nested without end", ErrFlood, maxZeros)
)

// guard follows the frames of an AMQP connection in what is read from it, and ends
// the connection before a frame gets to go-amqp that would hurt.
type guard struct {
	*stream
	head    []byte            // of the frame under way: header, then the start of the body
	left    int               // bytes of the frame still to come after its header
	zeros   int               // in the body so far
	beats   rate              // heartbeats
	partial map[uint32]pieces // of messages that have not ended, by handle

	mu  sync.Mutex
	bad error // the first error, which go-amqp gives no way to get back
}

// pieces are what has come of a message.
type pieces struct{ bytes, zeros int }

// Read implements net.Conn.
func (g *guard) Read(p []byte) (int, error) {
	n, err := g.stream.Read(p)
	if bad := g.scan(p[:n]); bad != nil {
		n, err = 0, bad
	}
	if err != nil {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.bad == nil {
			g.bad = err
		}
	}
	return n, err
}

// cause is why reading ended, where it did, in place of what go-amqp made of it.
func (g *guard) cause(err error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.bad != nil {
		return g.bad
	}
	return err
}

// scan takes the next bytes of the stream.
func (g *guard) scan(p []byte) error {
	for len(p) > 0 {
		if len(g.head) < frameHeader {
			n := min(frameHeader-len(g.head), len(p))
			g.head, p = append(g.head, p[:n]...), p[n:]
			if len(g.head) < frameHeader {
				return nil
			}
			if err := g.begin(); err != nil {
				return err
			}
		}
		n := min(g.left, len(p))
		room := min(n, frameHeader+headOfFrame-len(g.head))
		g.head = append(g.head, p[:room]...)
		g.zeros += bytes.Count(p[:n], []byte{0})
		g.left, p = g.left-n, p[n:]
		if g.zeros > maxZeros {
			return errNested
		}
		if g.left > 0 {
			return nil
		}
		if err := g.end(); err != nil {
			return err
		}
	}
	return nil
}

// begin judges a frame's header. A protocol header (AMQP and four bytes) counts as a
// frame without body.
func (g *guard) begin() error {
	if string(g.head[:4]) == "AMQP" {
		g.left = 0
		return nil
	}
	size := binary.BigEndian.Uint32(g.head)
	if size < frameHeader || size > maxFrame || g.head[4] != 2 {
		return fmt.Errorf("%w: a frame of %d bytes, offset %d, at most %d bytes were offered", errFrame, size,
			g.head[4], maxFrame)
	}
	g.left = int(size) - frameHeader
	return nil
}

// end judges a frame that is complete.
func (g *guard) end() error {
	header, body, zeros := g.head[:frameHeader], g.head[frameHeader:], g.zeros
	g.head, g.zeros = g.head[:0], 0
	if len(body) == 0 && g.beats.over(1, maxUnasked) {
		return errUnasked
	}
	if len(body) < 3 || body[0] != 0 || body[1] != 0x53 {
		return nil // go-amqp takes no other form of a performative
	}
	size := int(binary.BigEndian.Uint32(header)) - frameHeader
	switch body[2] {
	case codeOpen:
		return opened(fields(body[3:]))
	case codeTransfer:
		return g.transfer(fields(body[3:]), pieces{size, zeros})
	case codeDisposition:
		return disposition(fields(body[3:]))
	}
	return nil
}

// opened: go-amqp sends heartbeats as often as the peer wants them.
func opened(f *fieldReader) error {
	f.skip(4) // container-id, hostname, max-frame-size, channel-max
	idle, there := f.uint()
	if f.bad || there && idle > 0 && time.Duration(idle)*time.Millisecond < minPeerIdle {
		return fmt.Errorf("%w: an open with an idle time-out of %d ms", errFrame, idle)
	}
	return nil
}

// transfer adds up the pieces of a message.
func (g *guard) transfer(f *fieldReader, piece pieces) error {
	handle, there := f.uint()
	f.skip(4) // delivery-id, delivery-tag, message-format, settled
	more := f.bool()
	if !there || f.bad {
		return fmt.Errorf("%w: a transfer that cannot be read", errFrame)
	}
	total := pieces{g.partial[handle].bytes + piece.bytes, g.partial[handle].zeros + piece.zeros}
	switch {
	case total.bytes > maxMessage:
		return fmt.Errorf("%w: a message over %d KiB", ErrFlood, maxMessage>>10)
	case total.zeros > maxZeros:
		return errNested
	}
	if !more {
		delete(g.partial, handle)
		return nil
	}
	if g.partial == nil {
		g.partial = make(map[uint32]pieces)
	}
	g.partial[handle] = total
	if len(g.partial) > maxPartial {
		return fmt.Errorf("%w: pieces of %d messages at a time", ErrFlood, len(g.partial))
	}
	return nil
}

// disposition: the last number of all is refused as well, since a loop up to it has no
// end in 32 bits.
func disposition(f *fieldReader) error {
	f.bool() // role
	first, there := f.uint()
	last, ranged := f.uint()
	if !ranged {
		last = first
	}
	if !there || f.bad || last < first || last-first > maxDispositions || last == math.MaxUint32 {
		return fmt.Errorf("%w: a disposition of deliveries %d to %d", errFrame, first, last)
	}
	return nil
}
