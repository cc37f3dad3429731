package endpoints_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"edgenet/internal/device"
	"edgenet/internal/endpoints"
	"edgenet/internal/judge"
	"edgenet/internal/manifest"
	"edgenet/internal/proxyurl"
	"edgenet/report"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func tree(t *testing.T, files map[string]string) *device.Device {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return device.Read(context.Background(), device.Options{Root: root, Engine: "none"})
}

func parsed(t *testing.T, text string) *manifest.Manifest {
	t.Helper()
	m, err := manifest.Parse("m.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

const deployment = `{"modulesContent":{"$edgeAgent":{"properties.desired":{
 "runtime":{"settings":{"registryCredentials":{"r":{"address":"contoso.azurecr.io","username":"u","password":"p"}}}},
 "systemModules":{"edgeAgent":{"settings":{"image":"mcr.microsoft.com/azureiotedge-agent:1.5"},"env":{"UpstreamProtocol":{"value":"MqttWs"}}},
  "edgeHub":{"settings":{"image":"$upstream:443/azureiotedge-hub:1.5"},"env":{"UpstreamProtocol":{"value":"MqttWs"}}}},
 "modules":{"a":{"settings":{"image":"contoso.azurecr.io/a/b:1"}},"b":{"settings":{"image":"redis"}},"c":{"settings":{"image":"registry.corp:5000/c"}},"d":{"settings":{"image":"${MODULES.d}"}}}}}}}`

// lines are the list in short, the optional ones left out.
func lines(a *endpoints.Allowlist) string {
	var out []string
	for _, e := range a.Endpoints {
		if e.Need == endpoints.Optional {
			continue
		}
		l := fmt.Sprintf("%s:%d %s %s", e.Host, e.Port, e.Protocol, e.Need)
		if e.Via != "" {
			l += " via " + e.Via
		}
		out = append(out, l)
	}
	return strings.Join(out, "\n")
}

func TestList(t *testing.T) {
	px := &proxyurl.Proxy{Scheme: proxyurl.HTTP, Host: "proxy.corp", Port: 3128}
	dps := "[provisioning]\nsource = \"dps\"\n[agent.env]\nUpstreamProtocol = \"Amqp\"\n"
	info := "hub_name = \"contoso.azure-devices.net\"\ndevice_id = \"d\"\n"
	for _, tt := range []struct {
		name, want string
		in         endpoints.Input
	}{
		{"a hub and nothing else", `contoso.azure-devices.net:443 HTTPS, WebSocket required
contoso.azure-devices.net:5671 AMQP one-of
contoso.azure-devices.net:8883 MQTT one-of
mcr.microsoft.com:443 HTTPS required
*.data.mcr.microsoft.com:443 HTTPS required`, endpoints.Input{Hub: "contoso.azure-devices.net"}},
		{"a chosen protocol", `contoso.azure-devices.net:443 HTTPS required
contoso.azure-devices.net:8883 MQTT required
mcr.microsoft.com:443 HTTPS required
*.data.mcr.microsoft.com:443 HTTPS required`, endpoints.Input{Hub: "CONTOSO.azure-devices.net.", Protocol: report.MQTT}},
		{"a proxy", `proxy.corp:3128 CONNECT required
contoso.azure-devices.net:443 HTTPS, WebSocket required via proxy.corp:3128
mcr.microsoft.com:443 HTTPS required via proxy.corp:3128
*.data.mcr.microsoft.com:443 HTTPS required via proxy.corp:3128`, endpoints.Input{Hub: "contoso.azure-devices.net", Protocol: report.AMQPWS, Proxy: px}},
		{"a proxy does not carry AMQP", `proxy.corp:3128 CONNECT required
contoso.azure-devices.net:443 HTTPS required via proxy.corp:3128
contoso.azure-devices.net:5671 AMQP required
mcr.microsoft.com:443 HTTPS required via proxy.corp:3128
*.data.mcr.microsoft.com:443 HTTPS required via proxy.corp:3128`, endpoints.Input{Hub: "contoso.azure-devices.net", Protocol: report.AMQP, Proxy: px}},
		{"DPS", `contoso.azure-devices.net:443 HTTPS required
contoso.azure-devices.net:5671 AMQP required
global.azure-devices-provisioning.net:443 HTTPS required
mcr.microsoft.com:443 HTTPS required
*.data.mcr.microsoft.com:443 HTTPS required`, endpoints.Input{Device: tree(t, map[string]string{"etc/aziot/config.toml": dps, "var/lib/aziot/identityd/device_info": info})}},
		{"EST and a registry of edgeAgent's own", `contoso.azure-devices.net:443 HTTPS required
contoso.azure-devices.net:5671 AMQP required
est.corp:8443 HTTPS required
ca.corp:443 HTTPS required
r.corp:443 HTTPS required`, endpoints.Input{Device: tree(t, map[string]string{"etc/aziot/config.toml": "[provisioning]\niothub_hostname = \"contoso.azure-devices.net\"\n[agent.env]\nUpstreamProtocol = \"Amqp\"\n" +
			"[cert_issuance.est.urls]\ndefault = \"https://est.corp:8443/.well-known/est\"\n[edge_ca]\nmethod = " +
			"\"est\"\nurl = \"https://ca.corp/est\"\n[agent.config]\nimage = " +
			"\"r.corp/azureiotedge-agent:1.5\"\n[agent.config.auth]\nserveraddress = \"r.corp\"\nusername = " +
			"\"u\"\npassword = \"p\"\n"})}},
		{"a parent takes the hub's place", `gw.corp:443 HTTPS, WebSocket required
gw.corp:5671 AMQP one-of
gw.corp:8883 MQTT one-of`, endpoints.Input{Device: tree(t, map[string]string{"etc/aziot/config.toml": "parent_hostname = \"gw.corp\"\n[provisioning]\niothub_hostname = \"contoso.azure-devices.net\"\n[agent.config]\nimage = \"$upstream:443/azureiotedge-agent:1.5\"\n"})}},
		{"the engine's own proxy", `contoso.azure-devices.net:443 HTTPS, WebSocket required
contoso.azure-devices.net:5671 AMQP one-of
contoso.azure-devices.net:8883 MQTT one-of
engine.corp:8080 CONNECT required
mcr.microsoft.com:443 HTTPS required via engine.corp:8080
*.data.mcr.microsoft.com:443 HTTPS required via engine.corp:8080
time.corp:123 NTP required`, endpoints.Input{Device: tree(t, map[string]string{"etc/aziot/config.toml": "[provisioning]\niothub_hostname = \"contoso.azure-devices.net\"\n",
			"etc/docker/daemon.json":     `{"proxies":{"https-proxy":"http://u:p@engine.corp:8080"}}`,
			"etc/systemd/timesyncd.conf": "[Time]\nNTP=time.corp\n"})}},
		{"a manifest", `contoso.azure-devices.net:443 HTTPS, WebSocket required
mcr.microsoft.com:443 HTTPS required
*.data.mcr.microsoft.com:443 HTTPS required
$upstream:443 HTTPS required
contoso.azurecr.io:443 HTTPS required
*.blob.core.windows.net:443 HTTPS one-of
contoso.*.data.azurecr.io:443 HTTPS one-of
registry-1.docker.io:443 HTTPS required
auth.docker.io:443 HTTPS required
production.cloudflare.docker.com:443 HTTPS required
registry.corp:5000 HTTPS required
${MODULES.d}:443 HTTPS required`, endpoints.Input{Hub: "contoso.azure-devices.net", Manifest: parsed(t, deployment)}},
		{"China, by the hub's short name", `contoso.azure-devices.cn:443 HTTPS, WebSocket required
mcr.azure.cn:443 HTTPS required
*.data.mcr.azure.cn:443 HTTPS required`, endpoints.Input{Hub: "contoso", Cloud: cloud(t, "china"), Protocol: report.AMQPWS}},
		{"US Government, by the hub's name", `contoso.azure-devices.us:443 HTTPS, WebSocket required
mcr.microsoft.com:443 HTTPS required
*.data.mcr.microsoft.com:443 HTTPS required`, endpoints.Input{Hub: "contoso.azure-devices.us", Protocol: report.AMQPWS}},
	} {
		a, err := endpoints.List(tt.in)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if got := lines(a); got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.name, got, tt.want)
		}
		for _, e := range a.Endpoints {
			if e.UsedBy == "" || e.Direction != "outbound" || e.Transport == "" || e.Role == "" ||
				e.Pattern != strings.Contains(e.Host, "*") {
				t.Errorf("%s: incomplete: %+v", tt.name, e)
			}
		}
	}
}

