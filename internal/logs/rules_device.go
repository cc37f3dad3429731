package logs

import (
	"slices"
	"strings"
	"time"

	"edgenet/internal/logs/pattern"
	"edgenet/internal/logs/story"
	"edgenet/report"
)

// maxFaults is how many different faults of the device one finding names.
const maxFaults = 3

// deviceFaults: what fails on the device itself, whatever the network does.
func (s *scene) deviceFaults() {
	list, _ := s.withFinding(report.DeviceFault)
	if st := s.stories[pattern.Identityd]; st != nil && st.Last() != nil {
		if f, _ := s.behind(st.Last()); f != nil && f.Finding != report.DeviceFault { // it followed from that
			list = slices.DeleteFunc(list, func(e *pattern.Event) bool {
				return deviceFault(e).Row == pattern.FailedByItself
			})
		}
	}
	const keepers = pattern.Keyd | pattern.Certd | pattern.Tpmd
	if slices.ContainsFunc(list, func(e *pattern.Event) bool {
		return e.Who&keepers != 0 && deviceFault(e).Row != pattern.FailedByItself
	}) { // whose own words say why
		list = slices.DeleteFunc(list, func(e *pattern.Event) bool {
			return deviceFault(e).Row == pattern.FailedByItself
		})
	}
	if slices.ContainsFunc(list, func(e *pattern.Event) bool { return deviceFault(e).Row == pattern.ReadOnly }) {
		list = slices.DeleteFunc(list, func(e *pattern.Event) bool { return deviceFault(e).Row == "device.key" })
	}
	var best *pattern.Failure
	var told []string
	for _, e := range slices.Backward(list) { // what holds is told last
		f := deviceFault(e)
		if best == nil || f.Certainty.Rank() > best.Certainty.Rank() || f.Row == pattern.ReadOnly {
			best = f
		}
		if what := s.g.clean(f.Detail, 160); !slices.Contains(told, what) && len(told) < maxFaults {
			told = append(told, what)
		}
	}
	if best == nil {
		return
	}
	if best.Certainty == pattern.Proves { // a suspicion beside what is proved is most often its consequence
		told = slices.DeleteFunc(told, func(what string) bool {
			return !slices.ContainsFunc(list, func(e *pattern.Event) bool {
				f := deviceFault(e)
				return f.Certainty == pattern.Proves && s.g.clean(f.Detail, 160) == what
			})
		})
	}
	kill := s.byRow["kernel.memory"]
	for _, again := range s.byRow["agent.restart-hub"] { // the kernel names the program alone
		if after := again.Last - lastOf(kill); len(kill) > 0 && after >= 0 && after < 60_000 {
			told = append(told, "edgeAgent starts edgeHub again within a minute of that")
		}
	}
	severity, since := report.SeverityError, ""
	if quiet := s.quietSince(list); quiet > 0 {
		severity, since = report.SeverityInfo, " (last told "+span(quiet)+" before the end of the log)"
	}
	s.add(Finding{Code: report.DeviceFault, Severity: severity, Certainty: best.Certainty,
		Summary: whereFails(best) + strings.Join(told, "; ") + since, Remedy: best.Do, Actor: best.Actor,
		ConfirmWith: "edgenet ready"}, list...)
}

// whereFails says on whose side a fault is that is none of the way to the hub.
func whereFails(f *pattern.Failure) string {
	if f.Beside {
		return "what fails is beside the way to the hub: "
	}
	return "what fails is on the device itself: "
}

// behind is why a component does not get through. Where the identity service says no more than that it failed by
// itself, it is what the services say that keep its keys and certificates, if their lines are here.
func (s *scene) behind(span *story.Span) (f *pattern.Failure, e *pattern.Event) {
	f, e = span.Failure, span.Cause
	if f == nil || f.Row != pattern.FailedByItself && f.Row != pattern.ServiceMute {
		return f, e
	}
	for _, o := range s.g.events {
		if o.Who != pattern.Keyd && o.Who != pattern.Certd && o.Who != pattern.Tpmd {
			continue
		}
		for i := range o.Failures {
			if c := &o.Failures[i]; (c.Cause != "" || c.Finding != "") && c.Certainty.Rank() >= f.Certainty.Rank() {
				f, e = c, o
			}
		}
	}
	return f, e
}

