package ready

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"edgenet/report"
)

func engineRules() []Rule {
	return slices.Concat(engineKinds(), engineNetworks(), engineStores())
}

func engineKinds() []Rule {
	return []Rule{
		{ID: "engine.api", Group: GroupDevice, Severity: "warning", Actor: report.ActorHost,
			Looks: "the oldest API that the engine answers, and the one that the daemon was written for",
			Holds: "the engine answers the version that the daemon's sources name",
			Remedy: "See whether modules start, and what journalctl -u aziot-edged says. The engine that Microsoft " +
				"supports is Moby's (package moby-engine). If something is refused as too old, let the engine answer " +
				"older versions: \"min-api-version\": \"1.24\" in /etc/docker/daemon.json (or " +
				"DOCKER_MIN_API_VERSION in its unit).",
			Replaces: []string{
				"container-engine-uri",
			}, Source: "docker-rs of Azure/iotedge; release notes of Docker 29; the daemons 1.5.21 and 1.6.0 ask " +
				"without a version on a Unix socket (tried), which the engine takes for its own newest (moby, " +
				"version.go); engine 29.2 (moby v2.0.0-beta.24) refused 1.24 and 1.34, answered 1.40, 1.41 and no " +
				"version, and let the daemon 1.5.21 make its network and edgeAgent's container",
			judge: engineAPI},
		{ID: "engine.kind", Group: GroupDevice, Severity: "error for Podman, else warning", Actor: report.ActorHost,
			Looks: "what the engine says it is", Holds: "it is Moby, or Docker's snap",
			Remedy:   "Use the Moby engine (package moby-engine), which is what is supported in production.",
			Replaces: []string{"container-engine-is-moby"},
			Source:   "production checklist: use Moby", judge: engineKind},
		{ID: "engine.eol", Group: GroupDevice, Severity: "warning", Actor: report.ActorHost,
			Looks: "the engine's version", Holds: "its release line still gets fixes",
			Remedy: "Update the container engine.", Source: "dated table of engine lines", judge: engineEOL},
	}
}

func engineStores() []Rule {
	return []Rule{
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
