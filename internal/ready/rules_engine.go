package ready

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"edgenet/report"
)

func engineRules() []Rule {
	return []Rule{
		{ID: "engine.api", Group: GroupDevice, Severity: "error", Actor: report.ActorHost,
			Looks:  "the oldest API that the engine answers, and the one that the daemon speaks",
			Holds:  "the engine answers the daemon's version: the daemon does not negotiate",
			Remedy: `Let the engine answer older versions: "min-api-version": "1.24" in /etc/docker/daemon.json (or DOCKER_MIN_API_VERSION in its unit), or install an engine older than Docker 29.`,
			Replaces: []string{
				"container-engine-uri",
			}, Source: "docker-rs of Azure/iotedge; release notes of Docker 29", judge: engineAPI},
		{ID: "engine.kind", Group: GroupDevice, Severity: "error for Podman, else warning", Actor: report.ActorHost,
			Looks: "what the engine says it is", Holds: "it is Moby, or Docker's snap",
			Remedy: "Use the Moby engine (package moby-engine), which is what is supported in production.",
			Source: "production checklist: use Moby", judge: engineKind},
		{ID: "engine.eol", Group: GroupDevice, Severity: "warning", Actor: report.ActorHost,
			Looks: "the engine's version", Holds: "its release line still gets fixes",
			Remedy: "Update the container engine.", Source: "dated table of engine lines", judge: engineEOL},
		{ID: "engine.network", Group: GroupNetwork, Severity: "error", Actor: report.ActorHost,
			Looks:  "the subnets of the engine's networks, this host's routes, name servers and proxies",
			Holds:  "no subnet of the engine covers an address that containers have to reach outside",
			Remedy: `Give the engine other subnets: "default-address-pools" in /etc/docker/daemon.json, and remove the network so that it is made anew.`, Source: "threads 2591, 6802 of Azure/iotedge", judge: engineNetwork},
		{
			ID:       "engine.dns",
			Group:    GroupNetwork,
			Severity: "error where a name resolves on the host alone",
			Actor:    report.ActorHost,
			Looks:    "hub, registry and proxy looked up on the host and inside the modules' network",
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
		{
			ID:       "engine.storage-driver",
			Group:    GroupDevice,
			Severity: "error on a file system in memory, else warning",
			Actor:    report.ActorHost,
			Looks:    "storage driver and file system of the engine",
			Holds:    "overlay2 on a disk",
			Remedy:   "Use overlay2 on a disk that keeps its data.",
			Source:   "Docker's documentation of storage drivers",
			judge:    engineStorage,
		},
		{ID: "engine.logs", Group: GroupLogs, Severity: "warning", Actor: report.ActorHost,
			Looks:  "each container's log after all defaults were merged",
			Holds:  "it cannot grow without end: local, journald, or max-size",
			Remedy: `Set "log-driver": "local" in /etc/docker/daemon.json, or max-size and max-file, and create the containers anew.`,
			Replaces: []string{
				"container-engine-logrotate",
			}, Source: "production checklist: set up default logging driver", judge: engineLogs},
		{ID: "disk.docker", Group: GroupManagement, Severity: "info", Actor: report.ActorHost,
			Looks: "unused images and volumes", Holds: "they take less than 2 GB",
			Remedy: "docker image prune; look at docker volume ls before you remove any.",
			Source: "production checklist: manage volumes", judge: diskDocker},
	}
}

func engineAPI(f *Facts) []Row {
	v := f.Engine.Version
	if rows := unseen(v, "the engine's version"); rows != nil {
		return rows
	}
	l, ok := line(f.Runtime.Version.Value)
	floor := dockerFloors()[l]
	if !f.Runtime.Version.Known() || !ok || floor == "" {
		if v.Value.MinAPI != "" && less("1.41", v.Value.MinAPI) {
			rows := one(
				Warning,
				v.Source,
				"the engine answers no API older than %s: no daemon up to 1.6 speaks that",
				v.Value.MinAPI,
			)
			return rows
		}
		return []Row{
			{
				Status:  Unknown,
				Source:  v.Source,
				Needs:   "the runtime's version",
				Summary: "which API the daemon speaks is not known",
			},
		}
	}
	switch {
	case v.Value.MinAPI != "" && less(floor, v.Value.MinAPI):
		return one(
			Error,
			v.Source,
			"engine %s answers no API older than %s, and the daemon %s speaks %s: it cannot start a container",
			v.Value.Version,
			v.Value.MinAPI,
			l,
			floor,
		)
	case v.Value.API != "" && less(v.Value.API, floor):
		return one(
			Error,
			v.Source,
			"engine %s knows the API up to %s, and the daemon %s speaks %s",
			v.Value.Version,
			v.Value.API,
			l,
			floor,
		)
	}
	return one(OK, v.Source, "engine %s answers API %s, which the daemon %s speaks", v.Value.Version, floor, l)
}

func engineKind(f *Facts) []Row {
	v := f.Engine.Version
	if rows := unseen(v, "what engine this is"); rows != nil {
		return rows
	}
	name := strings.TrimSpace(v.Value.Name + " " + v.Value.Version)
	switch {
	case v.Value.Podman:
		return one(Error, v.Source, "%s is no engine that the runtime supports", name)
	case v.Value.Snap, strings.Contains(v.Value.Version, "+azure"), strings.Contains(v.Value.Name, "Moby"):
		return one(OK, v.Source, "%s", name)
	case strings.Contains(v.Value.Name, "Docker Engine - Community"):
		return one(Warning, v.Source, "%s works, and is not what is supported in production", name)
	case strings.Contains(v.Value.Version, "+dfsg"):
		return one(
			Warning,
			v.Source,
			"%s is the distribution's own build, which is not what is supported in production",
			name,
		)
	}
	return one(Info, v.Source, "%s: whether it is a supported build cannot be told from its version", name)
}

func engineEOL(f *Facts) []Row {
	v := f.Engine.Version
	if rows := unseen(v, "the engine's version"); rows != nil {
		return rows
	}
	major, minor, ok := release(v.Value.Version)
	if !ok || v.Value.Podman {
		return nil
	}
	for _, e := range engineEnds() {
		if e.Line != strconv.Itoa(major) && e.Line != fmt.Sprintf("%d.%02d", major, minor) &&
			e.Line != fmt.Sprintf("%d.%d", major, minor) ||
			f.Now.Before(e.Ends) {
			continue
		}
		if strings.Contains(v.Value.Version, "+dfsg") {
			return one(
				Info,
				v.Source,
				"engine %s: its line ended on %s, and the distribution mends its own build for as long as it is "+
					"supported itself",
				v.Value.Version,
				e.Ends.Format(time.DateOnly),
			)
		}
		return one(
			Warning,
			v.Source,
			"engine %s: its line gets no fixes since %s%s",
			v.Value.Version,
			e.Ends.Format(time.DateOnly),
			staleData(f.Now),
		)
	}
	return one(OK, v.Source, "engine %s is of no line that is known to have ended%s", v.Value.Version, staleData(f.Now))
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
	return rows
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

func engineStorage(f *Facts) []Row {
	i := f.Engine.Info
	if rows := unseen(i, "the engine's storage"); rows != nil {
		return rows
	}
	x := i.Value
	switch {
	case x.RootFSType == "tmpfs", x.RootFSType == "ramfs", x.RootFSType == "overlay":
		return one(
			Error,
			i.Source,
			"the engine keeps images and volumes in %s, on %s: they are gone after a restart",
			x.RootDir,
			x.RootFSType,
		)
	case x.StorageDriver == "vfs":
		return one(Warning, i.Source, "storage driver vfs copies every layer whole: slow, and the disk fills")
	case x.StorageDriver == "devicemapper", x.StorageDriver == "aufs":
		return one(Warning, i.Source, "storage driver %s is given up by the engine's newer releases", x.StorageDriver)
	case x.LoopbackStorage:
		return one(Warning, i.Source, "the engine stores into a loopback file, which is made for trying it out")
	}
	return one(OK, i.Source, "storage driver %s in %s", x.StorageDriver, x.RootDir)
}

func engineLogs(f *Facts) []Row {
	c := f.Containers
	if rows := unseen(c, "the containers' log settings"); rows != nil {
		return rows
	}
	var rows []Row
	undecided := 0
	for _, x := range c.Value {
		l := x.Log
		if x.Planned && l.Driver == "" { // the engine's default decides
			undecided++
			continue
		}
		if l.Driver != "json-file" && l.Driver != "" || l.MaxSize != "" {
			continue
		}
		size := ""
		if x.LogBytes > 0 {
			size = fmt.Sprintf("; it has %s now", bytesWords(uint64(x.LogBytes)))
		}
		rows = append(
			rows,
			one(Warning, c.Source, "the log of %s grows without end (json-file without max-size)%s", x.Name, size)...)
	}
	switch {
	case undecided > 0 && rows == nil:
		return []Row{
			{
				Status:  Skipped,
				Source:  c.Source,
				Needs:   "the device's engine, whose default decides",
				Summary: fmt.Sprintf("the deployment leaves the logs of %d modules to the engine", undecided),
			},
		}
	case rows == nil && len(c.Value) > 0:
		rows = one(OK, c.Source, "the logs of all %d containers are bounded", len(c.Value))
	}
	return rows
}
