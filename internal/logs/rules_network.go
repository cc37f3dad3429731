package logs

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/internal/logs/pattern"
	"edgenet/internal/logs/story"
	"edgenet/report"
)

// portBlocked: one protocol's port is closed, and another one of the same device works.
func (s *scene) portBlocked() {
	for _, who := range []pattern.Who{pattern.Hub, pattern.Agent} {
		st := s.stories[who]
		if st == nil {
			continue
		}
		works, most := s.worksBy(report.AMQPWS, report.MQTTWS), pattern.Proves
		if works == "" && s.bad(who) && st.HTTPSOK != nil {
			works, most = report.HTTPS, pattern.Suggests
		}
		for i := range st.Spans {
			for _, r := range st.Spans[i].Failures {
				f := &r.Failure
				if r.Protocol != report.AMQP && r.Protocol != report.MQTT || f.Hop == report.HopProxy ||
					!tcpClosed(f.Cause) && f.Row != "mqtt.channel" || works == "" {
					continue
				}
				certainty := pattern.Weaker(most, f.Certainty)
				severity := report.SeverityInfo
				if s.bad(who) {
					severity = report.SeverityError
				}
				s.add(Finding{Code: report.FirewallPortBlocked, Severity: severity, Certainty: certainty,
					Summary: fmt.Sprintf("%s: TCP %d to the hub %s, and %s on 443 works from this device",
						who.Name(), r.Protocol.Port(), closedWords(f.Cause), works),
					ConfirmWith: s.check(r.Protocol, "")}, r.Event)
				return
			}
		}
	}
	s.fallback()
}

// fallback: edgeAgent's default tries AMQP first, and only AMQP over WebSocket ever succeeds.
func (s *scene) fallback() {
	st := s.stories[pattern.Agent]
	if st == nil || !st.Unset || st.Won[report.AMQPWS] == 0 || st.Won[report.AMQP] > 0 {
		return
	}
	s.add(Finding{Code: report.FirewallPortBlocked, Severity: report.SeverityInfo, Certainty: pattern.Suggests,
		Summary: "edgeAgent tries AMQP first and only ever gets through by AMQP over WebSocket: TCP 5671 is " +
			"probably closed, and the log does not say how",
		ConfirmWith: s.check(report.AMQP, "")}, s.byRow["agent.connected"]...)
}

func tcpClosed(c report.Cause) bool {
	return c == report.TCPRefused || c == report.TCPTimeout || c == report.TCPUnreachable || c == report.TCPNoRoute
}

func closedWords(c report.Cause) string {
	switch c {
	case report.TCPRefused:
		return "is refused"
	case report.TCPTimeout:
		return "gets no answer"
	case "":
		return "does not open"
	}
	return "is unreachable"
}

// worksBy gives the protocol among those given by which a container is connected.
func (s *scene) worksBy(list ...report.Protocol) report.Protocol {
	for _, who := range []pattern.Who{pattern.Agent, pattern.Hub} {
		st := s.stories[who]
		for _, p := range list {
			if st != nil && st.Won[p] > 0 {
				return p
			}
		}
	}
	return ""
}

// unsetHub: edgeHub takes AMQP alone where nothing is set, edgeAgent falls back.
func (s *scene) unsetHub() {
	hub, agent := s.stories[pattern.Hub], s.stories[pattern.Agent]
	if hub == nil || agent == nil || !s.bad(pattern.Hub) || len(hub.Now) != 1 || hub.Now[report.AMQP] == 0 {
		return
	}
	works := otherThanAMQP(agent)
	if works == "" {
		return
	}
	certainty := pattern.Suggests
	set, inspected := "", len(s.env["edgeHub"]) > 0
	for k, v := range s.env["edgeHub"] {
		if strings.EqualFold(k, "UpstreamProtocol") {
			set = v
		}
	}
	if set != "" {
		s.add(Finding{Code: report.ProtocolMismatch, Severity: report.SeverityError, Certainty: pattern.Proves,
			Actor: report.ActorHost,
			Summary: fmt.Sprintf("edgeHub is told to use %s, which fails, while edgeAgent is connected by %s",
				s.g.clean(set, 30), works), ConfirmWith: s.check(report.AMQP, "")}, lastEvent(hub),
			lastEvent(agent))
		return
	}
	if inspected {
		certainty = pattern.Proves
	}
	s.add(Finding{Code: report.ProtocolUnsetHub, Severity: report.SeverityError, Certainty: certainty,
		Summary: fmt.Sprintf("edgeHub tries AMQP alone and fails, while edgeAgent is connected by %s: edgeHub "+
			"has no UpstreamProtocol, or another one", works),
		Remedy: fmt.Sprintf("Set UpstreamProtocol to %s for edgeHub, too, in the deployment.",
			works.RuntimeName()),
		ConfirmWith: s.check(works, "")}, lastEvent(hub), lastEvent(agent))
}

