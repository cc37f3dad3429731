package amqp

import (
	"encoding/binary"
	"errors"
)

// Credit that a client's sender gets, as the hub gives it: 100 on $cbs, 1000
// elsewhere.
const (
	DefaultCredit = 1000
	CBSCredit     = 100
)

// maxQueue is how many messages wait for a client without credit.
const maxQueue = 1000

// Errors of Send.
var (
	ErrDetached = errors.New("amqp: the link is gone")
	ErrBacklog  = errors.New("amqp: the client takes no more messages")
)

// Outcomes of a delivery (3.4).
var (
	Accepted any = Described{codeAccepted, []any{}}
	Released any = Described{codeReleased, []any{}}
)

// Terminus is what the application puts behind a link.
type Terminus struct {
	// Receive handles a message of a link that the client sends on. The outcome is
	// told to the client first, and then runs what Receive returns beside it, which
	// may be nil: as the hub does, that accepts a request before it answers. An
	// error of either detaches the link.
	Receive func(*Message) (outcome any, then func() *Error, err *Error)
	// Opened gets a link that the client receives on. May be nil.
	Opened func(*Link)
	// Closed is called once, when the link is gone. May be nil.
	Closed func()
	// SndSettleMode and RcvSettleMode are answered to the client; nil is null,
	// which counts as "mixed" and "first".
	SndSettleMode, RcvSettleMode *uint8
	// MaxMessageSize bounds messages in bytes, and is told to the client.
	MaxMessageSize uint64
	// Credit is for links that the client sends on; zero means DefaultCredit.
	Credit uint32
}

// Link is one direction of messages between the client and a node.
type Link struct {
	s        *session
	name     string
	out      uint32 // our handle
	incoming bool
	terminus *Terminus

	// Guarded by the connection's mutex.
	detached bool
	count    uint32 // delivery-count (2.6.7)
	credit   uint32
	queue    []*delivery // outgoing, in order
	tag      uint32

	// Only touched by the connection's own goroutine.
	partial *delivery
}

// delivery is a message on its way, in one frame or several.
type delivery struct {
	id      uint32
	settled bool
	format  uint32
	payload []byte
	offset  int
}

func newLink(s *session, a *Attach, t *Terminus) *Link {
	l := &Link{s: s, name: a.Name, out: s.handles, incoming: a.Role == RoleSender, terminus: t}
	s.handles++
	if l.incoming && a.InitialDeliveryCount != nil {
		l.count = *a.InitialDeliveryCount
	}
	return l
}

// Name is the link's name, the client's choice.
func (l *Link) Name() string { return l.name }

// Conn is the connection that the link belongs to.
func (l *Link) Conn() *Conn { return l.s.c }

func (l *Link) forget() {
	if l.terminus != nil && l.terminus.Closed != nil {
		l.terminus.Closed()
	}
}

// state is a flow about the link.
func (l *Link) state() *Flow {
	f := l.s.state()
	out, count, credit, available := l.out, l.count, l.credit, uint32(len(l.queue))
	f.Handle, f.DeliveryCount, f.LinkCredit, f.Available = &out, &count, &credit, &available
	return f
}

// grant gives the client's sender its credit back; c.mu is held.
func (l *Link) grant() error {
	l.credit = l.terminus.Credit
	if l.credit == 0 {
		l.credit = DefaultCredit
	}
	return l.s.c.send(l.s.channel, l.state(), nil)
}

// Send queues a message for the client; it goes out as soon as there is credit.
// It may be called from any goroutine and writes to the network.
func (l *Link) Send(m *Message, settled bool) error {
	l.s.c.mu.Lock()
	defer l.s.c.mu.Unlock()
	if l.detached || l.s.c.closing {
		return ErrDetached
	}
	if len(l.queue) >= maxQueue {
		return ErrBacklog
	}
	l.queue = append(l.queue, &delivery{settled: settled, format: m.Format, payload: m.Encode()})
	return l.pump()
}

// credited takes credit from a flow (2.6.7); c.mu is held.
func (l *Link) credited(f *Flow) error {
	if l.incoming || f.LinkCredit == nil {
		return nil
	}
	seen := uint32(0) // what the client has seen, at first our initial count
	if f.DeliveryCount != nil {
		seen = *f.DeliveryCount
	}
	l.credit = seen + *f.LinkCredit - l.count
	if l.credit > 1<<31 {
		l.credit = 0 // the client took back more than we had used
	}
	return nil
}

// pump sends what credit and window allow; c.mu is held.
func (l *Link) pump() error {
	for !l.incoming && !l.detached && len(l.queue) > 0 && l.s.peerWindow > 0 {
		d := l.queue[0]
		if d.offset == 0 {
			if l.credit == 0 {
				return nil
			}
			l.credit--
			l.count++
			d.id = l.s.nextDelivery
			l.s.nextDelivery++
		}
		last, err := l.piece(d)
		if err != nil {
			return err
		}
		if last {
			l.queue = l.queue[1:]
		}
	}
	return nil
}

// piece sends one frame of a delivery and tells whether it was the last.
func (l *Link) piece(d *delivery) (bool, error) {
	const overhead = 64 // frame header and transfer performative, at most 50
	room := int(l.s.c.peerMax) - overhead
	chunk := d.payload[d.offset:min(len(d.payload), d.offset+room)]
	t := &Transfer{Handle: l.out, More: d.offset+len(chunk) < len(d.payload)}
	if d.offset == 0 {
		l.tag++
		t.DeliveryID, t.MessageFormat = &d.id, &d.format
		t.DeliveryTag = binary.LittleEndian.AppendUint32(nil, l.tag)
		if d.settled {
			t.Settled = &d.settled
			t.DeliveryTag = append(t.DeliveryTag, make([]byte, 12)...) // as long as the hub's, which are UUIDs there
		}
	}
	l.s.nextOutgoing++
	l.s.peerWindow--
	d.offset += len(chunk)
	return !t.More, l.s.c.send(l.s.channel, t, chunk)
}

// drained gives unused credit up, as a draining client asks; c.mu is held.
func (l *Link) drained() error {
	l.count += l.credit
	l.credit = 0
	f := l.state()
	f.Drain = true
	return l.s.c.send(l.s.channel, f, nil)
}

// Detach closes the link from our side, with a reason unless e is nil.
func (l *Link) Detach(e *Error) error {
	l.s.c.mu.Lock()
	defer l.s.c.mu.Unlock()
	if l.detached || l.s.c.closing {
		return nil
	}
	l.detached = true
	l.queue = nil
	return l.s.c.send(l.s.channel, &Detach{Handle: l.out, Closed: true, Error: e}, nil)
}
