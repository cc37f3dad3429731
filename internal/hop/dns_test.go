package hop_test

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"edgenet/internal/hop"
	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

// raw answers below the level of messages.
func raw(f func(q *dns.Msg) []byte) handler {
	return func(w dns.ResponseWriter, q *dns.Msg) { _, _ = w.Write(f(q)) }
}

func garbage(*dns.Msg) []byte { return []byte("HTTP/1.1 400 Bad Request") }

// echo sends the question back, as a port that mirrors what it gets.
func echo(q *dns.Msg) []byte { p, _ := q.Pack(); return p }

func cut(q *dns.Msg) []byte { // in the middle of a record
	m := new(dns.Msg).SetReply(q)
	m.Answer = []dns.RR{&dns.TXT{Hdr: dns.RR_Header{Name: q.Question[0].Name, Rrtype: dns.TypeTXT,
		Class: dns.ClassINET}, Txt: []string{"text"}}}
	p, _ := m.Pack()
	return p[:len(p)-3]
}

const a4 = host + ". 60 IN A 20.1.2.3"

func TestDNSCauses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		h      handler
		cause  report.Cause
		answer string // what the resolver itself is noted to have said
		values []string
	}{
		{"nxdomain", rcode(dns.RcodeNameError), report.DNSNXDomain, "NXDOMAIN", []string{"does not exist"}},
		{"nxdomain, and silence for the other family", byType(rcode(dns.RcodeNameError), silent), report.DNSNXDomain,
			"NXDOMAIN", nil},
		{"nodata", zone(), report.DNSNoAddress, "NOERROR", []string{"has no address"}},
		{"servfail", rcode(dns.RcodeServerFailure), report.DNSServfail, "SERVFAIL", []string{"SERVFAIL"}},
		{"refused", rcode(dns.RcodeRefused), report.DNSRefused, "REFUSED", []string{"REFUSED"}},
		{"half an answer is none", byType(zone(), rcode(dns.RcodeServerFailure)), report.DNSServfail, "SERVFAIL", nil},
		{"the other half neither", byType(rcode(dns.RcodeServerFailure), zone()), report.DNSServfail, "SERVFAIL", nil},
		{"garbage", raw(garbage), report.DNSMalformed, "malformed", []string{"is not DNS"}},
		{"a mirror", raw(echo), report.DNSMalformed, "malformed", []string{"a question came back"}},
		{"a record cut short", raw(cut), report.DNSMalformed, "malformed", nil},
		{"a query type it does not know", rcode(dns.RcodeNotImplemented), report.Unknown, "NOTIMP", []string{"NOTIMP"}},
		{"a code nobody knows", rcode(12), report.Unknown, "RCODE 12", []string{"RCODE 12"}},
		{"a loop of CNAMEs", zone(host+". 60 IN CNAME b.test.", "b.test. 60 IN CNAME "+host+"."), report.DNSNoAddress,
			"NOERROR", nil},
		{"addresses of another name", zone("evil.test. 60 IN A 20.1.2.3"), report.DNSNoAddress, "NOERROR", nil},
		{"sinkhole 0.0.0.0", zone(host + ". 60 IN A 0.0.0.0"), report.DNSSinkhole, "NOERROR",
			[]string{"0.0.0.0", "no public address"}},
		{"sinkhole ::", zone(host+". 60 IN AAAA ::", host+". 60 IN A 127.0.0.1"), report.DNSSinkhole, "NOERROR",
			[]string{"::", "127.0.0.1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := nameServer(t, tt.h)
			tr := trace()
			_, f := hop.Resolve(testkit.Within(t, 5*time.Second), asking(server), tr, report.HopTarget, host, 443)
			st := failed(t, tr, f, report.HopTarget, report.StageDNS, tt.cause,
				append(tt.values, host, server.String())...)
			d := st.Detail.(*report.DNSDetail)
			if d.Name != host || d.Resolver != server.String() || d.At == nil || len(d.Resolvers) != 1 {
				t.Fatalf("detail %+v", d)
			}
			if st.DurationMs > 2500 {
				t.Errorf("took %v ms: a definite answer waits for nothing", st.DurationMs)
			}
			if r := d.Resolvers[0]; r.Answer != tt.answer || r.Resolver != server.String() || r.Transport != "udp" {
				t.Errorf("the resolver's answer: %+v", r)
			}
		})
	}
}

