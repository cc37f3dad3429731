package hop_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"edgenet/internal/hop"
	"edgenet/internal/lab/pki"
	"edgenet/report"
)

// TestNotValidated: a resolver that fails, and answers where it is asked not to validate, does so for DNSSEC; one that
// fails now and then, or always, does not.
func TestNotValidated(t *testing.T) {
	t.Parallel()
	failing := func(answers func(q *dns.Msg, n int32) bool) handler {
		var n atomic.Int32
		return func(w dns.ResponseWriter, q *dns.Msg) {
			if q.Question[0].Qtype == dns.TypeA && answers(q, n.Add(1)) {
				zone(host+". 60 IN A 20.1.2.3")(w, q)
				return
			}
			m := new(dns.Msg).SetRcode(q, dns.RcodeServerFailure)
			if q.IsEdns0() != nil {
				m.SetEdns0(1232, false)
				m.IsEdns0().Option = append(m.IsEdns0().Option, &dns.EDNS0_EDE{InfoCode: 8})
			}
			_ = w.WriteMsg(m)
		}
	}
	for name, row := range map[string]struct {
		h    handler
		want bool
	}{
		"validates":       {failing(func(q *dns.Msg, _ int32) bool { return q.CheckingDisabled }), true},
		"always fails":    {failing(func(*dns.Msg, int32) bool { return false }), false},
		"recovers by now": {failing(func(_ *dns.Msg, n int32) bool { return n > 2 }), false},
	} {
		env := asking(nameServer(t, row.h))
		tr := hop.NewTrace(t.Context(), time.Now())
		if _, fault := hop.Resolve(t.Context(), env, tr, report.HopTarget, host, 443); fault == nil ||
			fault.Cause != report.DNSServfail {
			t.Fatalf("%s: %+v", name, fault)
		}
		d := tr.Steps()[0].Detail.(*report.DNSDetail)
		if a := d.Resolvers[0]; a.Unvalidated != row.want || !strings.HasPrefix(a.Extended, "EDE 8 ") {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

// TestUDPOnceMore: where UDP was silent and TCP answers, UDP is asked once more, as it may pass by now.
func TestUDPOnceMore(t *testing.T) {
	t.Parallel()
	var open atomic.Bool
	server := nameServer(t, func(w dns.ResponseWriter, q *dns.Msg) {
		if w.RemoteAddr().Network() == "tcp" {
			open.Store(true)
		}
		if open.Load() {
			zone(host+". 60 IN A 20.1.2.3")(w, q)
		}
	})
	// UDP is asked after 0, 1, 2, 4 and 8 s, TCP after half of the time
	ctx, cancel := hop.WithPatience(t.Context(), 5200*time.Millisecond)
	defer cancel()
	env := asking(server)
	tr := hop.NewTrace(t.Context(), time.Now())
	began := time.Now()
	addrs, fault := hop.Resolve(ctx, env, tr, report.HopTarget, host, 443)
	if took := time.Since(began); fault != nil || len(addrs) != 1 || took > 3900*time.Millisecond {
		t.Fatalf("%v %+v after %s", addrs, fault, took)
	}
	if a := tr.Steps()[0].Detail.(*report.DNSDetail).Resolvers[0]; a.DurationMs > 1500 {
		t.Errorf("the server took %v", a.DurationMs)
	}
}

// TestNdots: it is told why a whole name was completed first.
func TestNdots(t *testing.T) {
	t.Parallel()
	answers := byName(host+".corp.test.", zone(host+".corp.test. 60 IN A 20.1.2.3"), rcode(dns.RcodeNameError))
	for options, want := range map[string]int{"options ndots:5\n": 5, "": 0} {
		env := asking(nameServer(t, answers))
		env.DNS.Config = file(t, "search corp.test\n"+options)
		_, d := resolved(t, env, host)
		if d.Answered == "" || d.Ndots != want {
			t.Errorf("%q: %+v", options, d)
		}
	}
}

// TestKnown: a name that is known is not asked for again, whatever it has by now.
func TestKnown(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	env := asking(nameServer(t, func(w dns.ResponseWriter, q *dns.Msg) {
		n.Add(1)
		zone(host+". 0 IN A 20.1.2.3")(w, q)
	}))
	tr := hop.NewTrace(t.Context(), time.Now())
	first, fault := hop.Resolve(t.Context(), env, tr, report.HopTarget, host, 443)
	asked := n.Load()
	env.Known = tr.Found()
	again, _ := hop.Resolve(t.Context(), env, tr, report.HopTarget, host, 5671)
	if fault != nil || len(first) != 1 || len(again) != 1 || again[0].Addr() != first[0].Addr() || again[0].Port() != 5671 ||
		n.Load() != asked {
		t.Errorf("%v %v, asked %d and %d times, %+v", first, again, asked, n.Load(), fault)
	}
}

// TestSibling: a chain that ends below a root of an organization whose CA is installed here lacks what stands between.
func TestSibling(t *testing.T) {
	t.Parallel()
	authority := func(name, who string) *pki.Authority {
		a, err := pki.NewAuthority(pkix.Name{CommonName: name, Organization: []string{who}})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	root, box := authority("Corp Root", "Corp"), authority("Corp Issuing", "Corp")
	for name, row := range map[string]struct {
		installed []*x509.Certificate
		want      string
	}{
		"its organization's root":   {[]*x509.Certificate{root.Certificate}, "CN=Corp Root,O=Corp"},
		"another organization's":    {[]*x509.Certificate{authority("Root", "Other").Certificate}, ""},
		"the CA that issued it too": {[]*x509.Certificate{box.Certificate}, ""},
		"none":                      {nil, ""},
	} {
		d := shown(t, box, &hop.Trust{NoOS: true, Extra: row.installed})
		if d.Sibling != row.want {
			t.Errorf("%s: %q", name, d.Sibling)
		}
	}
}

// shown is the evidence of a handshake with a server that sends its own certificate alone.
func shown(t *testing.T, a *pki.Authority, trust *hop.Trust) *report.TLSDetail {
	t.Helper()
	tr := hop.NewTrace(t.Context(), time.Now())
	c := speaking(t, a, tls.VersionTLS13)
	s, _ := hop.Handshake(t.Context(), &hop.Env{Trust: trust}, tr, report.HopTarget, c,
		hop.TLSOptions{ServerName: host, Consumer: hop.Containers})
	if s != nil {
		_ = s.Close()
	}
	return tr.Steps()[0].Detail.(*report.TLSDetail)
}

// TestOldVersion: a peer that knows nothing newer than TLS 1.0 shows whose it is.
func TestOldVersion(t *testing.T) {
	t.Parallel()
	box, err := pki.NewAuthority(pkix.Name{CommonName: "Old Box"})
	if err != nil {
		t.Fatal(err)
	}
	for version, want := range map[uint16]string{tls.VersionTLS10: "TLS 1.0", tls.VersionTLS11: "TLS 1.1",
		tls.VersionTLS12: ""} {
		c := speaking(t, box, version)
		got, err := hop.ChosenSuite(t.Context(), c, host)
		if err != nil || got.Old != want {
			t.Errorf("%x: %+v, %v", version, got, err)
		}
	}
}

// speaking connects to a server that knows no newer version.
func speaking(t *testing.T, a *pki.Authority, most uint16) net.Conn {
	t.Helper()
	cert, err := a.Issue(pki.Leaf{Names: []string{host}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{cert},
		MinVersion: tls.VersionTLS10, MaxVersion: most}) //nolint:gosec // that is the case
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
			go func() { _ = c.(*tls.Conn).HandshakeContext(context.Background()); _ = c.Close() }()
		}
	}()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return c
}
