package ready

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"edgenet/internal/practice"
	"edgenet/report"
)

func hubRules() []Rule {
	return []Rule{
		{
			ID:       "hub.heads",
			Group:    GroupHub,
			Severity: "error where something uses a head that is off, info where one is on for nobody",
			Actor:    report.ActorHost,
			Looks:    "the protocol heads of edgeHub and who uses them",
			Holds:    "what is used is on; on a small machine what is not used is off",
			Remedy: "Switch the head on (amqpSettings__enabled, mqttSettings__enabled, httpSettings__enabled), or " +
				"let the client use another protocol.",
			Source: "production checklist: disable unused protocols",
			judge:  hubHeads,
		},
		{ID: "hub.ttl", Group: GroupHub, Severity: "warning below half an hour", Actor: report.ActorHost,
			Looks: "timeToLiveSecs of storeAndForwardConfiguration",
			Holds: "messages live as long as your longest outage, and longer than the cleanup's interval",
			Remedy: "Set timeToLiveSecs to the longest outage that must lose nothing, and check that the disk holds " +
				"what comes in meanwhile.", Source: "thread 3394 of Azure/iotedge; MessageCleanupIntervalSecs is 1800",
			judge: hubTTL},
		{ID: "hub.performance", Group: GroupHub, Severity: "warning on machines up to 2 GiB", Actor: report.ActorHost,
			Looks: "OptimizeForPerformance and the machine's memory", Holds: "it is false on a small machine",
			Remedy: "Set OptimizeForPerformance to false for edgeHub.",
			Source: "production checklist: reduce memory space used by edgeHub; arm images force false",
			judge:  hubPerformance},
		{
			ID:       "hub.ports",
			Group:    GroupHub,
			Severity: "error where another process has a port of edgeHub, info where ports are bound for nobody",
			Actor:    report.ActorHost,
			Looks:    "host ports 443, 5671 and 8883",
			Holds:    "edgeHub has those that it publishes",
			Remedy:   "Stop the other program, or publish edgeHub on another port.",
			Source:   "troubleshooting: port is already allocated",
			judge:    hubPorts,
		},
		{ID: "hub.clients", Group: GroupHub, Severity: "warning", Actor: report.ActorHost,
			Looks: "MaxConnectedClients and the downstream devices", Holds: "all devices fit",
			Remedy: "Set MaxConnectedClients for edgeHub to the number of devices and modules, and one more.",
			Source: "limits: 101 by default", judge: hubClients},
	}
}

// heads are edgeHub's protocol heads: the variable that switches one off, and its port.
var heads = []struct {
	name, variable string
	port           int
}{{"amqp", "amqpSettings__enabled", 5671}, {"mqtt", "mqttSettings__enabled", 8883},
	{"http", "httpSettings__enabled", 443}}

func hubHeads(f *Facts) []Row {
	if rows := unseen(f.Containers, "edgeHub's settings"); rows != nil {
		return rows
	}
	c := f.container("edgeHub")
	if c == nil {
		return nil
	}
	used := f.EdgeHub.ClientHeads
	var rows []Row
	for _, h := range heads {
		off := strings.EqualFold(c.env(h.variable), "false")
		bound := slices.ContainsFunc(c.Ports, func(p Port) bool { return p.Container == h.port })
		switch {
		case off && used.Known() && slices.Contains(used.Value, h.name):
			rows = append(
				rows,
				one(Error, f.Containers.Source, "edgeHub's %s head is off, and a module or device uses it", h.name)...)
		case off && bound:
			rows = append(
				rows,
				one(
					Warning,
					f.Containers.Source,
					"edgeHub's %s head is off, and its port %d is published all the same",
					h.name,
					h.port,
				)...)
		}
	}
	if rows == nil {
		rows = one(OK, f.Containers.Source, "no head of edgeHub is off that something uses")
		if !used.Known() {
			rows[0].Summary = "no head of edgeHub is off whose port is published; who uses which was not seen"
		}
	}
	return rows
}

