package judge

import (
	"slices"
	"strings"
	"testing"

	"edgenet/report"
)

// TestWhereNobodyStands: HTTPS of the container and everything else of the host have no user, so that
// nothing needs them; what fails of it is worth a line.
func TestWhereNobodyStands(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	r := both(t, q, pathLines(t, q, with(every("direct", "ok"), "AMQP@direct tls.alert")...),
		pathLines(t, q, with(every("direct", "ok"), "HTTPS@direct tls.alert")...), nil)
	inside := r.Container.Report.Results
	for _, row := range []struct {
		name     string
		of       *report.Result
		needed   bool
		severity report.Severity
	}{
		{"the host's AMQP, which fails", &r.Results[0], false, report.SeverityInfo},
		{"the host's MQTT", &r.Results[1], false, ""},
		{"the host's HTTPS", &r.Results[4], true, ""},
		{"the container's AMQP", &inside[0], true, ""},
		{"the container's HTTPS, which fails", &inside[4], false, report.SeverityInfo},
	} {
		if x := row.of; !known(x.Needed, row.needed) || x.Severity != row.severity {
			t.Errorf("%s: needed %v, %q; want %v, %q", row.name, *x.Needed, x.Severity, row.needed, row.severity)
		}
	}
}

// TestTheContainerItselfWasLookedAt: what is guessed of a container where only the host was looked at is
// not said of one that works.
func TestTheContainerItselfWasLookedAt(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	q.OnHost = true
	bySix := func() []report.Result {
		rs := pathLines(t, q, every("direct", "ok")...)
		for i := range rs {
			target(&rs[i], report.StageTCP, &report.TCPDetail{Remote: "[2001:db8::9]:443"})
		}
		return rs
	}
	r := both(t, q, bySix(), bySix(), nil)
	for _, rep := range []*report.Report{r, r.Container.Report} {
		if slices.ContainsFunc(rep.Findings, func(f report.Finding) bool { return f.Code == report.ContainerNoIPv6 }) {
			t.Errorf("%+v", rep.Findings)
		}
	}
}

// TestIPv6Alone: it is guessed only where all that works for the containers works by IPv6 alone.
func TestIPv6Alone(t *testing.T) {
	t.Parallel()
	six, four := "[2001:db8::9]:443", "203.0.113.9:443"
	no := false
	for _, row := range []struct {
		name   string
		lines  []string
		change func([]report.Result)
		want   int // results that it rests on; zero means that it is not said
	}{
		{"all by IPv6", every("direct", "ok"), nil, 4},
		{"the daemon's HTTPS by IPv4", every("direct", "ok"), func(rs []report.Result) { byAddress(&rs[4], four) }, 4},
		{"one by IPv4", every("direct", "ok"), func(rs []report.Result) { byAddress(&rs[1], four) }, 0},
		{"one by IPv4, and it fails", with(every("direct", "ok"), "MQTT@direct tls.alert"),
			func(rs []report.Result) { byAddress(&rs[1], four) }, 3},
		{"what the runtime cannot use by IPv4", every("direct", "ok"), func(rs []report.Result) {
			byAddress(&rs[1], four)
			rs[1].RuntimeUsable = &no
		}, 3},
		{"nothing works", every("direct", "tls.alert"), nil, 0},
		{"HTTPS alone works", with(every("direct", "tls.alert"), "HTTPS@direct ok"), nil, 0},
		{"an address by IPv4 works as well", every("direct", "ok"), func(rs []report.Result) {
			byAddress(&rs[0], six, report.TCPAttempt{Remote: four, Status: report.OK})
		}, 0},
		{"an address by IPv4 fails", every("direct", "ok"), func(rs []report.Result) {
			byAddress(&rs[0], six, report.TCPAttempt{Remote: four, Status: report.Failed},
				report.TCPAttempt{Remote: six, Status: report.OK})
		}, 4},
		{"a proxy by IPv6, the hub behind it by IPv4", []string{"AMQPWS@proxy ok"}, func(rs []report.Result) {
			evidence(&rs[0], report.HopProxy, report.StageTCP, &report.TCPDetail{Remote: six})
			byAddress(&rs[0], four)
		}, 1},
		{"a proxy by IPv4", []string{"AMQPWS@proxy ok"}, func(rs []report.Result) {
			evidence(&rs[0], report.HopProxy, report.StageTCP, &report.TCPDetail{Remote: four})
		}, 0},
	} {
		q := asking(t, "direct", proxyURL)
		q.OnHost = true
		rs := pathLines(t, q, row.lines...)
		for i := range rs {
			byAddress(&rs[i], six)
		}
		if row.change != nil {
			row.change(rs)
		}
		got := containerNoIPv6(&view{q: q, results: rs})
		if (len(got) > 0) != (row.want > 0) || len(got) > 0 && (len(got[0].results) != row.want || !got[0].facts.Grave) {
			t.Errorf("%s: %+v, want %d", row.name, got, row.want)
		}
	}
}

func byAddress(r *report.Result, addr string, tried ...report.TCPAttempt) {
	target(r, report.StageTCP, &report.TCPDetail{Remote: addr, Tried: tried})
}

// TestInsideTunnel: a reset or silence inside a tunnel is the proxy's to look at, and nothing else is.
func TestInsideTunnel(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		route string
		hop   report.Hop
		cause report.Cause
		want  bool
	}{
		{"proxy", report.HopTarget, report.TLSReset, true},
		{"proxy", report.HopTarget, report.TLSTimeout, true},
		{"proxy", report.HopTarget, report.TLSExpired, false},
		{"proxy", report.HopProxy, report.TLSReset, false},
		{report.RouteDirect, report.HopTarget, report.TLSReset, false},
	} {
		r := report.Result{Route: row.route, Hop: row.hop, Cause: row.cause, Actor: report.ActorFirewall,
			Remedy: "Open it."}
		insideTunnel(&r)
		said := strings.Contains(r.Remedy, "inside the tunnel")
		if said != row.want || (r.Actor == report.ActorProxy) != row.want {
			t.Errorf("%+v: %s, %q", row, r.Actor, r.Remedy)
		}
	}
}