// TestSinkholes: every range that no public service lives in, and some that look odd but
// are used for real: private link, tunnels, shared addresses.
func TestSinkholes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		address string
		sink    bool
	}{
		{"0.0.0.0", true}, {"0.1.2.3", true}, {"127.0.0.53", true}, {"169.254.1.1", true}, {"192.0.2.1", true},
		{"198.51.100.9", true}, {"203.0.113.9", true},
		{"::", true}, {"::1", true}, {"fe80::1", true}, {"2001:db8::1", true}, {"3fff::1", true},
		{"10.0.0.4", false}, {"172.16.0.1", false}, {"192.168.1.1", false}, {"100.64.0.1", false}, {"20.1.2.3", false},
		{"198.18.0.1", false}, {"fd00::1", false}, {"2a00::1", false},
	} {
		t.Run(tt.address, func(t *testing.T) {
			t.Parallel()
			kind := "A"
			if strings.Contains(tt.address, ":") {
				kind = "AAAA"
			}
			env := asking(nameServer(t, zone(host+". 1 IN "+kind+" "+tt.address, "gw.corp. 1 IN "+kind+" "+tt.address)))
			tr := trace()
			addrs, f := hop.Resolve(testkit.Within(t, 5*time.Second), env, tr, report.HopTarget, host, 443)
			if tt.sink {
				failed(t, tr, f, report.HopTarget, report.StageDNS, report.DNSSinkhole, tt.address)
			} else if f != nil || len(addrs) != 1 {
				t.Errorf("got %v, %v", addrs, f)
			}
			if addrs, f := hop.Resolve(testkit.Within(t, 5*time.Second), env, trace(), report.HopTarget, "gw.corp",
				443); f != nil || addrs[0].Addr().String() != tt.address {
				t.Errorf("a name that is not public may have it: got %v, %v", addrs, f)
			}
		})
	}
	env := asking(nameServer(t, zone(host+". 1 IN A 127.0.0.1", host+". 1 IN A 20.1.2.3")))
	if _, f := hop.Resolve(testkit.Within(t, 5*time.Second), env, trace(), report.HopTarget, host, 443); f != nil {
		t.Errorf("one public address among others is no sinkhole: %v", f)
	}
}

// TestAddressesOfNobody: a group's or everybody's address is not dialled, whatever the name.
func TestAddressesOfNobody(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"224.0.0.1", "239.255.255.250", "255.255.255.255", "ff02::1", "ff0e::5",
		"::ffff:224.0.0.1"} {
		kind := "A"
		if strings.Contains(address, ":") {
			kind = "AAAA"
		}
		for _, name := range []string{host, "gw.corp"} {
			env := asking(nameServer(t, zone(name+". 1 IN "+kind+" "+address)))
			tr := trace()
			_, f := hop.Resolve(testkit.Within(t, 5*time.Second), env, tr, report.HopTarget, name, 443)
			failed(t, tr, f, report.HopTarget, report.StageDNS, report.DNSSinkhole, name, "where no host can be")
		}
	}
	env := asking(nameServer(t, zone("gw.corp. 1 IN A 224.0.0.1", "gw.corp. 1 IN A 10.1.2.3",
		"gw.corp. 1 IN A 255.255.255.255")))
	addrs, f := hop.Resolve(testkit.Within(t, 5*time.Second), env, trace(), report.HopTarget, "gw.corp", 443)
	if f != nil || len(addrs) != 1 || addrs[0].Addr().String() != "10.1.2.3" {
		t.Errorf("only the one of a host is to be dialled: %v, %v", addrs, f)
	}
}

