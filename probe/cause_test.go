package probe_test

import (
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/probe"
	"edgenet/report"
)

// short is the timeout of rows whose fault is silence.
const short = 4 * time.Second

// busy is what tests that run side by side may take from each other, and from a machine
// that others use as well.
const busy = 3 * time.Second

// on puts one fault at several places.
func on(fault string, places ...string) []string {
	var out []string
	for _, p := range places {
		out = append(out, p+"="+fault)
	}
	return out
}

// want says what becomes of paths: by protocol for every route, or by PROTOCOL@ROUTE;
// what is not named has to be ok.
type want map[string]string

// of names several protocols' outcome.
func of(outcome string, paths ...string) want {
	w := want{}
	for _, p := range paths {
		w[p] = outcome
	}
	return w
}

func (w want) and(o want) want {
	maps.Copy(w, o)
	return w
}

// protocols are those that something is wanted of.
func (w want) protocols() []report.Protocol {
	return slices.DeleteFunc(report.Protocols(), func(p report.Protocol) bool {
		for path := range w {
			if name, _, _ := strings.Cut(path, "@"); name == string(p) {
				return false
			}
		}
		return true
	})
}

// directly tells whether something is wanted of the direct route alone.
func (w want) directly() bool {
	for path := range w {
		if !strings.HasSuffix(path, "@direct") {
			return false
		}
	}
	return true
}

// hold compares a report with what is wanted, on every path: exactly one cause each,
// and no other anywhere.
func hold(t *testing.T, r *report.Report, w want) {
	t.Helper()
	allowed := map[string]bool{}
	for i := range r.Results {
		x := &r.Results[i]
		outcome, named := w[string(x.Protocol)+"@"+x.Route]
		if !named {
			outcome, named = w[string(x.Protocol)]
		}
		if !named {
			outcome = "ok"
		}
		if got := words(x); got != outcome {
			t.Errorf("%s@%s: %s, want %s (%s)", x.Protocol, x.Route, got, outcome, x.Summary)
		}
		for _, f := range strings.Fields(outcome) {
			allowed[f] = true
		}
		if x.Status == report.Failed && (len(x.FailureCauses) != 1 ||
			x.FailureCauses[x.Steps[len(x.Steps)-1].Cause] != 1) {
			t.Errorf("%s@%s: failure causes %v", x.Protocol, x.Route, x.FailureCauses)
		}
	}
	for _, x := range r.Results {
		for _, s := range x.Steps {
			if s.Cause != "" && !allowed[string(s.Cause)] {
				t.Errorf("%s@%s: the neighbouring cause %s shows at %s", x.Protocol, x.Route, s.Cause, s.Stage)
			}
		}
	}
}

type causeRow struct {
	name    string
	faults  []string
	proxies []string // zero means the open one
	timeout time.Duration
	drips   bool // something comes all the time, so that a path takes three timeouts
	want    want
}

func runCauses(t *testing.T, rows []causeRow) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			proxies := row.proxies
			if proxies == nil {
				proxies = []string{"open"}
			}
			s := start(t, row.faults, proxies...)
			if row.timeout > 0 { // healthy paths would need more on a busy machine
				s.plan.Timeout = row.timeout
				s.plan.Protocols = row.want.protocols()
				if row.want.directly() {
					s.plan.Routes = probe.Routes(true, nil)
				}
			}
			r := s.check(t)
			hold(t, r, row.want)
			most := s.plan.Timeout*11/10 + busy
			if row.drips {
				most = 3*s.plan.Timeout*11/10 + busy
			}
			if r.DurationMs.Duration() > most {
				t.Errorf("took %.0f ms of a timeout of %s", float64(r.DurationMs), s.plan.Timeout)
			}
		})
	}
}

