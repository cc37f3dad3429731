package render

import (
	"slices"
	"strings"

	"edgenet/report"
)

// Reading is a report put in order for people, once for all forms that show it: what
// matters, who does what, what was seen. Every text in it is cleaned; escaping for
// its own form is left to the encoder.
type Reading struct {
	Headline string // the verdict in two or three words
	Tone     Tone
	Paths    []Path // one a result, in the report's order
	ToDo     []Advice
	Know     []Advice // good to know: nobody has to act
}

// Tone is how good or bad something is.
type Tone string

// The tones. They never carry a meaning alone: words stand beside them.
const (
	Good    Tone = "good"
	Warn    Tone = "warn"
	Bad     Tone = "bad"
	Neutral Tone = "neutral"
)

// Path is what to say of one result.
type Path struct {
	Result   report.Result
	Tone     Tone
	Chosen   bool   // carries the verdict
	Matters  bool   // failed, and the verdict or a warning rests on it
	Mark     string // a glyph
	Word     string // works, fails, not needed …
	Code     string // of the cause, with proxy/ where it was there; empty unless it failed
	Place    string // TCP to hub; empty unless it failed
	Title    string // what was seen in a few words, or why it was skipped
	Time     string // median latency, or how long it took to fail
	Way      []Leg
	Steps    []StepReading
	Evidence []string // of the failed connect, for a firewall's log
}

// StepReading is what to say of one step.
type StepReading struct {
	Place       string
	Outcome     string // ok, failed, skipped
	Code        string // of the cause, where it failed
	Tone        Tone
	Start, Took string
	From, To    float64 // share of the path's time, 0 to 1
	Facts       []string
}

// Advice is one thing to do or to know, told once however many paths share it.
type Advice struct {
	Tone    Tone
	Who     string
	Text    string     // for the ticket of whoever acts
	Do      string     // for the user's screen
	Whys    [][]string // each a list of facts
	Actor   report.Actor
	Way     string // A, B …: one of the ways is enough; empty where there is one alone
	Instead bool   // begins another way than the one before it
}

// Heading says how an entry belongs to those before it; empty where it only follows.
func (a Advice) Heading() string {
	switch {
	case a.Way == "":
		return ""
	case a.Instead:
		return "Or instead, way " + a.Way
	}
	return "Way " + a.Way
}

// Read puts the report in order. Nothing in r is changed.
func Read(r *report.Report) Reading {
	p := newPen(TextOptions{Width: 1 << 20, Unicode: true})
	st := standings(r)
	o := gistOf(r)
	out := Reading{Headline: o.headline, Tone: o.tone}
	t := table{pen: p, target: r.Target.Hub}
	for i, res := range r.Results {
		out.Paths = append(out.Paths, t.path(res, st[i], r.Verdict.Depth, r.Findings))
	}
	l := p.allActions(r)
	out.ToDo, out.Know = p.advice(l.todo), p.advice(l.know)
	return out
}

// gist is what a verdict comes to: in a few words, and how good that is.
type gist struct {
	headline string
	tone     Tone
}

// What a verdict can come to.
var (
	gistStopped = gist{"Stopped early", Warn}
	gistLoses   = gist{"Would lose contact", Warn}
	gistOnceSet = gist{"Works only if set", Warn}
	gistWorks   = gist{"Works", Good}
	gistFails   = gist{"Does not work", Bad}
	gistNotGood = gist{"Not good", Bad}
)

func gistOf(r *report.Report) gist {
	switch {
	case r.Verdict.ExitCode == 130:
		return gistStopped
	case r.Verdict.ExitCode == 3:
		return gistLoses
	case onceSet(r):
		return gistOnceSet
	case r.Verdict.ExitCode == 0:
		return gistWorks
	case r.Verdict.UpstreamProtocol == nil:
		return gistFails
	}
	return gistNotGood
}

// onceSet tells whether the verdict is good and the device is not known to be set up for
// it: the advice then asks for something although nothing is broken.
func onceSet(r *report.Report) bool {
	return r.Verdict.ExitCode == 0 && slices.ContainsFunc(r.Advice,
		func(a report.Advice) bool { return a.Severity == report.SeverityInfo })
}

