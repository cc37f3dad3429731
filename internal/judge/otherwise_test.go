package judge

import (
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/report"
)

// concluded is a report over some paths, after a change to them.
func concluded(t *testing.T, q Question, change func([]report.Result), lines ...string) *report.Report {
	t.Helper()
	r := &report.Report{Results: pathLines(t, q, lines...)}
	if change != nil {
		change(r.Results)
	}
	Conclude(r, q, false)
	return r
}

// shows gives every path that was talked to the hub a chain.
func shows(d *report.TLSDetail) func([]report.Result) {
	return func(rs []report.Result) {
		for i := range rs {
			target(&rs[i], report.StageTLS, d)
		}
	}
}

// TestInspectionAndTheClock: a box's certificate that is not valid by this host's clock makes the clock
// doubtful as well, and both have to be seen to, the clock first.
func TestInspectionAndTheClock(t *testing.T) {
	t.Parallel()
	proxied := func(skew time.Duration) func([]report.Result) {
		return func(rs []report.Result) {
			shows(chain("hub.azure-devices.net", "Box", 100, 200))(rs)
			date, at := noon.Add(skew), noon
			rs[0].Steps = append(rs[0].Steps, report.Step{Detail: &report.ConnectDetail{Date: &date, At: &at}})
		}
	}
	const both = "error host r1,r2,r3,r4,r5 [A] (clock.skew): "
	const exempt = "error firewall-admin r1,r2,r3,r4,r5 [A"
	for name, row := range map[string]struct {
		change func([]report.Result)
		cause  string
		first  string
		then   string
		says   string // the verdict
		lacks  report.FindingCode
	}{
		"the certificate lies ahead": {shows(chain("hub.azure-devices.net", "Box", 100, 200)), "tls.intercepted",
			both + "Compare this host's clock", exempt, "Besides, this host's clock says 2026-03-04 12:00 UTC", ""},
		"it is over":       {shows(chain("hub.azure-devices.net", "Box", -200, -100)), "tls.intercepted", both + "Compare", exempt, "Besides", ""},
		"it is valid":      {shows(chain("hub.azure-devices.net", "Box")), "tls.intercepted", exempt, "", "", report.ClockSkew},
		"a server's time":  {proxied(150 * 24 * time.Hour), "tls.intercepted", both + "Set this", exempt, "Besides", ""},
		"which is no help": {proxied(-150 * 24 * time.Hour), "tls.intercepted", exempt, "", "", ""},
		"the clock is right by it": {proxied(time.Second), "tls.intercepted", exempt, "", "",
			report.ClockSkew},
		"the CA is installed, and the clock alone stops it": {func(rs []report.Result) {
			d := chain("hub.azure-devices.net", "Box", 100, 200)
			d.SkewMs = skewOf(150 * 24 * time.Hour)
			d.Trust = map[string]report.Trust{report.PoolOS: {Root: "CN=Box"}, report.PoolBundle: {Root: "CN=Box"}, report.PoolPublic: {}}
			shows(d)(rs)
		}, "tls.not-yet-valid", "error host r1,r2,r3,r4,r5 [A] (clock.skew protocol.none https.required): Set this host's clock",
			"warning firewall-admin r1,r2,r3,r4,r5 [] (tls.inspection): Ask the firewall admin: Exempt", "", ""},
	} {
		r := concluded(t, publicly(asking(t, "direct")), row.change, every("direct", row.cause)...)
		lines := strings.Split(told(r), "\n")
		if !strings.HasPrefix(lines[0], row.first) || row.then != "" &&
			(len(lines) < 2 || !strings.HasPrefix(lines[1], row.then)) || !strings.Contains(r.Verdict.Reason, row.says) {
			t.Errorf("%s: %s\n%s", name, r.Verdict.Reason, told(r))
		}
		if row.says == "" && strings.Contains(r.Verdict.Reason, "Besides") || drawn(r.Findings, row.lacks) {
			t.Errorf("%s: %s %+v", name, r.Verdict.Reason, r.Findings)
		}
	}
}