func cloud(t *testing.T, name string) endpoints.Cloud {
	t.Helper()
	c, err := endpoints.FindCloud(name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestListErrors(t *testing.T) {
	if _, err := endpoints.List(endpoints.Input{}); err == nil || !strings.Contains(err.Error(), "no hub") {
		t.Errorf("got %v", err)
	}
	if _, err := endpoints.List(endpoints.Input{Hub: "contoso.azure-devices.net",
		Cloud: cloud(t, "usgov")}); err == nil || !strings.Contains(err.Error(), "AzureCloud") {
		t.Errorf("got %v", err)
	}
	if _, err := endpoints.FindCloud("mars"); err == nil {
		t.Error("a cloud of that name")
	}
}

// TestCSV: a spreadsheet takes no cell for a formula.
func TestCSV(t *testing.T) {
	a := &endpoints.Allowlist{Endpoints: []endpoints.Endpoint{{Host: "=cmd()", Port: 443, UsedBy: "a,\"b\"\n+c",
		Test: &endpoints.Outcome{Status: report.Failed, Cause: "tcp.timeout",
			Addresses: []string{"192.0.2.1", "192.0.2.2"}}}}}
	var b bytes.Buffer
	if err := a.CSV(&b); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][0] != "'=cmd()" || rows[1][7] != "a,\"b\" +c" ||
		rows[1][14] != "192.0.2.1 192.0.2.2" {
		t.Errorf("got %q, %v", rows, err)
	}
}

func ptr[T any](v T) *T { return &v }

// TestFailed: what has to be opened is what the device needs and what is closed.
func TestFailed(t *testing.T) {
	row := func(p report.Protocol, route string, status report.Status, cause report.Cause) report.Result {
		r := report.Result{ID: string(p) + route, Endpoint: report.EndpointIoTHub, Host: "hub.test", Port: p.Port(),
			Protocol: p, Route: route, Status: status, RuntimeUsable: ptr(route == "direct" || p.Proxied())}
		if status == report.Failed {
			r.Cause, r.Hop, r.Stage = cause, report.HopTarget, report.StageTCP
		}
		return r
	}
	all := func(route string, status report.Status) []report.Result {
		var out []report.Result
		for _, p := range report.Protocols() {
			out = append(out, row(p, route, status, report.TCPTimeout))
		}
		return out
	}
	for _, tt := range []struct {
		name, want string
		r          report.Report
	}{
		{"all is well", "", report.Report{Results: all("direct", report.OK),
			Verdict: report.Verdict{UpstreamProtocol: ptr(report.AMQP), HTTPSOK: ptr(true),
				Working: []report.Working{{Protocol: report.AMQP}}}}},
		{"nothing works",
			"hub.test:5671 AMQP one-of\nhub.test:8883 MQTT one-of\nhub.test:443 WebSocket, HTTPS required",
			report.Report{Results: all("direct", report.Failed), Verdict: report.Verdict{HTTPSOK: ptr(false)}}},
		{"nothing works, AMQP is set", "hub.test:5671 AMQP required\nhub.test:443 HTTPS required",
			report.Report{Results: all("direct", report.Failed),
				Verdict: report.Verdict{HTTPSOK: ptr(false), Expected: report.AMQP}}},
		{"another one works", "hub.test:5671 AMQP required",
			report.Report{Results: append([]report.Result{row(report.AMQP, "direct", report.Failed, report.TCPRefused)},
				all("direct", report.OK)[1:]...),
				Verdict: report.Verdict{UpstreamProtocol: ptr(report.AMQPWS), HTTPSOK: ptr(true), Expected: report.AMQP,
					Working: []report.Working{{Protocol: report.AMQPWS}}}}},
		{"another one works, and none was expected", "",
			report.Report{Results: append([]report.Result{row(report.AMQP, "direct", report.Failed, report.TCPRefused)},
				all("direct", report.OK)[1:]...), Verdict: report.Verdict{UpstreamProtocol: ptr(report.AMQPWS),
				HTTPSOK: ptr(true)}}},
		{"the proxy refuses",
			"hub.test:5671 AMQP one-of\nhub.test:8883 MQTT one-of\nhub.test:443 WebSocket, HTTPS required via " +
				"http://p:1",
			report.Report{Routes: []report.Route{{ID: "direct"}, {ID: "proxy", URL: "http://p:1"}},
				Results: append(all("direct", report.Failed),
					all("proxy", report.Failed)...), Verdict: report.Verdict{HTTPSOK: ptr(false)}}},
		{"the proxy is not reached", "hub.test:5671 AMQP one-of\nhub.test:8883 MQTT one-of\np:3128 CONNECT required",
			report.Report{Routes: []report.Route{{ID: "direct"}, {ID: "proxy", URL: "http://u:****@p:3128"}},
				Results: append(all("direct", report.Failed),
					atProxy(all("proxy", report.Failed))...), Verdict: report.Verdict{HTTPSOK: ptr(false)}}},
		{"reached and unwell", "", report.Report{Results: []report.Result{row(report.HTTPS, "direct", report.Failed,
			report.HTTPStatus)}, Verdict: report.Verdict{HTTPSOK: ptr(false), UpstreamProtocol: ptr(report.AMQP)}}},
	} {
		judge.Complete(&tt.r)
		a := endpoints.Failed(&tt.r)
		if got := lines(a); got != tt.want {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.name, got, tt.want)
		}
		if (len(a.Endpoints) == 0) != (len(a.Notes) > 0) {
			t.Errorf("%s: notes %q", tt.name, a.Notes)
		}
	}
}

