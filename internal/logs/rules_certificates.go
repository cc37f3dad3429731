package logs

import (
	"strings"

	"edgenet/internal/logs/pattern"
	"edgenet/internal/logs/story"
	"edgenet/report"
)

// certificates: somebody else's certificate, or a CA that only one side knows.
func (s *scene) certificates() {
	for _, who := range upstreams {
		st := s.stories[who]
		if st == nil {
			continue
		}
		for i := range st.Spans {
			for _, r := range st.Spans[i].Failures {
				if r.Failure.Hop == report.HopProxy {
					continue
				}
				if r.Failure.Cause == report.TLSUntrusted {
					s.inspection(who, r)
				} else if r.Failure.Row == "tls.some-fault" && s.up(pattern.Identityd) && who != pattern.Identityd {
					s.caMissing(who, r, pattern.Narrows)
				}
			}
		}
	}
	s.on443()
	for _, e := range s.events("edged.pull-error", "edged.pull-failed", "edged.engine-error", "dockerd.next",
		"dockerd.pull", "dockerd.handler", "dockerd.registry", "agent.command-error", "agent.step-error") {
		if f := e.Failure(); f != nil && f.Row == "pull.untrusted" && strings.HasSuffix(f.Host,
			"mcr.microsoft.com") {
			s.add(Finding{Code: report.TLSInspection, Severity: report.SeverityWarning, Certainty: pattern.Suggests,
				Summary: "the certificate of a public registry is not signed by a CA that the engine knows: " +
					"somebody opens TLS on the way, or the host's CA store is old", ConfirmWith: "edgenet " +
					"endpoints --test"}, e)
		}
	}
	s.strippedLogin()
}

// on443: the hub's certificate is accepted on 5671 or 8883, and refused on 443, where the same one belongs.
func (s *scene) on443() {
	hub := s.stories[pattern.Hub]
	if hub == nil || !s.up(pattern.Hub) || hub.Won[report.AMQP]+hub.Won[report.MQTT] == 0 {
		return
	}
	for _, r := range hub.HTTPSFail {
		if f := &r.Failure; f.Hop != report.HopProxy && (f.Row == "tls.some-fault" || f.Cause == report.TLSUntrusted) {
			s.add(Finding{Code: report.TLSInspection, Severity: report.SeverityError, Certainty: pattern.Suggests,
				Summary: "edgeHub accepts the hub's certificate on its own port, and refuses the one that comes " +
					"on 443: somebody seems to open TLS there", ConfirmWith: s.check("", "--from container")},
				r.Event)
		}
	}
}

func (s *scene) inspection(who pattern.Who, r story.Reason) {
	if p := s.parent(); p != "" {
		code, store, do := report.TLSCAMissingInBundle, "this device's trust bundle", "Set trust_bundle_cert in "+
			"/etc/aziot/config.toml to the file of the root CA that signed the parent's certificates, and run "+
			"iotedge "+
			"config apply."
		if who == pattern.Identityd {
			code, store, do = report.TLSCAMissingInOS, "this host's store", storeDo
		}
		s.add(Finding{Code: code, Severity: report.SeverityError, Certainty: pattern.Suggests,
			Actor: report.ActorHost,
			Summary: who.Name() + " refuses the certificate of its parent gateway " + p + ", for its chain: the " +
				"CA that signed it is not in " + store, Remedy: do, ConfirmWith: "sudo iotedge check"},
			append([]*pattern.Event{r.Event}, s.byRow["config.parent"]...)...)
		return
	}
	if s.up(pattern.Identityd) && who != pattern.Identityd {
		s.caMissing(who, r, pattern.Suggests)
	}
	remedy, actor := "", report.Actor("")
	if s.issuer() == "" {
		actor = report.ActorHost
		remedy = "Look who issued the certificate (the command below tells). Where it is an inspection box: " +
			"exempt the name from it. Where it is one of the cloud's own: bring this host's root certificates " +
			"up to date (ca-certificates)."
	}
	s.add(Finding{Code: report.TLSInspection, Severity: report.SeverityError, Certainty: pattern.Suggests,
		Remedy: remedy, Actor: actor,
		Summary: who.Name() + " refuses the certificate that it is shown, for its chain: somebody opens TLS on " +
			"the way, or a CA is missing; " + s.issuerWords(),
		ConfirmWith: s.check(r.Protocol, "")}, r.Event)
}

func (s *scene) caMissing(who pattern.Who, r story.Reason, c pattern.Certainty) {
	s.add(Finding{Code: report.TLSCAMissingInBundle, Severity: report.SeverityError, Certainty: c,
		Summary: who.Name() + " refuses a certificate while the daemon on the host gets through by HTTPS: a CA " +
			"may be in the host's store alone",
		ConfirmWith: s.check(r.Protocol, "--from container")}, r.Event)
}

// strippedLogin: DPS accepts the device, and the hub refuses it: with X.509, inspection that
// drops the client's certificate is the classic reason.
func (s *scene) strippedLogin() {
	st := firstStory(s.stories[pattern.Identityd], s.stories[pattern.Iotedged])
	if st == nil || st.DPSOK == nil || st.Last().Failure == nil {
		return
	}
	f := st.Last().Failure
	if f.Cause == report.AuthRejected && st.Last().Cause.Last >= st.DPSOK.At {
		s.add(Finding{Code: report.TLSInspection, Severity: report.SeverityWarning, Certainty: pattern.Narrows,
			Summary: "DPS accepts this device and the hub refuses it: with an X.509 certificate, TLS inspection " +
				"that drops it is the usual reason, besides a wrong enrolment and a wrong clock"}, st.DPSOK,
			st.Last().Cause)
	}
}
