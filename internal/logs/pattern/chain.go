package pattern

import (
	"slices"
	"strings"

	"edgenet/internal/logs/record"
	"edgenet/report"
)

// segment is one error of a chain.
type segment struct{ text string }

// branch is a chain from the outermost error to the innermost, with the frames that tell
// something.
type branch struct {
	segments []segment
	frames   string
	number   int
}

// maxBranches bounds what is read of one record.
const (
	maxBranches = 16
	maxSegments = 32
)

// maxQuote bounds what is kept of an error, and maxRead what is read of one: the reason may stand behind a long URL.
const (
	maxQuote = 400
	maxRead  = 4096
)

// branches cuts what belongs to a record into its chains. Text is what stands in the head
// of the record behind what the row knows.
func branches(text string, more []string) []branch {
	all := []branch{{}}
	split(&all, text)
	for _, line := range more {
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || strings.EqualFold(trimmed, "caused by:") || isFrame(trimmed):
		case strings.HasPrefix(trimmed, "at "):
			last := &all[len(all)-1]
			last.frames += trimmed + "\n"
		case strings.HasPrefix(trimmed, "--- "):
		default:
			split(&all, trimmed)
		}
	}
	out := all[:0]
	for _, b := range all {
		if len(b.segments) > 0 {
			out = append(out, b)
		}
	}
	return out
}

// isFrame tells a line of a backtrace of Rust ("   0: <unknown>") from an error.
func isFrame(line string) bool {
	digits, rest, ok := strings.Cut(line, ":")
	if !ok || digits == "" || len(digits) > 3 || strings.Trim(digits, "0123456789") != "" {
		return false
	}
	rest = strings.TrimSpace(rest)
	return rest == "" || rest == "<unknown>" || strings.Contains(rest, "::") && !strings.Contains(rest, ": ")
}

// split puts the errors of one line to the branch that is under way, or begins one.
func split(all *[]branch, line string) {
	for i, part := range strings.Split(line, "--->") {
		part = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(part), "<---"))
		for _, mark := range [...]string{"!!! ", "caused by: ", "Caused by: ", "\\tcaused by: "} {
			part = strings.TrimPrefix(part, mark)
		}
		last := &(*all)[len(*all)-1]
		if rest, ok := strings.CutPrefix(part, "(Inner Exception #"); ok {
			number, rest, _ := strings.Cut(rest, ")")
			n := 0
			for _, c := range number {
				if c >= '0' && c <= '9' && n < 1000 {
					n = n*10 + int(c-'0')
				}
			}
			if len(*all) < maxBranches {
				*all = append(*all, branch{number: n})
			}
			last, part = &(*all)[len(*all)-1], strings.TrimSpace(rest)
		}
		switch {
		case part == "" || len(last.segments) >= maxSegments:
		case i == 0 && len(last.segments) > 0 && !startsError(part):
			s := &last.segments[len(last.segments)-1]
			if len(s.text) < 4096 {
				s.text += " " + part // a message of several lines
			}
		default:
			last.segments = append(last.segments, segment{part})
		}
	}
}

// startsError tells an error's first line from the rest of a message of several lines.
func startsError(line string) bool {
	word, _, found := strings.Cut(line, ":")
	return found && (strings.HasSuffix(word, "Exception") || strings.Contains(word, "Exception (")) ||
		!strings.Contains(line, " at ") && !strings.HasPrefix(line, "(")
}

// chained reads the errors that a record carries into its event.
func (m *Matcher) chained(e *Event, rec *record.Record) {
	row := e.Row
	text := strings.TrimPrefix(rec.Said, row.Prefix)
	if row.Prefix == "Fatal error " || row.Prefix == "HTTP request failed: [" ||
		row.Prefix == "Error { kind: Connect" || row.Prefix == "Read-only file system" || row.Prefix == "network " {
		text = rec.Said
	}
	if e.Values.Client != "" {
		text = strings.TrimPrefix(text, e.Values.Client)
	}
	list, unread := m.read(familyOf(rec, row), row.Chain == ChainLocal, text, rec.More)
	if row.ID == "agent.fatal" { // edgeAgent dials the daemon's socket first: without an address it may be that one
		list = slices.DeleteFunc(list, func(f Failure) bool { return f.Stage() == report.StageTCP && f.Addr == "" })
	}
	if len(list) > 0 {
		e.Failures = list
	}
	for i := range e.Failures {
		if row.ID == EngineResolver { // whose question is a container's, and none of a pull
			e.Failures[i].Finding = report.EngineDNS
		}
	}
	if row.Chain == ChainPull && row.Role == RoleRegistry {
		for i := range e.Failures {
			if row.On == Console { // of a moment that is not told
				e.Failures[i].Certainty = Weaker(e.Failures[i].Certainty, Suggests)
			}
			if e.Failures[i].Finding == "" {
				e.Failures[i].Finding = report.RegistryPull
			}
		}
	}
	if row.ID == EngineError && len(list) == 0 && len(rec.More) > 0 {
		_, why, _ := strings.Cut(rec.More[len(rec.More)-1], "Server Error: ")
		e.Unread = strings.TrimSpace(why)
	}
	if row.Chain == ChainCloud && row.ID != DPSPoll || strings.Contains(unread, "Exception") {
		e.Unread = strings.TrimSpace(strings.TrimLeft(unread, ":. "))
	}
}

