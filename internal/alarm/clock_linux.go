package alarm

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// clock is a timerfd (timerfd_create(2)), which Go's poller waits for.
type clock struct{ file *os.File }

// start tells whether there is one: a process may have no descriptor left.
func (c *clock) start(ring func()) bool {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return false
	}
	c.file = os.NewFile(uintptr(fd), "timerfd")
	if c.file.SetReadDeadline(time.Time{}) != nil { // the poller does not take it
		_ = c.file.Close() // nobody has it
		return false
	}
	go func() {
		var times [8]byte
		for {
			if _, err := c.file.Read(times[:]); err != nil {
				return // closed
			}
			ring()
		}
	}()
	return true
}

// set sets it anew. A clock that is open takes every time that is positive.
func (c *clock) set(d time.Duration) {
	raw, err := c.file.SyscallConn()
	if err == nil {
		_ = raw.Control(func(fd uintptr) {
			at := unix.ItimerSpec{Value: unix.NsecToTimespec(d.Nanoseconds())}
			_ = unix.TimerfdSettime(int(fd), 0, &at, nil)
		})
	}
}

func (c *clock) stop() { _ = c.file.Close() } // it holds nothing
