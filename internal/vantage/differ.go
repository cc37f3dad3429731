package vantage

import (
	"edgenet/report"
)

// differences lists the paths that go otherwise, with why.
func differences(host *report.Report, c *report.Container) []report.Difference {
	out := []report.Difference{}
	for i, h := range host.Results {
		in := c.Report.Results[i]
		if h.Status == report.Skipped || in.Status == report.Skipped || outcome(h) == outcome(in) {
			continue
		}
		d := report.Difference{Result: h.ID, Protocol: h.Protocol, Route: h.Route, Host: outcome(h),
			Container: outcome(in)}
		x := explain(sides{host, c, h, in})
		d.Why, d.Remedy, d.Actor = x.why, x.remedy, x.actor
		out = append(out, d)
	}
	return out
}

func outcome(r report.Result) string {
	if r.Status == report.OK {
		return string(report.OK)
	}
	return string(r.Cause)
}

// sides is one path, seen from both places.
type sides struct {
	host *report.Report
	c    *report.Container
	h    report.Result
	in   report.Result
}

// reason is why a path differs, who acts and how.
type reason struct {
	why, remedy string
	actor       report.Actor
}

// explain goes through the rules in order: first what stops every packet of a container,
// then what stops some. The first that the evidence bears out holds.
func explain(s sides) reason {
	if s.in.Status == report.OK {
		return reason{"Only the host fails: its own firewall, name servers or trust store stand in the way, and no " +
			"container's.", "Nothing for edgeAgent and edgeHub; see the host's result for the daemon.",
			report.ActorHost}
	}
	for _, rule := range []func(sides) (reason, bool){internal, noRoute, forwarding, overlap, nameServers, answers,
		trust, mtu, family, unanswered} {
		if r, ok := rule(s); ok {
			return r
		}
	}
	return reason{"Neither name servers nor routes, MTU or trust explain it.",
		"Compare the two results step by step (-v, -f json).", report.ActorUnknown}
}

// lost tells whether packets did not arrive: nothing that a server says looks like it.
func lost(r report.Result) bool {
	switch r.Cause {
	case report.TCPTimeout, report.TCPUnreachable, report.TCPNoRoute, report.DNSTimeout, report.DNSUnreachable,
		report.ConnectTimeout:
		return true
	}
	return false
}