// TestSinkholeLab: the lab's own name lives on loopback, and nowhere else that is no
// public address; its resolver on loopback is asked whatever the source is.
func TestSinkholeLab(t *testing.T) {
	t.Parallel()
	const lab = "lab.azure-devices.test"
	for address, sink := range map[string]bool{"127.0.0.1": false, "0.0.0.0": true, "192.0.2.1": true} {
		env := asking(nameServer(t, zone(lab+". 1 IN A "+address)))
		env.Source = hop.Source{IPv4: netip.MustParseAddr("192.0.2.77")}
		_, f := hop.Resolve(testkit.Within(t, 5*time.Second), env, trace(), report.HopTarget, lab, 443)
		if got := f != nil && f.Cause == report.DNSSinkhole; got != sink || f != nil && !sink {
			t.Errorf("%s: %+v, a sinkhole: %v", address, f, sink)
		}
	}
}

// TestSinkholeNever: what somebody on this host wrote down is meant.
func TestSinkholeNever(t *testing.T) {
	t.Parallel()
	hosts := &hop.Env{DNS: &hop.Resolver{Hosts: file(t,
		"127.0.0.1 localhost\n127.0.0.9 other HUB.azure-devices.net. # x\n"), Config: file(t, "")}}
	tr := trace()
	addrs, f := hop.Resolve(testkit.Within(t, time.Second), hosts, tr, report.HopTarget, host, 443)
	if f != nil || len(addrs) != 1 || addrs[0].String() != "127.0.0.9:443" {
		t.Fatalf("hosts file: %v, %v", addrs, f)
	}
	if d := tr.Steps()[0].Detail.(*report.DNSDetail); d.Resolver != "hosts file" || d.Addresses[0] != "127.0.0.9" {
		t.Errorf("detail %+v", d)
	}
	to := netip.MustParseAddrPort("127.0.0.1:8443")
	connectTo := &hop.Env{ConnectTo: map[string]netip.AddrPort{hop.HostPort("HUB.azure-devices.net.", 443): to}}
	tr = trace()
	addrs, f = hop.Resolve(testkit.Within(t, time.Second), connectTo, tr, report.HopTarget, host, 443)
	if f != nil || !slices.Equal(addrs, []netip.AddrPort{to}) {
		t.Fatalf("connect-to: %v, %v", addrs, f)
	}
	if d := tr.Steps()[0].Detail.(*report.DNSDetail); d.Resolver != "connect-to" {
		t.Errorf("detail %+v", d)
	}
}

func TestDNSTimeout(t *testing.T) {
	t.Parallel()
	foreign := raw(func(q *dns.Msg) []byte { // answers to questions that nobody asked
		m := new(dns.Msg).SetReply(q)
		m.Id++
		p, _ := m.Pack()
		return p
	})
	other := raw(func(q *dns.Msg) []byte {
		m := new(dns.Msg).SetReply(q)
		m.Question[0].Name = "other.test."
		p, _ := m.Pack()
		return p
	})
	for name, h := range map[string]handler{"silence": silent, "wrong id": foreign, "wrong name": other,
		"one family silent": byType(zone(), silent)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := nameServer(t, h)
			tr := trace()
			_, f := hop.Resolve(testkit.Within(t, 300*time.Millisecond), asking(server), tr,
				report.HopTarget, host, 443)
			st := failed(t, tr, f, report.HopTarget, report.StageDNS, report.DNSTimeout, "no answer for "+host,
				server.String())
			if r := st.Detail.(*report.DNSDetail).Resolvers[0]; r.Answer != "timeout" || r.DurationMs < 250 {
				t.Errorf("resolver %+v", r)
			}
		})
	}
	one, two := nameServer(t, silent), nameServer(t, silent)
	tr := trace()
	_, f := hop.Resolve(testkit.Within(t, 300*time.Millisecond), asking(one, two), tr, report.HopTarget, host, 443)
	failed(t, tr, f, report.HopTarget, report.StageDNS, report.DNSTimeout, "any of 2 resolvers")
}

