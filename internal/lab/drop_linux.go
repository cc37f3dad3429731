package lab

import (
	"context"
	"fmt"
	"net"
	"syscall"
	"time"
)

// dropper makes a port that never answers a SYN: it listens with a queue of no
// places, fills what the kernel grants all the same, and accepts nobody.
type dropper struct {
	listener net.Listener
	fill     []net.Conn
}

// fillLimit is more than any kernel puts into a queue of length 0.
const fillLimit = 16

func dropSYN(address string) (*dropper, error) {
	l, err := listenConfig.Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", address, err)
	}
	d := &dropper{listener: l}
	control, err := l.(*net.TCPListener).SyscallConn()
	if err == nil {
		var failed error
		err = control.Control(func(fd uintptr) { failed = syscall.Listen(int(fd), 0) })
		if err == nil {
			err = failed
		}
	}
	if err != nil {
		d.close()
		return nil, fmt.Errorf("shorten the queue of %s: %w", address, err)
	}
	for range fillLimit {
		c, err := net.DialTimeout("tcp", l.Addr().String(), 100*time.Millisecond)
		if err != nil {
			return d, nil // full: from here on nobody is answered
		}
		d.fill = append(d.fill, c)
	}
	d.close()
	return nil, fmt.Errorf("%s still answers after %d connections", address, fillLimit)
}

func (d *dropper) close() {
	_ = d.listener.Close() // nothing is lost with it
	for _, c := range d.fill {
		_ = c.Close()
	}
}
