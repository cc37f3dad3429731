package judge

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"edgenet/report"
)

// The programs of hand-made devices.
func daemon(proxy, route string) *User {
	return &User{Name: "aziot-identityd", Place: "unit:aziot-identityd", Proxy: proxy, Route: route,
		Protocols: []report.Protocol{report.HTTPS}, Set: "for aziot-identityd by systemctl edit"}
}

func agent(proxy, route string, p ...report.Protocol) *User {
	return &User{Name: "edgeAgent", Place: "config.toml:11", Proxy: proxy, Route: route, Protocols: p,
		Set: "in [agent.env] of config.toml"}
}

// TestOwnWays: a verdict is good only where each program of the device gets out by its own settings.
func TestOwnWays(t *testing.T) {
	t.Parallel()
	const shown = "http://user:****@proxy.test:3128"
	const one, two = "http://one.test:3128", "http://two.test:3128"
	onlyProxy := append(every("direct", "tcp.timeout"), every("proxy", "ok")...)
	deadProxy := append(every("direct", "ok"), every("proxy", "connect.forbidden")...)
	secondProxy := slices.Concat(every("direct", "tcp.timeout"), every("proxy", "connect.forbidden"), every("proxy2", "ok"))
	ws := report.AMQPWS
	routes := []string{"direct", proxyURL}
	pair := []string{"direct", one, two}
	told := func(code report.FindingCode, about ...string) report.Finding {
		return report.Finding{Code: code, Severity: report.SeverityError, Actor: report.ActorHost, Summary: "of the settings",
			Remedy: "Mend the very line.", Results: []string{}, Components: about}
	}
	for _, row := range []struct {
		name   string
		routes []string
		lines  []string
		users  []*User
		plan   func(*Question)
		exit   int
		said   string   // in the verdict's reason
		want   []string // the beginnings of the advice, in order; all of it
	}{
		{"each by the proxy", routes, onlyProxy, []*User{daemon(shown, "proxy"), agent(shown, "proxy", ws)}, nil, 0, "", nil},
		{"the daemon without it", routes, onlyProxy, []*User{daemon("", "direct"), agent(shown, "proxy", ws)}, nil, 3,
			"aziot-identityd cannot reach the hub as set: no proxy (unit:aziot-identityd), and HTTPS directly fails (tcp.timeout).",
			[]string{"error host r5 [A] (protocol.inconsistent): Set https_proxy to " + shown +
				" for aziot-identityd by systemctl edit."}},
		{"edgeAgent without it", routes, onlyProxy, []*User{daemon(shown, "proxy"), agent("", "direct", ws)}, nil, 3,
			"edgeAgent cannot reach the hub as set: no proxy (config.toml:11), and AMQPWS directly fails",
			[]string{"error host r3 [A] (protocol.inconsistent): Set https_proxy to " + shown + " in [agent.env]"}},
		{"neither has it", routes, onlyProxy, []*User{daemon("", "direct"), agent("", "direct", ws)}, nil, 3,
			"aziot-identityd and edgeAgent cannot reach the hub as set: no proxy (unit:aziot-identityd, config.toml:11)",
			[]string{"error host r5,r3 [A] (protocol.inconsistent): Set https_proxy to " + shown +
				" for aziot-identityd by systemctl edit; and in [agent.env]"}},
		{"edgeAgent by a proxy that forbids it", pair, secondProxy, []*User{daemon(two, "proxy2"), agent(one, "proxy", ws)},
			nil, 3, "edgeAgent cannot reach the hub as set: by the proxy " + one +
				" (config.toml:11) AMQPWS fails (connect.forbidden).",
			[]string{"error host r8 [A] (protocol.inconsistent): Set https_proxy to " + two + " in [agent.env]"}},
		{"a dead proxy, and the direct way is open", routes, deadProxy, []*User{daemon(shown, "proxy"), agent(shown, "proxy", ws)},
			nil, 3, "aziot-identityd and edgeAgent cannot reach the hub as set: by the proxy",
			[]string{"error host r10,r8 [A] (protocol.inconsistent): Remove https_proxy for aziot-identityd by systemctl edit; " +
				"and in [agent.env] of config.toml."}},
		{"unset, edgeAgent falls back to what works", routes, onlyProxy,
			[]*User{agent(shown, "proxy", report.AMQP, ws)}, nil, 0, "", nil},
		{"unset, edgeHub does not", routes, onlyProxy, []*User{{Name: "edgeHub", Place: "container:edgeHub", Proxy: shown,
			Route: "proxy", Protocols: []report.Protocol{report.AMQP}, Set: "for edgeHub in the deployment"}}, nil, 3,
			"edgeHub cannot reach the hub as set: the proxy is not for its protocol (container:edgeHub), and AMQP directly fails",
			[]string{"error host r1 [A] (protocol.inconsistent): Set UpstreamProtocol to AmqpWs and https_proxy to " + shown +
				" for edgeHub in the deployment."}},
		{"what is wrong with the setting is told already", routes, onlyProxy, []*User{daemon("", "direct")},
			func(q *Question) {
				q.Settings = []report.Finding{told(report.ProxyScheme, "aziot-identityd", "docker")}
			}, 3,
			"aziot-identityd cannot reach", []string{"error host r5 [A] (proxy.scheme): Mend the very line."}},
		{"what it cannot read is no way", routes, onlyProxy, []*User{{Name: "edgeAgent", Place: "config.toml:11", Proxy: shown,
			Route: "proxy", Protocols: []report.Protocol{ws}, Loss: "it takes the name for a scheme", Set: "in [agent.env] of config.toml"}}, func(q *Question) {
			q.Settings = []report.Finding{told(report.ProxyScheme, "edgeAgent")}
		}, 3, "edgeAgent cannot reach the hub as set: it takes the name for a scheme (config.toml:11).",
			[]string{"error host  [A] (proxy.scheme): Mend the very line in [agent.env] of config.toml."}},
		{"that places differ is told where all get out", pair, slices.Concat(every("direct", "tcp.timeout"),
			every("proxy", "ok"), every("proxy2", "ok")), []*User{daemon(two, "proxy2"), agent(one, "proxy", ws)},
			func(q *Question) { q.Compared = []report.Finding{told(report.ProtocolInconsistent)} }, 0, "",
			[]string{"error host  [] (protocol.inconsistent): Mend"}},
		{"and not where it is known who does not", pair, secondProxy, []*User{daemon(two, "proxy2"), agent(one, "proxy", ws)},
			func(q *Question) { q.Compared = []report.Finding{told(report.ProtocolInconsistent)} }, 3, "edgeAgent cannot",
			[]string{"error host r8 [A] (protocol.inconsistent): Set https_proxy to " + two}},
		{"the engine by a proxy that refuses its login", pair, slices.Concat(every("direct", "ok"),
			every("proxy", "connect.auth-required"), every("proxy2", "ok")), []*User{{Name: "docker", Place: "unit:docker",
			Proxy: one, Route: "proxy", Set: "for the container engine"}}, func(q *Question) { q.Expect = "" }, 3,
			"docker cannot pull images as set: by the proxy " + one,
			[]string{"error host r10 [A] (protocol.inconsistent): Set https_proxy to " + two + " for the container engine"}},
		{"the engine by a proxy that forbids the hub, which says nothing of registries", pair, secondProxy,
			[]*User{{Name: "docker", Place: "unit:docker", Proxy: one, Route: "proxy"}}, nil, 0, "", nil},
		{"the engine directly: the hub's closed ports say nothing of registries", routes, onlyProxy,
			[]*User{{Name: "docker", Place: "unit:docker", Route: "direct"}}, nil, 0, "", nil},
		{"a proxy that this run did not try", routes, onlyProxy, []*User{agent(one, "", ws)}, nil, 0,
			"Not tried is the way that this device's own settings lead edgeAgent (" + one + ").", nil},
		{"a path that was not finished proves nothing", routes, append(with(every("direct", "tcp.timeout"),
			"HTTPS@direct skipped"), every("proxy", "ok")...), []*User{daemon("", "direct")}, nil, 0, "", nil},
		{"where nothing works nobody's setting is to blame", routes, append(every("direct", "tcp.timeout"),
			every("proxy", "connect.forbidden")...), []*User{daemon("", "direct")}, nil, 1, "No UpstreamProtocol works", nil},
		{"--expect asks what would be", routes, onlyProxy, []*User{agent(shown, "proxy", report.AMQP)},
			func(q *Question) { q.ExpectSource = "flag" }, 0, "", nil},
		{"the daemon alone talks to the provisioning service", routes, []string{"HTTPS@direct tcp.timeout",
			"HTTPS@proxy ok"}, []*User{agent("", "direct", ws)}, func(q *Question) { q.Role, q.Protocols = report.EndpointDPS, []report.Protocol{report.HTTPS} }, 0, "", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			q := asking(t, row.routes...)
			q.Expect, q.ExpectSource, q.Users = ws, "config.toml", row.users
			if row.plan != nil {
				row.plan(&q)
			}
			r := &report.Report{Results: pathLines(t, q, row.lines...)}
			Conclude(r, q, false)
			if r.Verdict.ExitCode != row.exit || !strings.Contains(r.Verdict.Reason, row.said) {
				t.Errorf("exit %d: %s", r.Verdict.ExitCode, r.Verdict.Reason)
			}
			if len(r.Verdict.Components) != len(row.users) && q.Role == "" {
				t.Errorf("components %+v", r.Verdict.Components)
			}
			got := strings.Split(unsetLeftOut(r), "\n")
			if row.exit == 1 { // whose advice is not this test's
				return
			}
			if row.want == nil {
				row.want = []string{""}
			}
			ok := len(got) == len(row.want)
			for i := 0; ok && i < len(got); i++ {
				ok = strings.HasPrefix(got[i], row.want[i])
			}
			if !ok {
				t.Errorf("got  %s\nwant %s", strings.Join(got, "\n     "), strings.Join(row.want, "\n     "))
			}
		})
	}
}

