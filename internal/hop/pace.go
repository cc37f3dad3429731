package hop

import (
	"net"
	"syscall"
	"time"

	"edgenet/report"
)

// pace measures a path's connection from what is sent over it anyway.
type pace struct {
	sent, received int64
	asked          time.Time     // of the last write that nothing has answered yet
	shortest       time.Duration // from a write to the first bytes after it
	longest        time.Duration
	answers        int
	first, last    time.Time // of the burst that comes in
	burst          int64     // bytes of it but for those that came at once
	bytes          int64     // of all bursts
	spent          time.Duration
	trip           time.Duration // of TCP's own handshake
	syns           int           // that were sent again for it
	ack, leastAck  time.Duration // how long it was awaited, all together, and at least; zero where not told
	// what this process had lost when it asked, and when the burst began (Lost)
	lostAsked, lostFirst, lostLast time.Duration
	missed                         time.Duration // of bursts that tell no rate for it
}

// oneSegment is the time within which bytes count as one arrival: a segment is read in
// pieces.
const oneSegment = 5 * time.Millisecond

// A burst tells a rate if it is large and long enough to be more than chance.
const (
	tellingBytes = 200
	tellingTime  = 25 * time.Millisecond
)

func (c *pace) wrote(n int, now time.Time) {
	c.sent += int64(n)
	c.settle()
	if c.asked.IsZero() {
		c.asked, c.lostAsked = now, Lost()
	}
}

func (c *pace) read(n int, now time.Time, raw syscall.RawConn) {
	c.received += int64(n)
	if c.asked.IsZero() {
		if !c.first.IsZero() {
			if now.Sub(c.first) > oneSegment { // else it is not worth asking
				now = arrived(raw, now)
			}
			if now.Sub(c.first) > oneSegment {
				c.burst += int64(n)
				c.last, c.lostLast = now, Lost()
			}
		}
		return
	}
	lost := Lost()
	wait := max(now.Sub(c.asked)-(lost-c.lostAsked), 0)
	c.asked, c.first, c.last, c.burst, c.lostFirst, c.lostLast = time.Time{}, now, now, 0, lost, lost
	c.ack, c.leastAck = acknowledged(raw)
	c.answers++
	if c.answers == 1 || wait < c.shortest {
		c.shortest = wait
	}
	c.longest = max(c.longest, wait)
}

// settle ends a burst.
func (c *pace) settle() {
	// bytes that arrive while this process does not run seem to come when it runs again: where that
	// is most of the time, they tell no rate
	lost := c.lostLast - c.lostFirst
	switch d := c.last.Sub(c.first) - lost; {
	case c.burst < tellingBytes || d+lost < tellingTime:
	case d < tellingTime || d <= lost:
		c.missed += lost
	default:
		c.bytes += c.burst
		c.spent += d
	}
	c.first, c.last, c.burst = time.Time{}, time.Time{}, 0
}

// wrote and read note what went over the path's connection.
func (p *Patience) wrote(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pace.wrote(n, time.Now())
}

func (p *Patience) read(n int) {
	now := time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard, p.silent, p.ticked = now, 0, now
	p.pace.read(n, now, p.raw)
}

// connected notes how long TCP's own handshake took, and the path's connection.
func (p *Patience) connected(trip time.Duration, c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pace.trip = trip
	if s, ok := c.(syscall.Conn); ok {
		p.raw, _ = s.SyscallConn()
		p.pace.syns, _, _ = counted(p.raw)
	}
}

// Trip is how long TCP's own handshake took, zero where it is not known.
func (p *Patience) Trip() time.Duration {
	if p == nil {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.pace.trip
}

// Pace is what was measured so far, nil where nothing was sent.
func (p *Patience) Pace() *report.Pace {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.pace
	c.settle()
	if c.trip == 0 && c.sent == 0 {
		return nil
	}
	out := &report.Pace{SentBytes: c.sent, ReceivedBytes: c.received, LateMs: report.MillisOf(p.late + c.missed),
		HeldMs: report.MillisOf(p.heldFor), SilentMs: report.MillisOf(p.silent)}
	trip := c.trip
	if c.answers > 0 {
		out.LongestWaitMs = report.MillisOf(c.longest)
		if trip == 0 || c.shortest > trip { // the proxy is near, and the hub is not
			trip = c.shortest
		}
	}
	out.RoundTripMs = report.MillisOf(trip)
	if again, _, told := counted(p.raw); told {
		out.Resent = max(again-c.syns, 0)
	}
	if c.ack > 0 {
		out.AckMs, out.LeastAckMs = report.MillisOf(c.ack/time.Duration(c.answers)), report.MillisOf(c.leastAck)
	}
	if c.spent > 0 {
		out.KbitPerSec = float64(int64(float64(c.bytes*8)/c.spent.Seconds()/100)) / 10
	}
	return out
}
