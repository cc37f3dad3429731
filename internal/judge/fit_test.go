package judge

import (
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/report"
)

// TestImpostorOfOnePath: one path is enough to name the root that is only claimed.
func TestImpostorOfOnePath(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	rs := pathLines(t, q, "AMQP@direct tls.untrusted", "HTTPS@direct ok")
	target(&rs[0], report.StageTLS, &report.TLSDetail{Impostor: "CN=DigiCert Global Root G2"})
	got := impostor(&view{q: q, results: rs})
	if len(got) != 1 || !slices.Equal(ids(got[0].results), []string{"r1"}) || got[0].remedy != rs[0].Remedy ||
		got[0].actor != rs[0].Actor || !strings.Contains(got[0].summary, q.Host+" names DigiCert Global Root G2,") {
		t.Errorf("%+v", got)
	}
}

// TestAnAddressAsAName: why an address in a certificate does not count is said where it is in it.
func TestAnAddressAsAName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"10.0.0.4": true, "gw.site": false} {
		r := &report.Result{Host: "10.0.0.4", Endpoint: report.EndpointParent, Summary: "another name", Steps: []report.Step{
			{Hop: report.HopTarget, Stage: report.StageTLS, Detail: &report.TLSDetail{Names: []string{name}}}}}
		if fitName(r); strings.Contains(r.Summary, "as if it were a name") != want ||
			!strings.HasPrefix(r.Summary, "another name") {
			t.Errorf("%s: %s", name, r.Summary)
		}
	}
}

