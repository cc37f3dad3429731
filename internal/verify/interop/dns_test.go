//go:build interop && unix

package interop

import (
	"fmt"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/miekg/dns"

	"edgenet/internal/verify/blackbox"
	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

// dnsmasq starts a name server at an address, with no upstream of its own.
func dnsmasq(t *testing.T, address string, options ...string) *blackbox.Process {
	t.Helper()
	blackbox.Need(t, "dnsmasq")
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	line := append([]string{"dnsmasq", "-k", "-C", "/dev/null", "--no-resolv", "--no-hosts", "--user=root",
		"--pid-file=", "--bind-interfaces", "--listen-address=" + host, "--port=" + port}, options...)
	p := blackbox.Start(t, nil, line...)
	awaitDNS(t, p, address)
	return p
}

func awaitDNS(t *testing.T, p *blackbox.Process, address string) {
	t.Helper()
	p.Await(t, 10*time.Second, "answering DNS", func() bool {
		m := new(dns.Msg).SetQuestion("ready.test.", dns.TypeA)
		_, _, err := (&dns.Client{Timeout: 500 * time.Millisecond}).Exchange(m, address)
		return err == nil
	})
}

func ask(host, resolver string) []string {
	return []string{"--hub", host, "--route", "direct", "--resolver", resolver}
}

func TestNameServers(t *testing.T) {
	t.Parallel()
	nxdomain, records, frozen := testkit.NobodyAt(t), testkit.NobodyAt(t), testkit.NobodyAt(t)
	dnsmasq(t, nxdomain, "--address=/#/")
	dnsmasq(t, records, "--txt-record="+hub+",x", "--local=/"+hub+"/", "--address=/"+azure+"/0.0.0.0")
	dnsmasq(t, frozen).Freeze(t)
	all := []report.Cause{report.DNSNXDomain, report.DNSNoAddress, report.DNSServfail, report.DNSRefused,
		report.DNSTimeout, report.DNSUnreachable, report.DNSSinkhole, report.DNSMalformed}
	for _, c := range []struct {
		by, how, host, resolver string
		cause                   report.Cause
	}{
		{"dnsmasq", "NXDOMAIN", hub, nxdomain, report.DNSNXDomain},
		{"dnsmasq", "a name with a TXT record alone", hub, records, report.DNSNoAddress},
		{"dnsmasq", "no upstream: REFUSED", "other.interop.test", records, report.DNSRefused},
		{"dnsmasq", "0.0.0.0 for a name under azure-devices.net", azure, records, report.DNSSinkhole},
		{"dnsmasq", "frozen", hub, frozen, report.DNSTimeout},
		{"unbound", "a forwarder that refuses (dnsmasq): SERVFAIL", "other.azure-devices.net", unbound(t, records),
			report.DNSServfail},
		{"socat", "text in place of DNS", hub, garbage(t), report.DNSMalformed},
		{"linux", "a closed UDP port", hub, testkit.NobodyAt(t), report.DNSUnreachable},
	} {
		t.Run(c.how, func(t *testing.T) {
			t.Parallel()
			check(t, c.by, c.how, ask(c.host, c.resolver), fails(report.HTTPS, c.cause, others(all, c.cause)...),
				fails(report.AMQP, c.cause, others(all, c.cause)...))
		})
	}
}

// unbound starts a resolver that knows nothing but to ask another one.
func unbound(t *testing.T, forward string) string {
	t.Helper()
	blackbox.Need(t, "unbound")
	address := testkit.NobodyAt(t)
	conf := fmt.Sprintf("server:\n  interface: 127.0.0.1\n  port: %s\n  do-daemonize: no\n  username: \"\"\n  "+
		"chroot: \"\"\n  pidfile: \"\"\n  use-syslog: no\n  do-not-query-localhost: no\n  module-config: iterator\n"+
		"remote-control:\n  control-enable: no\nforward-zone:\n  name: \".\"\n  forward-addr: 127.0.0.1@%s\n",
		portOf(address), portOf(forward))
	p := blackbox.Start(t, nil, "unbound", "-d", "-c", write(t, filepath.Join(openDir(t), "unbound.conf"), conf))
	awaitDNS(t, p, address)
	return address
}

// garbage answers every datagram with a line of text.
func garbage(t *testing.T) string {
	t.Helper()
	blackbox.Need(t, "socat")
	address := testkit.NobodyAt(t)
	p := blackbox.Start(t, nil, "socat", "UDP-RECVFROM:"+portOf(address)+",bind=127.0.0.1,fork",
		"SYSTEM:dd bs=4096 count=1 of=/dev/null 2>/dev/null; echo hello") // read first: socat drops the answer of who does not
	p.Await(t, 10*time.Second, "answering", func() bool {
		c, err := net.Dial("udp", address)
		if err != nil {
			return false
		}
		defer func() { _ = c.Close() }()
		_ = c.SetDeadline(time.Now().Add(300 * time.Millisecond))
		_, _ = c.Write([]byte("x"))
		_, err = c.Read(make([]byte, 16))
		return err == nil
	})
	return address
}