func TestAMQPCauses(t *testing.T) {
	t.Parallel()
	amqp := func(outcome string) want { return of(outcome, "AMQP", "AMQPWS") }
	both := func(fault string) []string { return on(fault, "amqps", "https") }
	rows := []causeRow{
		{name: "not AMQP", faults: both("amqp-not-amqp"), want: amqp("target amqp amqp.not-amqp network")},
		{name: "not AMQP, shorter than a header", faults: both("amqp-not-amqp:A"),
			want: amqp("target amqp amqp.not-amqp network")},
		{name: "0-9-1", faults: both("amqp-version:0-9-1"), want: amqp("target amqp amqp.version service")},
		{name: "0-10", faults: both("amqp-version:0-10"), want: amqp("target amqp amqp.version service")},
		{name: "1-1", faults: both("amqp-version:1-1"), want: amqp("target amqp amqp.version service")},
		{name: "TLS layer", faults: both("amqp-version:tls"), want: amqp("target amqp amqp.version service")},
		{name: "no mechanism", faults: both("amqp-no-mechanisms"), want: amqp("target amqp amqp.sasl service")},
		{name: "refused outcome", faults: both("amqp-sasl-refused"), want: amqp("target amqp amqp.sasl service")},
		{name: "closed at once", faults: both("amqp-close:start"), want: amqp("target amqp amqp.closed network")},
		{name: "closed after the header", faults: both("amqp-close:header"),
			want: amqp("target amqp amqp.closed network")},
		{name: "closed after SASL", faults: both("amqp-close:sasl"), want: amqp("target amqp amqp.closed network")},
		{name: "closed at open", faults: both("amqp-close:open"), want: amqp("target amqp amqp.closed network")},
		{name: "reset", faults: both("amqp-reset"), want: of("target amqp amqp.closed network",
			"AMQP").and(of("target websocket ws.closed firewall-admin", "AMQPWS"))},
		{name: "error", faults: both("amqp-error:amqp:resource-limit-exceeded"),
			want: amqp("target amqp amqp.error service")},
		{name: "a frame of 4 GiB", faults: both("amqp-lying-size"), want: amqp("target amqp amqp.not-amqp network")},
		{name: "a list of 2^31", faults: both("amqp-lying-count"), want: amqp("target amqp amqp.not-amqp network")},
		{name: "heartbeats for open", faults: both("amqp-flood"), want: amqp("target amqp unknown unknown")},
	}
	for _, after := range []string{"start", "header", "open"} {
		rows = append(rows, causeRow{name: "silent after " + after, faults: both("amqp-silent:" + after),
			timeout: short, want: amqp("target amqp amqp.timeout network")})
	}
	rows = append(rows, causeRow{name: "drip", faults: both("amqp-drip"), timeout: short / 2, drips: true,
		want: amqp("target amqp path.slow network")})
	runCauses(t, rows)
}

// TestDripSlowerThanTheTimeout does not run beside others: half a second is kept only by a machine
// that has little else to do.
func TestDripSlowerThanTheTimeout(t *testing.T) {
	runCauses(t, []causeRow{{name: "mqtt", faults: on("mqtt-drip", "mqtts", "https"), timeout: short / 8,
		want: of("target mqtt mqtt.timeout network", "MQTT", "MQTTWS")}})
}

func TestMQTTCauses(t *testing.T) {
	t.Parallel()
	mqtt := func(outcome string) want { return of(outcome, "MQTT", "MQTTWS") }
	both := func(fault string) []string { return on(fault, "mqtts", "https") }
	cut := of("target mqtt mqtt.closed network", "MQTT").and(of("target websocket ws.closed firewall-admin", "MQTTWS"))
	rows := []causeRow{
		{name: "not MQTT", faults: both("mqtt-not-mqtt"), want: mqtt("target mqtt mqtt.not-mqtt network")},
		{name: "not MQTT, one byte", faults: both("mqtt-not-mqtt:x"), want: mqtt("target mqtt mqtt.not-mqtt network")},
		{name: "closed", faults: both("mqtt-close"), want: mqtt("target mqtt mqtt.closed network")},
		{name: "reset", faults: both("mqtt-reset"), want: cut},
		{name: "a CONNACK of 256 MiB", faults: both("mqtt-lying-length"),
			want: mqtt("target mqtt mqtt.not-mqtt network")},
		{name: "CONNACK 6", faults: both("mqtt-connack:6"), want: mqtt("target mqtt mqtt.not-mqtt network")},
		{name: "CONNACK 255", faults: both("mqtt-connack:255"), want: mqtt("target mqtt mqtt.not-mqtt network")},
		{name: "silent", faults: both("mqtt-silent"), timeout: short, want: mqtt("target mqtt mqtt.timeout network")},
		{name: "drip", faults: both("mqtt-drip"), timeout: short / 2, drips: true},
	}
	for _, code := range []string{"1", "2", "3"} {
		rows = append(rows, causeRow{name: "CONNACK " + code, faults: both("mqtt-connack:" + code),
			want: mqtt("target mqtt mqtt.refused service")})
	}
	for _, code := range []string{"4", "5"} {
		rows = append(rows, causeRow{name: "CONNACK " + code + " proves the service",
			faults: both("mqtt-connack:" + code)})
	}
	runCauses(t, rows)
}

