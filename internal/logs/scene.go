package logs

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"edgenet/internal/logs/pattern"
	"edgenet/internal/logs/source"
	"edgenet/internal/logs/story"
	"edgenet/internal/sorting"
	"edgenet/internal/supportbundle"
	"edgenet/report"
)

// scene is all that the rules look at.
type scene struct {
	g        *gatherer
	whole    bool // what is missing is missing, not merely left out
	stories  map[pattern.Who]*story.Story
	env      map[string]map[string]string // by container, of the engine's description
	boxes    []supportbundle.Container
	ids      map[*pattern.Event]string
	reasons  map[*pattern.Event]story.Reason
	byRow    map[string][]*pattern.Event
	device   Device
	findings []Finding
}

// upstreams are the components that have a way to the cloud, in the order in which they
// matter for messages.
var upstreams = [...]pattern.Who{pattern.Hub, pattern.Agent, pattern.Iotedged, pattern.Identityd}

func newScene(g *gatherer, set *source.Set) *scene {
	s := &scene{g: g, whole: set.Whole, boxes: set.Containers, stories: map[pattern.Who]*story.Story{},
		env: map[string]map[string]string{},
		ids: map[*pattern.Event]string{}, reasons: map[*pattern.Event]story.Reason{},
		byRow: map[string][]*pattern.Event{}}
	for _, c := range set.Containers {
		s.env[c.Name] = c.Env
	}
	by := map[pattern.Who][]*pattern.Event{}
	var handed []*pattern.Event
	for i, e := range g.events {
		s.ids[e] = fmt.Sprintf("e%d", i+1)
		s.byRow[e.Row.ID] = append(s.byRow[e.Row.ID], e)
		by[e.Who] = append(by[e.Who], e)
		if f := e.Failure(); e.Who == pattern.Edged && f != nil && f.Certainty == pattern.Proves &&
			f.Stage() == report.StageAuth { // what the hub answered identityd, which says no more than 404
			handed = append(handed, e)
		}
	}
	if len(by[pattern.Identityd]) > 0 {
		all := append(slices.Clone(by[pattern.Identityd]), handed...)
		sorting.By(all, func(a, b *pattern.Event) int { return cmp.Compare(a.At, b.At) })
		by[pattern.Identityd] = all
	}
	for _, who := range upstreams {
		if len(by[who]) == 0 {
			continue
		}
		st := story.Tell(who, by[who], g.ends[who])
		for _, e := range g.events {
			if e.Row.Ends&who != 0 && e.Who != who {
				st.Ended(e)
			}
		}
		s.stories[who] = &st
	}
	s.clock(by)
	s.resolvers()
	s.collectReasons()
	s.tellDevice()
	return s
}

// collectReasons remembers at which hop each line's failure happened.
func (s *scene) collectReasons() {
	for _, who := range upstreams {
		st := s.stories[who]
		if st == nil {
			continue
		}
		maps.Copy(s.reasons, st.Judged)
		for i := range st.Spans {
			for _, r := range st.Spans[i].Failures {
				s.reasons[r.Event] = r
			}
		}
		for _, r := range st.HTTPSFail {
			s.reasons[r.Event] = r
		}
	}
}

// freshToken is how long after the start of a process its tokens are newly made: one that
// is expired then was made by a wrong clock.
const freshToken = 2 * 60_000

// clock takes expired tokens of a process that has just begun for what they show.
func (s *scene) clock(by map[pattern.Who][]*pattern.Event) {
	for _, who := range upstreams {
		st := s.stories[who]
		if st == nil {
			continue
		}
		for i := range st.Spans {
			span := &st.Spans[i]
			for k := range span.Failures {
				r := &span.Failures[k]
				off := hubsClock(r.Event)
				if r.Failure.Cause != report.AuthExpired || off == 0 && !startedBefore(by[who], r.First) {
					continue
				}
				r.Failure.Cause, r.Failure.Certainty, r.Failure.Finding = report.AuthClock, pattern.Suggests,
					report.ClockSkew
				r.Failure.Candidates = []report.Cause{report.AuthClock, report.AuthExpired}
				if off != 0 {
					r.Failure.Certainty, r.Failure.Candidates = pattern.Proves, nil
				}
				if span.Cause == r.Event {
					fail := r.Failure
					span.Failure = &fail
				}
			}
		}
	}
}

func startedBefore(events []*pattern.Event, e *pattern.Event) bool {
	return slices.ContainsFunc(events, func(o *pattern.Event) bool {
		return o.Row.Kind == pattern.Start && o.At <= e.At && e.At-o.At <= freshToken
	})
}

