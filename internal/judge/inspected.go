package judge

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/report"
)

// A box that decrypts TLS has a part in all that fails behind its certificate. Who runs it is asked for
// what the device needs, and for nothing that it never sends that way.

// byBox tells whether a path on which a box shows its certificate fails for what the box does: not for
// what the service behind it says, nor for its own page in the service's place, which is a filter's.
func byBox(r *report.Result) bool {
	if !failed(r) || !r.Cause.Proves() || r.Reached() || r.Hop != report.HopTarget || r.Actor == report.ActorService ||
		r.Actor == report.ActorParent || r.Stage == report.StageAuth {
		return false
	}
	a := pageOf(r)
	return a == nil || a.status >= 500 || r.Cause != report.WSBlockPage && r.Cause != report.HTTPBlockPage
}

// paged is what came over HTTP in place of what was asked for.
type paged struct {
	status  int
	headers []string
}

func pageOf(r *report.Result) *paged {
	for _, st := range r.Steps {
		switch d := st.Detail.(type) {
		case *report.HTTPDetail:
			if len(d.HubHeaders) == 0 {
				return &paged{d.Status, d.Headers}
			}
		case *report.WebSocketDetail:
			if len(d.HubHeaders) == 0 && d.Status != 101 {
				return &paged{d.Status, d.Headers}
			}
		}
	}
	return nil
}

// fails tells whether it is the box's own connection to the service that fails: it answers with an error.
func (p *paged) fails() bool { return p != nil && p.status >= 500 }

// distrusts tells whether the box says that it does not take the service's certificate (squid's name for it).
func (p *paged) distrusts() bool {
	return slices.ContainsFunc(p.headers, func(h string) bool {
		says, is := strings.CutPrefix(h, "X-Squid-Error: ")
		code, _, _ := strings.Cut(says, " ")
		return is && code == "ERR_SECURE_CONNECT_FAIL"
	})
}

// leading is the one of a box's paths that a conclusion is worded for: what the verdict waits for first,
// nothing that the runtime does not send this way.
func (v *view) leading(bad []*report.Result) *report.Result {
	for _, good := range []func(*report.Result) bool{
		func(r *report.Result) bool { return byBox(r) && v.wanted(r) && r.Protocol != report.HTTPS },
		func(r *report.Result) bool { return byBox(r) && v.wanted(r) },
		func(r *report.Result) bool { return byBox(r) && !known(r.RuntimeUsable, false) },
	} {
		for _, r := range bad {
			if good(r) && !offTime(r) {
				return r
			}
		}
	}
	return nil
}

// boxRemedy is for whoever runs a box behind whose certificate a path fails.
func boxRemedy(r *report.Result) string {
	exempt := fmt.Sprintf("Exempt %s:%d from TLS inspection (bypass, splice)", r.Host, r.Port)
	switch p := pageOf(r); {
	case r.Stage == report.StageTLS || !r.Protocol.Proxied() && direct(r):
		return r.Remedy
	case p.fails() && p.distrusts():
		return fmt.Sprintf("%s; or bring the CA certificates of the inspection itself up to date: it answers %d "+
			"because "+
			"it does not trust the certificate that %s shows it. On this device nothing is missing.", exempt, p.status,
			r.Host)
	case p.fails():
		return fmt.Sprintf("%s; or find out in the inspection's log why its own connection to %s fails: it "+
			"answers %d in the hub's place (its CA certificates may be out of date). On this device nothing is "+
			"missing.", exempt, r.Host,
			p.status)
	case r.Stage == report.StageWebSocket:
		return exempt + "; or have the inspection pass the WebSocket upgrade on (HTTP Upgrade): TLS stands, and the " +
			"upgrade does not get through."
	case r.Protocol.WebSocket():
		return exempt + "; or have the inspection pass on what is sent by WebSocket: the upgrade gets through, and " +
			"what follows it does not."
	}
	return r.Remedy
}

// blameBoxes gives what fails behind a box's certificate the actor of the conclusion about the box, so that
// verdict and advice name one.
func blameBoxes(v *view) {
	seen := v.matching(v.foreign)
	for _, box := range boxes(seen) {
		actor, _ := whoInspects(box)
		for _, r := range box {
			between := r.Actor == report.ActorFirewall || r.Actor == report.ActorNetwork
			if !failed(r) || !between || !r.Cause.Proves() || r.Reached() || r.Hop != report.HopTarget {
				continue
			}
			if r.Actor = actor; byBox(r) {
				r.Remedy = boxRemedy(r)
			}
		}
	}
}

// whoInspects tells on which ways a box stands, and who runs it.
func whoInspects(box []*report.Result) (report.Actor, string) {
	directly := slices.ContainsFunc(box, direct)
	proxied := slices.ContainsFunc(box, func(r *report.Result) bool { return !direct(r) })
	switch {
	case !proxied:
		return report.ActorFirewall, "on the direct way"
	case !directly:
		return report.ActorProxy, "on the way through the proxy"
	}
	return report.ActorFirewall, "on both ways, directly and through the proxy,"
}