func TestHTTPCauses(t *testing.T) {
	t.Parallel()
	https := func(outcome string) want { return of(outcome, "HTTPS") }
	rows := []causeRow{
		{name: "503", faults: on("status:503", "https"), want: https("target http http.status service")},
		{name: "500", faults: on("status:500", "https"), want: https("target http http.status service")},
		{name: "429", faults: on("status:429", "https"), want: https("target http http.status service")},
		{name: "403 of the hub is an answer", faults: on("status:403", "https")},
		{name: "499 of the hub is an answer", faults: on("status:499", "https")},
		{name: "closed", faults: on("http-close", "https"), want: https("target http http.closed network")},
		{name: "reset", faults: on("http-reset", "https"), want: https("target http http.closed network")},
		{name: "garbage", faults: on("http-garbage", "https"), want: https("target http http.malformed network")},
		{name: "endless header", faults: on("http-endless-header", "https"),
			want: https("target http http.malformed network")},
		{name: "endless body without the hub's headers", faults: on("http-endless-body", "https"),
			want: https("target http http.block-page firewall-admin")},
		{name: "silent", faults: on("http-silent", "https"), timeout: short,
			want: https("target http http.timeout network")},
		{name: "drip", faults: on("http-drip", "https"), timeout: short / 2, drips: true,
			want: https("target http path.slow network")},
		{name: "skew is no failure", faults: on("skew:3600", "https")},
	}
	for _, status := range []string{"200", "302", "307", "403", "511"} {
		rows = append(rows, causeRow{name: "page " + status, faults: on("block-page:"+status, "https"),
			want: https("target http http.block-page firewall-admin")})
	}
	runCauses(t, rows)
}

func TestWebSocketCauses(t *testing.T) {
	t.Parallel()
	ws := func(outcome string) want { return of(outcome, "AMQPWS", "MQTTWS") }
	rows := []causeRow{
		{name: "stripped", faults: on("ws-stripped", "https"), want: ws("target websocket ws.status firewall-admin")},
		{name: "no accept", faults: on("ws-no-accept", "https"),
			want: ws("target websocket ws.not-upgraded firewall-admin")},
		{name: "wrong accept", faults: on("ws-wrong-accept", "https"),
			want: ws("target websocket ws.not-upgraded firewall-admin")},
		{name: "no sub-protocol", faults: on("ws-no-subprotocol", "https"),
			want: ws("target websocket ws.not-upgraded firewall-admin")},
		{name: "closed", faults: on("ws-close", "https"), want: ws("target websocket ws.closed firewall-admin")},
		{name: "closed after", faults: on("ws-close-after", "https"),
			want: ws("target websocket ws.closed firewall-admin")},
		{name: "reset", faults: on("ws-reset", "https"), want: ws("target websocket ws.closed firewall-admin")},
		{name: "half a frame", faults: on("ws-garbage", "https"),
			want: ws("target websocket ws.closed firewall-admin")},
		{name: "silent", faults: on("ws-silent", "https"), timeout: short,
			want: ws("target websocket ws.timeout firewall-admin")},
		{name: "a frame of 2^62", faults: on("ws-lying-length", "https"), timeout: short,
			want: of("target amqp amqp.timeout network", "AMQPWS").and(of("target mqtt mqtt.timeout network",
				"MQTTWS"))},
	}
	for _, status := range []string{"400", "401", "403", "404", "426", "500", "503"} {
		rows = append(rows, causeRow{name: "status " + status, faults: on("ws-status:"+status, "https"),
			want: ws("target websocket ws.status firewall-admin")})
	}
	for _, status := range []string{"200", "302", "307", "403", "511"} {
		rows = append(rows, causeRow{name: "page " + status, faults: on("ws-block-page:"+status, "https"),
			want: ws("target websocket ws.block-page firewall-admin")})
	}
	runCauses(t, rows)
}

