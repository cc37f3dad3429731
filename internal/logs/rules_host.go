package logs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"edgenet/internal/logs/pattern"
	"edgenet/internal/logs/story"
	"edgenet/report"
)

// direct are findings that a single line leads to.
func (s *scene) direct() {
	for _, d := range []struct {
		code     report.FindingCode
		severity report.Severity
		actor    report.Actor
		summary  string
		confirm  string
	}{
		{report.IdentityDeleted, report.SeverityError, report.ActorService,
			"the service does not know this device, or the hub is gone or moved", ""},
		{report.IdentityDuplicate, report.SeverityError, report.ActorCredentials,
			"the hub ended a connection because another one with the same identity began", ""},
		{report.StorageFull, report.SeverityError, report.ActorHost,
			"there is no room left on a disk, or edgeHub's store is full", "df -h"},
		{report.EdgeCAExpired, report.SeverityError, report.ActorHost,
			"edgeHub's own server certificate is past its time, or the clock is wrong", "sudo iotedge check"},
	} {
		list, best := s.withFinding(d.code)
		if d.code == report.IdentityDeleted { // what a client behind edgeHub is told is about the client
			list = slices.DeleteFunc(list, func(e *pattern.Event) bool {
				return e.Who == pattern.Hub && !story.Own(e)
			})
		}
		if best == nil || len(list) == 0 {
			continue
		}
		if d.code == report.IdentityDeleted && s.letInSince(list) {
			d.severity = report.SeverityInfo
			d.summary = "for a while the service did not know this device, or the hub was gone; it lets it in since"
		}
		if d.code == report.StorageFull && s.pulledSince(list) {
			d.severity = report.SeverityInfo
			d.summary = "a disk was full when an image was pulled; the same image was pulled later"
		}
		if d.code == report.StorageFull && s.openedSince(list) {
			d.severity = report.SeverityInfo
			d.summary = "a disk was full; what wrote to it began anew later, and there was room"
		}
		s.add(Finding{Code: d.code, Severity: d.severity, Certainty: best.Certainty, Actor: d.actor,
			Summary:     d.summary,
			ConfirmWith: d.confirm}, list...)
	}
	s.unwell()
	s.pulls()
}

// unwell: the service itself does not serve, as it says. What was answered well since is over.
func (s *scene) unwell() {
	list, best := s.withFinding(report.ServiceUnwell)
	if best == nil {
		return
	}
	what := firstOf(best.Detail, "it throttles, is over its quota, is suspended or moved")
	f := Finding{Code: report.ServiceUnwell, Severity: report.SeverityWarning, Certainty: best.Certainty,
		Actor: report.ActorService, Remedy: best.Do, Summary: "the service was reached, and " + what}
	if !slices.ContainsFunc(list, func(e *pattern.Event) bool { return !s.answeredSince(e) }) {
		f.Severity = report.SeverityInfo
		f.Summary = "the service was reached, and for a while: " + what + ". It served again later in this log"
	}
	s.add(f, list...)
}

// answeredSince tells whether a refusal that another try may outlive was followed by success: the service throttled
// one request, or moved.
func (s *scene) answeredSince(e *pattern.Event) bool {
	switch e.Row.ID {
	case "identityd.throttled", "hub.failover", "hub.failover-op":
	default:
		return false
	}
	return slices.ContainsFunc(s.g.events, func(o *pattern.Event) bool {
		if o.Who != e.Who || o.Last <= e.Last {
			return false
		}
		return o.Row.Kind == pattern.Connected || o.Row.Kind == pattern.Alive || o.Row.Kind == pattern.Recovered ||
			o.Row.ID == pattern.ModuleAnswer
	})
}

// pulledSince tells whether every image that found no room was pulled later.
func (s *scene) pulledSince(list []*pattern.Event) bool {
	return !slices.ContainsFunc(list, func(e *pattern.Event) bool {
		return e.Values.Image == "" || !slices.ContainsFunc(s.byRow["edged.pulled"], func(o *pattern.Event) bool {
			return o.Values.Image == e.Values.Image && o.Last > e.Last
		})
	})
}

