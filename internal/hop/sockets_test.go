package hop_test

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"edgenet/internal/hop"
	"edgenet/report"
)

// ports is a handler that notes from which ports it is asked.
type ports struct {
	mu   sync.Mutex
	seen map[string]int
}

func (p *ports) note(w dns.ResponseWriter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.seen == nil {
		p.seen = map[string]int{}
	}
	p.seen[w.RemoteAddr().String()]++
}

// lookUp resolves n names, one after the other, and tells how many ports were used.
func (p *ports) lookUp(t *testing.T, n int, h handler) int {
	t.Helper()
	server := nameServer(t, func(w dns.ResponseWriter, q *dns.Msg) { p.note(w); h(w, q) })
	env := &hop.Env{DNS: &hop.Resolver{Servers: []netip.AddrPort{server}, Hosts: "-"}}
	for i := range n {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		addrs, fault := hop.Resolve(ctx, env, trace(), report.HopTarget, fmt.Sprintf("h%d.example", i), 443)
		cancel()
		if fault != nil || len(addrs) != 1 || addrs[0].Addr().String() != fmt.Sprintf("127.0.0.%d", i+1) {
			t.Fatalf("%d: %v %+v", i, addrs, fault)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.seen)
}

// numbered answers A with an address that belongs to the name, and AAAA with nothing.
func numbered(w dns.ResponseWriter, q *dns.Msg) {
	var i int
	_, _ = fmt.Sscanf(q.Question[0].Name, "h%d.", &i)
	zone(fmt.Sprintf("%s 60 IN A 127.0.0.%d", q.Question[0].Name, i+1))(w, q)
}

// TestSocketsAreUsedAgain: sixty questions take few ports, and no port is used for ever.
func TestSocketsAreUsedAgain(t *testing.T) {
	t.Parallel()
	p := &ports{}
	if n := p.lookUp(t, 30, numbered); n > 20 {
		t.Errorf("60 questions from %d ports", n)
	}
	for port, n := range p.seen {
		if n > 16 {
			t.Errorf("%d questions from %s", n, port)
		}
	}
}

// TestLateAnswers: each answer comes twice, the second time while the socket may serve the next
// question, which is not confused by it.
func TestLateAnswers(t *testing.T) {
	t.Parallel()
	var late sync.WaitGroup
	defer late.Wait()
	(&ports{}).lookUp(t, 30, func(w dns.ResponseWriter, q *dns.Msg) {
		numbered(w, q)
		late.Go(func() { time.Sleep(time.Millisecond); numbered(w, q) })
	})
}

// TestSilentSocketIsNotKept: what got no answer may still get one, and is closed.
func TestSilentSocketIsNotKept(t *testing.T) {
	t.Parallel()
	var first, silent sync.Map // questions that were asked once; ports from which one got no answer
	(&ports{}).lookUp(t, 2, func(w dns.ResponseWriter, q *dns.Msg) {
		port := w.RemoteAddr().String()
		if was, used := silent.Load(port); used && was != q.Question[0].String() { // it is sent again by the same
			t.Errorf("%s is used again, though a question from it got no answer", port)
		}
		if _, asked := first.LoadOrStore(q.Question[0].String(), true); asked {
			numbered(w, q)
			return
		}
		silent.Store(port, q.Question[0].String())
	})
}