// directly names the five protocols on the direct route.
func directly(outcome string) want {
	return of(outcome, "AMQP@direct", "MQTT@direct", "AMQPWS@direct", "MQTTWS@direct", "HTTPS@direct")
}

// ports are the hub's.
var ports = []string{"amqps", "mqtts", "https"}

func TestNetworkCauses(t *testing.T) {
	t.Parallel()
	rows := []causeRow{
		{name: "nxdomain", faults: on("nxdomain", "dns"), want: directly("target dns dns.nxdomain dns-admin")},
		{name: "no address", faults: on("nodata", "dns"), want: directly("target dns dns.no-address dns-admin")},
		{name: "servfail", faults: on("servfail", "dns"), want: directly("target dns dns.servfail dns-admin")},
		{name: "refused by DNS", faults: on("refused", "dns"), want: directly("target dns dns.refused dns-admin")},
		{name: "garbage of DNS", faults: on("garbage", "dns"), want: directly("target dns dns.malformed dns-admin")},
		{name: "silent DNS", faults: on("silent", "dns"), timeout: short,
			want: directly("target dns dns.timeout firewall-admin")},
		{name: "refused", faults: on("refuse", ports...), want: directly("target tcp tcp.refused firewall-admin")},
		{name: "swallowed", faults: on("swallow", ports...), timeout: short,
			want: directly("target tls tls.timeout firewall-admin")},
		{name: "closed", faults: on("tcp-close", ports...), want: directly("target tls tls.reset firewall-admin")},
		{name: "one port refused", faults: on("refuse", "mqtts"), want: of("target tcp tcp.refused firewall-admin",
			"MQTT@direct")},
	}
	if runtime.GOOS == "linux" {
		rows = append(rows, causeRow{name: "dropped", faults: on("drop-syn", ports...), timeout: short,
			want: directly("target tcp tcp.timeout firewall-admin")})
	}
	runCauses(t, rows)
}

func TestTLSCauses(t *testing.T) {
	t.Parallel()
	every := func(outcome string) want { return of(outcome, "AMQP", "MQTT", "AMQPWS", "MQTTWS", "HTTPS") }
	rows := []causeRow{
		{name: "reset", faults: on("tls-reset", ports...), want: directly("target tls tls.reset firewall-admin")},
		{name: "closed", faults: on("tls-close", ports...), want: directly("target tls tls.reset firewall-admin")},
		{name: "stalled", faults: on("tls-stall", ports...), timeout: short,
			want: directly("target tls tls.timeout firewall-admin")},
		{name: "drip", faults: on("tls-drip", ports...), timeout: short / 2, drips: true,
			want: directly("target tls path.slow network")},
		{name: "alert", faults: on("tls-alert", ports...), want: directly("target tls tls.alert firewall-admin")},
		{name: "plain HTTP", faults: on("plain-http", ports...), want: directly("target tls tls.not-tls network")},
		{name: "banner", faults: on("banner", ports...), want: directly("target tls tls.not-tls network")},
		{name: "wrong name", faults: on("wrong-name", ports...), want: every("target tls tls.name-mismatch dns-admin")},
		{name: "expired", faults: on("expired", ports...), want: every("target tls tls.expired service")},
		{name: "future", faults: on("future", ports...), want: every("target tls tls.not-yet-valid service")},
		{name: "self-signed", faults: on("self-signed", ports...), want: every("target tls tls.untrusted host")},
		{name: "old TLS", faults: on("old-tls", ports...), want: every("target tls tls.alert firewall-admin")},
		{name: "client certificate in TLS 1.2", faults: on("client-cert-required:1.2", ports...),
			want: every("target tls tls.client-auth credentials")},
		{name: "client certificate in TLS 1.3", faults: on("client-cert-required:1.3", ports...),
			want: every("target tls tls.client-auth credentials")},
		{name: "inspected", faults: on("inspected", ports...),
			want: directly("target tls tls.intercepted firewall-admin")},
		{name: "a company's inspection", faults: on("corp-inspected", ports...),
			want: directly("target tls tls.intercepted firewall-admin")},
	}
	runCauses(t, rows)
}