func (t table) path(res report.Result, s standing, depth string, findings []report.Finding) Path {
	out := Path{Result: res, Chosen: s == chosen || s == unset, Matters: s == fault || s == concern,
		Mark: t.pen.mark(s).text, Tone: s.tone(), Way: t.legs(res, s, findings)}
	time := ownTime(res)
	switch s {
	case works, chosen, unset, likewise:
		if out.Word = "works"; s == unset || s == likewise {
			out.Word = "works only if set"
		}
		if depth != "" && depth != "protocol" && depth != "auth" {
			out.Word = t.clean(depth) + " reached"
		}
		if len(res.FailureCauses) > 0 {
			out.Title = "not always: " + t.causes(res)
		}
	case useless:
		out.Word, out.Title = "answers", "the runtime cannot use it"
	case skipped:
		out.Word, out.Title = "skipped", t.clean(res.SkipReason)
	case running:
		out.Word = "running"
	case unneeded:
		out.Word = "not needed"
		if res.RuntimeUsable != nil && !*res.RuntimeUsable {
			out.Word = "not for the runtime"
		}
	default:
		out.Word = "fails"
	}
	if res.Status == report.OK && res.Latency != nil {
		time = res.Latency.MedianMs
	}
	if res.Status == report.Failed {
		out.Code, out.Place, out.Title = t.clean(res.Cause.Label(res.Hop)), t.place(res.Endpoint, res.Hop, res.Stage),
			t.title(res)
		out.Evidence = t.forTheLog(res)
	}
	if res.Status != report.Skipped && res.Status != "" {
		out.Time = duration(time)
	}
	out.Steps = t.stepReadings(res)
	return out
}

func (s standing) tone() Tone {
	switch s {
	case works, chosen:
		return Good
	case fault:
		return Bad
	case concern, unset, likewise:
		return Warn
	}
	return Neutral
}

func (p pen) stepReadings(res report.Result) []StepReading {
	end := report.Millis(0.01)
	for _, s := range res.Steps {
		end = max(end, s.StartMs+s.DurationMs)
	}
	var out []StepReading
	for _, s := range res.Steps {
		r := StepReading{Place: p.place(res.Endpoint, s.Hop, s.Stage), Outcome: p.clean(string(s.Status)), Tone: Good,
			Start: duration(s.StartMs), Took: duration(s.DurationMs),
			From: share(s.StartMs, end), To: share(s.StartMs+s.DurationMs, end), Facts: p.facts(s.Detail)}
		if s.Status != report.OK {
			r.Tone = Neutral
		}
		if s.Status == report.Failed {
			r.Tone = Bad
			if s.Cause != "" {
				r.Code = p.clean(s.Cause.Label(s.Hop))
			}
		}
		if s.Summary != "" {
			r.Facts = append(r.Facts, p.clean(s.Summary))
		}
		out = append(out, r)
	}
	return out
}

// share is the part of the whole, between 0 and 1.
func share(m, whole report.Millis) float64 { return min(1, max(0, float64(m)/float64(whole))) }

func (p pen) advice(actions []action) []Advice {
	var out []Advice
	way := ""
	for _, a := range actions {
		adv := Advice{Tone: Neutral, Who: p.actorLabel(a.Actor), Text: p.clean(a.ForThem), Do: a.text, Actor: a.Actor}
		if a.ForThem == "" {
			adv.Text = a.text
		}
		if a.OrInstead != "" {
			adv.Way, adv.Instead = p.clean(a.Way), way != "" && way != a.Way
			way = a.Way
		}
		switch a.Severity {
		case report.SeverityError:
			adv.Tone = Bad
		case report.SeverityWarning:
			adv.Tone = Warn
		}
		for _, why := range a.reasons(p.o.Verbose) {
			var facts []string
			for _, f := range why {
				if strings.TrimSpace(f) != "" {
					facts = append(facts, f)
				}
			}
			if len(facts) > 0 {
				adv.Whys = append(adv.Whys, facts)
			}
		}
		out = append(out, adv)
	}
	return out
}

// Clean makes a stranger's text fit for a page or a ticket.
func Clean(s string) string { return report.Clean(s, 600) }

// Duration gives three digits at most and the unit.
func Duration(m report.Millis) string { return duration(m) }

// Sentence begins with a capital letter, unless the first word is a code's or a
// product's own spelling.
func Sentence(s string) string { return sentence(s) }

// SourceWords says where a setting came from.
func SourceWords(source string) string {
	if w, ok := sourceWords[source]; ok {
		return w
	}
	return Clean(source)
}

// ActorLabel is whom to call, in a word or two.
func ActorLabel(a report.Actor) string { return newPen(TextOptions{Unicode: true}).actorLabel(a) }
