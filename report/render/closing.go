package render

import (
	"slices"
	"strconv"
	"strings"

	"edgenet/report"
)

// detail is how much of the closing is told where the terminal is low.
type detail int

const (
	whole    detail = iota // every action with its reasons
	firstWhy               // the reasons of the first action alone
	noWhy                  // no reasons
	shortest               // and no more than a few lines of each
)

// What of a sentence is still told where not all of them have room.
const (
	reasonLines = 3
	firstLines  = 3
	otherLines  = 2
)

// closing is what a person who looks at the last screenful alone has to know: the verdict,
// who does what in which order, what would do instead, and where more is. It is as whole as
// the terminal's height allows; the second is true where something was left out.
func (p pen) closing(r *report.Report, do order) ([]line, bool) {
	for d := whole; d <= shortest; d++ {
		out := p.closingIn(r, do, d)
		if p.o.Height <= 0 || len(out) < p.o.Height-1 || d == shortest { // the prompt needs a row
			return out, d > whole
		}
	}
	return nil, false
}

// closingIn is the closing in so much detail.
func (p pen) closingIn(r *report.Report, do order, d detail) []line {
	out := p.verdict(r, d)
	c := counted{pen: p, detail: d}
	if len(do.first) > 0 {
		first := do.first[0]
		first.whys = p.reasonsBeyondVerdict(first, r)
		if len(do.instead) > 0 {
			c.addHeading("WHO DOES WHAT, way " + p.wayLetter(first))
		}
		c.add(first)
		c.addUnder("AND ALSO", do.also)
		c.out = append(c.out, p.settingCommand(r)...)
		for _, way := range do.instead {
			for i := range way { // the same findings on the same paths: what is seen has been told
				if a := &way[i]; len(a.whys) == 1 && len(a.whys[0]) > 2 &&
					slices.Equal(a.whys[0], do.first[0].whys[0]) {
					a.whys = [][]string{a.whys[0][1:]}
				}
			}
			c.addUnder("OR INSTEAD, way "+p.wayLetter(way[0])+", "+p.insteadWords(first, way[0], r), way)
		}
	} else {
		title := "WHEN THERE IS TIME"
		if onceSet(r) || len(do.later) > 0 && do.later[0].Severity == report.SeverityError {
			title = "WHO DOES WHAT"
		}
		c.addUnder(title, do.later)
		c.out = append(c.out, p.settingCommand(r)...)
	}
	more := p.whereMoreIs(r, do)
	if d == shortest {
		more = more[:1]
	}
	return append(append(out, c.out...), more...)
}

func (p pen) wayLetter(a action) string {
	if a.Way == "" {
		return "A"
	}
	return p.clean(a.Way)
}

// counted numbers the actions through all ways.
type counted struct {
	pen
	detail detail
	n      int
	out    []line
}

func (c *counted) addHeading(words string) { c.out = append(c.out, c.wrapped(words, 0, bold)...) }

func (c *counted) addUnder(words string, actions []action) {
	if len(actions) == 0 {
		return
	}
	c.addHeading(words)
	for _, a := range actions {
		c.add(a)
	}
}

func (c *counted) add(a action) {
	c.n++
	number := strconv.Itoa(c.n) + ". "
	limit := otherLines
	if c.n == 1 {
		limit = firstLines
	}
	text := c.addressed(a)
	for i, l := range c.limited(wrap(text, c.o.Width-len(number)), limit, c.detail) {
		head := span{number, numberStyle(a.Severity)}
		if i > 0 {
			head = span{strings.Repeat(" ", len(number)), plain}
		}
		c.out = append(c.out, line{head, {l, plain}})
	}
	if c.detail == whole || c.detail == firstWhy && c.n == 1 {
		for _, why := range a.reasons(c.o.Verbose) {
			if len(why) > 2 { // with a sentence first: what is seen, not one more thing to do
				why = slices.Concat([]string{"Why: " + why[0]}, why[1:])
			}
			c.out = append(c.out, c.flowed(why, len(number))...)
		}
	}
}

func numberStyle(s report.Severity) style {
	switch s {
	case report.SeverityError:
		return red
	case report.SeverityWarning:
		return "1;33"
	}
	return cyan
}

// addressed says who acts where the sentence itself asks nobody and the reader is not the
// one.
func (p pen) addressed(a action) string {
	switch a.Actor {
	case report.ActorCredentials, report.ActorUnknown:
		return sentence(p.actorLabel(a.Actor)) + ": " + a.text
	}
	return a.text
}

