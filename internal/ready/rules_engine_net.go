package ready

import (
	"strings"

	"edgenet/report"
)

func engineNetworks() []Rule {
	return []Rule{
		{ID: "engine.network", Group: GroupNetwork, Severity: "error", Actor: report.ActorHost,
			Looks: "the subnets of the engine's networks, this host's routes, name servers and proxies, and IPv6",
			Holds: "no subnet of the engine covers an address that containers have to reach outside, and the " +
				"modules' network has IPv6 where config.toml wants it",
			Replaces: []string{"container-engine-ipv6"},
			Remedy:   `Give the engine other subnets: "default-address-pools" in /etc/docker/daemon.json, and remove the network so that it is made anew.`, Source: "threads 2591, 6802 of Azure/iotedge", judge: engineNetwork},
		{
			ID:       "engine.dns",
			Group:    GroupNetwork,
			Severity: "error where a name resolves on the host alone",
			Actor:    report.ActorHost,
			Looks: "the hub or the parent, and the modules' proxies, looked up on the host and inside the " +
				"modules' network",
			Holds:    "both places agree",
			Remedy:   `Set "dns" in /etc/docker/daemon.json to name servers that containers can reach, and restart the engine.`,
			Replaces: []string{"container-engine-dns"},
			Source:   "tried for real instead of read from daemon.json",
			judge:    engineDNS,
		},
		{ID: "engine.mtu", Group: GroupNetwork, Severity: "warning", Actor: report.ActorHost,
			Looks: "the MTU of the modules' network and of the way out", Holds: "the network's is not larger",
			Remedy: `Set "mtu" in /etc/docker/daemon.json and in [moby_runtime.network], and make the network anew.`,
			Source: "troubleshooting: LTE modems", judge: engineMTU},
	}
}

func engineNetwork(f *Facts) []Row {
	n := f.Engine.Networks
	if rows := unseen(n, "the engine's networks"); rows != nil {
		return rows
	}
	var rows []Row
	for _, x := range n.Value {
		if len(x.Overlaps) > 0 {
			rows = append(
				rows,
				one(
					Error,
					n.Source,
					"network %s (%s) covers %s: containers look for that inside, and never reach it",
					x.Name,
					strings.Join(x.Subnets, ", "),
					strings.Join(x.Overlaps, ", "),
				)...)
		}
	}
	if rows == nil {
		rows = one(OK, n.Source, "no network of the engine covers an address of this host's surroundings")
	}
	return tidy(append(rows, modulesIPv6(f)...))
}

// modulesIPv6 compares what config.toml wants with the network that the engine made.
func modulesIPv6(f *Facts) []Row {
	wants := f.Config.IPv6
	if !wants.Known() || !wants.Value {
		return nil
	}
	for _, x := range f.Engine.Networks.Value {
		if x.Modules && !x.IPv6 {
			r := one(Error, wants.Source, "the modules' network %s has no IPv6, and config.toml wants it", x.Name)
			r[0].Remedy = `Set "ipv6": true and "fixed-cidr-v6" in /etc/docker/daemon.json, restart the engine, and ` +
				"remove the network, so that the daemon makes it anew."
			return r
		}
	}
	return nil
}

func engineDNS(f *Facts) []Row {
	d := f.Engine.DNS
	if rows := unseen(d, "name resolution inside the modules' network"); rows != nil {
		return rows
	}
	var bad, blind []string
	for _, l := range d.Value {
		switch {
		case l.InsideUnknown:
			blind = append(blind, l.Name)
		case l.Host && !l.Inside:
			bad = append(bad, l.Name)
		}
	}
	switch {
	case len(bad) > 0:
		return one(Error, d.Source, "%s resolves on the host and not in the modules' network", strings.Join(bad, ", "))
	case len(blind) > 0:
		return []Row{
			{
				Status:  Unknown,
				Source:  d.Source,
				Needs:   "root, to look into the modules' network",
				Summary: "whether names resolve inside the modules' network was not seen",
			},
		}
	}
	return one(OK, d.Source, "%d names resolve alike on the host and in the modules' network", len(d.Value))
}

func engineMTU(f *Facts) []Row {
	m := f.Engine.MTU
	if rows := unseen(m, "the MTU of the modules' network"); rows != nil {
		return rows
	}
	if m.Value.Network > m.Value.Egress {
		return one(
			Warning,
			m.Source,
			"the modules' network has an MTU of %d, the way out one of %d: large packets can get lost",
			m.Value.Network,
			m.Value.Egress,
		)
	}
	return one(
		OK,
		m.Source,
		"the MTU of the modules' network (%d) fits the way out (%d)",
		m.Value.Network,
		m.Value.Egress,
	)
}