// unsetLeftOut is the advice without what only asks to set what is set.
func unsetLeftOut(r *report.Report) string {
	var out []string
	for _, l := range strings.Split(told(r), "\n") {
		if !strings.HasPrefix(l, "info") {
			out = append(out, l)
		}
	}
	return fmt.Sprint(strings.Join(out, "\n"))
}

// TestLoopbackProxy: a proxy on this host's loopback is a way out for the daemon alone.
func TestLoopbackProxy(t *testing.T) {
	t.Parallel()
	const local = "http://127.0.0.1:3128"
	for _, row := range []struct {
		name  string
		lines []string
		users []*User
		exit  int
		said  string
		want  string // the first step
	}{
		{"the only way", append(every("direct", "tcp.timeout"), every("proxy", "ok")...), nil, 1,
			"works through the proxy " + local + " from this host alone, whose loopback containers do not reach. You have to act",
			"error host r8,r9 [A/verdict] (proxy.runtime-limits): Let the proxy listen"},
		{"beside the direct way", append(every("direct", "ok"), every("proxy", "ok")...), nil, 0, "AMQP over WebSocket works directly", ""},
		{"beside the direct way, and edgeAgent is set for it", append(every("direct", "ok"), every("proxy", "ok")...),
			[]*User{agent(local, "proxy", report.AMQPWS), daemon(local, "proxy")}, 3,
			"edgeAgent cannot reach the hub as set: the proxy " + local + " (config.toml:11) is on this host's loopback",
			"error host r8 [A] (protocol.inconsistent): Remove https_proxy in [agent.env] of config.toml, or keep it"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			q := asking(t, "direct", local)
			q.Routes[1].Loopback = true
			q.Expect, q.ExpectSource, q.Users = report.AMQPWS, "config.toml", row.users
			r := &report.Report{Results: pathLines(t, q, row.lines...)}
			for i := range r.Results {
				if x := &r.Results[i]; x.Route == "proxy" && x.Protocol != report.HTTPS {
					x.RuntimeUsable = say(false)
				}
			}
			Conclude(r, q, false)
			first, _, _ := strings.Cut(unsetLeftOut(r), "\n")
			if r.Verdict.ExitCode != row.exit || !strings.Contains(r.Verdict.Reason, row.said) ||
				!strings.HasPrefix(first, row.want) {
				t.Errorf("exit %d: %s\n%s", r.Verdict.ExitCode, r.Verdict.Reason, unsetLeftOut(r))
			}
			if strings.Contains(r.Verdict.Reason, "set UpstreamProtocol") || strings.Contains(told(r), "Set https_proxy") {
				t.Errorf("told to set it: %s\n%s", r.Verdict.Reason, told(r))
			}
		})
	}
}