// otherThanAMQP is the protocol by which edgeAgent is connected at the end, or ever was where AMQP never worked.
func otherThanAMQP(agent *story.Story) report.Protocol {
	if l := agent.Last(); l != nil && l.State == story.Connected && l.Protocol != "" {
		if l.Protocol == report.AMQP {
			return ""
		}
		return l.Protocol
	}
	works := report.Protocol("")
	for _, p := range []report.Protocol{report.AMQPWS, report.MQTT, report.MQTTWS} {
		if agent.Won[p] > 0 && agent.Won[report.AMQP] == 0 {
			works = p
		}
	}
	return works
}

// lastEvent is the line that shows how a component stands.
func lastEvent(st *story.Story) *pattern.Event {
	if l := st.Last(); l != nil {
		if l.Cause != nil {
			return l.Cause
		}
		return l.First
	}
	return nil
}

// httpsRequired: the containers are connected, and what needs the hub's HTTPS fails.
func (s *scene) httpsRequired() {
	if id := s.stories[pattern.Identityd]; id != nil && id.HTTPSOK != nil && s.up(pattern.Identityd) {
		return
	}
	list, best := s.withFinding(report.HTTPSRequired)
	list = slices.DeleteFunc(list, func(e *pattern.Event) bool { return deviceFault(e) != nil })
	var of *pattern.Failure // what is known of why
	if hub := s.stories[pattern.Hub]; hub != nil && len(hub.HTTPSFail) > 0 {
		last := &hub.HTTPSFail[len(hub.HTTPSFail)-1]
		if (hub.HTTPSOK == nil || hub.HTTPSOK.Last < last.Event.Last) && last.Failure.Stage() != report.StageAuth &&
			deviceFault(last.Event) == nil { // what this host lacked kept it from asking
			list, of = append(list, last.Event), &last.Failure
		}
	}
	id := firstStory(s.stories[pattern.Identityd], s.stories[pattern.Iotedged])
	daemonFails := id != nil && (s.bad(pattern.Identityd) || s.bad(pattern.Iotedged)) && id.Last().Failure != nil
	if daemonFails {
		list = append(list, id.Last().Cause)
	}
	if len(list) == 0 || !daemonFails && !s.up(pattern.Agent) && !s.up(pattern.Hub) &&
		!s.any("agent.no-identity", "edged.identity-error", "edged.server-error") {
		return
	}
	if slices.ContainsFunc(s.byRow["edged.identity-error"], func(e *pattern.Event) bool {
		return e.Failure() != nil && e.Failure().Stage() == report.StageAuth
	}) {
		return // the hub answered
	}
	certainty := pattern.Suggests
	if best != nil {
		certainty = best.Certainty
	}
	if daemonFails {
		if of = id.Last().Failure; !closes443(of) {
			return // it was reached, or its name was not even found
		}
		certainty = of.Certainty
	}
	remedy, actor := insteadOfPort(of)
	f := Finding{Code: report.HTTPSRequired, Severity: report.SeverityError, Certainty: certainty, Actor: actor,
		Remedy: remedy,
		Summary: "the hub's HTTPS (443) fails for the daemon or for edgeHub: modules get no identity, whatever " +
			"the upstream protocol does"}
	if s.unprovisioned() {
		f.Summary = "the provisioning service's HTTPS (443) fails for the daemon: the device gets no hub and no " +
			"identity"
		if remedy == "" {
			f.Remedy = "Allow outbound TCP 443 to the provisioning service (global_endpoint in " +
				"/etc/aziot/config.toml), directly or by the proxy; the hub's own 443 comes after it."
		}
	}
	if s.parent() != "" {
		f.Summary = "443 of the parent gateway " + s.parent() + " fails for the daemon: modules get no identity"
		if f.Remedy == "" {
			f.Actor, f.Remedy = report.ActorParent, parentDo
		}
	}
	s.add(f, list...)
}

