package judge

import (
	"fmt"
	"strings"

	"edgenet/report"
)

// provisioning is the verdict on a provisioning service: HTTPS alone decides.
func (c *chooser) provisioning(v report.Verdict) string {
	switch {
	case known(v.HTTPSOK, true):
		return fmt.Sprintf("The provisioning service %s is reached %s: what keeps the device from being "+
			"provisioned is "+
			"not the network. Which UpstreamProtocol works is known when the hub is.", c.q.Host,
			c.routeWords(v.HTTPSRoute))
	case v.HTTPSOK == nil:
		return fmt.Sprintf("Whether HTTPS to the provisioning service %s works is not known.", c.q.Host)
	}
	s := fmt.Sprintf("The provisioning service %s is not reached, so the device gets no hub", c.q.Host)
	if r := c.judged(report.HTTPS); r != nil {
		s += fmt.Sprintf(": %s (%s). %s", strings.TrimSuffix(r.Summary, "."), r.Cause.Label(r.Hop), whoActs(r))
	}
	return s + "."
}

// dpsUnreachable: without DPS the daemon does not learn which hub is its own.
func dpsUnreachable(v *view) []conclusion {
	if !v.q.provisions() || !known(v.verdict.HTTPSOK, false) {
		return nil
	}
	bad := v.matching(func(r *report.Result) bool {
		return r.Protocol == report.HTTPS && failed(r) && !known(r.RuntimeUsable, false)
	})
	f := conclusion{actor: report.ActorHost, results: bad, facts: report.Facts{Needed: true}, remedy: usableRoute,
		summary: fmt.Sprintf("HTTPS 443 to the provisioning service %s works by no route that the daemon can use",
			v.q.Host)}
	if r := newChooser(v.results, v.q).judged(report.HTTPS); r != nil {
		f.actor, f.remedy = r.Actor, r.Remedy
		f.summary = fmt.Sprintf("the daemon cannot reach the provisioning service %s by HTTPS, so it does not learn "+
			"which hub is its own: %s", v.q.Host, r.Summary)
	}
	return one(f)
}
