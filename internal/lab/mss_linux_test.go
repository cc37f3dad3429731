package lab

import (
	"crypto/tls"
	"net"
	"syscall"
	"testing"
	"time"
)

// A handshake stalls behind the small path, but for a client that asks for small
// segments; what is smaller than the path passes for everybody.
func TestMTU(t *testing.T) {
	t.Parallel()
	l := start(t, Options{Faults: []Fault{{Place: "amqps", Name: "mtu"}}})
	try := func(segment int, wait time.Duration) string {
		d := net.Dialer{Timeout: wait}
		if segment > 0 {
			d.Control = func(_, _ string, c syscall.RawConn) error {
				var err error
				cerr := c.Control(func(fd uintptr) {
					err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG, segment)
				})
				if cerr != nil {
					return cerr
				}
				return err
			}
		}
		nc, err := d.Dial("tcp", l.ports["amqps"].address)
		if err != nil {
			return seen(err)
		}
		defer nc.Close()
		_ = nc.SetDeadline(time.Now().Add(wait))
		c := tls.Client(nc, clientTLS(l, HubName))
		return seen(c.Handshake())
	}
	if got := try(0, patience); got != "timeout" {
		t.Errorf("large segments: %s", got)
	}
	if got := try(536, plenty); got != "ok" {
		t.Errorf("small segments: %s", got)
	}
	if err := l.SetFault(Fault{Place: "amqps", Name: "mtu", Arg: "9000"}); err != nil {
		t.Fatal(err)
	}
	if got := try(0, plenty); got != "ok" {
		t.Errorf("a path for large segments: %s", got)
	}
}
