package judge

import (
	"fmt"
	"slices"

	"edgenet/report"
)

// onePort: the name leads to the right address where another port of it shows a certificate
// that verifies. Then not DNS is at fault, but whatever leads this port elsewhere.
func onePort(r *report.Result, results []report.Result) {
	o := otherPort(r, results)
	if o == nil {
		return
	}
	r.Summary += fmt.Sprintf("; port %d of the same address shows the right certificate", o.Port)
	r.Actor = report.ActorFirewall
	r.Remedy = fmt.Sprintf("TCP %d to %s alone is led to another server: look for a redirect of that port "+
		"(address translation, a transparent proxy) and exempt %s from it.", r.Port, r.Host, r.Host)
}

// otherPort is a path to another port of the address at which a direct path failed, by which TLS stands; nil for none.
func otherPort(r *report.Result, results []report.Result) *report.Result {
	ip := remoteIP(r)
	if r.Hop != report.HopTarget || !direct(r) || ip == "" {
		return nil
	}
	for i := range results {
		o := &results[i]
		st, shook := o.Step(report.HopTarget, report.StageTLS)
		if o.Port != r.Port && direct(o) && remoteIP(o) == ip && shook && st.Status == report.OK {
			return o
		}
	}
	return nil
}

// otherBox: what refuses TLS is not the service where the service's other port does not, or where it knows
// versions alone that the service has given up.
func otherBox(r *report.Result, results []report.Result) {
	e, _ := r.Experiment(report.Suites)
	o := otherPort(r, results)
	if r.Hop != report.HopTarget || !publicCloud(r.Host) || o == nil && e.Old == "" {
		return
	}
	if e.Old != "" {
		r.Summary += fmt.Sprintf("; what answers knows no TLS above %s, which no IoT Hub speaks", e.Old)
	}
	if o != nil {
		r.Summary += fmt.Sprintf("; port %d of the same address shakes hands", o.Port)
	}
	r.Actor, _ = maker(r)
	r.Remedy = fmt.Sprintf("Exempt %s from the device in between that takes TCP %d (TLS inspection, a transparent "+
		"proxy): it is not the service that refuses there. Else have that device speak TLS 1.2.", r.Host, r.Port)
}

// hubRefuses: with the hub's own headers, a hub that throttles or is unwell answered the
// upgrade, and nothing on the way has to be exempted. Another status may come of an upgrade
// that a middlebox took out of the request. Without the headers it is the hub's where the hub
// says the same with them, by the same route and with the same certificate: the front of a hub
// that is unwell answers by itself.
func hubRefuses(r *report.Result, results []report.Result) {
	st, _ := r.Step(report.HopTarget, report.StageWebSocket)
	d, is := st.Detail.(*report.WebSocketDetail)
	if !is || d.Status != 429 && d.Status < 500 || len(d.HubHeaders) == 0 && !hubSaysToo(r, d.Status, results) {
		return
	}
	r.Actor = report.ActorService
	r.Remedy = fmt.Sprintf("%s itself answers the WebSocket upgrade with status %d: check its state, quota and "+
		"service health.", r.Host, d.Status)
}

// hubSaysToo tells whether the hub itself, with its own headers, gave plain HTTPS the status that
// a path's upgrade got.
func hubSaysToo(r *report.Result, status int, results []report.Result) bool {
	mine := leaf(r)
	return mine != nil && slices.ContainsFunc(results, func(o report.Result) bool {
		st, _ := o.Step(report.HopTarget, report.StageHTTP)
		d, is := st.Detail.(*report.HTTPDetail)
		theirs := leaf(&o)
		return is && o.Route == r.Route && o.Host == r.Host && o.Port == r.Port && d.Status == status &&
			len(d.HubHeaders) > 0 && theirs != nil && theirs.SHA256 == mine.SHA256
	})
}

// overTCP: the name server answered, and said that its answer does not fit, or this host asks over TCP
// alone: what is missing is TCP 53 to it, and neither the server nor this host's list of them.
func overTCP(r *report.Result) {
	st, _ := r.Step(r.Hop, report.StageDNS)
	d, is := st.Detail.(*report.DNSDetail)
	if !is {
		return
	}
	for _, a := range d.Resolvers {
		if a.Resolver != d.Resolver || a.Transport != "tcp" {
			continue
		}
		r.Actor = report.ActorDNS
		if r.Cause == report.DNSTimeout {
			r.Actor = report.ActorFirewall
		}
		r.Remedy = fmt.Sprintf("Let TCP 53 pass to %s, and have it answer there: an answer that does not fit into UDP "+
			"comes by no other way, nor any where this host asks over TCP alone.", a.Resolver)
	}
}

// anotherLogin: the proxy took the password, and what it leads to asks for one of its own. IoT Edge has one
// user and password for one proxy. Only a path that asked without it first, as edgeAgent and edgeHub do, saw
// both logins.
func anotherLogin(r *report.Result, results []report.Result) {
	last := loginOf(r)
	if last == nil || last.Realm == "" || !slices.ContainsFunc(results, func(o report.Result) bool {
		d := loginOf(&o)
		return o.Route == r.Route && d != nil && d.Realm == last.Realm && d.First != nil && d.First.Realm != "" &&
			d.First.Realm != d.Realm
	}) {
		return
	}
	r.Actor = report.ActorProxy
	r.Remedy = fmt.Sprintf("Have the proxy log in by itself at the one behind it (%q), or let this device through "+
		"there without a login: IoT Edge gives one user and password. If there is no other proxy, check the password.",
		last.Realm)
}

// slowProxy: a proxy that answers no CONNECT at all in time has no firewall behind it to blame.
func slowProxy(r *report.Result) {
	if e, asked := r.Experiment(report.ProxyAlive); asked && e.Outcome == report.Silent {
		r.Remedy = fmt.Sprintf("Find out why the proxy takes so long over CONNECT %s:%d, or does not answer at "+
			"all: it accepts the connection, and keeps a name that does not exist waiting as well (a look-up of "+
			"users or rules that is slow, too few helpers, or it hangs). A check with --timeout 60s tells whether "+
			"an answer comes later: the runtime may wait for it.", r.Host, r.Port)
	}
}

// noNextHop: the proxy took the request, and what it has to go by is down.
func noNextHop(r *report.Result) {
	if d := loginOf(r); d != nil && d.NoNextHop {
		r.Actor = report.ActorProxy
		r.Remedy = fmt.Sprintf("The proxy took CONNECT %s:%d, and says that it reaches nothing to pass it on to: see "+
			"whether the proxy that it goes by (its parent or upstream proxy, cache_peer of squid) is up, and "+
			"reachable from "+
			"it.", r.Host, r.Port)
	}
}

// loginOf is the evidence of asking a proxy for a tunnel.
func loginOf(r *report.Result) *report.ConnectDetail {
	st, _ := r.Step(report.HopProxy, report.StageConnect)
	d, _ := st.Detail.(*report.ConnectDetail)
	return d
}
