package twin

import (
	"net"
	"sync"
	"time"

	"edgenet/internal/alarm"
)

// distant is from where on a deadline is worth an alarm: a session that idles has nothing nearer.
const distant = 20 * time.Second

// deadlines keeps the deadlines of a session from waking an idle process (package alarm): one for
// writing is there while something is written, and a distant one for reading is an alarm's.
type deadlines struct {
	distant time.Duration // what is worth an alarm
	writing sync.Mutex    // keeps what two write whole

	mu     sync.Mutex
	write  time.Time    // for the next to be written
	read   time.Time    // a distant one; zero is none
	near   bool         // the connection itself has one for reading
	alarm  *alarm.Alarm // once there was a distant one
	closed bool
}

// Write implements net.Conn.
func (s *stream) Write(p []byte) (int, error) {
	d := &s.deadlines
	d.writing.Lock()
	defer d.writing.Unlock()
	d.mu.Lock()
	until := d.write
	d.mu.Unlock()
	if !until.IsZero() {
		_ = s.Conn.SetWriteDeadline(until)                          // fails on a closed connection alone
		defer func() { _ = s.Conn.SetWriteDeadline(time.Time{}) }() // it has served
	}
	return s.Conn.Write(p)
}

// SetWriteDeadline is for what is written from now on.
func (s *stream) SetWriteDeadline(t time.Time) error {
	s.deadlines.mu.Lock()
	s.deadlines.write = t
	s.deadlines.mu.Unlock()
	return nil
}

// SetDeadline implements net.Conn.
func (s *stream) SetDeadline(t time.Time) error {
	_ = s.SetWriteDeadline(t) // never fails
	return s.SetReadDeadline(t)
}

// SetReadDeadline implements net.Conn.
func (s *stream) SetReadDeadline(t time.Time) error {
	d := &s.deadlines
	d.mu.Lock()
	defer d.mu.Unlock()
	left := time.Until(t)
	if left < d.distant || d.closed {
		d.read, d.near = time.Time{}, !t.IsZero()
		return s.Conn.SetReadDeadline(t)
	}
	if d.alarm == nil {
		d.alarm = alarm.New(func() { d.over(s.Conn) })
	}
	d.read = t
	d.alarm.Set(left)
	if !d.near {
		return nil
	}
	d.near = false
	return s.Conn.SetReadDeadline(time.Time{})
}

// over ends the read that is under way.
func (d *deadlines) over(c net.Conn) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.read.IsZero() || time.Until(d.read) > 0 {
		return // another one was set meanwhile
	}
	d.read, d.near = time.Time{}, true
	_ = c.SetReadDeadline(time.Unix(1, 0)) // fails where it is closed
}

// rest ends the alarm.
func (d *deadlines) rest() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed = true; d.alarm != nil {
		d.alarm.Close()
	}
}