func hubTTL(f *Facts) []Row {
	t := f.EdgeHub.TTL
	if rows := unseen(t, "how long edgeHub keeps messages"); rows != nil {
		return rows
	}
	const cleanup = practice.CleanupSec
	switch n := t.Value; {
	case n < 0:
		return one(Info, t.Source, "messages never expire: a long outage can fill the disk")
	case n == 0:
		return one(Error, t.Source, "timeToLiveSecs is 0: messages expire at once")
	case n < cleanup:
		return one(
			Warning,
			t.Source,
			"messages expire after %d s, and expired ones are removed every %d s: an outage of half an hour loses data",
			n,
			cleanup,
		)
	default:
		return one(
			OK,
			t.Source,
			"messages live %s; whether that covers your longest outage is yours to say",
			spanWords(n),
		)
	}
}

// spanWords is a number of seconds for people.
func spanWords(sec int) string {
	switch {
	case sec%86400 == 0:
		return fmt.Sprintf("%d d", sec/86400)
	case sec%3600 == 0:
		return fmt.Sprintf("%d h", sec/3600)
	case sec%60 == 0:
		return fmt.Sprintf("%d min", sec/60)
	}
	return fmt.Sprintf("%d s", sec)
}

func hubPerformance(f *Facts) []Row {
	m := f.EdgeHub.MemoryBytes
	if rows := unseen(m, "this machine's memory"); rows != nil {
		return rows
	}
	c := f.container("edgeHub")
	if c == nil {
		return unseen(f.Containers, "edgeHub's settings")
	}
	const small = 2 << 30
	off := strings.EqualFold(c.env("OptimizeForPerformance"), "false")
	forced := f.Host.OS.Known() && (f.Host.OS.Value.Arch == "arm" || f.Host.OS.Value.Arch == "arm64")
	switch {
	case m.Value > small:
		return one(OK, m.Source, "%s of memory: edgeHub may optimise for performance", bytesWords(m.Value))
	case off || forced:
		return one(OK, m.Source, "%s of memory, and edgeHub does not optimise for performance", bytesWords(m.Value))
	}
	return one(Warning, m.Source, "%s of memory, and edgeHub sets aside much of it to be fast", bytesWords(m.Value))
}

func hubPorts(f *Facts) []Row {
	l := f.EdgeHub.ListeningOn
	if rows := unseen(l, "who has edgeHub's ports"); rows != nil {
		return rows
	}
	c := f.container("edgeHub")
	if c == nil {
		return nil
	}
	var rows []Row
	for _, port := range slices.Sorted(maps.Keys(l.Value)) {
		who := l.Value[port]
		published := slices.ContainsFunc(c.Ports, func(p Port) bool { return p.Host == port })
		if published && who != "" && who != "edgeHub" {
			rows = append(
				rows,
				one(Error, l.Source, "port %d belongs to %s: edgeHub cannot have it", port, report.Clean(who, 60))...)
		}
	}
	if rows == nil {
		rows = one(OK, l.Source, "nobody else has a port of edgeHub")
	}
	return rows
}

func hubClients(f *Facts) []Row {
	if rows := unseen(f.Containers, "edgeHub's settings"); rows != nil {
		return rows
	}
	c := f.container("edgeHub")
	if c == nil {
		return nil
	}
	most, err := strconv.Atoi(c.env("MaxConnectedClients"))
	if err != nil {
		most = 101
	}
	n := f.EdgeHub.Children
	if n.Known() && n.Value >= 0 {
		if n.Value+1 > most {
			return one(Warning, n.Source, "%d devices connect to edgeHub, which takes %d", n.Value, most)
		}
		return one(OK, n.Source, "%d devices connect to edgeHub, which takes %d", n.Value, most)
	}
	modules := len(f.modules())
	published := slices.ContainsFunc(c.Ports, func(p Port) bool {
		return p.Container == 443 || p.Container == 5671 || p.Container == 8883
	})
	switch {
	case modules+1 > most:
		return one(Warning, f.Containers.Source, "%d modules connect to edgeHub, which takes %d clients", modules, most)
	case !published:
		return one(OK, f.Containers.Source, "no port of edgeHub is published, so that only %d modules connect to it, "+
			"which takes %d clients", modules, most)
	}
	return []Row{{
		Status: Unknown, Source: f.Containers.Source,
		Needs: "the number of child devices in the hub (az iot hub device-identity children list)",
		Summary: fmt.Sprintf("edgeHub takes %d clients; how many devices are to connect stands in the hub, not here",
			most),
	}}
}
