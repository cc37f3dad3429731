//go:build chaos && linux

package chaos

import (
	"net"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// resolverIP is where the site's resolver listens, on the port that resolv.conf knows alone.
const resolverIP = "127.0.0.53"

// names passes questions on to the lab's name server, which has a port of its own choice,
// and its faults.
type names struct{ upstream string }

// ServeDNS implements dns.Handler. What the lab does not answer, or answers with garbage,
// is silence.
func (n *names) ServeDNS(w dns.ResponseWriter, q *dns.Msg) {
	c := dns.Client{Net: w.RemoteAddr().Network(), Timeout: time.Second}
	a, _, err := c.Exchange(q, n.upstream)
	if err == nil {
		_ = w.WriteMsg(a) // who is gone hears nothing
	}
}

// resolve serves the site's names until the test ends.
func resolve(t *testing.T, upstream string) {
	t.Helper()
	address := net.JoinHostPort(resolverIP, "53")
	for _, network := range []string{"udp", "tcp"} {
		var wg sync.WaitGroup
		started := make(chan struct{})
		s := &dns.Server{Addr: address, Net: network, Handler: &names{upstream},
			NotifyStartedFunc: func() { close(started) }}
		failed := make(chan error, 1)
		wg.Go(func() { failed <- s.ListenAndServe() })
		select {
		case <-started:
		case err := <-failed:
			t.Fatalf("the resolver on %s: %v", address, err)
		}
		t.Cleanup(func() {
			_ = s.Shutdown() // fails only where it never started
			wg.Wait()
		})
	}
}
