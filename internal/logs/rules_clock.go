package logs

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"edgenet/internal/logs/pattern"
	"edgenet/internal/sorting"
	"edgenet/report"
)

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
				fmt.Sprintf("two clocks in the same lines differ by %s (%s, line %d)",
					span(j.By.Abs().Milliseconds()),
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
				fmt.Sprintf("the times go back by %s (%s, line %d): the clock was set back, or files were "+
					"joined out "+
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
		words, over := "certificates or tokens are refused for the time: "+what, "for a while certificates or "+
			"tokens were "+
			"refused for the time, and later not any more: the clock was set"
		if !slices.ContainsFunc(list, func(e *pattern.Event) bool {
			return e.Who != pattern.Clockd && e.Failure() != nil
		}) {
			words, over = "the clock was not set when this host began", "the clock was not set when this host "+
				"began, and "+
				"connections were made since"
		}
		if s.throughSince(list) {
			severity, words = report.SeverityInfo, over
		}
		s.skew(c, severity, words, list...)
	}
}

// throughSince tells whether something got through TLS, as the log tells, after all of these.
func (s *scene) throughSince(list []*pattern.Event) bool {
	last, since := lastOf(list), int64(0)
	for _, st := range s.stories {
		since = max(since, st.Up)
	}
	for _, e := range s.byRow["edged.pulled"] {
		since = max(since, e.Last)
	}
	return since > last
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
	sorting.By(list, func(a, b *pattern.Event) int { return cmp.Compare(a.Line, b.Line) })
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
