package twin

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"edgenet/internal/amqpwire"
)

// Bounds of AMQP frames, which go-amqp believes: a frame may claim 2 GiB and is
// collected whole, a message goes on as long as its frames say so, a disposition of
// all four billion deliveries is walked one by one, and values nest as deep as they are
// long, at 1 KiB of stack a level. Each level takes a zero byte, as a descriptor's mark or
// in its size, and JSON has none: so zeros are counted.
const (
	maxDispositions = 4096        // deliveries in one disposition
	maxPartial      = 16          // messages that arrive in pieces at the same time
	maxZeros        = 8 << 10     // bytes in one message; an honest one has some 25 a frame
	headOfFrame     = 640         // bytes of a body that hold the fields that are read: two names of 255 at most
	minPeerIdle     = time.Second // what a peer may want heartbeats for; edgeHub wants 4 minutes
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
	size    int               // of the frame's body
	left    int               // bytes of the body still to come
	zeros   int               // in the body so far
	beats   rate              // heartbeats
	partial map[uint32]pieces // of messages that have not ended, by handle

	mu    sync.Mutex
	every time.Duration // how often the peer is to be sent a heartbeat by us; zero: go-amqp does
	bad   error         // the first error, which go-amqp gives no way to get back
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
		g.ended(err)
	}
	return n, err
}

func (g *guard) ended(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.bad == nil {
		g.bad = err
	}
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
		if len(g.head) < amqpwire.FrameHeader {
			n := min(amqpwire.FrameHeader-len(g.head), len(p))
			g.head, p = append(g.head, p[:n]...), p[n:]
			if len(g.head) < amqpwire.FrameHeader {
				return nil
			}
			if err := g.begin(); err != nil {
				return err
			}
		}
		n := min(g.left, len(p))
		room := min(n, amqpwire.FrameHeader+headOfFrame-len(g.head))
		g.head = append(g.head, p[:room]...)
		g.zeros += bytes.Count(p[:n], []byte{0})
		last := p[:n]
		g.left, p = g.left-n, p[n:]
		if g.zeros > maxZeros {
			return errNested
		}
		if g.left > 0 {
			return nil
		}
		if err := g.end(last); err != nil {
			return err
		}
	}
	return nil
}

// begin judges a frame's header. A protocol header (AMQP and four bytes) counts as a
// frame without body.
func (g *guard) begin() error {
	if string(g.head[:4]) == "AMQP" {
		g.size, g.left = 0, 0
		return nil
	}
	f, err := amqpwire.ParseHeader(g.head)
	if err == nil && f.Offset != amqpwire.FrameHeader { // go-amqp reads no other
		err = fmt.Errorf("a body that starts at %d", f.Offset)
	}
	if err != nil {
		return fmt.Errorf("%w: %w; at most %d bytes were offered", errFrame, err, amqpwire.MaxFrame)
	}
	g.size = f.Size - amqpwire.FrameHeader
	g.left = g.size
	return nil
}

// end judges a frame that is complete; last are the bytes of it that are still to be passed on.
func (g *guard) end(last []byte) error {
	body, piece := g.head[amqpwire.FrameHeader:], pieces{g.size, g.zeros}
	g.head, g.zeros = g.head[:0], 0
	if len(body) == 0 {
		if g.beats.over(1, maxUnasked) {
			return errUnasked
		}
		return nil
	}
	code, f, err := amqpwire.Start(body)
	if err != nil {
		return fmt.Errorf("%w: %w", errFrame, err)
	}
	switch code {
	case amqpwire.CodeOpen:
		return g.opened(f, last)
	case amqpwire.CodeTransfer:
		return g.transfer(f, piece)
	case amqpwire.CodeDisposition:
		return disposition(f)
	}
	return nil
}

// opened: heartbeats are sent as often as the peer wants them.
func (g *guard) opened(f *amqpwire.Fields, last []byte) error {
	if f.Next() == nil {
		return fmt.Errorf("%w: an open without a container-id", errFrame)
	}
	f.Skip(3) // hostname, max-frame-size, channel-max
	rest := f.Rest()
	ms, there := f.Uint()
	idle := time.Duration(ms) * time.Millisecond
	if f.Err() != nil || there && idle > 0 && idle < minPeerIdle {
		return fmt.Errorf("%w: an open with an idle time-out of %d ms", errFrame, ms)
	}
	if g.size <= headOfFrame && rest <= len(last) {
		g.takeBeats(idle, last[len(last)-rest:])
	}
	return nil
}

// transfer adds up the pieces of a message.
func (g *guard) transfer(f *amqpwire.Fields, piece pieces) error {
	handle, there := f.Uint()
	f.Skip(4) // delivery-id, delivery-tag, message-format, settled
	more := f.Bool()
	if !there || f.Err() != nil {
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
func disposition(f *amqpwire.Fields) error {
	f.Bool() // role
	first, there := f.Uint()
	last, ranged := f.Uint()
	if !ranged {
		last = first
	}
	if !there || f.Err() != nil || last < first || last-first > maxDispositions || last == math.MaxUint32 {
		return fmt.Errorf("%w: a disposition of deliveries %d to %d", errFrame, first, last)
	}
	return nil
}
