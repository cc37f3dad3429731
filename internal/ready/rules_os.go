package ready

import (
	"slices"
	"strings"

	"edgenet/report"
)

// osBuild is a distribution for which packages of the newest release are built.
type osBuild struct {
	ID, Version string   // as in os-release; of RHEL the major number
	Arch        []string // nil: the source was not read for it
	Source      string
}

// osRelease is the release that osBuilds speaks of.
const osRelease = "1.6"

// osBuilds are what the newest release is built for. The documentation has tiers of
// support besides, which its pages date to 2023.
func osBuilds() []osBuild {
	const list = "builds/misc/templates/build-packages.yaml of Azure/iotedge, release 1.6.0 of 2026-07-14"
	all := []string{"amd64", "arm", "arm64"}
	return []osBuild{
		{"rhel", "8", []string{"amd64"}, list},
		{"rhel", "9", []string{"amd64"}, list},
		{"debian", "12", all, list},
		{"ubuntu", "22.04", all, list},
		{"ubuntu", "24.04", all, list},
		{"azurelinux", "3.0", nil, list},
	}
}

func osRules() []Rule {
	return []Rule{{
		ID: "os.support", Group: GroupDevice, Severity: "info", Actor: report.ActorHost,
		Looks:  "the distribution",
		Holds:  "packages of the newest release are built for it",
		Remedy: "Plan for a distribution that is built for, before the runtime here goes out of support.",
		Source: "packages that are built for release " + osRelease + "; a distribution of your own is yours to keep",
		judge:  osSupport,
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
	if slices.ContainsFunc(osBuilds(), func(b osBuild) bool {
		same := version == b.Version || id == "rhel" && strings.HasPrefix(version, b.Version+".")
		return id == b.ID && same && (arch == "" || b.Arch == nil || slices.Contains(b.Arch, arch))
	}) {
		return one(OK, o.Source, "runtime %s is built for %s%s", osRelease, name, staleData(f.Now))
	}
	r := one(Info, o.Source, "no package of runtime %s is built for %s%s", osRelease, name, staleData(f.Now))
	r[0].Remedy = osRules()[0].Remedy
	return r
}

// Platform is one row of what the newest release is built for, as pages show it.
type Platform struct {
	What   string
	Arch   []string
	Source string
}

// Platforms lists them.
func Platforms() []Platform {
	var out []Platform
	for _, b := range osBuilds() {
		out = append(out, Platform{"IoT Edge " + osRelease + " on " + b.ID + " " + b.Version, b.Arch, b.Source})
	}
	return out
}
