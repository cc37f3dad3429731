package logs

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/internal/logs/pattern"
	"edgenet/internal/logs/story"
	"edgenet/report"
)

// ownFirewall: the kernel tells which packets this host's own firewall drops. Ports 5671 and 8883 are the hub's alone.
func (s *scene) ownFirewall() {
	var ports []string
	var list []*pattern.Event
	for _, e := range s.byRow["kernel.blocked"] {
		if p := e.Values.Status; (p == "443" || p == "5671" || p == "8883") && goesOut(e.Values.Unit) {
			list = append(list, e)
			if !slices.Contains(ports, p) {
				ports = append(ports, p)
			}
		}
	}
	for _, who := range upstreams {
		if !s.bad(who) || len(list) == 0 {
			continue
		}
		sure := pattern.Suggests
		if p := s.stories[who].Last().Protocol; p != "" && p.Port() != 443 && slices.Contains(ports,
			fmt.Sprint(p.Port())) {
			sure = pattern.Proves
		}
		slices.Sort(ports)
		s.add(Finding{Code: report.FirewallPortBlocked, Severity: report.SeverityError, Certainty: sure,
			Actor: report.ActorHost, Summary: "this host's own firewall (ufw) drops what goes out to TCP " +
				strings.Join(ports, ", ") + ": the kernel tells each packet, while " + who.Name() + " does not " +
				"get through",
			Remedy: "Let the containers out: ufw route allow out on the interface to the hub, or " +
				"DEFAULT_FORWARD_POLICY=\"ACCEPT\" in /etc/default/ufw; then ufw reload.",
			ConfirmWith: "sudo ufw status verbose"}, list...)
		return
	}
}

// goesOut tells a packet of this host or of its containers from one that comes to them, or only passes: by the
// interfaces, as in "IN=br-5c1b OUT=eno1".
func goesOut(ways string) bool {
	bridge := func(name string) bool { return strings.HasPrefix(name, "br-") || strings.HasPrefix(name, "docker") }
	in, out, _ := strings.Cut(strings.TrimPrefix(ways, "IN="), " OUT=")
	return (in == "" || bridge(in)) && out != "" && !bridge(out)
}

// links: a network interface lost its link while a component was without a connection.
func (s *scene) links() {
	if others, _ := s.withFinding(report.DeviceFault); len(others) > 0 {
		return
	}
	for _, down := range s.byRow["kernel.link-down"] {
		severity, since := report.SeverityError, ""
		for _, up := range s.byRow["kernel.link-up"] {
			if up.Last > down.Last {
				severity, since = report.SeverityInfo, ", and has it again"
			}
		}
		for _, who := range upstreams {
			st := s.stories[who]
			if st == nil || !slices.ContainsFunc(st.Spans, func(sp story.Span) bool {
				return (sp.State == story.Lost || sp.State == story.Trying) && down.At <= sp.To &&
					down.At >= sp.From-linkLead
			}) {
				continue
			}
			if s.up(who) {
				severity = report.SeverityInfo
			}
			s.add(Finding{Code: report.DeviceFault, Severity: severity, Certainty: pattern.Suggests,
				Actor: report.ActorNetwork, Summary: "a network interface of this host lost its link when " +
					who.Name() +
					" was without its connection" + since,
				Remedy: "Look at the cable, the switch and its port.", ConfirmWith: "ip -br link"}, down)
			return
		}
	}
}

// linkLead is how long before a loss is told the link may have gone, in ms: edgeHub looks every five minutes.
const linkLead = 6 * 60_000