// TestDNSUnreachable is not parallel: nobody else may take the port that it closed.
func TestDNSUnreachable(t *testing.T) {
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	shut := netip.MustParseAddrPort(udp.LocalAddr().String())
	_ = udp.Close()
	tr := trace()
	_, f := hop.Resolve(testkit.Within(t, 5*time.Second), asking(shut), tr, report.HopProxy, "proxy.corp", 3128)
	st := failed(t, tr, f, report.HopProxy, report.StageDNS, report.DNSUnreachable, "proxy.corp",
		shut.String(), "refused")
	if d := st.Detail.(*report.DNSDetail); d.Errno != "ECONNREFUSED" || d.Resolvers[0].Answer != "unreachable" {
		t.Errorf("detail %+v", d)
	}
	for _, conf := range []string{file(t, "# nothing\nnameserver not-an-address\n"), file(t, "") + "-not-here"} {
		tr = trace()
		_, f = hop.Resolve(testkit.Within(t, 5*time.Second), &hop.Env{DNS: &hop.Resolver{Hosts: "-", Config: conf}}, tr,
			report.HopTarget, host, 443)
		failed(t, tr, f, report.HopTarget, report.StageDNS, report.DNSUnreachable, host, "no resolver is configured")
	}
}

func TestDNSNoName(t *testing.T) {
	t.Parallel()
	tr := trace()
	_, f := hop.Resolve(testkit.Within(t, time.Second), asking(nameServer(t, silent)), tr, report.HopTarget,
		strings.Repeat("x", 64)+".test", 443)
	failed(t, tr, f, report.HopTarget, report.StageDNS, report.Unknown, "no name that can be asked for")
}

// resolved asserts success and gives addresses and detail.
func resolved(t *testing.T, env *hop.Env, name string) ([]netip.AddrPort, *report.DNSDetail) {
	t.Helper()
	tr := trace()
	addrs, f := hop.Resolve(testkit.Within(t, 5*time.Second), env, tr, report.HopTarget, name, 443)
	if f != nil {
		t.Fatalf("%s: %s %s", name, f.Cause, f.Summary)
	}
	st := tr.Steps()[0]
	if st.Status != report.OK || st.Cause != "" || st.Stage != report.StageDNS {
		t.Errorf("step %+v", st)
	}
	return addrs, st.Detail.(*report.DNSDetail)
}

func TestDNSAnswers(t *testing.T) {
	t.Parallel()
	chain := zone(host+". 300 IN CNAME Mid.TEST.", "mid.test. 30 IN CNAME end.test.", "end.test. 60 IN A 20.1.2.3",
		"end.test. 60 IN A 20.1.2.4", "end.test. 60 IN AAAA 2a00::1")
	addrs, d := resolved(t, asking(nameServer(t, chain)), host)
	if fmt.Sprint(addrs) != "[20.1.2.3:443 20.1.2.4:443 [2a00::1]:443]" {
		t.Errorf("IPv4 comes first: %v", addrs)
	}
	if fmt.Sprint(d.CNAME) != "[Mid.TEST end.test]" || d.TTLSec == nil || *d.TTLSec != 30 ||
		fmt.Sprint(d.Addresses) != "[20.1.2.3 20.1.2.4 2a00::1]" || d.Errno != "" {
		t.Errorf("detail %+v", d)
	}
	if r := d.Resolvers[0]; r.Answer != "NOERROR" || len(r.Addresses) != 3 || len(r.CNAME) != 2 || *r.TTLSec != 30 {
		t.Errorf("resolver %+v", r)
	}
	if addrs, _ := resolved(t, asking(nameServer(t, byType(zone(a4), rcode(dns.RcodeServerFailure)))),
		host); len(addrs) != 1 {
		t.Errorf("a family that fails does not matter beside one that answers: %v", addrs)
	}
	tr := trace()
	if addrs, f := hop.Resolve(testkit.Within(t, time.Second), asking(), tr, report.HopTarget, "::ffff:192.0.2.7",
		443); f != nil || addrs[0].String() != "192.0.2.7:443" || len(tr.Steps()) != 0 {
		t.Errorf("a literal is not resolved: %v", addrs)
	}
}

