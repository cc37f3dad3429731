//go:build netns && linux

package netns

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"edgenet/internal/lab/pki"
)

// ispFirewall adds a rule to what the provider forwards.
func (n *network) ispFirewall(rule string) {
	n.t.Helper()
	n.nft("isp", "add table inet f\nadd chain inet f forward { type filter hook forward priority 0; }\nadd rule inet "+
		"f forward "+rule)
}

// localFirewall adds a rule to what the client itself sends.
func (n *network) localFirewall(rule string) {
	n.t.Helper()
	n.nft("cli", "add table inet f\nadd chain inet f output { type filter hook output priority 0; }\nadd rule inet f "+
		"output "+rule)
}

// byName resets or drops what holds a text, such as a server name, on its way to a port.
func (n *network) byName(port, text, target string) {
	n.t.Helper()
	line := []string{"iptables", "-I", "FORWARD", "-p", "tcp", "--dport", port, "-m", "string", "--algo", "bm",
		"--string", text, "-j"}
	if target == "reset" {
		n.in("fw", append(line, "REJECT", "--reject-with", "tcp-reset")...)
		return
	}
	n.in("fw", append(line, "DROP")...)
}

// mtu narrows the link between firewall and provider. With hole, nobody says so.
func (n *network) mtu(bytes int, hole bool) {
	n.t.Helper()
	size := strconv.Itoa(bytes)
	n.must("ip", "-n", n.ns("fw"), "link", "set", "toisp", "mtu", size)
	n.must("ip", "-n", n.ns("isp"), "link", "set", "out", "mtu", size)
	if !hole {
		return
	}
	for _, r := range []string{"fw", "isp"} {
		n.nft(r, "add table inet m\nadd chain inet m output { type filter hook output priority 0; }\n"+
			"add rule inet m output icmp type destination-unreachable icmp code frag-needed drop\nadd rule inet m "+
			"output icmpv6 type packet-too-big drop")
	}
}

// natIdle makes the firewall a NAT that forgets connections which were idle for so many
// seconds, and then drops or resets what belongs to them.
func (n *network) natIdle(seconds int, how string) {
	n.t.Helper()
	n.nft("fw", "add table inet n\nadd chain inet n post { type nat hook postrouting priority 100; }\nadd rule inet "+
		"n post oifname \"toisp\" masquerade")
	n.in("fw", "sysctl", "-qw", fmt.Sprintf("net.netfilter.nf_conntrack_tcp_timeout_established=%d", seconds),
		"net.netfilter.nf_conntrack_tcp_loose=0")
	if how == "drop" {
		n.firewall("tcp flags & (fin|syn|rst|ack) != syn ct state invalid,new drop")
		return
	}
	n.firewall("tcp flags & (syn|fin|rst) == 0 ct state invalid,new reject with tcp reset")
}

// redirect leads what the client sends to a port to another address, as a portal or a
// transparent proxy does.
func (n *network) redirect(port int, to string) {
	n.t.Helper()
	n.nft("fw", fmt.Sprintf("add table ip t\nadd chain ip t pre { type nat hook prerouting priority -100; }\nadd "+
		"rule ip t pre iifname \"tocli\" tcp dport %d dnat to %s", port, to))
}

// delay puts a delay line between firewall and provider: each way d, give or take
// jitter, and a share of loss in per cent.
func (n *network) delay(d, jitter time.Duration, loss int) {
	n.t.Helper()
	self, err := os.Executable()
	if err != nil {
		n.t.Fatal(err)
	}
	p := n.start("fw", "env", delayEnv+"="+fmt.Sprintf("%d %d %d", d.Milliseconds(), jitter.Milliseconds(), loss), self)
	p.Await(n.t, 10*time.Second, "delaying", func() bool { return len(p.Log()) > 0 })
	n.in("fw", "sysctl", "-qw", "net.ipv4.conf.tunA.rp_filter=0", "net.ipv4.conf.tunB.rp_filter=0")
	for _, l := range []string{"tunA", "tunB"} {
		n.must("ip", "-n", n.ns("fw"), "link", "set", l, "up")
	}
	n.must("ip", "-n", n.ns("fw"), "route", "add", "default", "dev", "tunA", "table", "100")
	n.must("ip", "-n", n.ns("fw"), "route", "add", "default", "dev", "tunB", "table", "101")
	n.must("ip", "-n", n.ns("fw"), "rule", "add", "pref", "100", "iif", "tocli", "to", "10.66.2.0/24", "lookup", "100")
	n.must("ip", "-n", n.ns("fw"), "rule", "add", "pref", "101", "iif", "toisp", "to", "10.66.1.0/24", "lookup", "101")
}

// pair writes a certificate of the suite's authority, or of another, and its key.
func (n *network) pair(a *pki.Authority, l pki.Leaf) (chain, key string) {
	n.t.Helper()
	if len(l.Names) == 0 {
		l.Names = []string{hubName, azureName}
	}
	c, err := a.Issue(l)
	if err != nil {
		n.t.Fatal(err)
	}
	certPEM, keyPEM, err := pki.PEM(c)
	if err != nil {
		n.t.Fatal(err)
	}
	return n.write("cert.pem", string(certPEM)), n.write("key.pem", string(keyPEM))
}
