package render

import (
	"fmt"
	"io"
	"strings"

	"edgenet/report"
)

// Explain writes what a cause or finding code means, who acts and what to do, as the
// tables have it; terms are the codes that are neither. A prefix such as "proxy/" of a
// label is understood. False means that no such code exists; nothing was written then.
func Explain(w io.Writer, code string, terms []report.Term, o TextOptions) (bool, error) {
	code = strings.ToLower(strings.TrimSpace(code))
	hop := report.HopTarget
	if c, ok := strings.CutPrefix(code, string(report.HopProxy)+"/"); ok {
		code, hop = c, report.HopProxy
	}
	code = strings.TrimPrefix(code, string(report.HopTarget)+"/")
	p := newPen(o)
	var out []line
	for _, c := range report.Causes() {
		if string(c.Code) == code {
			out = append(out, p.explainCause(c, hop)...)
		}
	}
	for _, f := range report.FindingTable() {
		if string(f.Code) == code {
			out = append(out, p.explainFinding(f)...)
		}
	}
	for _, t := range terms {
		if t.Code == code {
			out = append(out, p.explainTerm(t)...)
		}
	}
	for _, w := range report.Glossary() {
		if strings.ToLower(w.Word) == code {
			out = append(out, line{{w.Word, bold}}, line{})
			out = append(out, p.point("means", sentence(w.Means)+".")...)
		}
	}
	if len(out) == 0 {
		return false, nil
	}
	_, err := io.WriteString(w, p.join([][]line{out}))
	return true, err
}

func (p pen) explainCause(c report.CauseInfo, hop report.Hop) []line {
	out := []line{{{c.Code.Label(hop), bold}, {"  " + c.Title, plain}}, {}}
	out = append(out, p.point("seen", sentence(c.Seen)+".")...)
	out = append(out, p.point("means", sentence(c.Means)+".")...)
	if prefix, _, _ := strings.Cut(string(c.Code), "."); !reachesProxy(prefix) {
		out = append(out, p.point("who acts", sentence(c.Actor.Words())+".")...)
		out = append(out, p.point("to do", plainNames.Replace(c.Remedy+report.InsteadWords(string(c.Code))))...)
		return append(out, p.point("to send", sentence(sendWords(prefix)))...)
	}
	for _, h := range []report.Hop{report.HopTarget, report.HopProxy} {
		where := "at the hub"
		if h == report.HopProxy {
			where = "at the proxy"
		}
		text := sentence(c.Code.ActorAt(h).Words()) + ": " + c.Code.RemedyForPorts(h, "HOST", []string{"PORT"}, "PROXY")
		text += plainNames.Replace(report.InsteadWords(c.Code.Label(h)))
		out = append(out, p.point(where, text)...)
	}
	prefix, _, _ := strings.Cut(string(c.Code), ".")
	return append(out, p.point("to send", sentence(sendWords(prefix)))...)
}

func (p pen) explainTerm(t report.Term) []line {
	out := []line{{{t.Code, bold}, {"  " + strings.TrimSuffix(t.Kind+", "+t.Severity, ", "), plain}}, {}}
	out = append(out, p.point("when", sentence(t.Rule)+".")...)
	out = append(out, p.point("means", sentence(t.Means)+".")...)
	out = append(out, p.point("who acts", sentence(t.Actor.Words())+".")...)
	return append(out, p.point("to do", t.Remedy)...)
}

func (p pen) explainFinding(f report.FindingInfo) []line {
	out := []line{{{string(f.Code), bold}, {"  a finding, " + f.SeverityWords(), plain}}, {}}
	out = append(out, p.point("when", sentence(f.Rule)+".")...)
	out = append(out, p.point("means", sentence(f.Means)+".")...)
	out = append(out, p.point("who acts", sentence(f.Actor.Words())+".")...)
	return append(out, p.point("to do", f.Remedy+report.InsteadWords(string(f.Code)))...)
}

// point is a labelled paragraph.
func (p pen) point(label, text string) []line {
	const column = 14
	var out []line
	for i, s := range wrap(p.clean(text), p.o.Width-column) {
		head := ""
		if i == 0 {
			head = label
		}
		out = append(out, line{{padRight(head, column), dim}, {s, plain}})
	}
	return out
}

// plainNames fills a remedy's places with words.
var plainNames = strings.NewReplacer("{host}", "HOST", "{port}", "PORT", "{proxy}", "the proxy")

// Codes lists every code with its title, one a line: causes, then findings, then terms.
func Codes(w io.Writer, terms []report.Term) error {
	var b strings.Builder
	for _, c := range report.Causes() {
		fmt.Fprintf(&b, "%-26s %s\n", c.Code, c.Title)
	}
	for _, f := range report.FindingTable() {
		fmt.Fprintf(&b, "%-26s finding: %s\n", f.Code, f.Rule)
	}
	for _, t := range terms {
		fmt.Fprintf(&b, "%-26s %s: %s\n", t.Code, strings.TrimPrefix(t.Kind, "a "), t.Rule)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
