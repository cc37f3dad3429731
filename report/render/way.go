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

// longestNode is how many columns a place on a way may take.
const longestNode = 10

const firewall = "firewall"

// Leg leads to a place on the way from here to the target.
type Leg struct {
	To   string // the proxy's route, firewall, hub, gateway, host
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
		out = append(out, Leg{p.fit(line{{p.clean(res.Route), plain}}, longestNode).text(), first, mild})
	}
	if second == Broken && res.Actor == report.ActorFirewall {
		out, second = append(out, Leg{firewall, second, mild}), Untried
	}
	return append(out, Leg{strings.TrimSuffix(p.place(res.Endpoint, report.HopTarget, ""), "/"), second, mild})
}