// TestHostsFileAlone: what the hosts file knows and DNS does not, containers do not know.
func TestHostsFileAlone(t *testing.T) {
	t.Parallel()
	answer := func(code string, addresses ...string) []report.ResolverAnswer {
		return []report.ResolverAnswer{{Resolver: "10.0.0.53:53", Answer: code, Addresses: addresses}}
	}
	for _, row := range []struct {
		name   string
		h      report.Hop
		lines  []string
		d      report.DNSDetail
		onHost bool
		want   string // in the finding; zero means that there is none
	}{
		{"DNS has another", report.HopTarget, every("direct", "ok"), report.DNSDetail{Resolver: fromHosts,
			Resolvers: answer("NOERROR", "10.9.9.9")}, true, "10.0.0.53:53 says 10.9.9.9"},
		{"DNS does not know it", report.HopTarget, every("direct", "ok"), report.DNSDetail{Resolver: fromHosts,
			Resolvers: answer("NXDOMAIN")}, true, "NXDOMAIN"},
		{"DNS has the same", report.HopTarget, every("direct", "ok"), report.DNSDetail{Resolver: fromHosts,
			Resolvers: answer("NOERROR", "10.9.9.9", "10.1.2.3")}, true, ""},
		{"the proxy's", report.HopProxy, append(every("direct", "tcp.timeout"), every("proxy", "ok")...),
			report.DNSDetail{Resolver: fromHosts, Resolvers: answer("NXDOMAIN")}, true, "Write the proxy's address"},
		{"the hub's, and the proxy looks it up", report.HopTarget, append(every("direct", "tcp.timeout"),
			every("proxy", "ok")...), report.DNSDetail{Resolver: fromHosts, Resolvers: answer("NXDOMAIN")}, true, ""},
		{"from DNS", report.HopTarget, every("direct", "ok"), report.DNSDetail{Resolver: "10.0.0.53:53",
			Resolvers: answer("NOERROR", "10.9.9.9")}, true, ""},
		{"nobody asked", report.HopTarget, every("direct", "ok"), report.DNSDetail{Resolver: fromHosts}, true, ""},
		{"where the containers are", report.HopTarget, every("direct", "ok"), report.DNSDetail{Resolver: fromHosts,
			Resolvers: answer("NXDOMAIN")}, false, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			q := asking(t, "direct", proxyURL)
			q.OnHost = row.onHost
			r := &report.Report{Results: pathLines(t, q, row.lines...)}
			d := row.d
			d.Name, d.Line, d.Addresses = "name.test", 3, []string{"10.1.2.3"}
			for i := range r.Results {
				if x := &r.Results[i]; direct(x) == (row.h == report.HopTarget) {
					evidence(x, row.h, report.StageDNS, &d)
				}
			}
			Conclude(r, q, false)
			i := slices.IndexFunc(r.Findings, func(f report.Finding) bool { return f.Code == report.AddressStale })
			switch {
			case (i >= 0) != (row.want != "") || strings.Contains(r.Verdict.Reason, "From containers it may not") != (i >= 0):
				t.Errorf("%+v: %s", r.Findings, r.Verdict.Reason)
			case i < 0:
			case r.Findings[i].Severity != report.SeverityWarning || r.Verdict.ExitCode != 0 ||
				!strings.Contains(r.Findings[i].Summary+r.Findings[i].Remedy, row.want):
				t.Errorf("exit %d: %+v", r.Verdict.ExitCode, r.Findings[i])
			}
		})
	}
}
