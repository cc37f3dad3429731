package hop_test

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/miekg/dns"

	"edgenet/internal/hop"
)

const host = "hub.azure-devices.net"

// name server handlers: what a resolver may do with a question.
type handler func(w dns.ResponseWriter, q *dns.Msg)

// nameServer answers on UDP and TCP at one port of 127.0.0.1.
func nameServer(t *testing.T, h handler) netip.AddrPort {
	t.Helper()
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	tcp, err := net.Listen("tcp", udp.LocalAddr().String())
	if err != nil {
		t.Skip(err)
	}
	for _, s := range []*dns.Server{{PacketConn: udp}, {Listener: tcp}} {
		s.Handler = dns.HandlerFunc(h)
		started, done := make(chan struct{}), make(chan struct{})
		s.NotifyStartedFunc = func() { close(started) }
		go func() { defer close(done); _ = s.ActivateAndServe() }()
		<-started
		t.Cleanup(func() { _ = s.Shutdown(); <-done })
	}
	return netip.MustParseAddrPort(udp.LocalAddr().String())
}

// zone answers with these records, whatever the name; a family without one is NODATA.
func zone(records ...string) handler {
	return func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		for _, r := range records {
			rr, err := dns.NewRR(r)
			if err != nil {
				panic(err)
			}
			if rr.Header().Rrtype == q.Question[0].Qtype || rr.Header().Rrtype == dns.TypeCNAME {
				m.Answer = append(m.Answer, rr)
			}
		}
		_ = w.WriteMsg(m)
	}
}

func rcode(code int) handler {
	return func(w dns.ResponseWriter, q *dns.Msg) { _ = w.WriteMsg(new(dns.Msg).SetRcode(q, code)) }
}

func silent(dns.ResponseWriter, *dns.Msg) {}

// byType answers A and AAAA differently.
func byType(a, aaaa handler) handler {
	return func(w dns.ResponseWriter, q *dns.Msg) {
		if q.Question[0].Qtype == dns.TypeA {
			a(w, q)
			return
		}
		aaaa(w, q)
	}
}

// counted counts the questions.
func counted(n *atomic.Int32, h handler) handler {
	return func(w dns.ResponseWriter, q *dns.Msg) { n.Add(1); h(w, q) }
}

func asking(servers ...netip.AddrPort) *hop.Env {
	return &hop.Env{DNS: &hop.Resolver{Servers: servers, Hosts: "-", Config: os.DevNull}}
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
