package ready

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// osBuild is a distribution for which packages of the newest release are built.
type osBuild struct {
	ID, Version string   // as in os-release; of RHEL the major number
	Arch        []string // as in GOARCH
	Source      string
}

// fits tells a system that the row is about. One that does not tell its machine fits any.
func (b osBuild) fits(o OS) bool {
	same := o.VersionID == b.Version || b.ID == "rhel" && strings.HasPrefix(o.VersionID, b.Version+".")
	return o.ID == b.ID && same && (o.Arch == "" || slices.Contains(b.Arch, o.Arch))
}

// osRelease is the release that osBuilds speaks of.
const osRelease = "1.6"

// osBuilds are what the newest release is built for.
func osBuilds() []osBuild {
	const list = "builds/misc/templates/build-packages.yaml of Azure/iotedge, release 1.6.0 of 2026-07-14"
	all := []string{"amd64", "arm", "arm64"}
	return []osBuild{
		{"rhel", "8", []string{"amd64"}, list},
		{"rhel", "9", []string{"amd64"}, list},
		{"debian", "12", all, list},
		{"ubuntu", "22.04", all, list},
		{"ubuntu", "24.04", all, list},
		{"azurelinux", "3.0", []string{"amd64", "arm64"}, list},
	}
}

// tiersDate is the day of the page that osTiers was taken from: of release 1.4's time.
var tiersDate = day(2023, 5, 3)

// osTier is a system with the tier of support that the documentation gives it: 1 is tested
// with each release, 2 is known to work.
type osTier struct {
	osBuild
	Tier int
}

func osTiers() []osTier { return tierTable }

const tierPage = "documentation: IoT Edge supported platforms, 2023-05-03"

var tierTable = []osTier{
	{osBuild{"debian", "11", []string{"arm"}, tierPage}, 1},
	{osBuild{"rhel", "8", []string{"amd64"}, tierPage}, 1},
	{osBuild{"rhel", "9", []string{"amd64"}, tierPage}, 1},
	{osBuild{"ubuntu", "20.04", []string{"amd64", "arm64"}, tierPage}, 1},
	{osBuild{"ubuntu", "22.04", []string{"amd64", "arm64"}, tierPage}, 1},
	{osBuild{"centos", "7", []string{"amd64", "arm", "arm64"}, tierPage}, 2},
	{osBuild{"debian", "10", []string{"amd64", "arm", "arm64"}, tierPage}, 2},
	{osBuild{"debian", "11", []string{"amd64", "arm64"}, tierPage}, 2},
	{osBuild{"rhel", "7", []string{"amd64", "arm", "arm64"}, tierPage}, 2},
	{osBuild{"ubuntu", "20.04", []string{"arm"}, tierPage}, 2},
	{osBuild{"ubuntu", "22.04", []string{"arm"}, tierPage}, 2},
}

// osTierOf is the tier of a system; 0 where the page does not name it, or its machine is not
// known.
func osTierOf(o OS) int {
	for _, t := range osTiers() {
		if o.Arch != "" && t.fits(o) {
			return t.Tier
		}
	}
	return 0
}

// osTierWords says it, with the age of the page.
func osTierWords(o OS) string {
	if n := osTierOf(o); n > 0 {
		return fmt.Sprintf(" (tier %d on the documentation's page of %s)", n, tiersDate.Format(time.DateOnly))
	}
	return ""
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

// Tiers lists the systems of the documentation's tiers.
func Tiers() []Platform {
	var out []Platform
	for _, t := range osTiers() {
		out = append(out, Platform{fmt.Sprintf("%s %s: tier %d", t.ID, t.Version, t.Tier), t.Arch, t.Source})
	}
	return out
}