func TestDNSManyAddresses(t *testing.T) {
	t.Parallel()
	var records []string
	for i := range 200 {
		records = append(records, fmt.Sprintf("%s. 60 IN A 20.1.2.%d", host, i))
	}
	var tcp atomic.Int32
	truncating := func(w dns.ResponseWriter, q *dns.Msg) {
		if w.RemoteAddr().Network() == "udp" {
			m := new(dns.Msg).SetReply(q)
			m.Truncated = true
			_ = w.WriteMsg(m)
			return
		}
		tcp.Add(1)
		zone(records...)(w, q)
	}
	addrs, d := resolved(t, asking(nameServer(t, truncating)), host)
	if len(addrs) != 32 || d.Resolvers[0].Transport != "tcp" || tcp.Load() == 0 {
		t.Errorf("%d addresses by %s", len(addrs), d.Resolvers[0].Transport)
	}
}

// TestDNSBeforeEDNS: servers that refuse what they do not know are asked in their own way.
func TestDNSBeforeEDNS(t *testing.T) {
	t.Parallel()
	for _, code := range []int{dns.RcodeFormatError, dns.RcodeNotImplemented} {
		ancient := func(w dns.ResponseWriter, q *dns.Msg) {
			if q.IsEdns0() != nil {
				m := new(dns.Msg).SetRcode(q, code)
				m.Question = nil
				_ = w.WriteMsg(m)
				return
			}
			zone(a4)(w, q)
		}
		if addrs, _ := resolved(t, asking(nameServer(t, ancient)), host); len(addrs) != 1 {
			t.Errorf("%v", addrs)
		}
	}
}

func TestDNSFamilies(t *testing.T) {
	t.Parallel()
	both := asking(nameServer(t, zone(a4, host+". 60 IN AAAA 2a00::1")))
	both.Family = hop.IPv6Only
	if addrs, _ := resolved(t, both, host); fmt.Sprint(addrs) != "[[2a00::1]:443]" {
		t.Errorf("-6: %v", addrs)
	}
	both.Family = hop.IPv4Only
	if addrs, _ := resolved(t, both, host); fmt.Sprint(addrs) != "[20.1.2.3:443]" {
		t.Errorf("-4: %v", addrs)
	}
	v6 := asking(nameServer(t, zone(host+". 60 IN AAAA 2a00::1")))
	v6.Family = hop.IPv4Only
	tr := trace()
	_, f := hop.Resolve(testkit.Within(t, 5*time.Second), v6, tr, report.HopTarget, host, 443)
	failed(t, tr, f, report.HopTarget, report.StageDNS, report.DNSNoAddress, host, "no IPv4 address")
	v4 := asking(nameServer(t, zone(a4)))
	v4.Family = hop.IPv6Only
	tr = trace()
	_, f = hop.Resolve(testkit.Within(t, 5*time.Second), v4, tr, report.HopTarget, host, 443)
	failed(t, tr, f, report.HopTarget, report.StageDNS, report.DNSNoAddress, host, "no IPv6 address")
}

