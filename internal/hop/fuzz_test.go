package hop

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"edgenet/report"
)

// FuzzAnswer reads any datagram as an answer, and judges it.
func FuzzAnswer(f *testing.F) {
	q := new(dns.Msg).SetQuestion("hub.azure-devices.net.", dns.TypeA)
	q.Id = 7
	for _, records := range [][]string{nil, {"hub.azure-devices.net. 1 IN A 1.2.3.4"},
		{"hub.azure-devices.net. 1 IN CNAME a.", "a. 1 IN CNAME hub.azure-devices.net."},
		{"hub.azure-devices.net. 1 IN CNAME a.test.", "a.test. 1 IN AAAA ::1", "a.test. 1 IN A 0.0.0.0"}} {
		m := new(dns.Msg).SetReply(q)
		for _, r := range records {
			rr, err := dns.NewRR(r)
			if err != nil {
				f.Fatal(err)
			}
			m.Answer = append(m.Answer, rr)
		}
		p, err := m.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(p)
		f.Add(p[:len(p)-2])
	}
	f.Add([]byte("HTTP/1.1 400 Bad Request"))
	f.Fuzz(func(t *testing.T, p []byte) {
		m := new(dns.Msg)
		if m.Unpack(p) != nil || !answers(m, q) {
			return
		}
		a := read(m, q, serverAnswer{code: codeTimeout, transport: "udp",
			server: netip.MustParseAddrPort("127.0.0.1:53")})
		if a.code == codeTimeout || a.code == codeOK && len(a.addrs) == 0 || a.code != codeOK && len(a.addrs) > 0 {
			t.Fatalf("code %d with %d addresses", a.code, len(a.addrs))
		}
		if len(a.addrs) > maxAddresses || len(a.cname) > 16 || a.public().Answer == "" {
			t.Fatalf("%d addresses, %d names, answer %q", len(a.addrs), len(a.cname), a.public().Answer)
		}
		for _, c := range a.cname {
			if strings.ContainsAny(c, "\x1b\x00\n") {
				t.Fatalf("%q", c)
			}
		}
		got, fault := judge("hub.azure-devices.net", choose([]serverAnswer{a}), &Env{})
		if (fault == nil) != (len(got) > 0) || fault != nil && (fault.Summary == "" || fault.Cause == "" ||
			fault.Cause == report.DNSTimeout) {
			t.Fatalf("%v, %+v", got, fault)
		}
	})
}

// FuzzHosts reads any hosts file.
func FuzzHosts(f *testing.F) {
	for _, s := range []string{"", "127.0.0.1 localhost\n::1 localhost # x", "1.2.3.4\thub.test hub.test",
		"#1.2.3.4 hub.test", "fe80::1%lo hub.test.", "1.2.3.4 HUB.TEST\r\n", "x hub.test", "::ffff:1.2.3.4 hub.test"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		addrs, _ := readHosts(strings.NewReader(text), "hub.test")
		for _, a := range addrs {
			if !a.IsValid() || a.Is4In6() || !strings.Contains(strings.ToLower(text), "hub.test") {
				t.Fatalf("%v of %q", a, text)
			}
		}
	})
}

// FuzzServerHello reads anything as the start of a peer's answer to a hello.
func FuzzServerHello(f *testing.F) {
	f.Add([]byte("\x16\x03\x03\x00\x31\x02\x00\x00\x2d\x03\x03" + strings.Repeat("x", 32) + "\x00\xc0\x28\x00"))
	f.Add([]byte("\x15\x03\x03\x00\x02\x02\x28"))
	f.Add([]byte("\x16\x03\x03\xff\xff\x02"))
	f.Fuzz(func(t *testing.T, p []byte) {
		if id, _, err := readAnswer(bytes.NewReader(p)); err == nil && (len(p) < 46 || p[0] != 22 || p[5] != 2) {
			t.Fatalf("suite %#x of %q", id, p)
		}
		_ = legacy(p)
	})
}
