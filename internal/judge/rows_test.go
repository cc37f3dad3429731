package judge

import (
	"slices"
	"strings"
	"testing"

	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

// contract is what is decided of each finding: its group, its severity for plain facts,
// where a path is needed, and beyond the rule's limit; and what it follows from. Changing
// a row here is a deliberate act.
const contract = `
firewall.port-blocked       reason  info    error   info
firewall.all-blocked        reason  info    error   info
firewall.sni                reason  info    error   info
firewall.protocol           reason  info    error   info
firewall.where              note    info    info    info    firewall.port-blocked firewall.all-blocked
dns.resolver-disagrees      note    warning warning warning
dns.private-link            note    info    info    warning
dns.not-needed              note    info    info    info
ipv6.broken                 note    warning warning warning
proxy.required              setting info    info    info
proxy.runtime-limits        setting info    warning info
proxy.unneeded              setting warning warning warning
proxy.scheme                setting warning warning error
proxy.no-proxy-ignored      setting warning warning warning
tls.inspection              reason  warning error   warning
tls.ca-missing-in-bundle    reason  info    error   info
tls.ca-missing-in-os        reason  info    error   info
captive-portal              reason  info    error   info
clock.skew                  reason  warning warning error
mtu.blackhole               reason  info    error   info
latency.high                measure warning warning warning
loss                        measure warning warning warning
hold.short                  measure warning warning warning
service.unwell              reason  warning warning warning
https.required              outcome error   error   error   REASONS
protocol.none               outcome error   error   error   REASONS
protocol.mismatch           setting error   error   error   REASONS
protocol.unset-hub          setting warning warning error
protocol.inconsistent       setting error   error   error
container.no-ipv6           reason  info    error   warning
network.slow                measure warning warning error
host.busy                   reason  error   error   error
limit.connections           measure warning warning warning
proxy.not-as-runtime        reason  info    error   info
address.stale               reason  info    error   warning
address.dead                note    warning warning warning
address.differs             note    warning warning warning
dns.search                  note    info    info    warning
dns.filter                  reason  info    error   info
dns.hijack                  reason  info    error   info
dns.slow                    note    warning warning warning
private-endpoint.unreachable reason info    error   info
dps.unreachable             outcome error   error   error   REASONS
registry.unreachable        reason  error   error   error
route.other                 reason  info    error   info
certificate.impostor        reason  info    error   info
mtu.upstream                measure warning warning warning
proxy.lifetime              measure warning warning warning
upstream.never              log     error   error   error
upstream.flapping           log     warning warning warning
upstream.reason-not-logged  log     warning warning warning
identity.crash-loop         log     error   error   error
identity.duplicate          log     error   error   error
identity.deleted            log     error   error   error
storage.full                log     error   error   error
edge-ca.expired             log     error   error   error
registry.pull               log     error   error   error
engine.dns                  log     error   error   error
log.incomplete              log     warning warning warning
device.fault                log     error   error   error`

const pathReasons = `tls.inspection tls.ca-missing-in-bundle tls.ca-missing-in-os captive-portal clock.skew mtu.blackhole firewall.sni
 firewall.protocol firewall.all-blocked firewall.port-blocked service.unwell container.no-ipv6 host.busy proxy.not-as-runtime
 address.stale dns.filter dns.hijack private-endpoint.unreachable route.other certificate.impostor`

// fromSettings are drawn from the device's settings alone, by who reads them.
var fromSettings = []report.FindingCode{report.RegistryUnreachable}

func TestEachFindingIsOneRow(t *testing.T) {
	t.Parallel()
	table := report.FindingTable()
	lines := strings.Split(strings.TrimSpace(contract), "\n")
	if len(lines) != len(table) {
		t.Fatalf("%d findings, %d in the contract", len(table), len(lines))
	}
	for i, f := range table {
		got := []string{string(f.Code), string(f.Group), string(f.Weigh(report.Facts{})),
			string(f.Weigh(report.Facts{Needed: true})), string(f.Weigh(report.Facts{Grave: true}))}
		for _, c := range f.FollowsFrom {
			got = append(got, string(c))
		}
		want := strings.Fields(strings.Replace(lines[i], "REASONS", pathReasons, 1))
		if !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
		drawn := 0
		for _, r := range rows() {
			if r.code == f.Code {
				drawn++
			}
		}
		elsewhere := f.Group == report.GroupLog || slices.Contains(fromSettings, f.Code)
		if want := map[bool]int{true: 0, false: 1}[elsewhere]; drawn != want {
			t.Errorf("%s is drawn by %d rules, want %d", f.Code, drawn, want)
		}
	}
}

// TestNeeded: what the verdict waits for or goes by.
func TestNeeded(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, routes string
		lines        []string
		expect       report.Protocol
		path         string
		want         string // yes, no, unknown; then the severity
	}{
		{"nothing works", "direct", every("direct", "tcp.timeout"), "", "MQTT@direct", "yes error"},
		{"another works", "direct", with(every("direct", "ok"), "MQTT@direct tls.alert"), "", "MQTT@direct", "no info"},
		{"it is expected", "direct", with(every("direct", "ok"), "MQTT@direct tls.alert"), report.MQTT, "MQTT@direct",
			"yes error"},
		{"it works by the proxy", "direct proxy", append(with(every("direct", "ok"), "AMQPWS@direct tls.alert"),
			every("proxy", "ok")...), report.AMQPWS, "AMQPWS@direct", "no info"},
		{"the runtime cannot use it", "direct proxy",
			append(every("direct", "ok"), with(every("proxy", "ok"), "AMQP@proxy connect.forbidden")...), report.AMQP,
			"AMQP@proxy", "no info"},
		{"the verdict goes by it", "direct", every("direct", "ok"), "", "AMQP@direct", "yes "},
		{"it works, and another is taken", "direct", every("direct", "ok"), "", "MQTT@direct", "no "},
		{"HTTPS goes by it", "direct", every("direct", "ok"), "", "HTTPS@direct", "yes "},
		{"HTTPS goes by the proxy", "direct proxy", append(every("direct", "ok"), every("proxy", "ok")...), "",
			"HTTPS@direct", "no "},
		{"HTTPS fails", "direct", with(every("direct", "ok"), "HTTPS@direct tls.alert"), "", "HTTPS@direct",
			"yes error"},
		{"HTTPS fails, and works by the proxy", "direct proxy",
			append(with(every("direct", "ok"), "HTTPS@direct tls.alert"), every("proxy", "ok")...), "", "HTTPS@direct",
			"no info"},
		{"HTTPS fails, and was not finished elsewhere", "direct proxy",
			append(with(every("direct", "ok"), "HTTPS@direct tls.alert"),
				with(every("proxy", "ok"), "HTTPS@proxy skipped")...), "", "HTTPS@direct", "unknown error"},
		{"it was not finished", "direct", with(every("direct", "ok"), "MQTT@direct skipped"), "", "MQTT@direct",
			"unknown "},
		{"a warning rests on it", "direct", with(every("direct", "ok"), "MQTT@direct mqtt.refused"), "", "MQTT@direct",
			"no warning"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			q := asking(t, routesOf(row.routes)...)
			q.Expect = row.expect
			r := &report.Report{Results: pathLines(t, q, row.lines...)}
			Conclude(r, q, false)
			x := at(t, r.Results, row.path)
			got := "unknown"
			if x.Needed != nil {
				got = map[bool]string{true: "yes", false: "no"}[*x.Needed]
			}
			if got += " " + string(x.Severity); got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
		})
	}
}

