package judge

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/report"
)

// How a proxy is written in this device's settings: where that is the fault, nobody else is asked first.

// unread is what this host's settings say of a proxy that cannot be read, where no other one was tried; nil
// where there is none. Nothing is known of the way that was meant then.
func (q Question) unread() *report.Finding {
	if i := slices.IndexFunc(q.Settings, isUnread); i >= 0 && !q.anyProxy() {
		return &q.Settings[i]
	}
	return nil
}

func isUnread(f report.Finding) bool {
	return f.Code == report.ProxyScheme && f.Severity == report.SeverityError && len(f.Results) == 0
}

// unreadWords says of a verdict on the direct way that it is about nothing else.
func (c *chooser) unreadWords(v report.Verdict) string {
	u, d := c.q.unread(), c.dominant()
	if u == nil || d == nil {
		return ""
	}
	return fmt.Sprintf("No UpstreamProtocol works directly (%s), and the proxy that is set was not tried: %s. You "+
		"have to act, on this host.", d.Cause.Label(d.Hop), strings.TrimSuffix(u.Summary, "."))
}

// readFirst makes what restates the verdict ask for what has to be readable first.
func (v *view) readFirst(found []report.Finding) {
	u := v.q.unread()
	for i := range found {
		if f := &found[i]; u != nil && (f.Code == report.ProtocolNone || f.Code == report.HTTPSRequired) {
			f.Actor, f.Remedy = u.Actor, u.Remedy
		}
	}
}

// readable lets the step that makes a proxy readable open what would go through it.
func (a *adviser) readable(s *step, f report.Finding) {
	if !isUnread(f) || a.q.unread() == nil || a.verdict.ExitCode == 0 {
		return
	}
	for i := range a.results {
		if r := &a.results[i]; failed(r) && r.Protocol.Proxied() {
			s.opens = append(s.opens, r.ID)
		}
	}
	for _, u := range a.q.Users {
		if u.Loss != "" && slices.Contains(f.Components, u.Name) {
			s.mends = append(s.mends, u.Name)
		}
	}
	s.Do += " Then check again: nothing but the direct way was tried."
}

// plainProxy tells whether a path failed because its proxy is spoken to in TLS and does not know it.
func plainProxy(r *report.Result) bool {
	return r.Hop == report.HopProxy && r.Cause == report.TLSNotTLS
}

// blameSetting gives what fails at a proxy the remedy that its setting needs.
func blameSetting(r *report.Result, route Route) {
	if r.Hop != report.HopProxy {
		return
	}
	st, _ := r.Step(report.HopProxy, report.StageConnect)
	d, _ := st.Detail.(*report.ConnectDetail)
	switch {
	case route.NoPort && (r.Stage == report.StageTCP || r.Cause == report.ConnectNotHTTP ||
		r.Cause == report.ConnectUnsupported || plainProxy(r)):
		r.Actor = report.ActorHost
		r.Summary += fmt.Sprintf("; the proxy's URL names no port, so that %s was tried, as the runtime does",
			route.Address[strings.LastIndexByte(route.Address, ':')+1:])
		r.Remedy = fmt.Sprintf("Write the proxy's port into its URL, behind the host (%s:3128 or 8080, as its "+
			"admin says).",
			strings.TrimSuffix(route.URL, route.Address[strings.LastIndexByte(route.Address, ':'):]))
	case r.Cause != report.ConnectNotHTTP || d == nil:
	case d.Speaks == report.SpeaksSOCKS:
		r.Actor = report.ActorProxy
		r.Remedy = fmt.Sprintf("Give this device an HTTP proxy, with CONNECT to %s:443, or name the port of one: what "+
			"answers at %s is a SOCKS proxy, which IoT Edge cannot use however its URL is "+
			"written.", r.Host, route.Address)
	case d.Speaks == report.SpeaksTLS:
		r.Remedy = fmt.Sprintf("Use the proxy's http:// port: what answers at %s speaks TLS, and IoT Edge up to 1.4 "+
			"cannot use a proxy that does (https://).", route.Address)
	}
}