func publicly(q Question) Question { q.Public = true; return q }

// TestOneStepOnePerson: what either of two people can do are two steps, and what somebody else can do
// stands behind what it is in place of.
func TestOneStepOnePerson(t *testing.T) {
	t.Parallel()
	inspected := shows(chain("hub.azure-devices.net", "Box"))
	q := publicly(asking(t, "direct"))
	for name, row := range map[string]struct {
		r    *report.Report
		want []string // the advice begins so
	}{
		"inspection": {concluded(t, q, inspected, every("direct", "tls.intercepted")...), []string{
			"error firewall-admin r1,r2,r3,r4,r5 [A/verdict]",
			"error host r1,r2,r3,r4,r5 [B/verdict] (tls.inspection protocol.none https.required): Install the inspection's " +
				"root CA (Box) in both places: this host's CA store, and the file of trust_bundle_cert in"}},
		"a name that does not exist": {concluded(t, q, nil, every("direct", "dns.nxdomain")...), []string{
			"error dns-admin r1,r2,r3,r4,r5 [A/verdict] (protocol.none https.required): Ask the DNS admin: Have the",
			"error user r1,r2,r3,r4,r5 [B/verdict] (protocol.none https.required): Check the spelling of hub.azure-devices.net."}},
		"one of two that a way needs": {concluded(t, q, func(rs []report.Result) {
			shows(chain("hub.azure-devices.net", "Box", 100, 200))(rs)
		}, every("direct", "tls.intercepted")...), []string{"error host r1,r2,r3,r4,r5 [A] (clock.skew)",
			"error firewall-admin r1,r2,r3,r4,r5 [A]", "error host r1,r2,r3,r4,r5 [A] (tls.inspection protocol.none " +
				"https.required): Or instead: Install"}},
		"what can wait": {concluded(t, q, func(rs []report.Result) {
			rs[0].Steps = []report.Step{{Hop: report.HopTarget, Stage: report.StageDNS, Status: report.OK, Detail: &report.DNSDetail{
				Name: "hub.azure-devices.net", Resolver: "10.0.0.2:53", Resolvers: []report.ResolverAnswer{
					{Resolver: "10.0.0.1:53", Answer: "timeout"}, {Resolver: "10.0.0.2:53", Answer: "NOERROR"}}}}}
		}, every("direct", "ok")...), []string{"warning dns-admin r1 [] (dns.slow): Ask the DNS admin: Repair 10.0.0.1:53.",
			"warning host r1 [] (dns.slow): Or instead: Take that name server out"}},
		"a certificate that has expired, and nobody tells the time": {concluded(t, q,
			shows(chain("hub.azure-devices.net", "Root", -200, -100)), every("direct", "tls.expired")...), []string{
			"error host r1,r2,r3,r4,r5 [A/verdict] (protocol.none https.required): Check this host's clock first",
			"error service r1,r2,r3,r4,r5 [B/verdict]"}},
		"and somebody does": {concluded(t, q, func(rs []report.Result) {
			d := chain("hub.azure-devices.net", "Root", -200, -100)
			d.SkewMs = skewOf(time.Second)
			shows(d)(rs)
		}, every("direct", "tls.expired")...), []string{"error service r1,r2,r3,r4,r5 [A]"}},
	} {
		lines := strings.Split(told(row.r), "\n")
		for i, want := range row.want {
			if i >= len(lines) || !strings.HasPrefix(lines[i], want) {
				t.Errorf("%s: got\n%s\nwant %s", name, told(row.r), want)
				break
			}
		}
		if len(lines) != len(row.want) {
			t.Errorf("%s: more than that\n%s", name, told(row.r))
		}
	}
}