// atProxy makes failures those of the way to the proxy.
func atProxy(rs []report.Result) []report.Result {
	for i := range rs {
		rs[i].Hop = report.HopProxy
	}
	return rs
}

// TestPlaceholders: no registry of a manifest is dropped in silence, and the note that none
// was given is never false.
func TestPlaceholders(t *testing.T) {
	image := func(names ...string) *manifest.Manifest {
		mods := make([]string, len(names))
		for i, n := range names {
			mods[i] = fmt.Sprintf(`"m%d":{"settings":{"image":%q}}`, i, n)
		}
		return parsed(t,
			`{"modulesContent":{"$edgeAgent":{"properties.desired":{"systemModules":{"edgeAgent":{"settings":{"image":"$upstream:443/a:1"}},`+
				`"edgeHub":{"settings":{"image":"$upstream:8000/h:1"}}},"modules":{`+strings.Join(mods, ",")+`}}}}}`)
	}
	nested := tree(t,
		map[string]string{"etc/aziot/config.toml": "parent_hostname = \"gw.corp\"\n[provisioning]\niothub_hostname = " +
			"\"contoso.azure-devices.net\"\n"})
	for _, tt := range []struct {
		name, want string // some lines
		unknown    int
		in         endpoints.Input
	}{
		{"tags and repositories",
			"r.azurecr.io:443 HTTPS required\nreg.corp:5000 HTTPS required\nregistry-1.docker.io:443 HTTPS required", 2,
			endpoints.Input{Hub: "contoso.azure-devices.net",
				Manifest: image("r.azurecr.io/m:${TAG}", "reg.corp:5000/$NAME:1", "redis:<tag>")}},
		{"registries", "${R}.azurecr.io:443 HTTPS required\n$REG:443 HTTPS required\n<registry>:443 HTTPS required", 5,
			endpoints.Input{Hub: "contoso.azure-devices.net",
				Manifest: image("${R}.azurecr.io/m:1", "$REG/m:1", "<registry>/m:1")}},
		{"the parent is known", "gw.corp:8000 HTTPS required", 0, endpoints.Input{Device: nested, Manifest: image()}},
		{"the parent is given as the hub", "gw.corp:443 HTTPS", 0, endpoints.Input{Hub: "gw.corp", Manifest: image()}},
		{"the parent is not known", "$upstream:443 HTTPS required\n$upstream:8000 HTTPS required", 2,
			endpoints.Input{Hub: "contoso.azure-devices.net", Manifest: image()}},
	} {
		a, err := endpoints.List(tt.in)
		if err != nil {
			t.Fatal(err)
		}
		unknown := 0
		for _, e := range a.Endpoints {
			if e.Unknown {
				unknown++
				if e.Note == "" {
					t.Errorf("%s: %s does not say why", tt.name, e.Host)
				}
			}
		}
		for _, l := range strings.Split(tt.want, "\n") {
			if !strings.Contains(lines(a), l) {
				t.Errorf("%s: no %s in\n%s", tt.name, l, lines(a))
			}
		}
		notes := strings.Join(a.Notes, "\n")
		if unknown != tt.unknown || strings.Contains(notes, "No manifest") ||
			strings.Contains(notes, "not complete") != (unknown > 0) {
			t.Errorf("%s: %d unknown, notes %s", tt.name, unknown, notes)
		}
	}
	a, err := endpoints.List(endpoints.Input{Hub: "contoso.azure-devices.net"})
	if err != nil || !strings.Contains(strings.Join(a.Notes, "\n"), "No manifest was given") {
		t.Errorf("%v, notes %v", err, a.Notes)
	}
}

// TestNoHost: for what is no name of a host nothing is opened, and it is not repeated.
func TestNoHost(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"iothub_hostname", "parent"} {
		toml := "[provisioning]\nsource = \"manual\"\niothub_hostname = \"http:/u:s3cr3tpw@p\"\ndevice_id = \"d\"\n"
		if key == "parent" {
			toml = "parent_hostname = \"u:s3cr3tpw@p\"\n" + strings.Replace(toml, "http:/u:s3cr3tpw@p", "x.azure-devices.net", 1)
		}
		list, err := endpoints.List(endpoints.Input{Device: tree(t, map[string]string{"etc/aziot/config.toml": toml})})
		if err == nil || !strings.Contains(err.Error(), "/etc/aziot/config.toml:") || strings.Contains(err.Error(), "s3cr3tpw") {
			t.Errorf("%s: %v, %v", key, list, err)
		}
	}
}
