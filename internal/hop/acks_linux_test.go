package hop_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"edgenet/internal/hop"
	"edgenet/internal/lab/pki"
	"edgenet/report"
)

// TestPackets counts what a connection sends: the acknowledgement of the peer's SYN goes with
// the hello, and TLS' goodbye with the FIN.
func TestPackets(t *testing.T) {
	ca := authority(t, "Example", "")
	cert := issue(t, ca, pki.Leaf{Names: []string{"hub.example"}})
	env := &hop.Env{Trust: new(hop.Trust).InPublic(ca.Certificate)}
	least := [2]uint32{99, 99}
	for range 10 { // a process that is starved says its hello late, and the kernel does not wait for it
		seen := countPackets(t, env, cert)
		least[0], least[1] = min(least[0], seen[0]), min(least[1], seen[1])
		if least == [2]uint32{2, 1} {
			return
		}
	}
	t.Errorf("%d packets until the hello is out, and %d for the goodbye; want a SYN and the hello, and one", least[0],
		least[1])
}

// countPackets gives the packets that the peer got until it read the hello, and those of the
// goodbye.
func countPackets(t *testing.T, env *hop.Env, cert tls.Certificate) (n [2]uint32) {
	t.Helper()
	l, done := listen(t, "127.0.0.1:0"), make(chan struct{})
	addr := serve(t, l, func(c net.Conn) {
		defer close(done)
		own := &firstRead{Conn: c}
		s := tls.Server(own, &tls.Config{Certificates: []tls.Certificate{cert}, MaxVersion: tls.VersionTLS12})
		if s.Handshake() != nil {
			return
		}
		time.Sleep(60 * time.Millisecond) // what acknowledges the handshake has come
		before := packetsIn(c)
		_, _ = io.Copy(io.Discard, s)
		time.Sleep(30 * time.Millisecond) // what else there is comes
		n = [2]uint32{own.first, packetsIn(c) - before}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	tr := trace()
	c, fault := hop.Dial(ctx, env, tr, report.HopTarget, addr.Addr().String(), int(addr.Port()))
	if fault != nil {
		t.Fatal(fault.Summary)
	}
	s, fault := hop.Handshake(ctx, env, tr, report.HopTarget, c, hop.TLSOptions{ServerName: "hub.example"})
	if fault != nil {
		t.Fatal(fault.Summary)
	}
	time.Sleep(180 * time.Millisecond) // the peer counts from then on
	_ = s.Close()
	<-done
	return n
}

// firstRead notes how many packets had come when the first bytes were read.
type firstRead struct {
	net.Conn
	first uint32
}

func (c *firstRead) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.first == 0 {
		c.first = packetsIn(c.Conn)
	}
	return n, err
}

// packetsIn is how many packets a connection has got.
func packetsIn(c net.Conn) (n uint32) {
	raw, err := c.(syscall.Conn).SyscallConn()
	if err != nil {
		return 0
	}
	_ = raw.Control(func(fd uintptr) {
		if i, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			n = i.Segs_in
		}
	})
	return n
}
