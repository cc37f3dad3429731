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
	net.Conn
	distant time.Duration // what is worth an alarm

	writing sync.Mutex // keeps what two write whole

	mu     sync.Mutex
	write  time.Time    // for the next to be written
	read   time.Time    // a distant one
	near   bool         // the connection itself has one for reading
	alarm  *alarm.Alarm // once there was a distant one
	closed bool
}

// Write implements net.Conn.
func (d *deadlines) Write(p []byte) (int, error) {
	d.writing.Lock()
	defer d.writing.Unlock()
	d.mu.Lock()
	until := d.write
	d.mu.Unlock()
	if !until.IsZero() {
		if err := d.Conn.SetWriteDeadline(until); err != nil {
			return 0, err
		}
		defer func() { _ = d.Conn.SetWriteDeadline(time.Time{}) }() // it has served
	}
	return d.Conn.Write(p)
}

// SetWriteDeadline is for what is written from now on.
func (d *deadlines) SetWriteDeadline(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.write = t
	return nil
}

// SetDeadline implements net.Conn.
func (d *deadlines) SetDeadline(t time.Time) error {
	_ = d.SetWriteDeadline(t) // never fails
	return d.SetReadDeadline(t)
}

// SetReadDeadline implements net.Conn.
func (d *deadlines) SetReadDeadline(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	left := time.Until(t)
	far := left >= d.distant && !d.closed
	if !far {
		if d.alarm != nil {
			d.alarm.Stop()
		}
		d.near = !t.IsZero()
		return d.Conn.SetReadDeadline(t)
	}
	if d.alarm == nil {
		d.alarm = alarm.New(d.over)
	}
	d.read = t
	d.alarm.Set(left)
	if !d.near {
		return nil
	}
	d.near = false
	return d.Conn.SetReadDeadline(time.Time{})
}

// over ends the read that is under way.
func (d *deadlines) over() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.near || time.Until(d.read) > 0 {
		return // another one was set meanwhile
	}
	d.near = true
	_ = d.Conn.SetReadDeadline(time.Unix(1, 0)) // fails where it is closed
}

// rest ends the alarm.
func (d *deadlines) rest() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	if d.alarm != nil {
		d.alarm.Close()
	}
}
