package judge

import (
	"fmt"
	"slices"
	"time"

	"edgenet/report"
)

// clockTolerance is the drift beyond which the hub and edgeHub refuse tokens (Azure
// documentation, "IoT Hub error codes" 401003; edgeHub's own constant): five minutes.
const clockTolerance = 5 * time.Minute

// Refine names what only another path's evidence can name. It changes results in place
// and contacts nothing; the first reading stays in the step.
func Refine(results []report.Result) {
	for i := range results {
		r := &results[i]
		if r.Status != report.Failed {
			continue
		}
		fit(r)
		switch r.Cause {
		case report.ConnectForbidden:
			compare443(r, results)
		case report.ConnectAuthRejected:
			anotherLogin(r, results)
		case report.ConnectTimeout:
			slowProxy(r)
		case report.ConnectUpstream:
			noNextHop(r)
		case report.TCPTimeout, report.TCPRefused, report.TCPUnreachable:
			blameThisHost(r)
			blameLoop(r)
			clearOpenPort(r, results)
			elsewhereNow(r)
			doubtOrigin(r, results)
		case report.DNSTimeout, report.DNSUnreachable:
			overTCP(r)
			wayToResolver(r)
		case report.DNSServfail:
			unvalidated(r)
		case report.TCPNoRoute:
			lacking(r)
		case report.TCPNoNeighbour:
			inBridge(r, tcpDetailAt(r, r.Hop))
		case report.DNSNoAddress:
			if stripped(r) {
				r.Remedy = rebindRemedy
			}
		case report.TLSUntrusted:
			otherChain(r, results)
		case report.TLSNameMismatch:
			onePort(r, results)
		case report.WSStatus:
			hubRefuses(r, results)
		case report.TLSTimeout:
			blameFront(r)
		case report.TLSAlert:
			otherBox(r, results)
		case report.TLSExpired, report.TLSNotYetValid:
			blameClock(r, results)
		case report.AuthRejected, report.AuthExpired:
			refineAuth(r, results)
		}
		nowAndThen(r)
		insideTunnel(r)
		ledByProxy(r, results)
		if r.Endpoint == report.EndpointParent && r.Actor == report.ActorService {
			r.Actor = report.ActorParent // the service is a gateway, and somebody runs it
		}
	}
}

// insideTunnel: what goes wrong with a connection that a proxy has made is the proxy's to look
// at first; no firewall between this host and the proxy sees inside, and those behind it are
// told by who runs it.
func insideTunnel(r *report.Result) {
	if !direct(r) && r.Hop == report.HopTarget && (r.Cause == report.TLSReset || r.Cause == report.TLSTimeout) {
		r.Actor = report.ActorProxy
		r.Remedy += " It is inside the tunnel that the proxy has made: a rule of the proxy itself first, then one of " +
			"a firewall behind it."
	}
}

// ledByProxy: a proxy looks names up by itself. Where the direct way leads to the same server, it is
// not the proxy that leads elsewhere.
func ledByProxy(r *report.Result, results []report.Result) {
	mine := tlsDetail(r)
	if direct(r) || r.Hop != report.HopTarget || r.Cause != report.TLSNameMismatch || r.Actor != report.ActorDNS ||
		nameStep(r) != nil || // it was looked up here
		slices.ContainsFunc(results, func(o report.Result) bool {
			theirs := tlsDetail(&o)
			return direct(&o) && theirs != nil && mine != nil && slices.Equal(theirs.Names, mine.Names)
		}) {
		return
	}
	r.Actor = report.ActorProxy
	r.Remedy = fmt.Sprintf("The proxy looks %s up by itself, and was led to another server: have its admin see what "+
		"its name server gives for the name, and whether it leads the name elsewhere by a rule. This device's DNS is "+
		"not asked.", r.Host)
}

// blameThisHost: SYNs that never left are this host's firewall's doing. What was seen
// stays what was seen, silence or a refusal; who acts is known.
func blameThisHost(r *report.Result) {
	if j := synTraceFor(r); r.Hop == report.HopTarget && j.thisHost() {
		r.Actor, r.Remedy = report.ActorHost, localRemedy(r)
		r.Summary += "; " + j.String()
	}
}