// TestResolverOrder: the system's order decides, whoever is faster.
func TestResolverOrder(t *testing.T) {
	t.Parallel()
	slow := func(h handler, d time.Duration) handler {
		return func(w dns.ResponseWriter, q *dns.Msg) { time.Sleep(d); h(w, q) }
	}
	b4 := zone(host + ". 60 IN A 20.9.9.9")
	for _, tt := range []struct {
		name          string
		first, second handler
		want          string // the address, or a cause
		least, most   time.Duration
	}{
		{"the first is slower, within the grace", slow(zone(a4), 200*time.Millisecond), b4, "20.1.2.3",
			200 * time.Millisecond, 450 * time.Millisecond},
		{"the first is silent", silent, b4, "20.9.9.9", 450 * time.Millisecond, 1500 * time.Millisecond},
		{"the first refuses", rcode(dns.RcodeRefused), b4, "20.9.9.9", 0, 400 * time.Millisecond},
		{"the first fails", rcode(dns.RcodeServerFailure), b4, "20.9.9.9", 0, 400 * time.Millisecond},
		{"the first says no", rcode(dns.RcodeNameError), b4, "dns.nxdomain", 0, 400 * time.Millisecond},
		{"the first has none", zone(), b4, "dns.no-address", 0, 400 * time.Millisecond},
		{"the second is silent", zone(a4), silent, "20.1.2.3", 450 * time.Millisecond, 1500 * time.Millisecond},
		{"none answers well: an explicit failure before silence", silent, rcode(dns.RcodeRefused), "dns.refused", 0,
			3 * time.Second},
		{"both fail: the first's", rcode(dns.RcodeServerFailure), rcode(dns.RcodeRefused), "dns.servfail", 0,
			400 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			one, two := nameServer(t, tt.first), nameServer(t, tt.second)
			ctx, tr, start := testkit.Within(t, 2*time.Second), trace(), time.Now()
			addrs, f := hop.Resolve(ctx, asking(one, two), tr, report.HopTarget, host, 443)
			if took := time.Since(start); took < tt.least || took > tt.most {
				t.Errorf("took %s, want %s to %s", took, tt.least, tt.most)
			}
			got := ""
			if f != nil {
				got = string(f.Cause)
			} else {
				got = addrs[0].Addr().String()
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			d := tr.Steps()[0].Detail.(*report.DNSDetail)
			if len(d.Resolvers) != 2 || d.Resolvers[0].Resolver != one.String() ||
				d.Resolvers[1].Resolver != two.String() {
				t.Errorf("resolvers %+v", d.Resolvers)
			}
		})
	}
}

func TestSearchDomains(t *testing.T) {
	t.Parallel()
	only := func(want string, otherwise handler) handler {
		return func(w dns.ResponseWriter, q *dns.Msg) {
			if q.Question[0].Name == want {
				zone(want+" 60 IN A 20.1.2.3")(w, q)
				return
			}
			otherwise(w, q)
		}
	}
	no := rcode(dns.RcodeNameError)
	for _, tt := range []struct {
		name, ask string
		h         handler
		want      string
		answered  string // where it is another name than the one asked for
	}{
		{"a short name in the second domain", "proxy", only("proxy.two.test.", no), "20.1.2.3", "proxy.two.test."},
		{"a short name nowhere", "proxy", no, "dns.nxdomain", ""},
		{"a short name that exists without address", "proxy", byName("proxy.one.test.", zone(), no),
			"dns.no-address", ""},
		{"a short name whose domain fails", "proxy", byName("proxy.one.test.", rcode(dns.RcodeServerFailure), no),
			"dns.servfail", ""},
		{"a name with dots as it stands", "hub.test", only("hub.test.", rcode(dns.RcodeServerFailure)), "20.1.2.3", ""},
		{"a name with dots in a domain", "hub.test", only("hub.test.one.test.", no), "20.1.2.3",
			"hub.test.one.test."},
		{"a domain's failure says nothing of a name with dots", "hub.test",
			byName("hub.test.", no, rcode(dns.RcodeServerFailure)), "dns.nxdomain", ""},
		{"nor does a domain without address", "hub.test", byName("hub.test.", no, zone()), "dns.nxdomain", ""},
		{"a final dot is final", "hub.test.", byName("hub.test.", no, zone("hub.test.one.test. 60 IN A 20.1.2.3")),
			"dns.nxdomain", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			env := asking(nameServer(t, tt.h))
			env.DNS.Config = file(t, "search one.test two.test\n")
			tr := trace()
			addrs, f := hop.Resolve(testkit.Within(t, 5*time.Second), env, tr, report.HopTarget, tt.ask, 443)
			got := ""
			if f != nil {
				got = string(f.Cause)
			} else {
				got = addrs[0].Addr().String()
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if d, _ := tr.Steps()[0].Detail.(*report.DNSDetail); d == nil || d.Answered != tt.answered {
				t.Errorf("answered: %+v, want %q", d, tt.answered)
			}
		})
	}
}

