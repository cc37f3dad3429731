package report

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The codes of the contract, written out: adding one here is a deliberate act.
const contractCauses = `
dns.nxdomain dns.no-address dns.servfail dns.refused dns.timeout dns.unreachable dns.sinkhole dns.malformed
tcp.timeout tcp.refused tcp.unreachable tcp.no-route tcp.local-denied tcp.no-neighbour
connect.timeout connect.closed connect.not-http connect.auth-required connect.auth-rejected connect.auth-unsupported
connect.forbidden connect.unsupported connect.upstream-dns connect.upstream-timeout connect.upstream-refused
connect.upstream connect.status connect.socks connect.redirect connect.limit
tls.intercepted tls.untrusted tls.expired tls.not-yet-valid tls.name-mismatch tls.reset tls.timeout tls.mtu tls.alert
tls.not-tls tls.client-auth tls.weak tls.cipher
ws.status ws.block-page ws.not-upgraded ws.closed ws.timeout
amqp.not-amqp amqp.version amqp.sasl amqp.closed amqp.timeout amqp.error
mqtt.not-mqtt mqtt.closed mqtt.timeout mqtt.refused
http.block-page http.status http.timeout http.closed http.malformed http.suspended http.forbidden
auth.rejected auth.expired auth.unknown-device auth.clock
hold.dropped hold.reset
path.slow host.limit
unknown`

const contractFindings = `
firewall.port-blocked firewall.all-blocked firewall.sni firewall.protocol firewall.where
dns.resolver-disagrees dns.private-link dns.not-needed ipv6.broken
proxy.required proxy.runtime-limits proxy.unneeded proxy.scheme proxy.no-proxy-ignored
tls.inspection tls.ca-missing-in-bundle tls.ca-missing-in-os captive-portal clock.skew mtu.blackhole
latency.high loss hold.short service.unwell https.required
protocol.none protocol.mismatch protocol.unset-hub protocol.inconsistent
container.no-ipv6
network.slow host.busy limit.connections proxy.not-as-runtime
address.stale address.dead address.differs dns.search dns.filter dns.hijack dns.slow private-endpoint.unreachable
dps.unreachable registry.unreachable route.other certificate.impostor mtu.upstream proxy.lifetime
upstream.never upstream.flapping upstream.reason-not-logged identity.crash-loop identity.duplicate identity.deleted
storage.full edge-ca.expired registry.pull engine.dns log.incomplete device.fault`

var codePattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*\.[a-z0-9-]+$`)

func codesOfCauses() (codes []string) {
	for _, i := range Causes() {
		codes = append(codes, string(i.Code))
	}
	return codes
}

func codesOfFindings() (codes []string) {
	for _, i := range FindingTable() {
		codes = append(codes, string(i.Code))
	}
	return codes
}

func TestTablesEqualTheContract(t *testing.T) {
	for _, c := range []struct {
		name      string
		got, want []string
	}{
		{"causes", codesOfCauses(), strings.Fields(contractCauses)},
		{"findings", codesOfFindings(), strings.Fields(contractFindings)},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s:\ngot  %v\nwant %v", c.name, c.got, c.want)
		}
		seen := map[string]bool{}
		for _, code := range c.got {
			if seen[code] {
				t.Errorf("%s stands twice", code)
			}
			seen[code] = true
			exempt := code == "unknown" || code == "captive-portal" || code == "loss"
			if !exempt && !codePattern.MatchString(code) {
				t.Errorf("%s does not look like stage.what", code)
			}
		}
	}
}

func TestEveryCauseIsExplained(t *testing.T) {
	for _, i := range Causes() {
		if i.Title == "" || i.Seen == "" || i.Means == "" || i.Remedy == "" {
			t.Errorf("%s: a text is missing: %+v", i.Code, i)
		}
		if len(i.Title) > 50 {
			t.Errorf("%s: the title is too long for a table cell: %q", i.Code, i.Title)
		}
		if actorWords[i.Actor] == "" || (i.ProxyActor != "" && actorWords[i.ProxyActor] == "") {
			t.Errorf("%s: unknown actor", i.Code)
		}
		if !slices.Contains([]string{"foreign", "lab", "network"}, i.Reproduced) {
			t.Errorf("%s: reproduced with %q", i.Code, i.Reproduced)
		}
	}
}

func TestEveryFindingIsExplained(t *testing.T) {
	for _, i := range FindingTable() {
		if i.SeverityWords() == "" || i.Rule == "" || i.Means == "" || i.Remedy == "" || actorWords[i.Actor] == "" {
			t.Errorf("%s: something is missing: %+v", i.Code, i)
		}
		if !strings.HasSuffix(i.Remedy, ".") || strings.HasSuffix(i.Means, ".") || strings.HasSuffix(i.Rule, ".") {
			t.Errorf("%s: a remedy is a sentence, the others are not: %+v", i.Code, i)
		}
	}
}

// TestSeverityInWords: the words name each severity that the facts can give, and no other.
func TestSeverityInWords(t *testing.T) {
	for _, i := range FindingTable() {
		var can []Severity
		for _, f := range []Facts{{}, {Needed: true}, {Grave: true}, {Needed: true, Grave: true}} {
			can = append(can, i.Weigh(f))
		}
		for _, s := range Severities() {
			if strings.Contains(i.SeverityWords(), string(s)) != slices.Contains(can, s) {
				t.Errorf("%s: %q, and it can be %v", i.Code, i.SeverityWords(), can)
			}
		}
	}
}

func TestRemedyLeavesNoPlaceholder(t *testing.T) {
	for _, i := range Causes() {
		for _, h := range []Hop{HopProxy, HopTarget} {
			for _, proxy := range []string{"", "proxy.test:3128"} {
				got := i.Code.RemedyAt(h, "hub.test", 5671, proxy)
				if strings.ContainsAny(got, "{}") {
					t.Errorf("%s at %s: placeholder left in %q", i.Code, h, got)
				}
				if !strings.HasSuffix(got, ".") {
					t.Errorf("%s at %s: no full stop: %q", i.Code, h, got)
				}
			}
		}
	}
}

func TestRemedyFillsIn(t *testing.T) {
	for _, c := range []struct {
		cause Cause
		hop   Hop
		proxy string
		want  []string
	}{
		{TCPTimeout, HopTarget, "", []string{"TCP 5671", "hub.test"}},
		{TCPTimeout, HopProxy, "p.test:3128", []string{"proxy's address hub.test:5671"}},
		{ConnectForbidden, HopProxy, "p.test:3128", []string{"CONNECT to hub.test:5671"}},
		{ConnectTimeout, HopProxy, "", []string{"whether the proxy can reach hub.test:5671"}},
		{ConnectTimeout, HopProxy, "p.test:3128", []string{"whether p.test:3128 can reach"}},
		{Cause("no.such"), HopTarget, "", []string{"JSON report"}},
	} {
		got := c.cause.RemedyAt(c.hop, "hub.test", 5671, c.proxy)
		for _, w := range c.want {
			if !strings.Contains(got, w) {
				t.Errorf("%s at %s: %q lacks %q", c.cause, c.hop, got, w)
			}
		}
	}
}

func TestActorAtAndLabel(t *testing.T) {
	for _, c := range []struct {
		cause Cause
		hop   Hop
		actor Actor
		label string
	}{
		{TCPRefused, HopTarget, ActorFirewall, "tcp.refused"},
		{TCPRefused, HopProxy, ActorProxy, "proxy/tcp.refused"},
		{TCPTimeout, HopProxy, ActorFirewall, "proxy/tcp.timeout"},
		{ConnectForbidden, HopProxy, ActorProxy, "connect.forbidden"},
		{Unknown, HopTarget, ActorUnknown, "unknown"},
	} {
		if got := c.cause.ActorAt(c.hop); got != c.actor {
			t.Errorf("%s at %s: actor %s, want %s", c.cause, c.hop, got, c.actor)
		}
		if got := c.cause.Label(c.hop); got != c.label {
			t.Errorf("%s at %s: label %s, want %s", c.cause, c.hop, got, c.label)
		}
	}
}

func TestEveryCodeSaysHowItWasReproduced(t *testing.T) {
	for _, c := range Causes() {
		if c.Code.How() == "" {
			t.Errorf("%s: not said", c.Code)
		}
	}
	for _, f := range FindingTable() {
		if f.Code.How() == "" {
			t.Errorf("%s: not said", f.Code)
		}
	}
	if len(howCauses) != len(Causes()) || len(howFindings) != len(FindingTable()) {
		t.Error("something is said of what is no code")
	}
}
