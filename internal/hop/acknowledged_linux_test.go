package hop_test

import (
	"context"
	"crypto/tls"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"edgenet/internal/hop"
	"edgenet/report"
)

// deaf makes a socket take nothing any more, and its connections too: what is sent there is never acknowledged.
func deaf(t *testing.T, c syscall.Conn) {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	nothing := []unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K}}
	if err := raw.Control(func(fd uintptr) {
		err = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER,
			&unix.SockFprog{Len: 1, Filter: &nothing[0]})
	}); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Skip(err)
	}
}

// peer accepts connections, and does something with each.
func peer(t *testing.T, with func(*net.TCPConn)) net.Addr {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = c.Close() })
			if tcp, is := c.(*net.TCPConn); is {
				with(tcp)
			}
		}
	}()
	return l.Addr()
}

// TestOneByte: what a peer's system does with a byte tells whether anything arrives.
func TestOneByte(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		with  func(*testing.T, *net.TCPConn)
		acked bool
		cut   bool
	}{
		{"silent", func(*testing.T, *net.TCPConn) {}, true, false},
		{"deaf", func(t *testing.T, c *net.TCPConn) { deaf(t, c) }, false, false},
		{"closing", func(_ *testing.T, c *net.TCPConn) { _ = c.Close() }, false, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			ready := make(chan struct{}, 1)
			at := peer(t, func(c *net.TCPConn) { row.with(t, c); ready <- struct{}{} })
			c, err := net.Dial("tcp", at.String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = c.Close() }()
			<-ready
			ctx, cancel := context.WithTimeout(t.Context(), 600*time.Millisecond)
			defer cancel()
			acked, told, err := hop.OneByte(ctx, c)
			if cut := err != nil && ctx.Err() == nil; !told || acked && !row.acked || cut && !row.cut ||
				!acked && !cut && (row.acked || row.cut) {
				t.Errorf("acknowledged %v, %v, %v", acked, told, err)
			}
		})
	}
}

// TestUnansweredHello: a hello that nothing answers was acknowledged, or was not.
func TestUnansweredHello(t *testing.T) {
	t.Parallel()
	for _, hears := range []bool{true, false} {
		ready := make(chan struct{}, 1)
		at := peer(t, func(c *net.TCPConn) {
			if !hears {
				deaf(t, c)
			}
			ready <- struct{}{}
		})
		c, err := net.Dial("tcp", at.String())
		if err != nil {
			t.Fatal(err)
		}
		<-ready
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		trace := hop.NewTrace(t.Context(), time.Now())
		_, fault := hop.Handshake(ctx, &hop.Env{}, trace, report.HopTarget, hop.Guard(ctx, c),
			hop.TLSOptions{ServerName: "hub.test", Certificate: &tls.Certificate{}})
		cancel()
		d, is := trace.Steps()[0].Detail.(*report.TLSDetail)
		if fault == nil || fault.Cause != report.TLSTimeout || !is || d.Acknowledged == nil || *d.Acknowledged != hears ||
			strings.Contains(fault.Summary, "nothing that was sent was acknowledged") == hears {
			t.Errorf("hears %v: %+v, %+v", hears, fault, d)
		}
	}
}