// letInSince tells whether all that were refused are connected at the end. What aziot-edged says, identityd was told.
func (s *scene) letInSince(list []*pattern.Event) bool {
	return !slices.ContainsFunc(list, func(e *pattern.Event) bool {
		who := e.Who
		if who == pattern.Edged {
			who = pattern.Identityd
		}
		return !s.up(who) || s.stories[who].Up <= e.Last
	})
}

// openedSince tells whether each container that found no room began anew later, which opens its store, and got through.
func (s *scene) openedSince(list []*pattern.Event) bool {
	return !slices.ContainsFunc(list, func(e *pattern.Event) bool {
		st := s.stories[e.Who]
		return st == nil || !s.up(e.Who) || !slices.ContainsFunc(s.g.events, func(o *pattern.Event) bool {
			return o.Who == e.Who && o.Row.Kind == pattern.Start && o.At > e.Last && st.Up > o.At
		})
	})
}

// pulls: images that cannot be pulled.
func (s *scene) pulls() {
	list, best := s.withFinding(report.RegistryPull)
	if best == nil {
		s.pullUnread()
		return
	}
	what := best.Detail
	if best.Cause != "" {
		what = firstOf(best.Detail, string(best.Cause.Label(best.Hop)))
		if best.Resolver != "" {
			what += ", by the name server " + s.g.clean(best.Resolver, 60)
		}
	}
	if best.Hop == report.HopProxy && best.Addr != "" {
		what += ", by the engine's proxy " + s.g.clean(best.Addr, 60)
		if id := s.stories[pattern.Identityd]; id != nil && id.Proxy != "" && !strings.Contains(id.Proxy,
			best.Addr) {
			what += " (the daemon has another one: " + s.g.clean(id.Proxy, 100) + ")"
		}
	}
	severity := report.SeverityError
	last := list[len(list)-1]
	for _, e := range s.byRow["edged.pulled"] {
		if e.Last > last.Last {
			severity = report.SeverityInfo
		}
	}
	summary := "an image could not be pulled"
	image := firstOf(s.imageOf(last), s.imageBeside(last))
	if image != "" {
		summary += " (" + image + ")"
	}
	if what != "" {
		summary += ": " + what
	}
	f := Finding{Code: report.RegistryPull, Severity: severity, Certainty: best.Certainty, Actor: actorOf(best),
		Remedy: best.Do, Summary: summary, ConfirmWith: "edgenet endpoints --test"}
	if best.Row == "pull.status" && strings.Contains(image, ":443/") { // as $upstream:443 of a deployment becomes
		f.Summary += ". The name bears port 443, as that of a parent gateway does"
		f.Actor, f.Remedy = report.ActorParent, "Look whether the parent's registry module runs, and whether its API "+
			"proxy leads to it; what fails is behind the parent's port 443."
	}
	if p := s.parent(); p != "" && (best.Host == p || best.Host == p+":443") {
		f.Summary += ", from the parent gateway"
		switch stage := best.Stage(); {
		case best.Cause == report.TLSUntrusted:
			f.Actor, f.Remedy = report.ActorHost, storeDo
		case stage != report.StageDNS && stage != report.StageTLS:
			f.Actor, f.Remedy = report.ActorParent, parentDo
		}
	}
	s.add(f, list...)
}

// pullUnread: an image could not be pulled, and what the engine says of it no row knows.
func (s *scene) pullUnread() {
	list := s.events("edged.pull-error", "edged.pull-failed")
	if len(list) == 0 || slices.ContainsFunc(s.g.events, func(e *pattern.Event) bool {
		f := e.Failure()
		return f != nil && f.Finding != "" && e.Row.Chain == pattern.ChainPull
	}) {
		return // the engine said why, and it is none of the registry's
	}
	last := slices.MaxFunc(list, func(a, b *pattern.Event) int { return cmp.Compare(a.Last, b.Last) })
	f := Finding{Code: report.RegistryPull, Severity: report.SeverityError, Certainty: pattern.Proves,
		Actor: report.ActorUnknown, ConfirmWith: "edgenet endpoints --test",
		Summary: "an image could not be pulled (" + firstOf(s.imageOf(last), "its name is not told") + "), for a " +
			"reason that this program does not know",
		Remedy: "Read what the engine says beside these lines."}
	for _, e := range s.byRow[pattern.EngineError] {
		if e.Unread != "" {
			f.Summary += ": " + e.Unread
			break
		}
	}
	if s.pulledSince(list) {
		f.Severity = report.SeverityInfo
	}
	s.add(f, list...)
}

