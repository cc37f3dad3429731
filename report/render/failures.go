package render

import (
	"slices"
	"strconv"
	"strings"

	"edgenet/report"
)

// failures groups the failed results that matter and that no finding explains by
// cause, hop and remedy; remedies that differ in their port alone are one.
func (p pen) failures(r *report.Report, st []standing, findings []report.Finding) []action {
	type group struct {
		first   report.Result
		ports   []string
		results []string
	}
	var groups []*group
	for i, res := range r.Results {
		wanted := st[i] == fault || st[i] == concern || st[i] == unneeded && p.o.Verbose
		if !wanted || res.Remedy == "" || explained(res.ID, findings) {
			continue
		}
		port := strconv.Itoa(res.Port)
		j := slices.IndexFunc(groups, func(g *group) bool {
			return g.first.Cause == res.Cause && g.first.Hop == res.Hop && g.first.Actor == res.Actor &&
				withPort(g.first.Remedy, strconv.Itoa(g.first.Port), "{port}") == withPort(res.Remedy, port, "{port}")
		})
		if j < 0 {
			groups, j = append(groups, &group{first: res}), len(groups)
		}
		g := groups[j]
		g.results = append(g.results, res.ID)
		if !slices.Contains(g.ports, port) {
			g.ports = append(g.ports, port)
		}
	}
	var out []action
	for _, g := range groups {
		a := action{severity: report.SeverityError, actor: g.first.Actor, remedy: p.clean(withPort(g.first.Remedy, strconv.Itoa(g.first.Port), list(g.ports)))}
		if i := slices.IndexFunc(r.Results, func(res report.Result) bool { return res.ID == g.first.ID }); st[i] == concern {
			a.severity = report.SeverityWarning
		} else if st[i] == unneeded {
			a.severity = report.SeverityInfo
		}
		a.results = g.results
		why := p.clean(g.first.Summary) // of the first; the others differ in port and time
		if why == "" {
			why = p.clean(g.first.Cause.Info().Title)
		}
		a.whys = [][]string{{why, p.clean(g.first.Cause.Label(g.first.Hop)), p.paths(r, g.results)}}
		out = append(out, a)
	}
	return out
}

func explained(id string, findings []report.Finding) bool {
	return slices.ContainsFunc(findings, func(f report.Finding) bool {
		return f.Remedy != "" && slices.Contains(explaining, f.Code) && slices.Contains(f.Results, id)
	})
}

// withPort puts something in the place of the port, where it stands as a number
// by itself.
func withPort(text, port, other string) string {
	var b strings.Builder
	for {
		i := strings.Index(text, port)
		if i < 0 {
			return b.String() + text
		}
		before, after := text[:i], text[i+len(port):]
		b.WriteString(before)
		if endsInWord(b.String()) || after != "" && wordByte(after[0]) {
			b.WriteString(port)
		} else {
			b.WriteString(other)
		}
		text = after
	}
}

func endsInWord(s string) bool { return s != "" && wordByte(s[len(s)-1]) }

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
