package hop_test

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"edgenet/internal/hop"
	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

// TestDNSDropsEDNS: what asks without EDNS, as the C library does, is answered by a server behind a
// firewall that drops the rest, and so is this.
func TestDNSDropsEDNS(t *testing.T) {
	t.Parallel()
	old := func(w dns.ResponseWriter, q *dns.Msg) {
		if q.IsEdns0() == nil {
			zone(a4)(w, q)
		}
	}
	tr := trace()
	addrs, f := hop.Resolve(testkit.Within(t, 5*time.Second), asking(nameServer(t, old)), tr, report.HopTarget, host, 443)
	if f != nil || len(addrs) != 1 {
		t.Fatalf("%v %+v", addrs, f)
	}
	if a := tr.Steps()[0].Detail.(*report.DNSDetail).Resolvers[0]; !a.WithoutEDNS {
		t.Errorf("%+v", a)
	}
}

// TestDNSAnswersLate: the answer to a question that was sent again meanwhile is an answer, as it is for
// the C library.
func TestDNSAnswersLate(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	tr := trace()
	late := func(w dns.ResponseWriter, q *dns.Msg) {
		if asked.Add(1) <= 2 { // A and AAAA, once each
			time.Sleep(1500 * time.Millisecond)
			zone(a4)(w, q)
		}
	}
	addrs, f := hop.Resolve(testkit.Within(t, 4*time.Second), asking(nameServer(t, late)), tr, report.HopTarget, host, 443)
	if f != nil || len(addrs) != 1 {
		t.Fatalf("%v %+v", addrs, f)
	}
	if a := tr.Steps()[0].Detail.(*report.DNSDetail).Resolvers[0]; a.WithoutEDNS {
		t.Errorf("%+v", a)
	}
}

// TestDNSTooLong: an answer that says that it does not fit, and TCP that says nothing, is no silence.
func TestDNSTooLong(t *testing.T) {
	t.Parallel()
	long := func(w dns.ResponseWriter, q *dns.Msg) {
		if w.RemoteAddr().Network() == "tcp" {
			return
		}
		m := new(dns.Msg).SetReply(q)
		m.Truncated = true
		_ = w.WriteMsg(m)
	}
	tr := trace()
	_, f := hop.Resolve(testkit.Within(t, 2*time.Second), asking(nameServer(t, long)), tr, report.HopTarget, host, 443)
	failed(t, tr, f, report.HopTarget, report.StageDNS, report.DNSTimeout, host, "over TCP 53")
	if a := tr.Steps()[0].Detail.(*report.DNSDetail).Resolvers[0]; a.Transport != "tcp" ||
		strings.Contains(f.Summary, "UDP 53 that does not pass") {
		t.Errorf("%+v: %s", a, f.Summary)
	}
}

// TestDNSRotates: whether the name servers are asked in turn stands in the evidence.
func TestDNSRotates(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"nameserver 127.0.0.1\noptions timeout:1 rotate\n": true,
		"nameserver 127.0.0.1\noptions timeout:1\n":        false,
		"nameserver 127.0.0.1\n# options rotate\n":         false,
	} {
		e := &hop.Env{DNS: &hop.Resolver{Hosts: "-", Config: file(t, text)}}
		tr := trace()
		_, _ = hop.Resolve(testkit.Within(t, time.Second), e, tr, report.HopTarget, host, 443)
		if d := tr.Steps()[0].Detail.(*report.DNSDetail); d.Rotate != want {
			t.Errorf("%q: %+v", text, d)
		}
	}
}

// TestDNSOverTCPAlone: a system that asks over TCP alone (options use-vc) needs no UDP 53, and this
// program does not either.
func TestDNSOverTCPAlone(t *testing.T) {
	t.Parallel()
	stream := func(w dns.ResponseWriter, q *dns.Msg) {
		if w.RemoteAddr().Network() == "tcp" {
			zone(a4)(w, q)
		}
	}
	for text, want := range map[string]bool{"options use-vc edns0\n": true, "options edns0\n": false} {
		e := asking(nameServer(t, stream))
		e.DNS.Config = file(t, text)
		tr := trace()
		_, f := hop.Resolve(testkit.Within(t, 2*time.Second), e, tr, report.HopTarget, host, 443)
		if (f == nil) != want {
			t.Errorf("%q: %+v", text, f)
		}
	}
}

// TestDNSChangesItsMind: a name that a server denies or fails for once and gives when it is asked
// again has both answers in the evidence; one that it denies twice is denied.
func TestDNSChangesItsMind(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		first handler
		times int32
		want  []string
	}{
		"denied once":  {rcode(dns.RcodeNameError), 2, []string{"NXDOMAIN", "NOERROR"}},
		"failed once":  {rcode(dns.RcodeServerFailure), 2, []string{"SERVFAIL", "NOERROR"}},
		"empty once":   {zone(), 2, []string{"NOERROR", "NOERROR"}},
		"denied":       {rcode(dns.RcodeNameError), 99, []string{"NXDOMAIN"}},
		"given":        {zone(a4), 99, []string{"NOERROR"}},
		"refused once": {rcode(dns.RcodeRefused), 2, []string{"REFUSED"}},
	} {
		var asked atomic.Int32
		tr := trace()
		server := nameServer(t, func(w dns.ResponseWriter, q *dns.Msg) {
			if asked.Add(1) <= row.times { // A and AAAA, once each
				row.first(w, q)
				return
			}
			zone(a4)(w, q)
		})
		_, _ = hop.Resolve(testkit.Within(t, 5*time.Second), asking(server), tr, report.HopTarget, host, 443)
		var got []string
		for _, a := range tr.Steps()[0].Detail.(*report.DNSDetail).Resolvers {
			got = append(got, a.Answer)
		}
		if !slices.Equal(got, row.want) {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}

// TestSearchDomainThatFails: what cannot be told of a name under a search domain says nothing of the
// name itself, and does not keep it from being asked for.
func TestSearchDomainThatFails(t *testing.T) {
	t.Parallel()
	server := nameServer(t, func(w dns.ResponseWriter, q *dns.Msg) {
		if strings.HasSuffix(q.Question[0].Name, ".svc.test.") {
			rcode(dns.RcodeServerFailure)(w, q)
			return
		}
		zone(a4)(w, q)
	})
	e := asking(server)
	e.DNS.Config = file(t, "search svc.test\noptions ndots:5\n")
	tr := trace()
	addrs, f := hop.Resolve(testkit.Within(t, 5*time.Second), e, tr, report.HopTarget, host, 443)
	d := tr.Steps()[0].Detail.(*report.DNSDetail)
	if f != nil || len(addrs) != 1 || len(d.Resolvers) != 1 || d.Resolvers[0].Answer != "NOERROR" || d.Answered != "" {
		t.Errorf("%v %+v: %+v", addrs, f, d)
	}
}

// TestDNSOverTCPAloneIsSilent: silence over TCP of a system that asks so alone is no answer that is too long.
func TestDNSOverTCPAloneIsSilent(t *testing.T) {
	t.Parallel()
	e := asking(nameServer(t, func(dns.ResponseWriter, *dns.Msg) {}))
	e.DNS.Config = file(t, "options use-vc\n")
	tr := trace()
	_, f := hop.Resolve(testkit.Within(t, time.Second), e, tr, report.HopTarget, host, 443)
	failed(t, tr, f, report.HopTarget, report.StageDNS, report.DNSTimeout, host)
	if strings.Contains(f.Summary, "too long") {
		t.Error(f.Summary)
	}
}
