package logs

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"edgenet/internal/logs/pattern"
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
		if best == nil {
			continue
		}
		if d.code == report.StorageFull && s.pulledSince(list) {
			d.severity = report.SeverityInfo
			d.summary = "a disk was full when an image was pulled; the same image was pulled later"
		}
		s.add(Finding{Code: d.code, Severity: d.severity, Certainty: best.Certainty, Actor: d.actor, Summary: d.summary,
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
		Actor: report.ActorService, Summary: "the service was reached, and " + what}
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

// pulls: images that cannot be pulled.
func (s *scene) pulls() {
	list, best := s.withFinding(report.RegistryPull)
	if best == nil {
		return
	}
	what := best.Detail
	if best.Cause != "" {
		what = firstOf(best.Detail, string(best.Cause.Label(best.Hop)))
		if best.Resolver != "" {
			what += ", by the name server " + s.g.clean(best.Resolver, 60)
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
	if image := s.imageOf(last); image != "" {
		summary += " (" + image + ")"
	}
	if what != "" {
		summary += ": " + what
	}
	f := Finding{Code: report.RegistryPull, Severity: severity, Certainty: best.Certainty, Actor: actorOf(best),
		Remedy: best.Do, Summary: summary, ConfirmWith: "edgenet endpoints --test"}
	if p := s.parent(); p != "" && (best.Host == p || best.Host == p+":443") {
		f.Summary += ", from the parent gateway"
		if best.Stage() != report.StageDNS {
			f.Actor, f.Remedy = report.ActorParent, parentDo
		}
	}
	s.add(f, list...)
}

// imageOf is the image that a failed pull was for, where its lines tell; empty where they do not.
func (s *scene) imageOf(e *pattern.Event) string {
	if e.Values.Image != "" {
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
	tag, _, _ = strings.Cut(tag, `"`)
	return s.g.clean(host+"/"+name+":"+tag, 120)
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
	s.add(Finding{Code: report.IdentityCrashLoop, Severity: report.SeverityError, Certainty: pattern.Proves,
		Remedy: "Read the last lines of the daemon that ends (journalctl -u " + unitName(unit) + ") and act on them " +
			"first.",
		Summary: fmt.Sprintf("%s ended and was started again %d times: what other components say of its socket "+
			"follows from that", s.g.clean(unit, 60), worst), ConfirmWith: "journalctl -u " + unitName(unit) +
			" -n 100"}, list...)
}

func unitName(unit string) string {
	if strings.Trim(unit, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_@") != "" {
		return "aziot-identityd"
	}
	return unit
}

// clocks: everything that shows that a clock is wrong.
func (s *scene) clocks() {
	s.tokens()
	s.unset()
	s.answeredTimes()
	for _, e := range s.byRow["clock.wrong"] {
		if off, err := strconv.ParseFloat(e.Values.Term, 64); err == nil && (off > 60 || off < -60) {
			s.skew(pattern.Proves, report.SeverityError, fmt.Sprintf("the clock was off by %s",
				span(int64(max(off, -off)*1000))), e)
		}
	}
	for _, j := range s.g.jumps {
		name := s.g.inputs[j.input].Name
		switch {
		case j.Sure && j.Count >= 3 && j.By.Abs() >= time.Minute:
			s.skew(pattern.Proves, report.SeverityError,
				fmt.Sprintf("two clocks in the same lines differ by %s (%s, line %d)", span(j.By.Abs().Milliseconds()),
					name, j.Line))
		case j.Sure:
			s.skew(pattern.Suggests, report.SeverityWarning,
				fmt.Sprintf("two clocks in the same line differ by %s (%s, line %d): the clock moved, or the host "+
					"slept", span(j.By.Abs().Milliseconds()), name, j.Line))
		case s.startsAt(j):
			s.skew(pattern.Suggests, report.SeverityWarning,
				fmt.Sprintf("the times go back by %s where a process begins (%s, line %d): the clock was not set "+
					"at boot", span(j.By.Abs().Milliseconds()), name, j.Line))
		case s.nextLog(j): // one paste behind another
		default:
			s.skew(pattern.Narrows, report.SeverityInfo,
				fmt.Sprintf("the times go back by %s (%s, line %d): the clock was set back, or files were joined out "+
					"of order", span(j.By.Abs().Milliseconds()), name, j.Line))
		}
	}
	if list, best := s.withFinding(report.ClockSkew); best != nil {
		c, severity := best.Certainty, report.SeverityError
		c = pattern.Weaker(c, pattern.Suggests)
		what := "this host's clock, or they are really past it"
		if cold := s.events("kernel.no-clock", "systemd.build-time"); len(cold) > 0 {
			what, list = "this host's clock, which was not set when it began", append(list, cold...)
			if silent := s.byRow["clock.silent"]; len(silent) > 0 {
				what, list = what+", and no time server answered", append(list, silent...)
			}
		}
		s.skew(c, severity, "certificates or tokens are refused for the time: "+what, list...)
	}
}

// skew keeps the surest finding about the clock.
func (s *scene) skew(c pattern.Certainty, severity report.Severity, summary string, events ...*pattern.Event) {
	for i, f := range s.findings {
		if f.Code == report.ClockSkew {
			if f.Certainty.Rank() >= c.Rank() {
				return
			}
			s.findings = append(s.findings[:i], s.findings[i+1:]...)
			break
		}
	}
	s.add(Finding{Code: report.ClockSkew, Severity: severity, Certainty: c, Summary: summary,
		ConfirmWith: "timedatectl; " + s.check("", "")}, events...)
}

// startsAt tells whether a process begins where the clock jumped, and not only another component's part of the text.
func (s *scene) startsAt(j jump) bool {
	var before []string
	for _, e := range s.g.inLines(j.input) {
		switch {
		case e.Line < j.Line-3:
			before = append(before, e.Component)
		case e.Line > j.Line+20:
			return false
		case e.Row.Kind == pattern.Start && slices.Contains(before, e.Component):
			return true
		}
	}
	return false
}

// nextLog tells whether the log of another component begins where the times go back.
func (s *scene) nextLog(j jump) bool {
	before := map[string]bool{}
	for _, e := range s.g.inLines(j.input) {
		if e.Line >= j.Line {
			return len(before) > 0 && !before[e.Component]
		}
		before[e.Component] = true
	}
	return false
}

// inLines gives an input's events in the order of its lines.
func (g *gatherer) inLines(input int) (list []*pattern.Event) {
	for _, e := range g.events {
		if e.Input == input {
			list = append(list, e)
		}
	}
	slices.SortStableFunc(list, func(a, b *pattern.Event) int { return cmp.Compare(a.Line, b.Line) })
	return list
}

// tokens: a life of a token that no clock that is right would give.
func (s *scene) tokens() {
	for _, e := range s.byRow["hub.token"] {
		days, negative := lifeDays(e.Values.Term)
		if negative && days > 1 || days > 3650 {
			s.skew(pattern.Proves, report.SeverityError, "a token that was just made ends "+
				s.g.clean(e.Values.Term, 40)+" from now (days.hours): by this clock it is years away", e)
			return
		}
	}
}

// lifeDays reads .NET's span [-][d.]hh:mm:ss.
func lifeDays(term string) (days int, negative bool) {
	term, negative = strings.CutPrefix(term, "-")
	d, rest, ok := strings.Cut(term, ".")
	if !ok || !strings.Contains(rest, ":") {
		return 0, negative
	}
	days, err := strconv.Atoi(d)
	if err != nil {
		return 0, negative
	}
	return days, negative
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
