package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"edgenet/report"
)

// Summary writes a table of many hubs, a row each, and how many are well. With Verbose
// each report stands in full before it; with Quiet a row is the hub and its sentence.
func Summary(w io.Writer, reports []*report.Report, o TextOptions) error {
	p := newPen(o)
	var b strings.Builder
	if o.Quiet {
		for _, r := range reports {
			b.WriteString(p.clean(r.Target.Hub) + ": " + p.clean(r.Verdict.Reason) + "\n")
		}
		_, err := io.WriteString(w, b.String())
		return err
	}
	if o.Verbose {
		for _, r := range reports {
			if err := Text(&b, r, o); err != nil {
				return err
			}
			b.WriteString("\n" + strings.Repeat(p.of("─", "-"), p.o.Width) + "\n\n")
		}
	}
	b.WriteString(p.join([][]line{p.hubRows(reports), {{{p.tally(reports), bold}}}}))
	_, err := io.WriteString(w, b.String())
	return err
}

// hubRows are the table; what needs somebody to act has its first remedy below.
func (p pen) hubRows(reports []*report.Report) []line {
	name, route := len("HUB"), len("ROUTE")
	for _, r := range reports {
		name = max(name, displayWidth(p.clean(r.Target.Hub)))
		route = max(route, displayWidth(p.clean(r.Verdict.Route)))
	}
	mark := displayWidth(p.mark(works).text)
	name, route = min(name, max(12, p.o.Width/2-10)), min(route, 10)
	head := strings.Repeat(" ", mark+1) + padRight("HUB", name) + "  " + padRight("UPSTREAM", 8) + "  " +
		padRight("ROUTE", route) + "  HTTPS  RESULT"
	out := []line{p.fit(line{{head, dim}}, p.o.Width)}
	for _, r := range reports {
		up, https := "none", "?"
		if v := r.Verdict; v.UpstreamProtocol != nil {
			up = p.clean(v.UpstreamProtocol.RuntimeName())
		}
		if ok := r.Verdict.HTTPSOK; ok != nil {
			https = map[bool]string{true: "ok", false: "fails"}[*ok]
		}
		read := Read(r)
		cell := func(s string, columns int) string {
			return padRight(p.fit(line{{s, plain}}, columns).text(), columns)
		}
		row := line{p.toneMark(read.Tone), {" ", plain}, {cell(p.clean(r.Target.Hub), name), bold},
			{"  " + cell(up, 8) + "  " + cell(p.clean(r.Verdict.Route), route) + "  " + padRight(https, 5) + "  ",
				plain}, {p.clean(hubWords(r, read)), plain}}
		if labels := ownLabels(r, reports); labels != "" {
			row = append(row, span{"  " + p.clean(labels), plain})
		}
		out = append(out, p.fit(row, p.o.Width))
		if read.Tone != Good && len(read.ToDo) > 0 {
			a := read.ToDo[0]
			out = append(out, p.wrapped(p.arrow()[1:]+p.clean(a.Do), mark+1, plain)...)
		}
	}
	return out
}

// ownLabels are the labels by which a report differs from the others of its list.
func ownLabels(r *report.Report, all []*report.Report) string {
	var out []string
	for _, key := range labelKeys(r.Device) {
		value := r.Device.Labels[key]
		shared := !slices.ContainsFunc(all, func(x *report.Report) bool {
			return x.Device == nil ||
				x.Device.Labels[key] != value
		})
		if !shared || len(all) == 1 {
			out = append(out, Clean(key)+"="+Clean(value))
		}
	}
	return strings.Join(out, " ")
}

// hubWords is the code that says most, else the headline.
func hubWords(r *report.Report, read Reading) string {
	if read.Tone != Good {
		for _, p := range read.Paths {
			if p.Matters {
				return p.Code
			}
		}
	}
	return strings.ToLower(read.Headline)
}

func (p pen) toneMark(t Tone) span {
	switch t {
	case Good:
		return p.mark(works)
	case Warn:
		return span{padRight(p.of("!", "WARN"), displayWidth(p.mark(works).text)), yellow}
	}
	return p.mark(fault)
}

var plural = map[string]string{"works": "work", "does not work": "do not work", "works only if set": "work only if set"}

// tally counts the hubs by their headline.
func (p pen) tally(reports []*report.Report) string {
	var order []string
	n := map[string]int{}
	for _, r := range reports {
		h := strings.ToLower(headline(r))
		if n[h] == 0 {
			order = append(order, h)
		}
		n[h]++
	}
	for i, h := range order {
		words := h
		if many, ok := plural[h]; ok && n[h] > 1 {
			words = many
		}
		order[i] = fmt.Sprintf("%d %s", n[h], words)
	}
	return p.fit(line{{fmt.Sprintf("%s: %s.", count(len(reports), "hub"), strings.Join(order, ", ")), plain}},
		p.o.Width).text()
}
