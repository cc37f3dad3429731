package render

import (
	"strings"

	"edgenet/report"
)

// Link is the state of one leg of a way.
type Link string

// The states of a leg.
const (
	Whole   Link = "whole"   // passed
	Broken  Link = "broken"  // nothing got through to its far end
	Refused Link = "refused" // its near end would not go on
	Untried Link = "untried"
)

// Leg leads to a place on the way from here to the target.
type Leg struct {
	To   string // proxy, firewall, hub, gateway, host
	Link Link
	Mild bool // broken where nobody needs it
}

// legs is the route from here to the target and where it broke. A firewall stands on
// it where the failure is one that its admin has to act on.
func (p pen) legs(res report.Result, s standing) []Leg {
	first, second := Whole, Whole
	upstream := strings.HasPrefix(string(res.Cause), "connect.upstream")
	switch {
	case res.Status == report.Skipped || res.Status == "":
		first, second = Untried, Untried
	case res.Status != report.Failed:
	case res.Hop == report.HopTarget || upstream:
		second = Broken
	case res.Stage == report.StageConnect:
		second = Refused
	default:
		first, second = Broken, Untried
	}
	mild := s == unneeded
	var out []Leg
	if res.Route != report.RouteDirect {
		out = append(out, Leg{"proxy", first, mild})
	}
	if second == Broken && res.Actor == report.ActorFirewall {
		out, second = append(out, Leg{"firewall", second, mild}), Untried
	}
	return append(out, Leg{strings.TrimSuffix(p.place(res.Endpoint, report.HopTarget, ""), "/"), second, mild})
}

// way draws the legs in one line.
func (p pen) way(res report.Result, s standing) string {
	var b strings.Builder
	b.WriteString("you")
	for _, l := range p.legs(res, s) {
		b.WriteString(" " + p.link(l) + " " + l.To)
	}
	return b.String()
}

func (p pen) link(l Leg) string {
	switch {
	case l.Link == Whole:
		return p.of("──", "--")
	case l.Link == Untried:
		return p.of("··", "..")
	case l.Link == Broken && l.Mild:
		return p.of("─○", "-o")
	case l.Link == Broken:
		return p.of("─✗", "-x")
	case l.Mild:
		return p.of("○─", "o-")
	}
	return p.of("✗─", "x-")
}
