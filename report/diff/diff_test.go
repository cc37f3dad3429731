package diff

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"edgenet/internal/verify/sample"
	"edgenet/report"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// words are the changes as kind, path, field, from and to.
func words(list []Change) string {
	var out []string
	for _, c := range list {
		out = append(out, fmt.Sprintf("%s/%s/%s: %s -> %s", c.Kind, c.Path, c.Field, c.From, c.To))
	}
	return strings.Join(out, "\n")
}

// copied gives a report that shares nothing with the other, as if read from a file.
func copied(t *testing.T, r *report.Report) *report.Report {
	t.Helper()
	p, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var out report.Report
	if err := json.Unmarshal(p, &out); err != nil {
		t.Fatal(err)
	}
	return &out
}

func TestAReportIsTheSameAsItself(t *testing.T) {
	for name, r := range sample.Reports() {
		r = copied(t, r) // JSON has no invalid bytes
		if d := Compare(r, copied(t, r)); !d.Same || len(d.Changes)+len(d.Notes) > 0 {
			t.Errorf("%s: %s", name, words(append(d.Changes, d.Notes...)))
		}
	}
}

// TestWhatEveryRunHasOfItsOwnIsNoDifference: ports, times, the order of addresses.
func TestWhatEveryRunHasOfItsOwnIsNoDifference(t *testing.T) {
	a := sample.ProxyOnly()
	b := copied(t, a)
	b.StartedAt, b.DurationMs = b.StartedAt.Add(24*time.Hour), 99
	for i := range b.Results {
		res := &b.Results[i]
		res.DurationMs += 400
		if res.Latency != nil {
			res.Latency.MedianMs += 400
		}
		res.Summary += " again"
		for j := range res.Steps {
			switch d := res.Steps[j].Detail.(type) {
			case *report.TCPDetail:
				d.Local, d.At = "192.0.2.7:1", time.Now()
			case *report.DNSDetail:
				d.TTLSec, d.CNAME = nil, nil
			}
		}
	}
	if d := Compare(a, b); !d.Same || len(d.Notes) > 0 {
		t.Errorf("%s", words(append(d.Changes, d.Notes...)))
	}
}