func byName(name string, h, otherwise handler) handler {
	return func(w dns.ResponseWriter, q *dns.Msg) {
		if q.Question[0].Name == name {
			h(w, q)
			return
		}
		otherwise(w, q)
	}
}

// TestLookupsShared: paths that ask for the same name at once share one round of questions.
func TestLookupsShared(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	env := asking(nameServer(t, counted(&n,
		func(w dns.ResponseWriter, q *dns.Msg) { time.Sleep(100 * time.Millisecond); zone(a4)(w, q) })))
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if addrs, f := hop.Resolve(testkit.Within(t, 5*time.Second), env, trace(), report.HopTarget, host,
				443); f != nil ||
				len(addrs) != 1 {
				t.Errorf("%v %v", addrs, f)
			}
		})
	}
	wg.Wait()
	if n.Load() != 2 {
		t.Errorf("%d questions, want one for A and one for AAAA", n.Load())
	}
}

// TestLookupWaiter: who waits for another's questions does not wait past its own time, and
// still says who was asked.
func TestLookupWaiter(t *testing.T) {
	t.Parallel()
	server := nameServer(t, silent)
	env := asking(server)
	var wg sync.WaitGroup
	wg.Go(func() { _, _ = hop.Resolve(testkit.Within(t, time.Second), env, trace(), report.HopTarget, host, 443) })
	time.Sleep(100 * time.Millisecond)
	tr, start := trace(), time.Now()
	_, f := hop.Resolve(testkit.Within(t, 200*time.Millisecond), env, tr, report.HopTarget, host, 443)
	failed(t, tr, f, report.HopTarget, report.StageDNS, report.DNSTimeout, host, server.String())
	if took := time.Since(start); took > 700*time.Millisecond {
		t.Errorf("waited %s", took)
	}
	wg.Wait()
}

// TestDNSStopped: what the round's end cuts is skipped and not failed.
func TestDNSStopped(t *testing.T) {
	t.Parallel()
	round, cancel := context.WithCancel(context.Background())
	time.AfterFunc(100*time.Millisecond, cancel)
	tr := hop.NewTrace(round, time.Now())
	_, f := hop.Resolve(round, asking(nameServer(t, silent)), tr, report.HopTarget, host, 443)
	if st := tr.Steps()[0]; f == nil || !f.Stopped || st.Status != report.Skipped || st.Cause != "" ||
		st.Summary != "" {
		t.Errorf("fault %+v, step %+v", f, st)
	}
}

func TestRedirect(t *testing.T) {
	t.Parallel()
	env := asking(nameServer(t, zone(a4)))
	to := netip.MustParseAddrPort("127.0.0.1:8443")
	env.Redirect = map[netip.AddrPort]netip.AddrPort{netip.MustParseAddrPort("20.1.2.3:443"): to}
	addrs, d := resolved(t, env, host)
	if !slices.Equal(addrs, []netip.AddrPort{to}) || d.Addresses[0] != "20.1.2.3" {
		t.Errorf("%v, said %v", addrs, d.Addresses)
	}
}