// reseal gives a result another cause, with the actor and remedy that go with it.
func reseal(r *report.Result, c report.Cause, summary string) {
	r.Cause, r.Summary = c, summary
	r.Actor = c.ActorAt(r.Hop)
	r.Remedy = c.RemedyAt(r.Hop, r.Host, r.Port, "")
	fit(r)
}

// compare443 says whether the proxy that forbids a port allows 443 to the same host:
// then its policy is about the port.
func compare443(r *report.Result, results []report.Result) {
	if r.Port == 443 {
		return
	}
	if e, ok := r.Experiment(report.Port443); ok {
		switch e.Outcome {
		case report.Answered:
			note443(r, "allowed")
		case report.Blocked:
			note443(r, "refused")
		}
		return
	}
	for _, o := range results {
		if o.Route != r.Route || o.Port != 443 || o.Host != r.Host {
			continue
		}
		st, ok := o.Step(report.HopProxy, report.StageConnect)
		if !ok || st.Status == report.Skipped {
			continue
		}
		switch {
		case st.Status == report.OK:
			note443(r, "allowed")
		case st.Cause == report.ConnectForbidden:
			note443(r, "refused")
		default:
			continue
		}
		return
	}
}

// note443 writes down what the proxy says for 443 to the same host.
func note443(r *report.Result, said string) {
	if said == "allowed" {
		r.Summary += fmt.Sprintf("; it allows 443 to %s, so its policy is about the port", r.Host)
	} else {
		r.Summary += fmt.Sprintf("; it forbids 443 to %s as well", r.Host)
	}
	for _, st := range r.Steps {
		if d, ok := st.Detail.(*report.ConnectDetail); ok {
			d.Port443 = said
		}
	}
}

// otherChain turns an untrusted chain into an intercepted one where another route to
// the same host shows a chain that verifies: two chains, so somebody stands between.
func otherChain(r *report.Result, results []report.Result) {
	mine := leaf(r)
	if r.Hop != report.HopTarget || mine == nil || mine.Subject == mine.Issuer {
		return
	}
	for i := range results {
		o := &results[i]
		st, ok := o.Step(report.HopTarget, report.StageTLS)
		if o.Route == r.Route || o.Host != r.Host || !ok || st.Status != report.OK {
			continue
		}
		if theirs := leaf(o); theirs != nil && theirs.SHA256 != mine.SHA256 && theirs.Issuer != mine.Issuer {
			reseal(r, report.TLSIntercepted, fmt.Sprintf("the certificate shown for %s was issued by %s, while the "+
				"route %s shows one of %s: TLS is intercepted", r.Host, shortName(mine.Issuer), o.Route,
				shortName(theirs.Issuer)))
			return
		}
	}
}

// tlsAt is the evidence of the handshake at a hop, nil where there was none.
func tlsAt(r *report.Result, h report.Hop) *report.TLSDetail {
	st, _ := r.Step(h, report.StageTLS)
	d, _ := st.Detail.(*report.TLSDetail)
	return d
}

// leaf is the first certificate that the target showed on a path.
func leaf(r *report.Result) *report.Certificate {
	if d := tlsAt(r, report.HopTarget); d != nil && len(d.Chain) > 0 {
		return &d.Chain[0]
	}
	return nil
}

// clockNoise is the drift below which a clock counts as right, and clockRemedy what to
// do about more.
const (
	clockNoise  = time.Minute
	clockRemedy = "Set this host's clock: enable NTP, or where UDP 123 is closed take the time from the gateway or a " +
		"time server of the site."
)