// quiet is after how long without a line a fault of the device counts as over: the runtime tries again every few
// minutes at most.
const quiet = 24 * time.Hour

// quietSince is how long before the end of the log a fault was told last, in ms; 0 where it may hold still: what a
// store says, it says once.
func (s *scene) quietSince(list []*pattern.Event) int64 {
	last, end := int64(0), int64(0)
	for _, e := range list {
		if !e.Timed || strings.HasPrefix(deviceFault(e).Row, "device.store") {
			return 0
		}
		last = max(last, e.Last)
	}
	for _, at := range s.g.ends {
		end = max(end, at)
	}
	if end-last < quiet.Milliseconds() {
		return 0
	}
	return end - last
}

// deviceFault is what an event says of the device itself; nil where it says nothing of it.
func deviceFault(e *pattern.Event) *pattern.Failure {
	if e == nil {
		return nil
	}
	for i := range e.Failures {
		if e.Failures[i].Finding == report.DeviceFault {
			return &e.Failures[i]
		}
	}
	return nil
}

// The measure of restarts for edgeHub's own certificate that are no ordinary renewal, which comes once in weeks.
const (
	renewals      = 3
	renewalsApart = 2 * time.Hour
)

// renewalLoop: edgeHub is started again for its certificate at once, and gets one that is no better: the CA that signs
// it ends, and no certificate outlives its CA.
func (s *scene) renewalLoop() {
	list := s.byRow["hub.certificate-restart"]
	n, first, last := 0, int64(0), int64(0)
	for _, e := range list {
		if first == 0 || e.At < first {
			first = e.At
		}
		n, last = n+e.Count, max(last, e.Last)
	}
	if n < renewals || last-first > int64(n-1)*renewalsApart.Milliseconds() {
		return
	}
	s.add(Finding{Code: report.EdgeCAExpired, Severity: report.SeverityError, Certainty: pattern.Suggests,
		Summary: "edgeHub restarted " + count(n, "time", "times") + " in " + span(last-first) + " for its own " +
			"server certificate: the Edge CA that signs it is about to end, or the clock is wrong",
		ConfirmWith: "sudo iotedge check"}, list...)
}

// aDay is how far the hub's clock has to be from this host's to prove anything, in ms: more than any zone is.
const aDay = 24 * 3600_000

// hubsClock is by how much this host's clock is off, by the hub's own time in what it answered, in ms; 0 where it is
// not, or where that is not told.
func hubsClock(e *pattern.Event) (off int64) {
	if e == nil || !e.Timed || e.Uncertain != "" || len(e.HubTime) == 0 {
		return 0
	}
	off = 1 << 62 // day and month are told in an order that is not known: the nearer reading counts
	for _, at := range e.HubTime {
		off = min(off, max(at-e.Last, e.Last-at))
	}
	if off < aDay {
		return 0
	}
	return off
}

// answeredTimes: the hub's answer bears its own time, and this host's line another day.
func (s *scene) answeredTimes() {
	for _, e := range slices.Backward(s.g.events) {
		if off := hubsClock(e); off != 0 {
			s.skew(pattern.Proves, report.SeverityError, "the hub's answer bears a time that is "+span(off)+
				" away from that of this host's line: the clock is wrong", e)
			return
		}
	}
}

// before is the day before which no line of this runtime can be written: its first preview is of that autumn.
var before = time.Date(2017, 6, 1, 0, 0, 0, 0, time.UTC).UnixMilli()

// unset: a line that is older than the runtime was written with a clock that nobody had set.
func (s *scene) unset() {
	var list []*pattern.Event
	for _, e := range s.g.events {
		if e.Timed && e.Uncertain == "" && e.At < before && e.Who != pattern.Clockd {
			list = append(list, e)
		}
	}
	if len(list) == 0 {
		return
	}
	severity, set := report.SeverityError, ""
	if end := s.g.events[len(s.g.events)-1]; end.Timed && end.At >= before {
		severity, set = report.SeverityWarning, ", and was set later"
	}
	s.skew(pattern.Proves, severity, "lines are dated "+time.UnixMilli(list[0].At).UTC().Format("2006-01-02")+
		", before this runtime existed: the clock was not set"+set, list...)
}