// read gives what the chains of a record say: one failure a branch, where it has one.
// Unread is the innermost error that no row knows, where none says anything.
func (m *Matcher) read(f family, local bool, text string, more []string) (list []Failure, unread string) {
	seen := map[int]bool{}
	for _, b := range branches(text, more) {
		fail, strange := m.branch(f, local, b)
		if unread == "" {
			unread = strange
		}
		if fail == nil {
			continue
		}
		if fail.Branch = b.number; seen[b.number] {
			if b.number == 0 && len(list) > 0 && list[0].Branch == 0 && list[0].Cause == "" {
				list[0] = *fail // the copy says more than what stood before it
			}
			continue
		}
		seen[b.number] = true
		list = append(list, *fail)
	}
	if len(list) > 0 {
		unread = ""
	}
	return list, unread
}

// branch gives what one chain says: the innermost error that names something, unless one
// further out was answered by a service and settles it. Strange is the innermost error that no row knows.
func (m *Matcher) branch(f family, local bool, b branch) (found *Failure, strange string) {
	addr, atProxy := "", false
	for i := len(b.segments) - 1; i >= 0; i-- {
		text := b.segments[i].text
		if a := m.tail.FindStringSubmatch(text); a != nil && addr == "" {
			addr = strings.Clone(a[1][:min(len(a[1]), maxValue)])
		}
		atProxy = atProxy || strings.Contains(text, "proxyconnect tcp")
		near := around{b.frames, b.segments[:i]}
		row, fail := m.segment(f, local && !near.ofCloud() || near.under("Key client error"), text, near)
		switch {
		case row == nil:
			if strange == "" && isStrange(f, text) {
				strange = text
			}
		case row.void:
		case found == nil, found.Certainty == Narrows && fail.Whole && fail.Certainty != Narrows:
			found = fail
		}
	}
	if found == nil {
		return nil, strange
	}
	if found.Addr == "" {
		found.Addr = addr
	}
	if atProxy && found.Hop == "" {
		found.Hop = report.HopProxy
	}
	return found, strange
}

// isStrange tells an error that ought to be known from text around one: of .NET's it is what names an exception, and
// of a daemon's every error, which is a line of its own.
func isStrange(f family, text string) bool {
	return strings.Contains(text, "Exception") ||
		f == fromRust && strings.ContainsAny(text, "abcdefghijklmnopqrstuvwxyz")
}

// segment finds the row that knows an error.
func (m *Matcher) segment(f family, local bool, text string, near around) (*errorRow, *Failure) {
	for i := range m.errors {
		row := &m.errors[i]
		if row.of&f == 0 || local && !row.never && !row.void || !fits(row, text, near) {
			continue
		}
		fail := row.fail
		fail.Row = row.id
		fail.Quote = strings.Clone(text[:min(len(text), maxQuote)])
		if _, url, ok := strings.Cut(fail.Quote, "https://"); ok && f == fromPull {
			fail.Host = url[:strings.IndexAny(url+"/", "/\"\\ ")]
		}
		if row.exp == nil {
			return row, &fail
		}
		g := row.exp.FindStringSubmatch(text[:min(len(text), maxRead)])
		if g == nil {
			continue
		}
		var word string
		for n, name := range row.exp.SubexpNames() {
			switch name {
			case "addr":
				fail.Addr = strings.Clone(g[n][:min(len(g[n]), maxValue)])
			case "resolver":
				fail.Resolver = strings.Clone(g[n][:min(len(g[n]), maxValue)])
			case "status":
				word = g[n]
			case "a", "b":
				fail.Detail = strings.TrimSpace(fail.Detail + " " + g[n])
			}
		}
		if row.of401 || row.of407 || row.ofWS {
			byStatus(row, &fail, statusOf(word))
			if fail.Certainty == "" {
				continue
			}
		}
		return row, &fail
	}
	return nil, nil
}

// around is what stands beside an error in its chain.
type around struct {
	frames string
	outer  []segment
}

func (a around) under(text string) bool {
	return slices.ContainsFunc(a.outer, func(s segment) bool { return strings.Contains(s.text, text) })
}

// ofCloud tells whether the error was handed on by the identity service, which met it on its own way to the cloud.
func (a around) ofCloud() bool { return a.under("Hub client error") || a.under("DPS client error") }

func fits(row *errorRow, text string, near around) bool {
	if row.also != "" && !strings.Contains(text, row.also) || row.frame != "" && !strings.Contains(near.frames,
		row.frame) || row.under != "" && !near.under(row.under) {
		return false
	}
	for _, n := range row.any {
		if strings.Contains(text, n) {
			return true
		}
	}
	return false
}
