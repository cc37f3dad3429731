package render

import (
	"slices"
	"strings"

	"edgenet/report"
)

// A wire of the picture has this many columns at least; words beside it need room.
const (
	shortestWire = 3
	wordsBeside  = 18
)

// trace is a way that several paths share.
type trace struct {
	legs  []Leg
	words string // what came of it, behind the protocols
	short string // the same where that has no room
	tone  style
	names []string
}

// picture draws each way once, its places one below the other, and where it broke:
//
//	you ────────────✗ firewall? ··· hub   AMQP, MQTT · tcp.timeout
//	you ─── proxy ───────────────── hub   AMQPWS, MQTTWS, HTTPS
//
// Nothing where the terminal is too narrow for it.
func (p pen) picture(r *report.Report, st []standing) []line {
	traces := p.traces(r, st)
	nodes := places(traces)
	width := displayWidth("you")
	for _, n := range nodes {
		width += shortestWire + 2 + n.width
	}
	if len(traces) == 0 || p.o.Width-width < wordsBeside+3 {
		return nil
	}
	var out []line
	for _, t := range traces {
		l := p.trace(t, nodes)
		l = append(l, span{strings.Repeat(" ", max(0, width-l.width())) + "   ", plain})
		names, room := strings.Join(t.names, ", "), p.o.Width-width-3
		if len(t.names) > 2 && len(t.names) == p.protocols(r) {
			names = "everything"
		}
		if displayWidth(t.words) > room {
			t.words = t.short
		}
		for i, w := range p.flow([]string{names, t.words}, room) {
			if i > 0 {
				l = line{{strings.Repeat(" ", width+3), plain}}
			}
			out = append(out, append(l, span{w, t.tone}))
		}
	}
	return out
}

// protocols counts those of the report.
func (p pen) protocols(r *report.Report) int {
	seen := map[report.Protocol]bool{}
	for _, res := range r.Results {
		seen[res.Protocol] = true
	}
	return len(seen)
}

// traces groups the paths whose ways look the same.
func (p pen) traces(r *report.Report, st []standing) []trace {
	var out []trace
	for i, res := range r.Results {
		t := trace{legs: p.legs(res, st[i], r.Findings)}
		switch st[i] {
		case useless:
			t.words, t.tone = "not for the runtime", plain
		case skipped, running:
			t.words, t.tone = "not run", dim
		case unneeded:
			t.words, t.short, t.tone = p.clean(res.Cause.Label(res.Hop)), p.clean(string(res.Stage)), plain
		case fault, concern:
			t.words, t.short, t.tone = p.clean(res.Cause.Label(res.Hop)), p.clean(string(res.Stage)), bold
		}
		n := slices.IndexFunc(out, func(o trace) bool {
			return slices.Equal(o.legs, t.legs) && o.words == t.words &&
				o.tone == t.tone
		})
		if n < 0 {
			n, out = len(out), append(out, t)
		}
		if name := p.clean(string(res.Protocol)); !slices.Contains(out[n].names, name) {
			out[n].names = append(out[n].names, name)
		}
	}
	return out
}

// node is a column of the picture.
type node struct {
	place string // empty for whatever stands in between
	width int
}

func (l Leg) place() string {
	if l.Between {
		return ""
	}
	return l.To
}

// places are the columns of the picture, in the order in which packets pass them: the
// proxies, what stands in between, the targets.
func places(traces []trace) []node {
	var out []node
	for stage := range 3 {
		for _, t := range traces {
			for i, l := range t.legs {
				at := 0
				if i == len(t.legs)-1 {
					at = 2
				} else if l.Between {
					at = 1
				}
				if at != stage {
					continue
				}
				n := slices.IndexFunc(out, func(n node) bool { return n.place == l.place() })
				if n < 0 {
					n, out = len(out), append(out, node{place: l.place()})
				}
				out[n].width = max(out[n].width, displayWidth(l.To))
			}
		}
	}
	return out
}

// trace draws one way; its wires run on below places that it does not pass.
func (p pen) trace(t trace, nodes []node) line {
	out := line{{"you", bold}}
	next, passed := 0, 0
	for _, n := range nodes {
		if next == len(t.legs) {
			break
		}
		l := t.legs[next]
		if l.place() != n.place {
			passed += shortestWire + 2 + n.width
			continue
		}
		out = append(out, span{" ", plain})
		out = append(out, p.wire(l, shortestWire+passed)...)
		out = append(out, span{" ", plain}, span{l.To, nodeStyle(l)})
		next, passed = next+1, n.width-displayWidth(l.To)
	}
	return out
}

func nodeStyle(l Leg) style {
	switch {
	case l.Link == Untried || l.Link == Unused || l.Mild:
		return dim
	case l.Link == Broken:
		return red
	}
	return bold
}

// wire is a leg of so many columns, with the mark where it broke.
func (p pen) wire(l Leg, columns int) line {
	whole, look := p.of("─", "-"), green
	cross, crossLook := p.of("✗", "x"), red
	if l.Mild {
		look, cross, crossLook = dim, p.of("○", "o"), dim
	}
	run := func(glyph string, n int, s style) span { return span{strings.Repeat(glyph, n), s} }
	switch l.Link {
	case Untried:
		return line{run(p.of("·", "."), columns, dim)}
	case Unused:
		return line{{gaps(p.of("╌", "-"), columns), dim}}
	case Broken:
		return line{run(whole, columns-1, look), {cross, crossLook}}
	case Refused:
		return line{{cross, crossLook}, run(p.of("·", "."), columns-1, dim)}
	}
	return line{run(whole, columns, look)}
}

// gaps is a wire of dashes, which ends in one.
func gaps(dash string, columns int) string {
	return strings.Repeat(" ", 1-columns%2) + strings.Repeat(dash+" ", (columns-1)/2) + dash
}
