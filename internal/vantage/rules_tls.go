package vantage

import (
	"fmt"
	"net/netip"
	"strings"

	"edgenet/report"
)

// trust: the same certificate, and only the host's store knows its root; or another
// certificate altogether.
func trust(s sides) (reason, bool) {
	if s.in.Stage != report.StageTLS || s.in.Cause != report.TLSIntercepted && s.in.Cause != report.TLSUntrusted {
		return reason{}, false
	}
	in, h := shaken(s.in, s.in.Hop), shaken(s.h, s.in.Hop)
	if in == nil || h == nil || len(in.Chain) == 0 || len(h.Chain) == 0 {
		return reason{}, false
	}
	if os := h.Trust["os"]; os.OK {
		root := os.Root
		if root == "" {
			root = h.Chain[len(h.Chain)-1].Issuer
		}
		return reason{
			"The chain leads to " + root + ", which this host's certificate store trusts. A container has no part in " +
				"that store: it trusts the public roots and the trust bundle.",
			"Put the CA into trust_bundle_cert in /etc/aziot/config.toml and run iotedge config apply.",
			report.ActorHost,
		}, true
	}
	if in.Chain[0].Issuer != h.Chain[0].Issuer {
		return reason{
			"The container meets a certificate of " + in.Chain[0].Issuer + ", this host one of " + h.Chain[0].Issuer +
				": TLS is decrypted for the container's packets and not for the host's.",
			"Exempt the hub's name from TLS inspection for the container's network, too.", report.ActorFirewall,
		}, true
	}
	return reason{}, false
}

func shaken(r report.Result, hop report.Hop) *report.TLSDetail {
	step, ok := r.Step(hop, report.StageTLS)
	if !ok {
		return nil
	}
	d, _ := step.Detail.(*report.TLSDetail)
	return d
}

// mtu: TCP is fine, and then large packets vanish, where the container sends larger ones
// than the host's way out takes.
func mtu(s sides) (reason, bool) {
	switch s.in.Cause {
	case report.TLSMTU, report.TLSTimeout, report.WSTimeout, report.AMQPTimeout, report.MQTTTimeout, report.HTTPTimeout,
		report.ConnectTimeout:
	default:
		return reason{}, false
	}
	inside, outside := wayOut(s.c.Report.Vantage), wayOut(s.host.Vantage)
	if inside == nil || outside == nil || inside.MTU <= outside.MTU {
		return reason{}, false
	}
	return reason{
		fmt.Sprintf("The container's interface has an MTU of %d, this host's way out (%s) one of %d: large packets "+
			"of a container get lost where ICMP is filtered.", inside.MTU, outside.Name, outside.MTU),
		fmt.Sprintf(`Set "mtu": %d in /etc/docker/daemon.json, make the network %s again, and restart the runtime.`,
			outside.MTU, s.c.Network), report.ActorHost,
	}, true
}

// wayOut is the interface of the first default route; the only one there is, where no
// route is known.
func wayOut(v *report.Vantage) *report.Interface {
	if v == nil {
		return nil
	}
	for _, g := range v.Gateways {
		name := g[strings.LastIndexByte(g, ' ')+1:]
		for i := range v.Interfaces {
			if v.Interfaces[i].Name == name {
				return &v.Interfaces[i]
			}
		}
	}
	if len(v.Interfaces) == 1 {
		return &v.Interfaces[0]
	}
	return nil
}

// family: the host goes by IPv6, and the container has none.
func family(s sides) (reason, bool) {
	step, ok := s.h.Step(s.in.Hop, report.StageTCP)
	d, is := step.Detail.(*report.TCPDetail)
	if !ok || !is || s.h.Status != report.OK || s.in.Stage != report.StageTCP || s.c.Report.Vantage == nil {
		return reason{}, false
	}
	remote, err := netip.ParseAddrPort(d.Remote)
	if err != nil || remote.Addr().Unmap().Is4() {
		return reason{}, false
	}
	for _, i := range s.c.Report.Vantage.Interfaces {
		for _, a := range i.Addresses {
			if p, err := netip.ParsePrefix(a); err == nil && p.Addr().Is6() {
				return reason{}, false
			}
		}
	}
	return reason{
		"This host goes by IPv6 (" + remote.Addr().String() + "), and the container has no IPv6 address.",
		"Turn IPv6 on for the engine and the network (daemon.json; [moby_runtime.network] ipv6 = true), or open the " +
			"way for IPv4.", report.ActorHost,
	}, true
}