// TestOverTCP: a resolver that is silent or wrong over UDP is asked over TCP beside.
func TestOverTCP(t *testing.T) {
	t.Parallel()
	over := func(tcp, udp handler) handler {
		return func(w dns.ResponseWriter, q *dns.Msg) {
			if w.RemoteAddr().Network() == "tcp" {
				tcp(w, q)
				return
			}
			udp(w, q)
		}
	}
	garbage := func(w dns.ResponseWriter, _ *dns.Msg) {
		_, _ = w.Write([]byte("this is no DNS at all, whatever it may be"))
	}
	for _, row := range []struct {
		name string
		h    handler
		want report.Cause
		tcp  string
		says bool
	}{
		{"UDP is dropped", over(zone(a4), silent), report.DNSTimeout, "NOERROR", true},
		{"UDP is dropped, and the name is not there", over(rcode(dns.RcodeNameError), silent), report.DNSTimeout,
			"NXDOMAIN", true},
		{"both are silent", silent, report.DNSTimeout, "timeout", false},
		{"UDP is garbled", over(zone(a4), garbage), report.DNSMalformed, "NOERROR", true},
		{"UDP refuses, and that is an answer", over(zone(a4), rcode(dns.RcodeRefused)), report.DNSRefused, "", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			ctx := testkit.Within(t, 3*time.Second)
			tr := hop.NewTrace(context.Background(), time.Now())
			_, f := hop.Resolve(ctx, asking(nameServer(t, row.h)), tr, report.HopTarget, host, 443)
			if f == nil || f.Cause != row.want || strings.Contains(f.Summary, "over TCP") != row.says {
				t.Fatalf("%+v, want %s", f, row.want)
			}
			if got := tr.Steps()[0].Detail.(*report.DNSDetail).Resolvers[0].TCP; got != row.tcp {
				t.Errorf("over TCP %q, want %q", got, row.tcp)
			}
		})
	}
}

// TestNoSuchAAAA: a server that denies a name's AAAA denies no A that is still on its way.
func TestNoSuchAAAA(t *testing.T) {
	t.Parallel()
	late := func(w dns.ResponseWriter, q *dns.Msg) {
		time.Sleep(900 * time.Millisecond)
		zone(a4)(w, q)
	}
	env, tr := asking(nameServer(t, byType(late, rcode(dns.RcodeNameError)))), trace()
	addrs, f := hop.Resolve(testkit.Within(t, 10*time.Second), env, tr, report.HopTarget, host, 443)
	if f != nil || len(addrs) != 1 || addrs[0].Addr().String() != "20.1.2.3" {
		t.Errorf("%v, %+v", addrs, f)
	}
}

// A rebind protection strips a private address with its CNAME from the answer for A, and leaves
// the CNAME in that for AAAA: it is seen whichever answer comes first.
func TestCNAMEOfEitherFamily(t *testing.T) {
	t.Parallel()
	late := func(h handler) handler {
		return func(w dns.ResponseWriter, q *dns.Msg) {
			time.Sleep(50 * time.Millisecond)
			h(w, q)
		}
	}
	stripped, named := zone(), zone(host+". 60 IN CNAME hub.privatelink.azure-devices.net.")
	for name, h := range map[string]handler{"A first": byType(stripped, late(named)), "AAAA first": byType(late(stripped), named),
		"the other way round": byType(late(named), stripped)} {
		tr := trace()
		_, f := hop.Resolve(testkit.Within(t, 5*time.Second), asking(nameServer(t, h)), tr, report.HopTarget, host, 443)
		failed(t, tr, f, report.HopTarget, report.StageDNS, report.DNSNoAddress, host)
		steps := tr.Steps()
		d, ok := steps[len(steps)-1].Detail.(*report.DNSDetail)
		if !ok || fmt.Sprint(d.CNAME) != "[hub.privatelink.azure-devices.net]" {
			t.Errorf("%s: %+v", name, d)
		}
	}
}
