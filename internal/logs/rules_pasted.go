package logs

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/internal/logs/pattern"
	"edgenet/internal/logs/story"
	"edgenet/report"
)

// What was tried by hand and pasted beside a log bears no time, and nobody knows from where it was tried: it suggests
// at most which of the causes that the log leaves open it is.

// triedPorts gives the ports of the hub that something beside the log opened, and those that it could not, by the lines
// that say so.
func (s *scene) triedPorts() (open, closed map[int]*pattern.Event) {
	put := func(rows ...string) map[int]*pattern.Event {
		to := map[int]*pattern.Event{}
		for _, e := range s.events(rows...) {
			port := e.Values.N
			if p, err := report.ParseProtocol(e.Values.Status); err == nil {
				port = p.Port()
			}
			if host := e.Values.Unit; s.device.Hub == "" || !strings.Contains(host, ".azure-devices.") ||
				strings.EqualFold(host, s.device.Hub) {
				to[port] = e
			}
		}
		return to
	}
	return put(pattern.CheckHostOK, pattern.PortOpen, "console.ncat-open", "console.curl-open"),
		put(pattern.CheckHost, pattern.CheckContainer, pattern.PortClosed, "console.curl-refused",
			"console.curl-silent")
}

// checked: what the runtime's check, nc or curl, pasted beside the log, say of ports.
func (s *scene) checked() {
	open, closed := s.triedPorts()
	for _, p := range []report.Protocol{report.AMQP, report.MQTT} {
		e := closed[p.Port()]
		if e == nil || open[p.Port()] != nil || open[report.HTTPS.Port()] == nil {
			continue
		}
		severity := report.SeverityError
		if (s.up(pattern.Hub) || s.up(pattern.Agent)) && !s.bad(pattern.Hub) && !s.bad(pattern.Agent) {
			severity = report.SeverityInfo // nobody needs it
		}
		by := "what was tried by hand"
		if strings.HasPrefix(e.Row.ID, "check.") {
			by = "iotedge check"
		}
		s.add(Finding{Code: report.FirewallPortBlocked, Severity: severity, Certainty: pattern.Suggests,
			Summary: fmt.Sprintf("%s, pasted beside the log, did not reach TCP %d of the hub, and reached 443", by,
				p.Port()), ConfirmWith: s.check(p, "")}, e, open[report.HTTPS.Port()])
		return
	}
}

// openedWords says that the port of a protocol that fails was opened by hand.
func (s *scene) openedWords(sp *story.Span) string {
	if open, _ := s.triedPorts(); sp != nil && sp.Protocol != "" && open[sp.Protocol.Port()] != nil {
		return fmt.Sprintf(". By hand TCP %d was opened: if that was by the same way, what fails comes after it",
			sp.Protocol.Port())
	}
	return ""
}

// stalls: TLS to the hub and to a registry both begin and do not end. Two servers are seldom at fault for the same.
func (s *scene) stalls() {
	for _, e := range s.g.events {
		if f := e.Failure(); f == nil || f.Row != "pull.tls-timeout" {
			continue
		}
		for _, who := range upstreams {
			if !s.bad(who) {
				continue
			}
			l := s.stories[who].Last()
			if l.Failure == nil || !slices.Contains(l.Failure.Candidates, report.TLSMTU) {
				continue
			}
			s.add(Finding{Code: report.MTUBlackhole, Severity: report.SeverityWarning, Certainty: pattern.Narrows,
				Summary: "connections to the hub and to a registry both run into a timer, at the registry in " +
					"TLS: large packets may get lost on the way (a tunnel, a modem), or a firewall swallows " +
					"TLS"}, e, l.Cause)
			return
		}
	}
}

// issuer is who issued the certificate that somebody was shown by hand, where openssl or curl refused it for its chain;
// empty where it is one of those that issue the cloud's own, or is not told.
func (s *scene) issuer() string {
	if !slices.ContainsFunc(s.events(pattern.Verified, "console.curl-verified"), func(e *pattern.Event) bool {
		return strings.Contains(e.Values.Status, "issuer") || strings.Contains(e.Values.Status, "signed")
	}) {
		return ""
	}
	for _, e := range s.events("console.depth", pattern.Issuer, "console.curl-issuer") {
		switch name := e.Values.Unit; {
		case name == "" || strings.Contains(name, ".azure-devices."):
		case strings.Contains(name, "DigiCert") || strings.Contains(name, "Microsoft"):
			return ""
		default:
			return s.g.clean(strings.TrimSpace(name), 80)
		}
	}
	return ""
}

func (s *scene) issuerWords() string {
	if name := s.issuer(); name != "" {
		return "by hand, beside the log, one was shown that " + name + " issued"
	}
	return "the issuer is not in the log"
}

// pasted picks the cause among those that a line leaves open which something beside the log speaks for.
func (s *scene) pasted(c *Conclusion) {
	pick := report.Cause("")
	switch {
	case c.Certainty == pattern.Proves:
	case slices.Contains(c.Candidates, report.AuthExpired) && s.any(pattern.Expired) &&
		c.Component == pattern.Identityd.Name(): // whose certificate it is
		pick = report.AuthExpired
	case slices.Contains(c.Candidates, report.TLSIntercepted) && s.issuer() != "" && s.parent() == "":
		pick = report.TLSIntercepted
	case slices.Contains(c.Candidates, report.TCPTimeout) && c.Cause == nil && slices.ContainsFunc(s.findings,
		func(f Finding) bool { return f.Code == report.FirewallPortBlocked && f.Actor == report.ActorHost }):
		pick = report.TCPTimeout
	}
	if pick != "" {
		c.Cause, c.Certainty, c.Actor = &pick, pattern.Suggests, pick.ActorAt(c.Hop)
	}
}