func TestChanges(t *testing.T) {
	mqtt := report.MQTT
	for name, c := range map[string]struct {
		edit func(r *report.Report)
		want string
		note string
	}{
		"status": {func(r *report.Report) { fail(&r.Results[1]) },
			"path/MQTT 8883 direct/status: ok -> target/tcp tcp.refused", ""},
		"skipped": {func(r *report.Report) { r.Results[1].Status = report.Skipped },
			"path/MQTT 8883 direct/status: ok -> skipped", ""},
		"gone": {func(r *report.Report) { r.Results = r.Results[:4] },
			"path/HTTPS 443 direct/status: ok -> not probed", ""},
		"hub": {func(r *report.Report) { rename(r, "other.azure-devices.net") },
			"target//hub: contoso.azure-devices.net -> other.azure-devices.net", ""},
		"address": {func(r *report.Report) { dns(r, 0).Addresses = []string{"203.0.113.99"} },
			"path/AMQP 5671 direct/address: 203.0.113.9 -> 203.0.113.99", ""},
		"issuer": {func(r *report.Report) { chain(r, 0).Issuer = "CN=Zscaler" }, "path/AMQP 5671 " +
			"direct/certificate: CN=*.azure-devices.net, issued by CN=Microsoft Azure RSA TLS Issuing CA " +
			"04,O=Microsoft Corporation,C=US -> CN=*.azure-devices.net, issued by CN=Zscaler", ""},
		"renewed": {func(r *report.Report) { chain(r, 0).SHA256 = "cd" }, "",
			"path/AMQP 5671 direct/certificate: until 2026-04-27, SHA-256 ab -> until 2026-04-27, SHA-256 cd"},
		"trust": {func(r *report.Report) { delete(handshake(r.Results[0], report.HopTarget).Trust, "os") },
			"path/AMQP 5671 direct/trusted: by os, public -> by public", ""},
		"slower": {func(r *report.Report) { r.Results[0].Latency.MedianMs = 900 },
			"path/AMQP 5671 direct/time: 62ms -> 900ms", ""},
		"upstream": {func(r *report.Report) { r.Verdict.UpstreamProtocol = &mqtt },
			"verdict//upstreamProtocol: AMQP direct -> MQTT direct", ""},
		"none": {func(r *report.Report) { r.Verdict.UpstreamProtocol = nil },
			"verdict//upstreamProtocol: AMQP direct -> none", ""},
		"https": {func(r *report.Report) { r.Verdict.HTTPSOK = new(false) },
			"verdict//https: ok direct -> failed", ""},
		"https null": {func(r *report.Report) { r.Verdict.HTTPSOK = nil }, "verdict//https: ok direct -> not probed",
			""},
		"exit code": {func(r *report.Report) { r.Verdict.ExitCode = 3 }, "verdict//exitCode: 0 -> 3", ""},
		"expected":  {func(r *report.Report) { r.Verdict.Expected = mqtt }, "verdict//expected:  -> MQTT", ""},
		"route": {func(r *report.Report) {
			r.Routes = append(r.Routes,
				report.Route{ID: "proxy", URL: "http://p"})
		}, "route/proxy/proxy: not probed -> probed http://p", ""},
		"resolver": {func(r *report.Report) { dns(r, 0).Resolver = "10.0.0.99:53" }, "",
			"path/AMQP 5671 direct/resolver: 10.0.0.53 -> 10.0.0.99"},
		"own address": {func(r *report.Report) {
			r.Results[0].Steps[1].Detail.(*report.TCPDetail).Local = "172.18.0.2:1"
		}, "", "path/AMQP 5671 direct/local address: 192.0.2.7 -> 172.18.0.2"},
		"finding": {func(r *report.Report) {
			r.Findings = []report.Finding{{Code: report.ClockSkew, Severity: report.SeverityWarning,
				Actor: report.ActorHost, Results: []string{"r5"}}}
		}, "finding/clock.skew/finding:  -> warning, host: HTTPS 443 direct", ""},
	} {
		a := sample.AllOK()
		b := copied(t, a)
		c.edit(b)
		d := Compare(a, b)
		if got := words(d.Changes); got != c.want {
			t.Errorf("%s: changes\n%s\nwant\n%s", name, got, c.want)
		}
		if got := words(d.Notes); got != c.note {
			t.Errorf("%s: notes\n%s\nwant\n%s", name, got, c.note)
		}
		if d.Same != (c.want == "") {
			t.Errorf("%s: same is %v", name, d.Same)
		}
		back := Compare(b, a)
		if back.Same != d.Same || len(back.Changes) != len(d.Changes) {
			t.Errorf("%s: the other way round there are %d changes, want %d", name, len(back.Changes), len(d.Changes))
		}
	}
}

func TestDirection(t *testing.T) {
	a, b := sample.AllOK(), sample.Nothing()
	for _, c := range Compare(a, b).Changes {
		if c.Better {
			t.Errorf("%+v is called better", c)
		}
	}
	for _, c := range Compare(b, a).Changes {
		if c.Worse {
			t.Errorf("%+v is called worse", c)
		}
	}
}

func fail(res *report.Result) {
	res.Status, res.Hop, res.Stage, res.Cause = report.Failed, report.HopTarget, report.StageTCP, report.TCPRefused
	res.Latency = nil
}

func rename(r *report.Report, hub string) {
	r.Target.Hub = hub
	for i := range r.Results {
		r.Results[i].Host = hub
	}
}

func dns(r *report.Report, i int) *report.DNSDetail {
	return r.Results[i].Steps[0].Detail.(*report.DNSDetail)
}

func chain(r *report.Report, i int) *report.Certificate {
	return &handshake(r.Results[i], report.HopTarget).Chain[0]
}
