package fleet

import (
	"time"

	"edgenet/internal/lab/hub"
	"edgenet/internal/lab/twinsql"
)

// invoke calls a direct method of a simulated module.
func (f *Fleet) invoke(n int, module, method string, payload any) (status int, body any, err error) {
	d := &f.devices[n]
	up := d.is(hubUp) && d.is(running)
	if module == "$edgeAgent" {
		up = d.is(agentUp)
	}
	if module == "" || module == "$edgeHub" || !up {
		return 0, nil, &hub.StatusError{Status: 404, Code: "DeviceNotOnline",
			Message: "The operation failed because the requested device isn't online or hasn't " +
				"registered the direct method callback."}
	}
	if module == "$edgeAgent" {
		return f.agentMethod(n, method)
	}
	if o, ok := payload.(object); payload != nil && !ok || method != "check" && method != "history" && len(o) > 0 {
		return 400, object{member("error", "the payload cannot be used: expected {}")}, nil
	}
	switch method {
	case "check":
		f.keep(n, f.now())
		d.set(asked, true)
		f.checks(n, f.now())
		d.plan()
		return 200, f.verdict(n), nil
	case "report":
		return 200, f.fullReport(n), nil
	case "history":
		return 200, object{member("transitions", []any{}), member("pending", 0.0), member("dropped", 0.0)}, nil
	case "ping":
		return 200, object{member("pong", true), member("version", "2.0.0"), member("status", d.hub.state()),
			member("seq", float64(d.seq)),
			member("uptimeSec", float64(20*day)), member("checking", false)}, nil
	}
	return 404, object{member("error", "no method \""+method+"\": expected check, report, history or ping")}, nil
}

func (x *facts) state() any {
	if x == nil {
		return nil
	}
	return x.status
}

func (f *Fleet) agentMethod(n int, method string) (int, any, error) {
	switch method {
	case "ping":
		return 200, nil, nil
	case "RestartModule":
		d := &f.devices[n]
		if d.is(running) {
			d.checkAt = min(d.checkAt, f.now()+f.delay(n, 5, 20))
			d.plan()
		}
		return 200, nil, nil
	}
	return 400, object{member("message", "Unknown method "+method)}, nil
}

// verdict is the answer to check.
func (f *Fleet) verdict(n int) object {
	r := f.report(n)
	get := func(name string) any {
		if v := r.Get(name); v != any(twinsql.Undefined{}) {
			return v
		}
		return nil
	}
	d := &f.devices[n]
	o := object{member("runId", float64(d.reports)), member("done", true)}
	for _, name := range []string{"status", "recommended", "route", "https", "cause", "finding", "configured",
		"consistent", "checkedAt", "seq"} {
		o = append(o, member(name, get(name)))
	}
	return o
}

// fullReport is the last check as a report of edgenet's own schema, as far as the fleet
// knows anything of it.
func (f *Fleet) fullReport(n int) object {
	d := &f.devices[n]
	results := []any{}
	add := func(proxy int, route string, which ...int) {
		for _, w := range which {
			r := object{member("id", "r"+string(rune('1'+len(results)))), member("protocol", protocolNames[w]),
				member("route", route), member("status", "ok")}
			if l := label(int(d.net), proxy, w); l != good {
				r = r.Set("status", "failed").Set("cause", l)
			}
			results = append(results, r)
		}
	}
	add(0, "direct", amqp, mqtt, amqpws, mqttws, https)
	if d.proxy != 0 {
		add(int(d.proxy), "proxy", amqpws, mqttws, https)
	}
	verdict := object{member("recommended", name(d.recommends)), member("route", routeName(d.route))}
	return object{member("schema", "edgenet.report/1"), member("startedAt", f.at(d.localChecked).Format(time.RFC3339)),
		member("durationMs", 900.0), member("partial", false),
		member("device", f.ID(n)), member("hub", f.options.Hub), member("verdict", verdict), member("results", results)}
}
