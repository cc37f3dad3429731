package render

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"edgenet/internal/logs"
	"edgenet/internal/logs/pattern"
	"edgenet/internal/logs/story"
	"edgenet/report"
	"edgenet/report/render"
)

// view is the one screen in words, the same for all that people read: is it up, by what,
// lost when and how often, why, who does what, what is not told, what would tell.
type view struct {
	title     string
	facts     []string
	good      bool
	headline  string
	rows      []row
	from, to  time.Time // of the timeline; zero: no times
	why       []string
	quote     string
	also      []string // what else failed
	findings  []advice
	cannot    []string
	can       []string
	confirm   string
	uncertain string
	beside    [][2]string // what the log says, and what a probe found
}

// row is one component.
type row struct {
	name, state, detail string
	tone                tone
	spans               []stretch
}

// stretch is a time in one state, as parts of the whole timeline.
type stretch struct {
	from, to float64
	state    story.State
	title    string
}

type tone string

const (
	good tone = "good"
	bad  tone = "bad"
	odd  tone = "warn"
	idle tone = "neutral"
)

// advice is a finding.
type advice struct {
	tone                            tone
	code, who, what, remedy, proved string
	lines                           []string
	confirm                         string
}

// certaintyWords say how sure a line makes something.
var certaintyWords = map[pattern.Certainty]string{pattern.Proves: "proved", pattern.Suggests: "suggested, not proved",
	pattern.Narrows: "not told, only narrowed down"}

func newView(r *logs.Report) *view {
	c := &r.Conclusion
	v := &view{title: firstOf(r.Device.Hub, "the runtime's logs"), headline: sentence(report.Clean(c.Summary, 400)),
		good: r.ExitCode() == 0, confirm: c.ConfirmWith, cannot: r.Coverage.CannotShow, can: r.Coverage.CanShow}
	if r.Device.ID != "" {
		v.facts = append(v.facts, "device "+r.Device.ID)
	}
	if len(r.Inputs) == 1 {
		v.facts = append(v.facts, r.Inputs[0].Name+", "+number(r.Inputs[0].Records)+" records")
	} else {
		n := 0
		for i := range r.Inputs {
			n += r.Inputs[i].Records
		}
		v.facts = append(v.facts, fmt.Sprintf("%d logs, %s records", len(r.Inputs), number(n)))
	}
	for name, version := range r.Device.Versions {
		v.facts = append(v.facts, name+" "+version)
	}
	slices.Sort(v.facts[min(len(v.facts), 1):])
	v.times(r)
	for i := range r.Upstream {
		v.rows = append(v.rows, v.row(r, &r.Upstream[i]))
	}
	v.reason(r)
	v.beside = beside(r)
	for i := range r.Findings {
		v.findings = append(v.findings, newAdvice(r, &r.Findings[i]))
	}
	return v
}