// TestFit: one cause, another remedy and actor for another kind of target.
func TestFit(t *testing.T) {
	t.Parallel()
	const hub, dps = "hub.azure-devices.net", "global.azure-devices-provisioning.net"
	stranger := []report.Certificate{{Subject: "CN=x", Issuer: "CN=y"}}
	for _, tt := range []struct {
		name, host string
		role       report.Endpoint
		cause      report.Cause
		detail     report.TLSDetail
		actor      report.Actor
		says, not  string
	}{
		{"a hub by its address", "10.0.0.4", report.EndpointParent, report.TLSNameMismatch,
			report.TLSDetail{Names: []string{"*.azure-devices.net"}}, report.ActorHost, "set the hub's own name",
			"resolves"},
		{"a hub by its IPv6 address", "fd00::4", report.EndpointParent, report.TLSNameMismatch,
			report.TLSDetail{Names: []string{"*.azure-devices.us"}}, report.ActorHost, "set the hub's own name", ""},
		{"an address as a name", "10.0.0.4", report.EndpointParent, report.TLSNameMismatch,
			report.TLSDetail{Names: []string{"10.0.0.4"}}, report.ActorParent, "subjectAltName IP", ""},
		{"a parent by its address", "10.0.0.4", report.EndpointParent, report.TLSNameMismatch,
			report.TLSDetail{Names: []string{"gw.site"}}, report.ActorHost, "gw.site", "Azure"},
		{"a parent of another name", "gw.site", report.EndpointParent, report.TLSNameMismatch,
			report.TLSDetail{Names: []string{"gw2.site"}}, report.ActorParent, "parent_hostname", "privatelink"},
		{"a hub's name", hub, report.EndpointIoTHub, report.TLSNameMismatch, report.TLSDetail{Names: []string{"x.net"}},
			report.ActorDNS, "resolves to", "parent"},
		{"a provisioning service", dps, report.EndpointDPS, report.TLSNameMismatch,
			report.TLSDetail{Names: []string{"x.net"}}, report.ActorDNS, "global_endpoint", "parent"},
		{"an impostor", hub, report.EndpointIoTHub, report.TLSUntrusted,
			report.TLSDetail{Chain: stranger, Impostor: "CN=DigiCert Global Root G2"}, report.ActorFirewall,
			"Do not install", "trust_bundle_cert"},
		{"an impostor that is taken for an inspection", hub, report.EndpointIoTHub, report.TLSIntercepted,
			report.TLSDetail{Chain: stranger, Impostor: "CN=R"}, report.ActorFirewall, "Do not install",
			"trust_bundle_cert"},
		{"a hub's chain without a root", hub, report.EndpointIoTHub, report.TLSUntrusted,
			report.TLSDetail{Chain: stranger}, report.ActorUnknown, "Install nothing yet", "--ca-file"},
		{"a name of the site's", "hub.corp", report.EndpointIoTHub, report.TLSUntrusted,
			report.TLSDetail{Chain: stranger}, report.ActorHost, "Install the CA", "nothing"},
		{"what is installed in one place", hub, report.EndpointIoTHub, report.TLSUntrusted,
			report.TLSDetail{Chain: stranger, Trust: map[string]report.Trust{report.PoolOS: {OK: true}}},
			report.ActorHost,
			"Install the CA", "nothing"},
		{"a parent's own CA", "gw.site", report.EndpointParent, report.TLSUntrusted, report.TLSDetail{Chain: stranger},
			report.ActorHost, "from whoever runs it", "Azure"},
		{"a chain of an installed CA that all refuse", "gw.site", report.EndpointParent, report.TLSUntrusted,
			report.TLSDetail{Chain: stranger, Unfit: true}, report.ActorParent, "nothing is missing", "Install"},
		{"the same of an inspection", hub, report.EndpointIoTHub, report.TLSIntercepted,
			report.TLSDetail{Chain: stranger, Unfit: true}, report.ActorFirewall, "Exempt", "nstall the"},
		{"a parent's CA that was renewed", "gw.site", report.EndpointParent, report.TLSUntrusted,
			report.TLSDetail{Chain: stranger, Renewed: "CN=Gateway CA"}, report.ActorHost, "whether the CA Gateway CA",
			"Install"},
		{"an inspection's that was", hub, report.EndpointIoTHub, report.TLSIntercepted,
			report.TLSDetail{Chain: stranger, Renewed: "CN=Box CA"}, report.ActorFirewall, "fingerprint", "Install"},
		{"an installed CA that has expired", "gw.site", report.EndpointParent, report.TLSExpired,
			report.TLSDetail{Chain: stranger, RootEnded: new(time.Time)}, report.ActorHost, "in the place of the old one",
			"edgeHub"},
		{"an inspection's that has", hub, report.EndpointIoTHub, report.TLSExpired,
			report.TLSDetail{Chain: stranger, RootEnded: new(time.Time)}, report.ActorHost, "exempted", "renewed by"},
		{"an intermediate CA in place of the root", "gw.site", report.EndpointParent, report.TLSWeak,
			report.TLSDetail{Chain: stranger, Weak: &report.Weakness{Certificate: "CN=Inter", Halfway: true}},
			report.ActorHost, "root that stands above CN=Inter", "anew"},
		{"a box without secure renegotiation", hub, report.EndpointIoTHub, report.TLSAlert,
			report.TLSDetail{Legacy: true}, report.ActorFirewall, "Exempt", "alert"},
		{"a parent without it", "gw.site", report.EndpointParent, report.TLSAlert,
			report.TLSDetail{Legacy: true}, report.ActorParent, "up to date", "Exempt"},
		{"a certificate that came alone", "hub.corp", report.EndpointIoTHub, report.TLSUntrusted,
			report.TLSDetail{Chain: stranger}, report.ActorHost, "if y, which issued the certificate", "nothing"},
		{"a parent that has no name", "gw.site", report.EndpointParent, report.DNSNXDomain, report.TLSDetail{},
			report.ActorDNS, "hostname in the parent", "external names"},
		{"a name of mDNS", "gw.LOCAL", report.EndpointParent, report.DNSNXDomain, report.TLSDetail{}, report.ActorHost,
			"multicast DNS", "external names"},
		{"a hub that has no name", hub, report.EndpointIoTHub, report.DNSNXDomain, report.TLSDetail{}, report.ActorDNS,
			"forward", "parent"},
		{"a parent that is off", "gw.site", report.EndpointParent, report.TCPTimeout, report.TLSDetail{},
			report.ActorFirewall, "is on", "hub's name"},
		{"a hub that is silent", hub, report.EndpointIoTHub, report.TCPTimeout, report.TLSDetail{},
			report.ActorFirewall, hub, "gateway"},
		{"a hub that is refused", hub, report.EndpointIoTHub, report.TCPRefused, report.TLSDetail{},
			report.ActorFirewall, hub, "edgeHub"},
		{"a parent that has expired", "gw.site", report.EndpointParent, report.TLSExpired, report.TLSDetail{},
			report.TLSExpired.ActorAt(report.HopTarget), "clock", "edgeHub"},
		{"a hub that has expired", hub, report.EndpointIoTHub, report.TLSExpired, report.TLSDetail{},
			report.TLSExpired.ActorAt(report.HopTarget), "clock", "installed CA"},
		{"a parent whose edgeHub is off", "gw.site", report.EndpointParent, report.TCPRefused, report.TLSDetail{},
			report.ActorParent, "edgeHub runs", ""},
	} {
		r := &report.Result{Host: tt.host, Port: 443, Endpoint: tt.role, Hop: report.HopTarget, Cause: tt.cause,
			Route:  report.RouteDirect,
			Status: report.Failed, Steps: []report.Step{{Hop: report.HopTarget, Stage: report.StageTLS,
				Status: report.Failed, Detail: &tt.detail}}}
		r.Actor, r.Remedy = r.Cause.ActorAt(r.Hop), r.Cause.RemedyAt(r.Hop, r.Host, r.Port, "")
		fit(r)
		if r.Actor != tt.actor || !strings.Contains(r.Remedy, tt.says) ||
			tt.not != "" && strings.Contains(r.Remedy, tt.not) {
			t.Errorf("%s: %s: %s", tt.name, r.Actor, r.Remedy)
		}
		proxy := &report.Result{Host: tt.host, Hop: report.HopProxy, Cause: tt.cause, Endpoint: tt.role, Remedy: "p"}
		if fit(proxy); proxy.Remedy != "p" {
			t.Errorf("%s: at the proxy: %s", tt.name, proxy.Remedy)
		}
	}
}
