package vantage

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"edgenet/report"
)

// internal: docker network create --internal.
func internal(s sides) (reason, bool) {
	return reason{
		"The network " + s.c.Network + " is internal: the engine lets nothing out of it.",
		"Make the network again without --internal, and restart the runtime.", report.ActorHost,
	}, s.c.Internal && lost(s.in)
}

// noRoute: the container has no default route at all.
func noRoute(s sides) (reason, bool) {
	v := s.c.Report.Vantage
	return reason{
		"The container has no default route.",
		"Look at the network's driver and gateway (docker network inspect " + s.c.Network + ").", report.ActorHost,
	}, v != nil && len(v.Gateways) == 0 && lost(s.in)
}

// forwarding: a bridge's packets leave by this host's forwarding.
func forwarding(s sides) (reason, bool) {
	bridge := s.bridge()
	if bridge == nil || bridge.Forwarding == nil || *bridge.Forwarding || !lost(s.in) {
		return reason{}, false
	}
	return reason{
		"This host does not forward what comes from the container's network (net.ipv4.conf." + bridge.Name +
			".forwarding = 0): nothing leaves it.",
		"Turn it on with sysctl -w net.ipv4.ip_forward=1, and in /etc/sysctl.d for good; something turned it off " +
			"after the engine's start.", report.ActorHost,
	}, true
}

// bridge is the host's own interface in the container's network, nil where none is
// known.
func (s sides) bridge() *report.Interface {
	if s.host.Vantage == nil {
		return nil
	}
	for i, ifc := range s.host.Vantage.Interfaces {
		for _, text := range ifc.Addresses {
			if p, err := netip.ParsePrefix(text); err == nil && slices.Contains(s.c.Subnets, p.Masked().String()) {
				return &s.host.Vantage.Interfaces[i]
			}
		}
	}
	return nil
}

// overlap: an address that the container takes for a neighbour's.
func overlap(s sides) (reason, bool) {
	if !lost(s.in) {
		return reason{}, false
	}
	for _, text := range s.c.Subnets {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			continue
		}
		for _, a := range peers(s.in, s.h) {
			if p.Contains(a) && !gateway(s.c.Report.Vantage, a) {
				return reason{
					fmt.Sprintf("The address %s lies inside the container network's own subnet %s: a container looks "+
						"for it beside itself.", a, p),
					"Give " + s.c.Network + " another subnet ([moby_runtime.network] in config.toml, or " +
						"default-address-pools in daemon.json).", report.ActorHost,
				}, true
			}
		}
	}
	return reason{}, false
}

// peers are the addresses that a path had to do with: name servers' and its own.
func peers(results ...report.Result) []netip.Addr {
	var out []netip.Addr
	add := func(text string) {
		if ap, err := netip.ParseAddrPort(text); err == nil {
			out = append(out, ap.Addr().Unmap())
		} else if a, err := netip.ParseAddr(text); err == nil {
			out = append(out, a.Unmap())
		}
	}
	for _, r := range results {
		for _, step := range r.Steps {
			switch d := step.Detail.(type) {
			case *report.TCPDetail:
				add(d.Remote)
			case *report.DNSDetail:
				for _, x := range d.Addresses {
					add(x)
				}
				if r.Stage == report.StageDNS {
					for _, x := range d.Resolvers {
						add(x.Resolver)
					}
				}
			}
		}
	}
	return out
}

func gateway(v *report.Vantage, a netip.Addr) bool {
	return v != nil && slices.ContainsFunc(v.Gateways,
		func(g string) bool { return strings.HasPrefix(g, a.String()+" ") })
}

// embedded is the name server that Docker puts into containers on networks with a name;
// it asks whom daemon.json or the host's resolv.conf names.
const embedded = "127.0.0.11"

// nameServers: the container is given others than the host.
func nameServers(s sides) (reason, bool) {
	h, in := s.host.Vantage, s.c.Report.Vantage
	if s.in.Stage != report.StageDNS || h == nil || in == nil {
		return reason{}, false
	}
	remedy := `Set "dns" in /etc/docker/daemon.json to name servers that answer a container, and restart the engine.`
	asks := list(in.Resolvers)
	switch {
	case len(in.Resolvers) == 0:
		return reason{"The container has no name server.", remedy, report.ActorHost}, true
	case slices.Equal(h.Resolvers, in.Resolvers):
		return reason{
			"The same name servers (" + asks + ") answer this host and not a container: a firewall on this host, or " +
				"one that knows this host's address alone, stands between.",
			"Let the container network's packets to port 53 pass, or name other servers in daemon.json.",
			report.ActorHost,
		}, true
	case slices.Contains(in.Resolvers, embedded):
		asks += ", the engine's own, which asks whom daemon.json names"
	}
	return reason{"The container asks " + asks + "; this host asks " + list(h.Resolvers) + ".", remedy,
		report.ActorHost}, true
}

// answers: both got an answer, and not the same. Only what broke at TCP or after it can
// come from that.
func answers(s sides) (reason, bool) {
	h, in := addresses(s.h), addresses(s.in)
	if s.in.Stage == report.StageDNS || len(h) == 0 || len(in) == 0 ||
		slices.ContainsFunc(in, func(a string) bool { return slices.Contains(h, a) }) {
		return reason{}, false
	}
	return reason{
		"The name leads this host to " + list(h) + " and the container to " + list(in) + ".",
		`Give the container the host's name servers ("dns" in /etc/docker/daemon.json), or have them answer alike.`,
		report.ActorDNS,
	}, true
}

func addresses(r report.Result) []string {
	for _, step := range r.Steps {
		if d, ok := step.Detail.(*report.DNSDetail); ok {
			return d.Addresses
		}
	}
	return nil
}

func list(items []string) string {
	if len(items) == 0 {
		return "none"
	}
	return strings.Join(items, ", ")
}

// unanswered: packets go out and nothing comes back.
func unanswered(s sides) (reason, bool) {
	return reason{
		"Packets from the container's network (" + list(s.c.Subnets) +
			") get no answer, and the host's own do: a forward rule on this host drops them, they leave without " +
			"address translation, or a firewall knows this host's address alone.",
		"Look at the FORWARD and DOCKER-USER chains and at masquerading (iptables -nvL FORWARD; iptables -t nat -nvL " +
			"POSTROUTING).", report.ActorHost,
	}, lost(s.in)
}