// through names the five protocols on a proxied route.
func through(route, outcome string) want {
	w := want{}
	for p, o := range directly(outcome) {
		w[strings.TrimSuffix(p, "direct")+route] = o
	}
	return w
}

func TestProxyCauses(t *testing.T) {
	t.Parallel()
	rows := []causeRow{
		{name: "working proxies", proxies: []string{"open", "basic", "tls", "socks5", "socks5-auth"}},
		{name: "refusing proxies", proxies: []string{"deny", "negotiate", "ntlm", "digest"},
			want: through("proxy", "proxy connect connect.forbidden proxy-admin").
				and(through("proxy2", "proxy connect connect.auth-unsupported proxy-admin")).
				and(through("proxy3", "proxy connect connect.auth-unsupported proxy-admin")).
				and(through("proxy4", "proxy connect connect.auth-unsupported proxy-admin"))},
		{name: "443 alone", proxies: []string{"443-only"}, want: of("proxy connect connect.forbidden proxy-admin",
			"AMQP@proxy", "MQTT@proxy")},
		{name: "inspecting proxies", proxies: []string{"inspecting", "corp-inspecting"},
			want: through("proxy", "target tls tls.intercepted proxy-admin").and(through("proxy2",
				"target tls tls.intercepted proxy-admin"))},
		{name: "silent and closing", proxies: []string{"silent", "closing"}, timeout: 5 * time.Second,
			want: through("proxy", "proxy connect connect.timeout proxy-admin").and(through("proxy2",
				"proxy connect connect.closed proxy-admin"))},
		{name: "unknown address", proxies: []string{"http://127.0.0.1:1"},
			want: through("proxy", "proxy tcp tcp.refused proxy-admin")},
	}
	for fault, outcome := range map[string]string{
		"refuse":                       "proxy tcp tcp.refused proxy-admin",
		"connect-status:400":           "proxy connect connect.unsupported host",
		"connect-status:405":           "proxy connect connect.unsupported host",
		"connect-status:418":           "proxy connect connect.status proxy-admin",
		"connect-407:Basic":            "proxy connect connect.auth-required credentials",
		"connect-upstream:503,dns":     "proxy connect connect.upstream-dns proxy-admin",
		"connect-upstream:504,timeout": "proxy connect connect.upstream-timeout proxy-admin",
		"connect-upstream:503,refused": "proxy connect connect.upstream-refused proxy-admin",
		"connect-upstream:502":         "proxy connect connect.upstream proxy-admin",
		"connect-reset":                "proxy connect connect.closed proxy-admin",
		"connect-not-http:ssh":         "proxy connect connect.not-http host",
		"connect-page":                 "proxy connect connect.unsupported host",
		"connect-endless-header":       "proxy connect connect.not-http host",
		"connect-escape":               "proxy connect connect.forbidden proxy-admin",
	} {
		rows = append(rows, causeRow{name: fault, faults: on(fault, "proxy:open"), want: through("proxy", outcome)})
	}
	slices.SortFunc(rows, func(a, b causeRow) int { return strings.Compare(a.name, b.name) })
	runCauses(t, rows)
}
