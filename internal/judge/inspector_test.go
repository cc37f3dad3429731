package judge

import (
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/report"
)

// refined is a direct path that failed, read beside others.
func refined(r report.Result, others ...report.Result) report.Result {
	r.Status, r.Route = report.Failed, report.RouteDirect
	if r.Hop == "" {
		r.Hop = report.HopTarget
	}
	r.Stage = report.StageTLS
	if len(r.Steps) > 0 {
		last := &r.Steps[len(r.Steps)-1]
		last.Status, last.Cause = report.Failed, r.Cause
		r.Stage = last.Stage
	}
	r.Actor, r.Remedy = r.Cause.ActorAt(r.Hop), r.Cause.RemedyAt(r.Hop, r.Host, r.Port, "")
	all := append([]report.Result{r}, others...)
	Refine(all)
	return all[0]
}

func stepOf(s report.Stage, d report.Detail) report.Step {
	return report.Step{Hop: report.HopTarget, Stage: s, Status: report.OK, Detail: d}
}

// holds tells whether words stand in a text, and others, after a "!", do not.
func holds(text string, words ...string) bool {
	return !slices.ContainsFunc(words, func(w string) bool {
		absent, not := strings.CutPrefix(w, "!")
		return strings.Contains(text, absent) == not
	})
}

// TestInspectorsFaults: what is wrong with a certificate that a box made is the box's, and neither the service's nor,
// where its CA is installed, this host's.
func TestInspectorsFaults(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	cert := func(subject, issuer string, until time.Time) report.Certificate {
		return report.Certificate{Subject: subject, Issuer: issuer, NotBefore: now.AddDate(-5, 0, 0), NotAfter: until,
			SHA256: subject}
	}
	good, past := now.AddDate(1, 0, 0), now.AddDate(0, -1, 0)
	leaf := cert("CN=hub", "CN=Box CA,O=Corp", good)
	private := map[string]report.Trust{report.PoolPublic: {Reason: "unknown"}, report.PoolOS: {Root: "CN=Box CA"}}
	public := map[string]report.Trust{report.PoolPublic: {Root: "CN=DigiCert"}}
	for name, row := range map[string]struct {
		host   string
		cause  report.Cause
		detail report.TLSDetail
		route  string
		actor  report.Actor
		says   []string
		found  bool // tls.inspection is
	}{
		"its CA expired": {"hub.azure-devices.net", report.TLSExpired, report.TLSDetail{Trust: private, Reason: "Box CA expired",
			Chain: []report.Certificate{leaf, cert("CN=Box CA,O=Corp", "CN=Box CA,O=Corp", past)}}, "",
			report.ActorFirewall, []string{"Box CA expired", "renew its own", "has to be in this host's CA store", "!whoever runs it"}, true},
		"its leaf expired": {"hub.azure-devices.net", report.TLSExpired, report.TLSDetail{Trust: private,
			Chain: []report.Certificate{cert("CN=hub", "CN=Box CA", past)}}, "", report.ActorFirewall,
			[]string{"have the inspection renew"}, true},
		"its leaf is early": {"hub.azure-devices.net", report.TLSNotYetValid, report.TLSDetail{Trust: private,
			Chain: []report.Certificate{{Subject: "CN=hub", Issuer: "CN=Box CA", NotBefore: good, NotAfter: good}}}, "",
			report.ActorFirewall, []string{"have the inspection renew"}, true},
		"the hub's own expired": {"hub.azure-devices.net", report.TLSExpired, report.TLSDetail{Trust: public,
			Chain: []report.Certificate{cert("CN=hub", "CN=DigiCert", past)}}, "", report.ActorService,
			[]string{"whoever runs it has to", "!inspection"}, false},
		"a parent's expired": {"gw.site.test", report.TLSExpired, report.TLSDetail{Trust: private,
			Chain: []report.Certificate{cert("CN=gw", "CN=Box CA", past)}}, "", report.ActorService,
			[]string{"!inspection"}, false},
		"it does not send its CA": {"hub.azure-devices.net", report.TLSIntercepted, report.TLSDetail{Trust: private,
			Sibling: "CN=Root,O=Corp", Chain: []report.Certificate{leaf}}, "", report.ActorFirewall,
			[]string{"send the certificate of Box CA, Corp along", "Root, Corp, of the same", "another one is needed only if"}, true},
		"no root of it is here": {"hub.azure-devices.net", report.TLSIntercepted, report.TLSDetail{Trust: private,
			Chain: []report.Certificate{leaf}}, "", report.ActorFirewall, []string{"Exempt", "!along"}, true},
	} {
		row.detail.At = &now
		skew := report.Millis(200)
		dated := report.Result{Status: report.OK, Steps: []report.Step{stepOf(report.StageHTTP,
			&report.HTTPDetail{SkewMs: &skew})}}
		r := refined(report.Result{ID: "r1", Host: row.host, Port: 443, Cause: row.cause, Needed: nil,
			Steps: []report.Step{stepOf(report.StageTLS, &row.detail)}}, dated)
		if r.Actor != row.actor || !holds(r.Remedy, row.says...) {
			t.Errorf("%s: %s, %s | %s", name, r.Actor, r.Summary, r.Remedy)
		}
		got := tlsInspection(&view{results: []report.Result{r}, q: Question{Public: true}})
		if (len(got) > 0) != row.found || row.found && got[0].actor != row.actor {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestOtherBox: a port of the service that refuses TLS which the service's other ports speak is not the service's.
func TestOtherBox(t *testing.T) {
	t.Parallel()
	at := func(port string) *report.TCPDetail { return &report.TCPDetail{Remote: "10.0.0.9:" + port} }
	amqp := report.Result{Host: "hub.azure-devices.net", Port: 5671, Route: report.RouteDirect, Status: report.OK,
		Steps: []report.Step{stepOf(report.StageTCP, at("5671")), stepOf(report.StageTLS,
			&report.TLSDetail{Version: "TLS 1.2"})}}
	old := report.Experiment{Name: report.Suites, Outcome: report.Answered, Old: "TLS 1.0"}
	for name, row := range map[string]struct {
		host   string
		asked  []report.Experiment
		others []report.Result
		actor  report.Actor
		says   []string
	}{
		"another port speaks": {"hub.azure-devices.net", nil, []report.Result{amqp}, report.ActorFirewall,
			[]string{"that takes TCP 443 ", "Exempt"}},
		"it is old, and shows whose it is": {"hub.azure-devices.net", []report.Experiment{old},
			[]report.Result{amqp}, report.ActorFirewall, []string{"Exempt", "TCP 443"}},
		"it is old, on every port": {"hub.azure-devices.net", []report.Experiment{old}, nil, report.ActorFirewall,
			[]string{"Exempt", "TCP 443"}},
		"nothing tells": {"hub.azure-devices.net", nil, nil, report.TLSAlert.ActorAt(report.HopTarget), []string{"!Exempt"}},
		"a private service": {"hub.test", []report.Experiment{old}, []report.Result{amqp},
			report.TLSAlert.ActorAt(report.HopTarget), []string{"!Exempt"}},
	} {
		r := refined(report.Result{Host: row.host, Port: 443, Cause: report.TLSAlert, Experiments: row.asked,
			Steps: []report.Step{stepOf(report.StageTCP, at("443")), stepOf(report.StageTLS, &report.TLSDetail{})}},
			row.others...)
		if r.Actor != row.actor || !holds(r.Remedy, row.says...) {
			t.Errorf("%s: %s, %s | %s", name, r.Actor, r.Summary, r.Remedy)
		}
	}
}
