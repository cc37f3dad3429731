package render

import (
	"slices"
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
	Unused  Link = "unused" // passed, and the runtime cannot go it
)

// longestNode is how many columns a place on a way may take.
const longestNode = 10

// Leg leads to a place on the way from here to the target.
type Leg struct {
	To      string // the proxy's route, what is in between, hub, gateway, host
	Link    Link
	Mild    bool // broken where nobody needs it
	Between bool // To is neither proxy nor target, but what stops the way to them
}

// legs is the route from here to the target and where it broke. What stands in between
// is on it where the failure is not the target's own.
func (p pen) legs(res report.Result, s standing, findings []report.Finding) []Leg {
	first, second := Whole, Whole
	upstream := strings.HasPrefix(string(res.Cause), "connect.upstream")
	switch {
	case res.Status == report.Skipped || res.Status == "":
		first, second = Untried, Untried
	case s == useless:
		first, second = Unused, Unused
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
		out = append(out, Leg{To: p.fit(line{{p.clean(res.Route), plain}}, longestNode).text(), Link: first,
			Mild: mild})
	}
	if box := between(res, findings); second == Broken && box != "" {
		out, second = append(out, Leg{To: box, Link: second, Mild: mild, Between: true}), Untried
	}
	return append(out, Leg{To: peer(res.Endpoint, report.HopTarget), Link: second, Mild: mild})
}

// between names what stopped a path before its target by the word that its findings have
// for it, else the one of its cause, with a question mark where it is a guess; empty where
// it was the target.
func between(res report.Result, findings []report.Finding) string {
	for _, f := range findings {
		if info, _ := f.Code.Info(); info.Between != "" && (info.Actor != report.ActorFirewall ||
			res.Actor == info.Actor) && slices.Contains(f.Results, res.ID) {
			return info.Between
		}
	}
	switch {
	case res.Cause == report.TLSIntercepted:
		return "inspection"
	case res.Cause == report.WSBlockPage || res.Cause == report.HTTPBlockPage:
		return "web filter"
	case res.Actor == report.ActorFirewall:
		return "firewall?"
	case res.Actor == report.ActorNetwork:
		return "network?"
	}
	return ""
}