// limited cuts lines where detail is short, and shows that it did.
func (p pen) limited(lines []string, most int, d detail) []string {
	if d < shortest || len(lines) <= most {
		return lines
	}
	lines = lines[:most:most]
	last, _ := cut(lines[most-1], p.o.Width/2)
	lines[most-1] = strings.TrimRight(last, " ") + " " + p.ellipsis() + " (above)"
	return lines
}

// settingCommand is what writes the setting for every place that needs it.
func (p pen) settingCommand(r *report.Report) []line {
	command := SettingCommand(r)
	if command == "" {
		return nil
	}
	out := p.wrapped("This command makes the settings, ready to paste:", 0, plain)
	return append(out, p.wrapped(p.clean(command), 2, bold)...) // whole: it is to be copied
}

// SettingCommand is the command that makes the texts for a protocol that works only if it
// is set; empty where nothing is to be set.
func SettingCommand(r *report.Report) string {
	up := r.Verdict.UpstreamProtocol
	if up == nil || !onceSet(r) && r.Verdict.ExitCode != 3 || removes(r) ||
		!slices.Contains(report.DefaultPreference(), *up) {
		return ""
	}
	out := "edgenet config generate --protocol " + up.RuntimeName()
	for _, route := range r.Routes {
		if route.ID == r.Verdict.Route && route.URL != "" {
			out += proxyArguments(route.URL)
		}
	}
	return out
}

// removes tells whether what there is to do is to take a proxy away, which no text does.
func removes(r *report.Report) bool {
	return r.Verdict.Route == report.RouteDirect && slices.ContainsFunc(r.Verdict.Components,
		func(c report.Component) bool { return c.Proxy != "" && c.Works != nil && !*c.Works })
}

// proxyArguments name a proxy, and where its password is to be read, which no report holds.
func proxyArguments(url string) string {
	credentials := ""
	if scheme, rest, ok := strings.Cut(url, "://"); ok {
		if i := strings.LastIndex(rest, "@"); i >= 0 {
			url, credentials = scheme+"://"+rest[i+1:], " --proxy-credentials FILE"
		}
	}
	if !pasteable(url) {
		url = "URL"
	}
	return " --proxy " + url + credentials
}

// pasteable tells whether a text from elsewhere is an argument and nothing more to a shell.
func pasteable(s string) bool {
	return len(s) < 200 && strings.Trim(strings.ToLower(s), "abcdefghijklmnopqrstuvwxyz0123456789:/.[]-_") == ""
}

// whereMoreIs says where the rest is: the details, what a code means, and the text for whoever has
// to act and does not see this screen.
func (p pen) whereMoreIs(r *report.Report, do order) []line {
	facts := []string{"More: details above"}
	if code := p.mainCode(r, do); code != "" {
		facts = append(facts, "edgenet explain "+code)
	}
	facts = append(facts, "-v every step")
	if p.o.HubOnly && (r.Verdict.ExitCode == 0 || r.Verdict.ExitCode == 3) && len(r.Results) > 0 &&
		r.Results[0].Endpoint == report.EndpointIoTHub {
		facts = append(facts, "registries, and DPS where it is set, were not asked: edgenet check --all")
	}
	if r.Verdict.ExitCode == 0 && len(do.later) == 0 {
		return p.flowed(facts, 0)
	}
	for _, a := range append(do.shown(), do.later...) {
		if othersTask(a.Actor) {
			facts = append(facts, "the ticket: -o ticket.md --for "+p.clean(string(a.Actor)))
			break
		}
	}
	return p.flowed(facts, 0)
}

// othersTask tells whether somebody else than the reader of the screen may have to act: also
// whoever issues credentials, though nobody is asked for them by name.
func othersTask(a report.Actor) bool {
	return a == report.ActorCredentials || !a.Yours() && slices.Contains(report.Actors(), a)
}

// mainCode is the code that the first thing to do is about.
func (p pen) mainCode(r *report.Report, do order) string {
	for _, list := range [][]action{do.first, do.later} {
		for _, a := range list {
			for _, code := range a.Findings {
				if info, known := code.Info(); known && info.Group != report.GroupOutcome {
					return p.clean(string(code))
				}
			}
			for _, res := range r.Results {
				if slices.Contains(a.Results, res.ID) && res.Status == report.Failed &&
					res.Cause.Info().Code == res.Cause {
					return res.Cause.Label(res.Hop)
				}
			}
		}
	}
	return ""
}
