package amqp

import "fmt"

// Session windows as the hub announces them (2.5.6).
const (
	incomingWindow  uint32 = 5000
	firstOutgoingID uint32 = 1
)

// session is one channel, the same number in both directions. All of it is
// guarded by its connection's mutex.
type session struct {
	c       *Conn
	channel uint16
	links   map[uint32]*Link // by the client's handle
	handles uint32           // ours, given out in order

	nextIncoming uint32 // transfer-id expected next
	sinceFlow    uint32 // transfers since the client last heard of our window
	nextOutgoing uint32
	peerWindow   uint32 // transfers that the client still takes
	nextDelivery uint32
}

func newSession(c *Conn, channel uint16, p *Begin) *session {
	return &session{
		c: c, channel: channel, links: make(map[uint32]*Link),
		nextIncoming: p.NextOutgoingID, nextOutgoing: firstOutgoingID, peerWindow: p.IncomingWindow,
	}
}

func (s *session) frame(p performative, payload []byte) error {
	switch p := p.(type) {
	case *Attach:
		return s.attach(p)
	case *Flow:
		return s.flow(p)
	case *Transfer:
		return s.transfer(p, payload)
	case *Disposition:
		return s.disposition(p)
	case *Detach:
		return s.detach(p)
	case *End:
		return s.end()
	}
	return fmt.Errorf("amqp: %s inside a session", names[p.code()])
}

// attach pairs a link (2.6.3). The application decides outside the lock, since
// it may want to speak on other links.
func (s *session) attach(a *Attach) error {
	s.c.mu.Lock()
	used, full := s.links[a.Handle] != nil, len(s.links) >= maxLinks
	s.c.mu.Unlock()
	if used || full || a.Handle > 262143 {
		return &Error{Condition: "amqp:session:handle-in-use",
			Description: fmt.Sprintf("handle %d is in use, or too many links", a.Handle)}
	}
	terminus, refusal := s.c.cfg.Application.Attach(s.c, a)
	l := newLink(s, a, terminus)
	s.c.mu.Lock()
	err := s.admit(l, a, refusal)
	s.c.mu.Unlock()
	if err == nil && refusal == nil && terminus.Opened != nil {
		terminus.Opened(l)
	}
	return err
}

// admit answers an attach; c.mu is held. A refusal is an attach without the
// terminus that was asked for, and a detach right after it (2.6.3).
func (s *session) admit(l *Link, a *Attach, refusal *Error) error {
	answer := &Attach{Name: a.Name, Handle: l.out, Role: !a.Role, Source: a.Source, Target: a.Target,
		Properties: a.Properties}
	if refusal != nil {
		if a.Role == RoleReceiver {
			answer.Source = nil
		} else {
			answer.Target = nil
		}
		answer.Properties = nil
	}
	if a.Role == RoleReceiver {
		zero := uint32(0)
		answer.InitialDeliveryCount = &zero // only senders have one
	}
	if t := l.terminus; refusal == nil {
		answer.SndSettleMode, answer.RcvSettleMode, answer.MaxMessageSize = t.SndSettleMode, t.RcvSettleMode,
			&t.MaxMessageSize
	}
	s.links[a.Handle] = l
	if err := s.c.send(s.channel, answer, nil); err != nil {
		return err
	}
	if refusal != nil {
		l.detached = true
		return s.c.send(s.channel, &Detach{Handle: l.out, Closed: true, Error: refusal}, nil)
	}
	if l.incoming {
		return l.grant()
	}
	return nil
}

// flow takes the client's window and a link's credit (2.5.6, 2.6.7).
func (s *session) flow(f *Flow) error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	seen := firstOutgoingID
	if f.NextIncomingID != nil {
		seen = *f.NextIncomingID
	}
	s.peerWindow = seen + f.IncomingWindow - s.nextOutgoing
	var asked *Link
	if f.Handle != nil {
		if asked = s.links[*f.Handle]; asked == nil {
			return &Error{Condition: "amqp:session:unattached-handle", Description: fmt.Sprintf("flow on handle %d",
				*f.Handle)}
		}
		if err := asked.credited(f); err != nil {
			return err
		}
	}
	for _, l := range s.links {
		if err := l.pump(); err != nil {
			return err
		}
	}
	switch {
	case asked != nil && f.Drain && !asked.incoming:
		return asked.drained()
	case asked != nil && f.Echo:
		return s.c.send(s.channel, asked.state(), nil)
	case f.Echo:
		return s.c.send(s.channel, s.state(), nil)
	}
	return nil
}

// state is a flow about the session alone.
func (s *session) state() *Flow {
	next := s.nextIncoming
	s.sinceFlow = 0
	return &Flow{NextIncomingID: &next, IncomingWindow: incomingWindow, NextOutgoingID: s.nextOutgoing,
		OutgoingWindow: 1<<32 - 1}
}

// transfer takes one frame of a delivery (2.6.12).
func (s *session) transfer(t *Transfer, payload []byte) error {
	s.c.mu.Lock()
	s.nextIncoming++
	s.sinceFlow++
	l := s.links[t.Handle]
	var err error
	if s.sinceFlow > incomingWindow/2 {
		err = s.c.send(s.channel, s.state(), nil)
	}
	s.c.mu.Unlock()
	if err != nil {
		return err
	}
	if l == nil || !l.incoming {
		return &Error{Condition: "amqp:session:unattached-handle",
			Description: fmt.Sprintf("transfer on handle %d", t.Handle)}
	}
	return l.transfer(t, payload)
}

// disposition: of what we sent, we forget it at once, so that all there is to do
// is to settle what the client left open (receiver settles second, 2.6.12).
func (s *session) disposition(d *Disposition) error {
	if d.Role != RoleReceiver || d.Settled {
		return nil
	}
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	return s.c.send(s.channel, &Disposition{Role: RoleSender, First: d.First, Last: d.Last, Settled: true,
		State: d.State}, nil)
}

func (s *session) detach(d *Detach) error {
	s.c.mu.Lock()
	l := s.links[d.Handle]
	if l == nil {
		s.c.mu.Unlock()
		return &Error{Condition: "amqp:session:unattached-handle",
			Description: fmt.Sprintf("detach on handle %d", d.Handle)}
	}
	delete(s.links, d.Handle)
	var err error
	answered := l.detached
	l.detached = true
	if !answered {
		err = s.c.send(s.channel, &Detach{Handle: l.out, Closed: d.Closed}, nil)
	}
	s.c.mu.Unlock()
	l.forget()
	return err
}

func (s *session) end() error {
	s.c.mu.Lock()
	delete(s.c.sessions, s.channel)
	err := s.c.send(s.channel, &End{}, nil)
	s.c.mu.Unlock()
	s.forget()
	return err
}

// forget tells the links' owners that they are gone.
func (s *session) forget() {
	s.c.mu.Lock()
	links := s.links
	s.links = nil
	for _, l := range links {
		l.detached = true
	}
	s.c.mu.Unlock()
	for _, l := range links {
		l.forget()
	}
}