// TestNobodyIsAskedForTheWorkOfTwo: no remedy of the tables asks another one than its actor.
func TestNobodyIsAskedForTheWorkOfTwo(t *testing.T) {
	t.Parallel()
	for _, mixed := range []string{"or ask ", "or have ", "; or give", "log in to", "this host's interface", "If there is none, ask"} {
		for _, c := range report.Causes() {
			if strings.Contains(c.Remedy, mixed) && c.Code != report.ConnectNotHTTP {
				t.Errorf("%s asks two: %s", c.Code, c.Remedy)
			}
		}
		for _, f := range report.FindingTable() {
			if strings.Contains(f.Remedy+f.Do, mixed) && f.Code != report.ProtocolMismatch {
				t.Errorf("%s asks two: %s", f.Code, f.Remedy)
			}
		}
	}
}

// TestABundleThatIsSet: what is asked of a trust bundle is worded for the one that is there.
func TestABundleThatIsSet(t *testing.T) {
	t.Parallel()
	const file, where = "/etc/certs/trust.pem", "/etc/aziot/config.toml:3 trust_bundle_cert"
	for name, row := range map[string]struct {
		bundle *Bundle
		says   string
	}{
		"none":           {nil, "add it to the file of trust_bundle_cert in /etc/aziot/config.toml, for the containers"},
		"not there":      {&Bundle{File: file, Where: where, Trouble: "does not exist"}, file + ", which " + where + " names already and which does not exist, for"},
		"not to read":    {&Bundle{File: file, Where: where, Trouble: "this user may not read"}, "and which this user may not read, for"},
		"another CA":     {&Bundle{File: file, Where: where, Holds: []string{"CN=Old CA"}}, "and which holds Old CA and not this CA, for"},
		"several others": {&Bundle{File: file, Where: where, Holds: []string{"CN=Old CA", "CN=B", "CN=C"}}, "holds Old CA and 2 more and not this CA, for"},
	} {
		q := asking(t, "direct")
		q.Host, q.Role, q.Bundle = "gw.site", report.EndpointParent, row.bundle
		r := concluded(t, q, func(rs []report.Result) {
			for i := range rs {
				rs[i].Host, rs[i].Endpoint = "gw.site", report.EndpointParent
			}
			shows(chain("gw.site", "Gateway CA"))(rs)
		}, every("direct", "tls.untrusted")...)
		if len(r.Advice) == 0 || !strings.Contains(r.Advice[0].Do, row.says) || r.Advice[0].Actor != report.ActorHost {
			t.Errorf("%s: want %q:\n%s", name, row.says, told(r))
		}
		half := chain("hub.corp", "Box")
		half.Trust = map[string]report.Trust{report.PoolOS: {OK: true, Root: "CN=Box"}, report.PoolBundle: {}, report.PoolPublic: {}}
		q = asking(t, "direct")
		q.Bundle = row.bundle
		r = concluded(t, q, shows(half), with(every("direct", "tls.untrusted"), "HTTPS@direct ok")...)
		says, _, _ := strings.Cut(strings.TrimPrefix(row.says, "add it to "), ", for")
		if i := slices.IndexFunc(r.Advice, func(a report.Advice) bool {
			return slices.Contains(a.Findings, report.TLSCAMissingInBundle)
		}); i < 0 || !strings.Contains(r.Advice[i].Do, says) {
			t.Errorf("%s: want %q:\n%s", name, says, told(r))
		}
	}
}

// TestProvisioningByAProxyThatForbidsIt: the first step is whom the verdict names.
func TestProvisioningByAProxyThatForbidsIt(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct", proxyURL)
	q.Role = report.EndpointDPS
	r := concluded(t, q, nil, append(every("direct", "tcp.refused"), every("proxy", "connect.forbidden")...)...)
	if r.Verdict.Because == nil || r.Verdict.Because.Result != "r10" || len(r.Advice) < 2 ||
		r.Advice[0].Actor != report.ActorProxy || r.Advice[1].Actor != report.ActorFirewall {
		t.Errorf("%+v\n%s", r.Verdict, told(r))
	}
}