// imageOf is the image that a failed pull was for, where its lines tell; empty where they do not.
func (s *scene) imageOf(e *pattern.Event) string {
	if e.Values.Image != "" || e.Failure() == nil {
		return s.g.clean(e.Values.Image, 120)
	}
	if _, rest, ok := strings.Cut(e.Failure().Quote, "manifest for "); ok {
		if name, _, ok := strings.Cut(rest, " not found"); ok {
			return s.g.clean(name, 120)
		}
	}
	_, url, ok := strings.Cut(e.Failure().Quote, "https://")
	host, rest, found := strings.Cut(url, "/v2/")
	name, tag, whole := strings.Cut(rest, "/manifests/")
	if !ok || !found || !whole {
		return ""
	}
	tag = tag[:strings.IndexAny(tag+" ", "\" ,")]
	return s.g.clean(host+"/"+name+":"+strings.TrimSuffix(tag, ":"), 120)
}

// imageBeside is the image of the daemon's own line about the pull whose error another line tells; empty where there is
// none within a second.
func (s *scene) imageBeside(e *pattern.Event) string {
	for _, o := range s.byRow["edged.pull-error"] {
		if apart := o.Last - e.Last; e.Who == pattern.Edged && apart >= 0 && apart <= 1000 {
			return s.g.clean(o.Values.Image, 120)
		}
	}
	return ""
}

func actorOf(f *pattern.Failure) report.Actor {
	if f.Actor != "" {
		return f.Actor
	}
	if f.Cause != "" {
		return f.Cause.ActorAt(f.Hop)
	}
	return ""
}

// crashLoop: a daemon that is started again and again.
func (s *scene) crashLoop() {
	worst, unit := 0, ""
	var list []*pattern.Event
	for _, e := range s.byRow["systemd.restarts"] {
		n := max(e.Values.N, e.Count)
		if who := pattern.WhoIs(e.Values.Unit); who == pattern.Module || who == 0 || n < 3 {
			continue
		}
		list = append(list, e)
		if n > worst {
			worst, unit = n, e.Values.Unit
		}
	}
	if st := s.stories[pattern.Identityd]; worst == 0 && st != nil && st.Starts >= 3 && !s.up(pattern.Identityd) {
		exits := s.events("identityd.exit", "identityd.failed")
		n := 0
		for _, e := range exits {
			n += e.Count
		}
		if n >= 2 {
			worst, unit, list = st.Starts, "aziot-identityd", exits
		}
	}
	if worst == 0 {
		return
	}
	severity, since := report.SeverityError, ""
	if st := s.stories[pattern.Identityd]; pattern.WhoIs(unit) == pattern.Identityd && s.up(pattern.Identityd) &&
		st.Up > lastOf(list) {
		severity, since = report.SeverityInfo, ", and gets through since"
	}
	s.add(Finding{Code: report.IdentityCrashLoop, Severity: severity, Certainty: pattern.Proves,
		Remedy: "Read the last lines of the daemon that ends (journalctl -u " + unitName(unit) + ") and act on " +
			"them first.",
		Summary: fmt.Sprintf("%s ended and was started again %d times%s: what other components say of its socket "+
			"follows from that", s.g.clean(unit, 60), worst, since), ConfirmWith: "journalctl -u " +
			unitName(unit) +
			" -n 100"}, list...)
}

func lastOf(list []*pattern.Event) (last int64) {
	for _, e := range list {
		last = max(last, e.Last)
	}
	return last
}

func unitName(unit string) string {
	if strings.Trim(unit, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_@") != "" {
		return "aziot-identityd"
	}
	return unit
}

// span says a time in words.
func span(ms int64) string {
	d := time.Duration(ms) * time.Millisecond
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	case d >= time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	case d >= time.Minute:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d s", int(d.Seconds()))
}
