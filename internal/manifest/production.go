package manifest

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/internal/jsonedit"
	"edgenet/internal/practice"
	"edgenet/internal/rule"
	"edgenet/internal/secret"
	"edgenet/report"
)

// Profile is the kind of device that a deployment is for.
type Profile string

// The profiles.
const (
	Default     Profile = "default"
	Constrained Profile = "constrained" // one or two GiB of memory, or 32 bits
)

// Profiles lists them.
func Profiles() []Profile { return []Profile{Default, Constrained} }

// LintFor is Lint, and the rules of production for a device of the profile; zero means
// Default.
func LintFor(m *Manifest, p Profile) []Problem {
	l := &linter{m: m, out: []Problem{}}
	l.size()
	for _, x := range m.all() {
		l.image(x)
		l.rights(x)
		l.secrets(x)
		l.logs(x)
	}
	l.limits(p)
	l.store()
	l.ttl()
	l.heads()
	l.performance(p)
	l.logins()
	l.places()
	out := slices.Concat(Lint(m), l.out)
	worstFirst(out)
	return out
}

// fault adds what a rule of production says; its remedy and, but where it is given, its
// severity are the table's.
func (l *linter) fault(r Rule, s report.Severity, at int, module, format string, args ...any) {
	i := slices.IndexFunc(productionTable, func(row rule.Row) bool { return row.Code == string(r) })
	l.add(r, s, at, module, fmt.Sprintf(format, args...), productionTable[i].Remedy)
}

// size counts what the hub counts.
func (l *linter) size() {
	d := l.m.desired
	if d == nil {
		return
	}
	bytes, modules := compact(l.m.Doc, d), len(l.m.Modules)
	s := report.SeverityWarning
	switch {
	case bytes > practice.MostTwinBytes || modules > practice.MostModules:
		s = report.SeverityError
	case bytes <= practice.MostTwinBytes*4/5 && modules <= practice.MostModules*4/5:
		return
	}
	l.fault(RuleSize, s, d.Start, "", "edgeAgent's desired properties have %d of %d bytes, with %d of %d modules",
		bytes, practice.MostTwinBytes, modules, practice.MostModules)
}

func (l *linter) image(x *Module) {
	n := x.node().Fold("settings").Fold("image")
	if n == nil || n.Kind != jsonedit.String || x.Image == "" || isPlaceholder(x.Image) ||
		strings.Contains(x.Image, "$") && !strings.HasPrefix(x.Image, "$upstream") {
		return
	}
	_, tag, digest := practice.SplitImage(x.Image)
	switch {
	case digest:
		return
	case practice.DebugBuild(tag):
		l.fault(RuleDebugImage, report.SeverityWarning, n.Start, x.Name, "the tag is a debug build's")
	case x == l.m.Agent || x == l.m.Hub:
		if tag == "" {
			l.fault(RuleRollingTag, report.SeverityWarning, n.Start, x.Name, "the image has no tag")
		} else if practice.Rolling(tag) {
			l.fault(RuleRollingTag, report.SeverityWarning, n.Start, x.Name, "the tag moves%s", named(tag))
		}
	case tag == "":
		l.fault(RuleLatest, report.SeverityWarning, n.Start, x.Name,
			"the image has no tag, so it is whatever latest is")
	case tag == "latest":
		l.fault(RuleLatest, report.SeverityWarning, n.Start, x.Name, "the image is latest")
	}
}

// named is a tag for people. One that is no number may be anything, and is not repeated.
func named(tag string) string {
	if tag != "latest" && strings.Trim(tag, ".0123456789") != "" {
		return ": it is no full version"
	}
	return " (" + tag + ")"
}

func (l *linter) secrets(x *Module) {
	for _, v := range x.Vars {
		if v.Value != "" && !isPlaceholder(v.Value) && practice.SecretName(v.Name) {
			l.fault(RuleSecrets, report.SeverityWarning, v.at, x.Name, "%s has its value in the deployment",
				secret.Show(v.Name, 60))
		}
	}
}

// ttl judges how long edgeHub keeps messages.
func (l *linter) ttl() {
	path := l.m.properties("$edgeHub")
	if len(path) == 0 {
		return
	}
	n := path[len(path)-1].Fold("storeAndForwardConfiguration").Fold("timeToLiveSecs")
	sec, ok := number(n)
	switch {
	case !ok || sec >= practice.CleanupSec:
	case sec < 0:
		l.fault(RuleTTL, report.SeverityInfo, n.Start, "edgeHub",
			"messages never expire: a long outage can fill the disk")
	case sec == 0:
		l.fault(RuleTTL, report.SeverityWarning, n.Start, "edgeHub", "timeToLiveSecs is 0: messages expire at once")
	default:
		l.fault(RuleTTL, report.SeverityWarning, n.Start, "edgeHub",
			"messages expire after %d s, and expired ones are removed every %d s", sec, practice.CleanupSec)
	}
}

// logins judges registryCredentials. What a template fills in later is not judged, and what
// is empty edgeAgent refuses.
func (l *linter) logins() {
	creds := l.m.desired.Fold("runtime").Fold("settings").Fold("registryCredentials")
	if creds == nil {
		return
	}
	for _, c := range creds.Members {
		text := func(key string) string {
			if n := c.Value.Fold(key); n != nil && n.Kind == jsonedit.String {
				return n.Text
			}
			return ""
		}
		address, user := text("address"), text("username")
		if pendingText(address) || pendingText(user) || !practice.AdminUser(address, user) {
			continue
		}
		l.fault(RuleAdminUser, report.SeverityWarning, c.Value.Fold("username").Start, "",
			"the user is the registry's admin user")
	}
}

// pendingText tells a value that a template fills in later.
func pendingText(s string) bool { return isPlaceholder(s) || strings.HasPrefix(s, "$") }
