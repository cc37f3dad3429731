package ready

import (
	"strings"
	"time"

	"edgenet/internal/practice"
	"edgenet/report"
)

func releaseRules() []Rule {
	return []Rule{
		{
			ID:       "release.support",
			Group:    GroupDevice,
			Severity: "error past the end of support, warning 180 days before",
			Actor:    report.ActorHost,
			Looks:    "the daemon's version",
			Holds:    "its release is supported today, and for half a year to come",
			Remedy:   "Update the runtime to a supported LTS release.",
			Replaces: []string{"aziot-edge-version", "aziot-version"},
			Source:   "IoT Edge version history; no network is asked",
			judge:    releaseSupport,
		},
		{ID: "release.skew", Group: GroupDeployment, Severity: "warning", Actor: report.ActorHost,
			Looks:  "the daemon's version and the tags of edgeAgent and edgeHub",
			Holds:  "agent and hub have one release, no newer than the daemon's and at most one older",
			Remedy: "Update daemon and system modules to one release: the daemon first.",
			Source: "edgeAgent and daemon are tested together by release; patch numbers may differ",
			judge:  releaseSkew},
		{ID: "release.rolling-tag", Group: GroupDeployment, Severity: "warning", Actor: report.ActorHost,
			Looks: "the images of edgeAgent and edgeHub", Holds: "their tags name one patch release, or a digest",
			Remedy: "Set the images to a full version such as 1.5.44, in the deployment and in config.toml.",
			Source: "production checklist: use specific tags", judge: rollingTags},
	}
}

func releaseSupport(f *Facts) []Row {
	if rows := unseen(f.Runtime.Version, "the runtime's version"); rows != nil {
		return rows
	}
	v := f.Runtime.Version
	l, ok := line(v.Value)
	if !ok {
		return []Row{
			{
				Status:  Unknown,
				Source:  v.Source,
				Needs:   "a version such as 1.5.21",
				Summary: "the runtime says that its version is " + report.Clean(v.Value, 40),
			},
		}
	}
	for _, s := range supports() {
		if s.Release != l {
			continue
		}
		ends := s.Ends.Format(time.DateOnly)
		var rows []Row
		switch left := s.Ends.Sub(f.Now); {
		case left < 0:
			rows = one(Error, v.Source, "runtime %s: support of %s ended on %s%s", v.Value, l, ends, staleData(f.Now))
		case left < warnBefore:
			rows = one(Warning, v.Source, "runtime %s: support of %s ends on %s%s", v.Value, l, ends, staleData(f.Now))
		default:
			rows = one(OK, v.Source, "runtime %s is supported until %s%s", v.Value, ends, staleData(f.Now))
		}
		rows[0].Evidence = map[string]any{"version": v.Value, "supportEnds": ends, "table": s.Source}
		return rows
	}
	all := supports()
	if major, minor, _ := release(v.Value); major > 1 || major == 1 && minor > 6 {
		return []Row{
			{
				Status: Unknown,
				Source: v.Source,
				Needs:  "a newer edgenet",
				Summary: "runtime " + v.Value + " is newer than what this edgenet knows (up to " +
					all[len(all)-1].Release + ")",
			},
		}
	}
	return one(Error, v.Source, "runtime %s is older than every release that was ever supported for long", v.Value)
}

func releaseSkew(f *Facts) []Row {
	r := f.Runtime
	if !r.Version.Known() || !r.Agent.Known() && !r.Hub.Known() {
		if rows := unseen(r.Version, "the runtime's version"); rows != nil {
			return rows
		}
		return unseen(r.Agent, "edgeAgent's image")
	}
	_, daemon, ok := release(r.Version.Value)
	minors := map[string]int{}
	for name, image := range map[string]Fact[string]{"edgeAgent": r.Agent, "edgeHub": r.Hub} {
		_, tag, digest := practice.SplitImage(image.Value)
		if _, m, fine := release(tag); image.Known() && fine && !digest {
			minors[name] = m
		}
	}
	if !ok || len(minors) == 0 {
		return []Row{
			{
				Status:  Unknown,
				Source:  r.Agent.Source,
				Needs:   "tags that name a release",
				Summary: "the system modules' images do not say which release they are",
			},
		}
	}
	agent, hasAgent := minors["edgeAgent"]
	hub, hasHub := minors["edgeHub"]
	var said []string
	if hasAgent && hasHub && agent != hub {
		said = append(said, "edgeAgent and edgeHub are of different releases")
	}
	for _, name := range []string{"edgeAgent", "edgeHub"} {
		m, known := minors[name]
		switch {
		case known && m > daemon:
			said = append(said, name+" is newer than the daemon")
		case known && m < daemon-1:
			said = append(said, name+" is more than one release older than the daemon")
		}
	}
	rows := one(OK, r.Version.Source, "daemon and system modules are of the same age")
	if len(said) > 0 {
		rows = one(Warning, r.Version.Source, "%s", strings.Join(said, "; "))
	}
	rows[0].Evidence = map[string]any{"daemon": r.Version.Value, "edgeAgent": r.Agent.Value, "edgeHub": r.Hub.Value}
	return rows
}

func rollingTags(f *Facts) []Row {
	var rows []Row
	for _, m := range []struct {
		name  string
		image Fact[string]
	}{{"edgeAgent", f.Runtime.Agent}, {"edgeHub", f.Runtime.Hub}} {
		if !m.image.Known() {
			continue
		}
		_, tag, digest := practice.SplitImage(m.image.Value)
		switch {
		case placeholder(m.image.Value):
			continue
		case digest:
			rows = append(rows, one(OK, m.image.Source, "%s is pinned by its digest", m.name)...)
		case tag == "":
			rows = append(
				rows,
				one(Warning, m.image.Source, "%s has no tag: it is whatever the registry calls latest", m.name)...)
		case practice.Rolling(tag):
			rows = append(
				rows,
				one(
					Warning,
					m.image.Source,
					"%s has the rolling tag %s: two devices with the same deployment can run different code",
					m.name,
					report.Clean(tag, 60),
				)...)
		default:
			rows = append(rows, one(OK, m.image.Source, "%s is %s", m.name, report.Clean(tag, 60))...)
		}
	}
	if rows == nil {
		return unseen(f.Runtime.Agent, "the system modules' images")
	}
	return rows
}
