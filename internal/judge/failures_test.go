package judge

import (
	"strings"
	"testing"

	"edgenet/report"
)

// TestAlike: what one remedy can be worded for is told once.
func TestAlike(t *testing.T) {
	t.Parallel()
	base := func(change func(*report.Result)) *report.Result {
		r := &report.Result{Host: "hub.test", Port: 443, Hop: report.HopTarget, Stage: report.StageTCP,
			Cause: report.TCPTimeout, Actor: report.ActorFirewall}
		if change != nil {
			change(r)
		}
		return r
	}
	moved := func(r *report.Result) { r.Actor = report.ActorHost } // by a rule: the remedy is about its port
	for name, row := range map[string]struct {
		a, b func(*report.Result)
		want bool
	}{
		"the same":                 {nil, nil, true},
		"another port":             {nil, func(r *report.Result) { r.Port = 5671 }, true},
		"another cause":            {nil, func(r *report.Result) { r.Cause = report.TCPRefused }, false},
		"another hop":              {nil, func(r *report.Result) { r.Hop = report.HopProxy }, false},
		"another actor":            {nil, moved, false},
		"another host":             {nil, func(r *report.Result) { r.Host = "dps.test" }, false},
		"moved, and the same port": {moved, moved, true},
		"moved, and another port":  {moved, func(r *report.Result) { moved(r); r.Port = 5671 }, false},
		"moved, of no port at all": {func(r *report.Result) { moved(r); r.Cause = report.TLSExpired },
			func(r *report.Result) { moved(r); r.Cause, r.Port = report.TLSExpired, 5671 }, true},
		"moved, but at the proxy": {func(r *report.Result) { moved(r); r.Hop = report.HopProxy },
			func(r *report.Result) { moved(r); r.Hop, r.Port = report.HopProxy, 5671 }, true},
	} {
		if got := (&failure{first: base(row.a)}).alike(base(row.b)); got != row.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// TestPortsOfAProxy: at the proxy the remedy names the proxy's own port, and CONNECT's
// names the target's.
func TestPortsOfAProxy(t *testing.T) {
	t.Parallel()
	q := asking(t, proxyURL)
	for outcome, want := range map[string]string{
		"proxy/tcp.refused": "hub.azure-devices.net:5671: see that the proxy", // as the path worded it
		"connect.forbidden": "Allow CONNECT to hub.azure-devices.net:5671, 8883 and 443 from this device.",
	} {
		q.Expect = report.AMQPWS
		r := &report.Report{Results: pathLines(t, q, every("proxy", outcome)...)}
		for i := range r.Results {
			r.Results[i].RuntimeUsable = say(true)
		}
		a := &adviser{view: &view{results: r.Results, q: q}}
		for i := range a.results {
			a.results[i].Severity = report.SeverityError
		}
		a.failures(report.SeverityError)
		if len(a.steps) != 1 {
			t.Fatalf("%s: %d steps", outcome, len(a.steps))
		}
		got := a.steps[0].ForThem
		if !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", outcome, got, want)
		}
	}
}

func TestWhoActs(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]report.Result{
		"You have to act, on this host": {Actor: report.ActorHost},
		"You have to act":               {Actor: report.ActorUser},
		"Whoever issues the proxy's user name and password has to act": {Actor: report.ActorCredentials,
			Hop: report.HopProxy},
		"Whoever issues the credentials has to act": {Actor: report.ActorCredentials,
			Hop: report.HopTarget},
		"Whoever runs the parent gateway has to act": {Actor: report.ActorParent},
		"The firewall admin has to act":              {Actor: report.ActorFirewall},
		"Whoever can read the evidence has to act":   {},
	} {
		if got := whoActs(&r); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestAParentIsNoService: who runs a parent gateway is asked, not the hub's operator.
func TestAParentIsNoService(t *testing.T) {
	t.Parallel()
	rs := []report.Result{
		{Endpoint: report.EndpointParent, Status: report.Failed, Cause: report.AMQPError, Actor: report.ActorService},
		{Endpoint: report.EndpointIoTHub, Status: report.Failed, Cause: report.AMQPError, Actor: report.ActorService},
		{Endpoint: report.EndpointParent, Status: report.Failed, Cause: report.TCPTimeout, Actor: report.ActorFirewall},
	}
	Refine(rs)
	if rs[0].Actor != report.ActorParent || rs[1].Actor != report.ActorService || rs[2].Actor != report.ActorFirewall {
		t.Errorf("%s %s %s", rs[0].Actor, rs[1].Actor, rs[2].Actor)
	}
}

// TestOnePortIsToldOnce: however many paths go to a closed port.
func TestOnePortIsToldOnce(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	rs := pathLines(t, q, "AMQP@direct ok", "MQTT@direct tcp.timeout", "AMQPWS@direct tcp.timeout",
		"MQTTWS@direct tcp.timeout", "HTTPS@direct tcp.timeout")
	remote("10.1.2.3")(t, rs)
	var got []string
	for _, f := range Findings(rs, q, Choose(rs, q, false)) {
		if f.Code == report.FirewallPortBlocked {
			got = append(got, string(f.Severity)+" "+strings.Join(f.Results, ","))
		}
	}
	if s := strings.Join(got, "; "); s != "error r3,r4,r5,r1; info r2,r1" {
		t.Error(s)
	}
}

// TestWhyAFailureIsTold: in its own words, else in those of its cause.
func TestWhyAFailureIsTold(t *testing.T) {
	t.Parallel()
	a := &adviser{}
	for _, r := range []report.Result{{Cause: report.TCPTimeout, Summary: "no answer"}, {Cause: report.TCPTimeout}} {
		want := r.Summary
		if want == "" {
			want = report.TCPTimeout.Info().Title
		}
		if got := a.ofFailure(&failure{first: &r}, report.SeverityError).Why; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