// insteadOfPort is what to do about HTTPS where the port is open: somebody showed a certificate there, or a proxy
// answered. Empty where opening the port is what may help.
func insteadOfPort(f *pattern.Failure) (remedy string, who report.Actor) {
	switch {
	case f == nil:
		return "", ""
	case f.Hop == report.HopProxy:
		return "What fails is at the proxy. Act on that first.", report.ActorProxy
	case f.Row == "tls.some-fault":
		return "TCP 443 is open: what fails is the certificate that comes there. Look who issued it.",
			report.ActorHost
	case slices.Contains([]report.Cause{report.TLSUntrusted, report.TLSIntercepted, report.TLSExpired,
		report.TLSNotYetValid, report.TLSNameMismatch, report.TLSNotTLS}, f.Cause):
		return "TCP 443 is open: what fails is what comes there. Act on that first.", f.Cause.ActorAt(f.Hop)
	}
	return "", ""
}

// closes443 tells a failure of the hub's HTTPS itself: not what a server answered to a request, and not a name that
// was not found, for which no port helps.
func closes443(f *pattern.Failure) bool {
	open := f.Candidates
	if f.Cause != "" && f.Certainty != pattern.Narrows {
		open = []report.Cause{f.Cause}
	}
	return slices.ContainsFunc(open, func(c report.Cause) bool {
		switch pattern.StageOf(c) {
		case report.StageTCP, report.StageConnect, report.StageTLS:
			return true
		}
		return c == report.HTTPBlockPage || c == report.HTTPMalformed
	})
}

func firstStory(list ...*story.Story) *story.Story {
	for _, st := range list {
		if st != nil && st.Last() != nil {
			return st
		}
	}
	return nil
}

// proxies: settings that cannot work, or differ.
func (s *scene) proxies() {
	list, best := s.withFinding(report.ProxyScheme)
	if best != nil {
		s.add(Finding{Code: report.ProxyScheme, Severity: report.SeverityError, Certainty: best.Certainty,
			Summary: "the proxy's URL has a scheme that is not understood, or none",
			Remedy:  "Write the proxy as http://host:port in every place."}, list...)
	}
	for _, who := range []pattern.Who{pattern.Agent, pattern.Hub} {
		st := s.stories[who]
		if st == nil || !s.bad(who) && !s.g.silentStart(st) || st.Proxy == "" {
			continue
		}
		scheme, _, ok := strings.Cut(st.Proxy, "://")
		if ok && !strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "https") && newNET(st.Version) {
			continue
		}
		s.add(Finding{Code: report.ProxyScheme, Severity: report.SeverityWarning, Certainty: pattern.Suggests,
			Summary: who.Name() + "'s proxy is " + s.g.clean(st.Proxy, 120) +
				": runtimes up to 1.4 understand http:// alone, and a URL without a scheme not at all"},
			s.byRow["runtime.proxy"]...)
	}
	s.proxyDiffers()
}

// silentStart tells whether a component began and said nothing of the cloud after.
func (g *gatherer) silentStart(st *story.Story) bool { return st.Began && len(st.Spans) == 0 }

// newNET tells whether a version's .NET understands https:// proxies.
func newNET(version string) bool {
	return strings.HasPrefix(version, "1.5") || strings.HasPrefix(version, "1.6") || strings.HasPrefix(version,
		"2.")
}

// proxyDiffers: one part of the runtime has a proxy, and another one that fails has none.
func (s *scene) proxyDiffers() {
	with, without := "", ""
	var events []*pattern.Event
	for _, who := range upstreams {
		st := s.stories[who]
		if st == nil {
			continue
		}
		switch {
		case st.Proxy != "":
			with = firstOf(with, who.Name())
		case st.NoProxy && st.Began && s.bad(who) && usesProxy(st):
			without = firstOf(without, who.Name())
			events = append(events, lastEvent(st))
		}
	}
	if with != "" && without != "" {
		s.add(Finding{Code: report.ProtocolInconsistent, Severity: report.SeverityError,
			Certainty: pattern.Suggests,
			Summary:   with + " has a proxy, and " + without + ", which fails, began without one"}, events...)
	}
}

func usesProxy(st *story.Story) bool {
	for p := range st.Protocols {
		if p.Proxied() {
			return true
		}
	}
	return false
}