// blameClock says whether a validity failure is this host's clock's fault or the
// certificate's: by the servers' Dates, and whether the certificate would count at the
// time that they tell.
func blameClock(r *report.Result, results []report.Result) {
	skew, ok := clockSkew(results)
	if !ok {
		return
	}
	off := skew.Abs() >= clockNoise
	if off && validThen(r, skew) {
		r.Summary += "; " + skewWords(skew)
		r.Actor, r.Remedy = report.ActorHost, clockRemedy
		return
	}
	if rootEnded(r) || inspectorsTime(r) { // the remedy says what is to be renewed
		return
	}
	if off {
		r.Summary += "; " + skewWords(skew) + ", which does not explain it: the certificate is at fault"
	} else {
		r.Summary += "; this host's clock agrees with the server's, so the certificate is at fault"
	}
	name, state := r.Host, "one that has not expired"
	if r.Cause == report.TLSNotYetValid {
		state = "one that is valid already"
	}
	r.Actor = report.ActorService
	if r.Hop == report.HopTarget && r.Endpoint == report.EndpointParent && r.Cause == report.TLSExpired {
		r.Remedy = fmt.Sprintf("Restart edgeHub on the parent %s, which makes it ask for a new certificate; if it "+
			"still shows the old one, the parent's Edge CA has to be renewed.", r.Host)
		return
	}
	if d := tlsAt(r, r.Hop); r.Hop == report.HopProxy {
		name, r.Actor = "the proxy", report.ActorProxy
		if d != nil {
			name += " " + d.ServerName
		}
	}
	r.Remedy = fmt.Sprintf("Have the certificate of %s replaced by %s; whoever runs it has to do that.", name, state)
}

// validThen tells whether a chain would be valid at the time that the servers' clocks
// showed when it was judged.
func validThen(r *report.Result, skew time.Duration) bool {
	d := tlsAt(r, r.Hop)
	if d == nil || d.At == nil {
		return true // the drift is all that is known
	}
	then := d.At.Add(skew)
	return (d.RootEnded == nil || then.Before(*d.RootEnded)) &&
		!slices.ContainsFunc(d.Chain, func(c report.Certificate) bool {
			return then.Before(c.NotBefore) || then.After(c.NotAfter)
		})
}

// skewWords says a clock's fault; skew is the server's time minus this host's.
func skewWords(skew time.Duration) string {
	if skew > 0 {
		return fmt.Sprintf("this host's clock is %s behind the server's", longWords(skew))
	}
	return fmt.Sprintf("this host's clock is %s ahead of the server's", longWords(-skew))
}

// longWords says a time in the unit that people think of it in: a clock may be years off.
func longWords(d time.Duration) string {
	const day, year = 24 * time.Hour, 8766 * time.Hour
	switch {
	case d < 10*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < 3*time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d < 3*day:
		return fmt.Sprintf("%.0f h", d.Hours())
	case d < 2*year:
		return fmt.Sprintf("%.0f days", d.Hours()/day.Hours())
	}
	return fmt.Sprintf("%.1f years", d.Hours()/year.Hours())
}

// clockSkew is the Date of the servers minus this host's clock: of the first HTTPS
// answer on a verified chain, else of any answer that was asked for it, else of a proxy
// that refused.
func clockSkew(results []report.Result) (time.Duration, bool) {
	var fallback, proxys *report.Millis
	for _, r := range results {
		for _, st := range r.Steps {
			switch d := st.Detail.(type) {
			case *report.HTTPDetail:
				if d.SkewMs != nil {
					return d.SkewMs.Duration(), true
				}
			case *report.TLSDetail:
				if d.SkewMs != nil && fallback == nil {
					fallback = d.SkewMs
				}
			case *report.ConnectDetail:
				if d.Date != nil && d.At != nil && proxys == nil { // whole seconds: half of one is in the middle
					ms := report.MillisOf(d.Date.Add(time.Second / 2).Sub(*d.At))
					proxys = &ms
				}
			}
		}
	}
	if fallback == nil {
		fallback = proxys
	}
	if fallback != nil {
		return fallback.Duration(), true
	}
	return 0, false
}

// refineAuth names a refusal by what other paths of the same identity know: that the
// hub does not know it, or that this host's clock is off by more than the hub tolerates.
func refineAuth(r *report.Result, results []report.Result) {
	if skew, ok := clockSkew(results); ok && skew.Abs() > clockTolerance {
		reseal(r, report.AuthClock, r.Summary+"; "+skewWords(skew))
		return
	}
	if r.Cause != report.AuthRejected {
		return
	}
	for _, o := range results {
		if o.Cause == report.AuthUnknownDevice {
			reseal(r, report.AuthUnknownDevice, r.Summary+"; "+string(o.Protocol)+
				" says that the hub does not know the identity")
			return
		}
	}
}
