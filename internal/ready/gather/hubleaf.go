package gather

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"edgenet/internal/ready"
)

const leafTimeout = 2 * time.Second

// hubPorts are those that edgeHub listens on inside its container.
var hubPorts = []int{8883, 5671, 443}

// hubLeaf shakes hands with edgeHub, without authenticating, and looks at what it shows.
func (g *gatherer) hubLeaf(ctx context.Context) (ready.Fact[ready.Leaf], []*x509.Certificate) {
	if !g.live {
		return ready.LeftOut[ready.Leaf]("TLS to edgeHub", liveNeeds), nil
	}
	if !g.facts.Config.Present && len(g.facts.Containers.Value) == 0 {
		return ready.Fact[ready.Leaf]{}, nil
	}
	places, sure := g.hubAddresses()
	ctx, cancel := context.WithTimeout(ctx, leafTimeout)
	defer cancel()
	found := make(chan shown, len(places))
	for _, address := range places {
		go func() { found <- shown{address, peek(ctx, address)} }()
	}
	answers := map[string][]*x509.Certificate{}
	for range places {
		s := <-found
		answers[s.address] = s.chain
	}
	for _, address := range places {
		chain := answers[address]
		if len(chain) == 0 || !sure && !g.looksLikeHub(chain[0]) {
			continue
		}
		return ready.Seen(ready.Leaf{Address: address, Chain: describe(chain)}, "TLS to "+address), chain
	}
	return ready.Unseen[ready.Leaf](
		"TLS to "+strings.Join(places, ", "),
		"edgeHub running, with a port that this host reaches",
	), nil
}

type shown struct {
	address string
	chain   []*x509.Certificate
}

// hubAddresses are where edgeHub can be reached. Sure tells that the engine said so; else
// another program may listen there.
func (g *gatherer) hubAddresses() (list []string, sure bool) {
	if g.hub.address != "" || len(g.hub.ports) > 0 {
		for _, p := range g.hub.ports {
			list = append(list, net.JoinHostPort("127.0.0.1", strconv.Itoa(p)))
		}
		for _, p := range hubPorts {
			if g.hub.address != "" {
				list = append(list, net.JoinHostPort(g.hub.address, strconv.Itoa(p)))
			}
		}
		return list, true
	}
	for _, p := range hubPorts {
		list = append(list, net.JoinHostPort("127.0.0.1", strconv.Itoa(p)))
	}
	return list, false
}

// looksLikeHub: edgeHub's certificate has the module's name beside the device's.
func (g *gatherer) looksLikeHub(c *x509.Certificate) bool {
	return slices.ContainsFunc(c.DNSNames, func(n string) bool { return strings.EqualFold(n, "edgeHub") })
}

// peek shows what a TLS server presents; nil where nothing does.
func peek(ctx context.Context, address string) []*x509.Certificate {
	var d net.Dialer
	raw, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil
	}
	defer func() { _ = raw.Close() }()
	var chain []*x509.Certificate
	c := tls.Client(raw, &tls.Config{
		InsecureSkipVerify: true, //nolint:gosec // it is looked at, not trusted; nothing is sent
		VerifyConnection: func(s tls.ConnectionState) error {
			chain = s.PeerCertificates
			return nil
		},
	})
	_ = c.HandshakeContext(ctx) // a server that wants a certificate has shown its own by then
	if len(chain) > 20 {
		chain = chain[:20]
	}
	return chain
}