// TestFollows: a symptom names its cause where that is about all of its failures.
func TestFollows(t *testing.T) {
	t.Parallel()
	results := []report.Result{{ID: "r1", Status: report.Failed}, {ID: "r2", Status: report.Failed},
		{ID: "r3", Status: report.OK}}
	find := func(code report.FindingCode, ids ...string) report.Finding {
		return report.Finding{Code: code, Results: ids}
	}
	for _, row := range []struct {
		name  string
		cause report.Finding
		of    report.Finding
		want  bool
	}{
		{"all of them", find(report.TLSInspection, "r1", "r2"), find(report.ProtocolNone, "r1", "r2"), true},
		{"all that failed", find(report.TLSInspection, "r1"), find(report.ProtocolNone, "r1", "r3"), true},
		{"some of them", find(report.TLSInspection, "r1"), find(report.ProtocolNone, "r1", "r2"), false},
		{"none failed", find(report.TLSInspection, "r3"), find(report.ProtocolNone, "r3"), false},
		{"no reason of it", find(report.ProxyScheme, "r1", "r2"), find(report.ProtocolNone, "r1", "r2"), false},
		{"the other way round", find(report.ProtocolNone, "r1"), find(report.TLSInspection, "r1"), false},
		{"where, from a closed port", find(report.FirewallPortBlocked, "r1"), find(report.FirewallWhere, "r1"), true},
		{"of no known code", find(report.TLSInspection, "r1"), find("x.y", "r1"), false},
	} {
		found := []report.Finding{row.cause, row.of}
		found[1].FollowsFrom = []report.FindingCode{"left.over"}
		follow(found, results)
		if got := slices.Equal(found[1].FollowsFrom, []report.FindingCode{row.cause.Code}); got != row.want ||
			!row.want && len(found[1].FollowsFrom) > 0 {
			t.Errorf("%s: %v", row.name, found[1].FollowsFrom)
		}
	}
}

// TestWhatFollowsKeepsItsCausesRemedy: although HTTPS fails alike, the finding that sees
// through the others says what to do about them.
func TestWhatFollowsKeepsItsCausesRemedy(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	rs := pathLines(t, q, every("direct", "tls.reset")...)
	for i := range rs[:4] {
		rs[i].Experiments = testkit.Experiments("again", "killed", "other-name", "answered", "no-name", "answered")
	}
	r := &report.Report{Results: rs}
	Conclude(r, q, false)
	for _, f := range r.Findings {
		byName := strings.Contains(f.Remedy, "server name or URL category")
		if f.Code == report.ProtocolNone && !byName || f.Code == report.HTTPSRequired &&
			(byName || len(f.FollowsFrom) > 0) {
			t.Errorf("%s: %s", f.Code, f.Remedy)
		}
	}
}

func TestAnUnknownRoute(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct", proxyURL)
	if _, found := q.route("proxy7"); found {
		t.Error("there is no such route")
	}
	if r, found := q.route("proxy"); !found || !r.Proxied() {
		t.Error("the proxy's route is not found")
	}
}
