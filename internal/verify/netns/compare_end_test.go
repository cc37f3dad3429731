//go:build netns && linux

package netns

import (
	"fmt"
	"strings"
)

// conclusions are what the answers to a case lead to: those of the other tools, and edgenet's. Each
// names a case of the table above them.
func conclusions() [][3]string {
	return [][3]string{
		{"a link of 16kbit/s", "nothing is wrong", "the link is slow, nobody " +
			"blocks anything, and AMQP works"},
		{"address: a stale line, dropped", "a firewall drops the port: its admin is asked in vain",
			"line 2 of this host's hosts file is wrong"},
		{"address: one of two is dropped", "all is well, or by chance a filtered port", "one address is dead, " +
			"and a client that tries it first waits for it"},
		{"the target on the client's own link is off", "no route, or a filtered port", "nobody has that address on the " +
			"link: is the machine on?"},
		{"reset by name", "the connection is reset: the hub, or the way", "a rule by the server's name cuts it"},
		{"upstream: large packets are lost", "nothing: their requests are small", "what fills a packet is lost on the " +
			"way up: MTU, MSS or ICMP"},
		{"address: a portal for every name", "a certificate that does not verify: the hub's, or the CA file",
			"the name leads to somebody else's machine: DNS"},
		{"address: a private endpoint, no route", "the network is unreachable", "the private endpoint is right, and the " +
			"way to it is down"},
		{"proxy: it wants a User-Agent", "curl sends one and gets through: the proxy is fine", "the runtime sends none, " +
			"and is refused: the proxy's admin"},
		{"two routers hand the hub's packets to each other", "no route to the hub", "a routing loop, and between which two " +
			"routers"},
		{"all: a filter's page in the registry's place", "the registry answers: all is well", "what answers is no registry: " +
			"the filter's admin, before any image is missing"},
		{"advice: an inspection, and a clock that is years behind", "the issuer is missing, or the certificate is out of its " +
			"time: one of the two", "both, and the clock is looked at first"},
		{"impostor: another root's name", "the issuer is missing: install it", "the name is a public root's and the key is " +
			"not: never install it"},
	}
}

// concluding is the table of what the answers lead to.
func concluding(known func(name string) bool) (string, error) {
	var b strings.Builder
	b.WriteString("\n## What the answers lead to\n\n| fault | the others' answers | edgenet's |\n|---|---|---|\n")
	for _, c := range conclusions() {
		if !known(c[0]) {
			return "", fmt.Errorf("no case is called %q", c[0])
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", c[0], c[1], c[2])
	}
	return b.String(), nil
}