func (s *scene) tellDevice() {
	s.device = Device{Versions: map[string]string{}}
	for _, who := range upstreams {
		st := s.stories[who]
		if st == nil {
			continue
		}
		if st.Version != "" {
			s.device.Versions[who.Name()] = s.g.clean(st.Version, 40)
		}
		if s.device.Hub == "" {
			s.device.Hub = hostName(st.Hub)
		}
		if s.device.ID == "" {
			s.device.ID = s.g.clean(st.Device, 128)
		}
	}
	for _, e := range s.byRow["edged.device"] {
		s.device.Hub, s.device.ID = firstOf(s.device.Hub, hostName(e.Values.Hub)),
			firstOf(s.device.ID, s.g.clean(e.Values.Device, 128))
	}
	for _, name := range []string{"edgeHub", "edgeAgent"} {
		s.device.Hub = firstOf(s.device.Hub, hostName(s.env[name]["IOTEDGE_IOTHUBHOSTNAME"]))
		s.device.ID = firstOf(s.device.ID, s.g.clean(s.env[name]["IOTEDGE_DEVICEID"], 128))
	}
	s.device.Hub = firstOf(s.device.Hub, s.dialled())
	switch {
	case s.any("identityd.dps-send", "identityd.dps-complete", "identityd.dps-answered", "iotedged.dps",
		"iotedged.dps-assigned"):
		s.device.Provisioning = "dps"
	case s.any("identityd.manual"):
		s.device.Provisioning = "manual"
	}
}

// hostName gives a name that may stand in a command line; empty for what is none, and for
// what somebody made unreadable.
func hostName(s string) string {
	if s == "" || len(s) > 253 || strings.Contains(s, "..") ||
		strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789.-") != "" ||
		!strings.Contains(s, ".") || s[0] == '-' {
		return ""
	}
	return s
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

func (s *scene) any(rows ...string) bool {
	return slices.ContainsFunc(rows, func(r string) bool { return len(s.byRow[r]) > 0 })
}

// events gives those of several rows.
func (s *scene) events(rows ...string) (list []*pattern.Event) {
	for _, r := range rows {
		list = append(list, s.byRow[r]...)
	}
	return list
}

// withFinding gives the events whose error leads to a finding by itself, and the surest of
// their failures.
func (s *scene) withFinding(code report.FindingCode) (list []*pattern.Event, best *pattern.Failure) {
	for _, e := range s.g.events {
		for i := range e.Failures {
			f := &e.Failures[i]
			if r, ok := s.reasons[e]; ok && r.Failure.Finding != f.Finding && r.Failure.Row == f.Row {
				f = &r.Failure
			}
			if f.Finding != code {
				continue
			}
			list = append(list, e)
			if best == nil || f.Certainty.Rank() > best.Certainty.Rank() {
				best = f
			}
		}
	}
	return list, best
}

// up tells whether a component is connected at the end of its log.
func (s *scene) up(who pattern.Who) bool {
	st := s.stories[who]
	return st != nil && st.Last() != nil && st.Last().State == story.Connected
}

// stateOf tells how a component stands.
func (s *scene) stateOf(who pattern.Who) State {
	st := s.stories[who]
	if st == nil || st.Last() == nil {
		return StateUnknown
	}
	last := st.Last()
	switch {
	case last.State == story.Connected:
		return StateConnected
	case last.State == story.Stopped || last.State == story.Unknown:
		return StateUnknown
	case st.Ever() && s.flapsStill(st, last):
		return StateFlapping
	case st.Ever() || last.State == story.Lost:
		return StateLost
	case last.Failure == nil && st.Attempts < 2 && last.To-last.From < 2*60_000 && s.strange(who, last) == nil:
		return StateUnknown // the log ends before the answer
	}
	return StateNever
}

// flapsStill tells whether a connection that comes and goes is merely away once more: for no
// longer than it was before.
func (s *scene) flapsStill(st *story.Story, last *story.Span) bool {
	_, flaps := s.flaps(st)
	longest := int64(5 * 60_000)
	for i := range st.Spans[:len(st.Spans)-1] {
		if sp := &st.Spans[i]; sp.State != story.Connected && sp.State != story.Stopped {
			longest = max(longest, 2*(sp.To-sp.From))
		}
	}
	return flaps && last.To-last.From <= longest
}

func (s *scene) bad(who pattern.Who) bool {
	st := s.stateOf(who)
	return st == StateNever || st == StateLost
}

// add keeps a finding.
func (s *scene) add(f Finding, events ...*pattern.Event) {
	for i := range s.findings {
		if s.findings[i].Code == f.Code {
			return
		}
	}
	for _, e := range events {
		if len(f.Events) < 20 && e != nil && !slices.Contains(f.Events, s.ids[e]) {
			f.Events = append(f.Events, s.ids[e])
		}
	}
	if f.Events == nil {
		f.Events = []string{}
	}
	if f.Actor == "" || f.Remedy == "" {
		for _, i := range report.FindingTable() {
			if i.Code == f.Code {
				f.Actor, f.Remedy = report.Actor(firstOf(string(f.Actor), string(i.Actor))),
					firstOf(f.Remedy, i.Remedy)
			}
		}
	}
	if f.ConfirmWith == "" {
		f.ConfirmWith = s.check("", "")
	}
	s.findings = append(s.findings, f)
}