func firstOf(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// number writes thousands apart.
func number(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return s
}

// times finds what the timeline covers.
func (v *view) times(r *logs.Report) {
	for i := range r.Upstream {
		for _, s := range r.Upstream[i].Spans {
			for _, t := range []*time.Time{s.From, s.To} {
				if t == nil {
					continue
				}
				if v.from.IsZero() || t.Before(v.from) {
					v.from = *t
				}
				if t.After(v.to) {
					v.to = *t
				}
			}
		}
	}
	guessed := map[string]bool{}
	for i := range r.Events {
		if u := r.Events[i].AtUncertain; u != "" && !guessed[u] {
			guessed[u] = true
			v.uncertain = firstOf(v.uncertain, map[string]string{"zone": "the zone of some times is not told: they " +
				"may be hours off (--tz)", "year": "the year of some times is not told (--year)",
				"order": "some lines have no time: they stand in the order of the log"}[u])
		}
	}
}

func (v *view) row(r *logs.Report, u *logs.Upstream) row {
	last := u.Spans[len(u.Spans)-1]
	out := row{name: u.Component}
	ever := slices.ContainsFunc(u.Spans, func(s logs.Span) bool { return s.State == story.Connected })
	switch {
	case last.State == story.Connected:
		out.state, out.tone = "connected", good
	case last.State == story.Stopped:
		out.state, out.tone = "stopped", idle
	case r.Conclusion.State == logs.StateFlapping && ever && r.Conclusion.Component == u.Component:
		out.state, out.tone = "comes and goes", odd
	case last.State == story.Lost || ever:
		out.state, out.tone = "lost", bad
	case last.State == story.Trying:
		out.state, out.tone = "never connected", bad
	default:
		out.state, out.tone = "not told", idle
	}
	if r.Conclusion.State == logs.StateFlapping && r.Conclusion.Component == u.Component {
		out.state, out.tone = "comes and goes", odd
	}
	out.detail = detail(u, &last)
	whole := v.to.Sub(v.from).Seconds()
	for _, s := range u.Spans {
		if whole <= 0 || s.To == nil {
			continue
		}
		from := 0.0
		if s.From != nil {
			from = s.From.Sub(v.from).Seconds() / whole
		}
		out.spans = append(out.spans, stretch{from, s.To.Sub(v.from).Seconds() / whole, s.State, spanWords(&s)})
	}
	return out
}

// detail says by what, since when, how often.
func detail(u *logs.Upstream, last *logs.Span) string {
	var parts []string
	if last.Protocol != "" {
		p := string(last.Protocol)
		if last.Protocol != report.HTTPS {
			p += " " + fmt.Sprint(last.Protocol.Port())
		}
		switch last.Via {
		case story.ViaProxy:
			p += " by proxy " + u.Configured.Proxy
		case story.ViaDirect:
			p += " direct"
		}
		parts = append(parts, p)
	}
	if last.From != nil && last.State != story.Stopped {
		parts = append(parts, "since "+last.From.Format("2006-01-02 15:04"))
	}
	if u.Stats.Attempts > 1 && last.State != story.Connected {
		parts = append(parts, number(u.Stats.Attempts)+" tries")
	}
	if u.Stats.Losses > 0 {
		parts = append(parts, fmt.Sprintf("lost %s, longest %s", times(u.Stats.Losses),
			render.Span(time.Duration(u.Stats.LongestDownMs)*time.Millisecond)))
	}
	return strings.Join(parts, ", ")
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return number(n) + " times"
}

func spanWords(s *logs.Span) string {
	w := string(s.State)
	if s.Protocol != "" {
		w += " by " + string(s.Protocol)
	}
	if s.From != nil {
		w += " from " + s.From.Format("2006-01-02 15:04:05")
	}
	if s.To != nil {
		w += " to " + s.To.Format("2006-01-02 15:04:05")
	}
	if s.Cause != nil {
		w += ": " + s.Cause.Label(s.Hop)
	}
	return w
}

// reason says why, how sure that is, and which line shows it.
func (v *view) reason(r *logs.Report) {
	c := &r.Conclusion
	if c.Cause == nil && len(c.Candidates) == 0 && c.Event == "" || c.State == logs.StateConnected && c.Cause == nil &&
		len(c.Candidates) == 0 {
		return
	}
	words := certaintyWords[c.Certainty]
	switch {
	case c.Cause != nil:
		title := c.Cause.Info().Title
		if r.Device.Provisioning == "dps" && r.Device.Hub == "" && c.Component == "identityd" { // it asked no hub yet
			title = strings.Replace(title, "the hub", "it", 1)
		}
		v.why = append(v.why, fmt.Sprintf("%s: %s (%s)", c.Cause.Label(c.Hop), title, words))
		if others := without(c.Candidates, *c.Cause); others != "" {
			v.why = append(v.why, "The log also fits: "+others)
		}
	case len(c.Candidates) > 0:
		v.why = append(v.why, "The cause is "+words+". It is one of: "+without(c.Candidates, ""))
	}
	for i := range r.Events {
		if e := &r.Events[i]; e.ID == c.Event {
			place := fmt.Sprintf("%s line %d", r.Inputs[e.Input].Name, e.Line)
			if e.Count > 1 {
				place += " and " + number(e.Count-1) + " more"
			}
			v.why = append(v.why, "Shown by "+place+":")
			v.quote = e.Text
		}
	}
	v.others(r)
}

// others names what else failed in the same time: each protocol has a reason of its own.
func (v *view) others(r *logs.Report) {
	for i := range r.Upstream {
		u := &r.Upstream[i]
		if u.Component != r.Conclusion.Component {
			continue
		}
		for _, f := range u.Spans[len(u.Spans)-1].Failures {
			what := without(f.Candidates, "")
			if f.Cause != nil {
				if r.Conclusion.Cause != nil && *f.Cause == *r.Conclusion.Cause && f.Hop == r.Conclusion.Hop {
					continue
				}
				what = f.Cause.Label(f.Hop)
			}
			if !slices.Contains(r.Conclusion.Findings, f.Finding) { // which is told below
				what = firstOf(what, string(f.Finding))
			}
			if what != "" && len(v.also) < 4 {
				v.also = append(v.also, fmt.Sprintf("Also, by %s: %s (%s, %s)",
					firstOf(string(f.Protocol), "another way"), what, certaintyWords[f.Certainty], times(f.Count)))
			}
		}
	}
}

// without lists causes, but for one; many are shortened to their stages.
func without(list []report.Cause, but report.Cause) string {
	var out []string
	for _, c := range list {
		if c != but {
			out = append(out, string(c))
		}
	}
	if len(out) <= 8 {
		return strings.Join(out, ", ")
	}
	var stages []string
	for _, c := range out {
		stage, _, _ := strings.Cut(c, ".")
		if stage += ".*"; !slices.Contains(stages, stage) {
			stages = append(stages, stage)
		}
	}
	return strings.Join(stages, ", ")
}

func newAdvice(r *logs.Report, f *logs.Finding) advice {
	a := advice{code: string(f.Code), who: f.Actor.Words(), what: sentence(f.Summary) + ".", remedy: f.Remedy,
		proved: certaintyWords[f.Certainty], confirm: f.ConfirmWith,
		tone: map[report.Severity]tone{report.SeverityError: bad, report.SeverityWarning: odd,
			report.SeverityInfo: idle}[f.Severity]}
	for i := range r.Events {
		if e := &r.Events[i]; len(a.lines) < 3 && slices.Contains(f.Events, e.ID) {
			a.lines = append(a.lines, fmt.Sprintf("%s:%d", r.Inputs[e.Input].Name, e.Line))
		}
	}
	return a
}

// sentence begins a text as sentences do, but for names of components and files.
func sentence(s string) string {
	word, _, _ := strings.Cut(strings.TrimRight(s, ":,"), " ")
	word = strings.TrimRight(word, ":,")
	if strings.ContainsAny(word, ".-_/") || pattern.WhoIs(word) != pattern.Module && pattern.WhoIs(word) != 0 {
		return s
	}
	return render.Sentence(s)
}
