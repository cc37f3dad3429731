package ready

import (
	"slices"
	"strings"
	"time"

	"edgenet/report"
)

func osRules() []Rule {
	return []Rule{{
		ID: "os.support", Group: GroupDevice, Severity: "info", Actor: report.ActorHost,
		Looks:  "the distribution",
		Holds:  "packages of the newest release are built for it",
		Remedy: "Plan for a distribution that is built for, before the runtime here goes out of support.",
		Source: "packages that are built for release " + osRelease + ", and the tiers of the documentation; a " +
			"distribution of your own is yours to keep",
		judge: osSupport,
	}}
}

func osSupport(f *Facts) []Row {
	o := f.Host.OS
	if rows := unseen(o, "which distribution this is"); rows != nil {
		return rows
	}
	if f.Host.Snap {
		return one(OK, o.Source, "the runtime is a snap, which brings its own system")
	}
	id, version, arch := o.Value.ID, o.Value.VersionID, o.Value.Arch
	if id == "" {
		return []Row{{Status: Unknown, Source: o.Source, Needs: "ID and VERSION_ID in " + o.Source,
			Summary: "the distribution does not say which one it is"}}
	}
	name := strings.TrimSpace(report.Clean(id+" "+version+" "+arch, 80))
	tier := osTierWords(o.Value)
	var r []Row
	if slices.ContainsFunc(osBuilds(), func(b osBuild) bool { return b.fits(o.Value) }) {
		r = one(OK, o.Source, "runtime %s is built for %s%s%s", osRelease, name, tier, staleData(f.Now))
	} else {
		r = one(Info, o.Source, "no package of runtime %s is built for %s%s%s", osRelease, name, tier, staleData(f.Now))
		r[0].Remedy = osRules()[0].Remedy
	}
	r[0].Evidence = map[string]any{"tier": osTierOf(o.Value), "tiersOf": tiersDate.Format(time.DateOnly)}
	return r
}
