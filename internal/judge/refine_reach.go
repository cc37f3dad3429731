package judge

import (
	"fmt"

	"edgenet/report"
)

// onePort: the name leads to the right address where another port of it shows a certificate
// that verifies. Then not DNS is at fault, but whatever leads this port elsewhere.
func onePort(r *report.Result, results []report.Result) {
	ip := remoteIP(r)
	if r.Hop != report.HopTarget || !direct(r) || ip == "" {
		return
	}
	for i := range results {
		o := &results[i]
		st, shook := o.Step(report.HopTarget, report.StageTLS)
		if o.Port == r.Port || !direct(o) || remoteIP(o) != ip || !shook || st.Status != report.OK {
			continue
		}
		r.Summary += fmt.Sprintf("; port %d of the same address shows the right certificate", o.Port)
		r.Actor = report.ActorFirewall
		r.Remedy = fmt.Sprintf("TCP %d to %s alone is led to another server: look for a redirect of that port "+
			"(address translation, a transparent proxy) and exempt %s from it.", r.Port, r.Host, r.Host)
		return
	}
}

// hubRefuses: with the hub's own headers, a hub that throttles or is unwell answered the
// upgrade, and nothing on the way has to be exempted. Another status may come of an upgrade
// that a middlebox took out of the request.
func hubRefuses(r *report.Result) {
	st, _ := r.Step(report.HopTarget, report.StageWebSocket)
	d, is := st.Detail.(*report.WebSocketDetail)
	if !is || len(d.HubHeaders) == 0 || d.Status != 429 && d.Status < 500 {
		return
	}
	r.Actor = report.ActorService
	r.Remedy = fmt.Sprintf("%s itself answers the WebSocket upgrade with status %d: check its state, quota and "+
		"service health.", r.Host, d.Status)
}
