package render

import (
	"fmt"
	"io"
	"strings"

	"edgenet/report"
)

// Summary writes a table of many hubs, a row each, and how many are well. With Verbose
// each report stands in full before it; with Quiet a row is the hub and its sentence.
func Summary(w io.Writer, reports []*report.Report, o TextOptions) error {
	hubs := make([]Hub, len(reports))
	for i, r := range reports {
		hubs[i] = HubOf(r)
		if o.Verbose && !o.Quiet {
			if err := HubInFull(w, r, o); err != nil {
				return err
			}
		}
	}
	return Hubs(w, hubs, o)
}

// HubInFull writes a report as it stands before the table.
func HubInFull(w io.Writer, r *report.Report, o TextOptions) error {
	p := newPen(o)
	var b strings.Builder
	if err := Text(&b, r, o); err != nil {
		return err
	}
	b.WriteString("\n" + strings.Repeat(p.of("─", "-"), p.o.Width) + "\n\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// Hubs writes the table alone.
func Hubs(w io.Writer, hubs []Hub, o TextOptions) error {
	p := newPen(o)
	var b strings.Builder
	if o.Quiet {
		for _, h := range hubs {
			b.WriteString(p.clean(h.Name) + ": " + p.clean(h.Reason) + "\n")
		}
	} else {
		b.WriteString(p.join([][]line{p.hubRows(hubs), {{{p.tally(hubs), bold}}}}))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// hubRows are the table; what fails alike stands together, with what to do about it once
// below.
func (p pen) hubRows(hubs []Hub) []line {
	name, route := len("HUB"), len("ROUTE")
	for _, h := range hubs {
		name = max(name, displayWidth(p.clean(h.Name)))
		route = max(route, displayWidth(p.clean(h.Route)))
	}
	mark := displayWidth(p.mark(works).text)
	name, route = min(name, max(12, p.o.Width/2-10)), min(route, 10)
	head := strings.Repeat(" ", mark+1) + padRight("HUB", name) + "  " + padRight("UPSTREAM", 8) + "  " +
		padRight("ROUTE", route) + "  HTTPS  RESULT"
	out := []line{p.fit(line{{head, dim}}, p.o.Width)}
	shared := sharedLabels(hubs)
	for _, g := range GroupHubs(hubs) {
		for _, h := range g.Hubs {
			out = append(out, p.hubRow(h, name, route, shared))
		}
		if g.Do != "" {
			out = append(out, p.wrapped(p.arrow()[1:]+p.clean(g.Ask()), mark+1, plain)...)
		}
	}
	return out
}

func (p pen) hubRow(h Hub, name, route int, shared map[[2]string]bool) line {
	cell := func(s string, columns int) string {
		return padRight(p.fit(line{{p.clean(s), plain}}, columns).text(), columns)
	}
	row := line{p.toneMark(h.Tone), {" ", plain}, {cell(h.Name, name), bold},
		{"  " + cell(h.Upstream, 8) + "  " + cell(h.Route, route) + "  " + padRight(h.HTTPS, 5) + "  ", plain},
		{p.clean(h.Result), plain}}
	if labels := h.ownLabels(shared); labels != "" {
		row = append(row, span{"  " + p.clean(labels), plain})
	}
	return p.fit(row, p.o.Width)
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
func (p pen) tally(hubs []Hub) string {
	return p.fit(line{{Tally(hubs), plain}}, p.o.Width).text()
}

// Tally says how many hubs of a list stand how.
func Tally(hubs []Hub) string {
	var order []string
	n := map[string]int{}
	for _, h := range hubs {
		if n[h.Headline] == 0 {
			order = append(order, h.Headline)
		}
		n[h.Headline]++
	}
	for i, h := range order {
		words := h
		if many, ok := plural[h]; ok && n[h] > 1 {
			words = many
		}
		order[i] = fmt.Sprintf("%d %s", n[h], words)
	}
	return fmt.Sprintf("%s: %s.", count(len(hubs), "hub"), strings.Join(order, ", "))
}
