package generate_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"edgenet/internal/consistency"
	"edgenet/internal/device"
	"edgenet/internal/generate"
	"edgenet/internal/manifest"
	"edgenet/internal/proxyurl"
	"edgenet/internal/secret"
	"edgenet/report"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// evil holds everything that some place takes for something else.
const evil = "p:@%=# w\\\"'$`{}é?/+&;,"

func evilProxy() *proxyurl.Proxy {
	return &proxyurl.Proxy{Scheme: proxyurl.HTTP, Host: "proxy.corp", Port: 3128, User: "edge user@corp",
		Password: secret.New(evil), HasAuth: true}
}

func plant(t *testing.T, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func read(root string) *device.Device {
	return device.Read(context.Background(), device.Options{Root: root, Engine: "none"})
}

// config is provisioned, and has no [agent], as in the template.
const config = "# my device\r\nhostname = \"box1\"\r\n\r\n[provisioning]\r\nsource = \"manual\"\r\niothub_hostname = " +
	"\"hub.test\"\r\ndevice_id = \"d\"\r\n[provisioning.authentication]\r\nmethod = \"sas\"\r\n" +
	"device_id_pk = { value = \"c2VjcmV0\" }\r\n"

const agent = "[agent]\r\nname = \"edgeAgent\"\r\ntype = \"docker\"\r\n[agent.config]\r\nimage = \"a:1\"\r\n"

// unix is both with the other ends of lines.
var unix = strings.ReplaceAll(config+agent, "\r", "")

var units = map[string]string{"lib/systemd/system/aziot-identityd.service": "[Service]\n",
	"lib/systemd/system/aziot-edged.service": "[Service]\n", "lib/systemd/system/docker.service": "[Service]\n"}

// trees are devices before generate.
var trees = map[string]map[string]string{
	"nothing":     {},
	"bare":        {"etc/aziot/config.toml": unix},
	"CRLF":        {"etc/aziot/config.toml": config + agent},
	"empty agent": {"etc/aziot/config.toml": unix + "[agent.env]\n"},
	"agent env": {"etc/aziot/config.toml": unix + "[agent.env] # of edgeAgent\n# kept\nupstreamprotocol = " +
		"\"Amqp\"\nOther = \"x\" # why\n\n\n[moby_runtime]\nuri = \"unix:///x\"\nnetwork = \"n\"\n"},
	"no end": {"etc/aziot/config.toml": unix + "[agent.env]\nHTTPS_PROXY = 'http://old:1'"},
	// What iotedge config apply refuses (missing field `name`) once [agent.env] stands there alone.
	"no agent": {"etc/aziot/config.toml": config + "# [agent.config]\r\n# image = " +
		"\"mcr.microsoft.com/azureiotedge-agent:1.6\"\r\n"},
	"env alone": {"etc/aziot/config.toml": strings.ReplaceAll(config, "\r", "") + "[agent.env]\nOther = \"x\"\n"},
	"daemon.json": {"etc/docker/daemon.json": "{\n\t\"dns\": [\"10.0.0.53\"],\n\t\"log-opts\": {\"max-size\": " +
		"\"10m\"}\n}\n"},
	"daemon proxies": {"etc/docker/daemon.json": `{"proxies":{"http-proxy":"http://keep:1","https-proxy":"http://old:1"}}`},
	"old drop-in":    {"etc/systemd/system/aziot-identityd.service.d/override.conf": "[Service]\nEnvironment=\"HTTPS_PROXY=http://old:1\"\n"},
}

// TestRoundTrip: what is generated is what discovery finds afterwards, in every place,
// whatever the password holds; nobody has an objection; and nothing else has changed.
func TestRoundTrip(t *testing.T) {
	for name, files := range trees {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			plant(t, root, files)
			plant(t, root, units)
			p := evilProxy()
			s, err := generate.Plan(generate.Input{Device: read(root), Protocol: report.AMQPWS, Proxy: p})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range s.Files {
				if strings.Contains(f.Shown, p.URL()[len("http://edge%20user%40corp:"):][:12]) ||
					strings.Contains(f.Shown, strings.ReplaceAll(p.URL(), "%", "%%")) {
					t.Errorf("%s shows the password:\n%s", f.Path, f.Shown)
				}
				if strings.HasPrefix(f.Path, "/") && !strings.HasSuffix(f.Path, ".part") {
					plant(t, root, map[string]string{f.Path: f.Text})
				}
			}
			d := read(root)
			if len(d.Broken) > 0 {
				t.Fatal(d.Broken)
			}
			places := []device.Place{device.IdentityUnit, device.EdgedUnit, device.CertdUnit, device.DaemonJSON}
			if files["etc/aziot/config.toml"] != "" {
				places = append(places, device.ConfigTOML)
			}
			for _, place := range places {
				setting, ok := d.At(place, device.Proxy)
				if !ok {
					t.Errorf("%s has no proxy", place)
					continue
				}
				back, err := proxyurl.Parse(setting.Value.Reveal(), "")
				if err != nil || !back.Same(p) || back.Password.Reveal() != evil || back.User != "edge user@corp" {
					t.Errorf("%s: %v", place, err)
				}
			}
			for _, f := range consistency.Compare(d, nil).Findings {
				if f.Severity == report.SeverityError && name != "nothing" && !strings.HasPrefix(name, "daemon") &&
					name != "old drop-in" {
					t.Errorf("%s: %s", f.Code, f.Summary)
				}
			}
		})
	}
}

// TestMerge: comments, other keys and layout stay.
func TestMerge(t *testing.T) {
	for name, want := range map[string]string{
		"agent env": unix + "[agent.env] # of edgeAgent\n# " +
			"kept\nUpstreamProtocol = \"MqttWs\"\nOther = \"x\" # why\nhttps_proxy = " +
			"\"http://p:1\"\n\n\n[moby_runtime]\nuri = \"unix:///x\"\nnetwork = \"n\"\n",
		"no agent": config + "# [agent.config]\r\n# image = \"mcr.microsoft.com/azureiotedge-agent:1.6\"\r\n\r\n" +
			"[agent]\r\nname = \"edgeAgent\"\r\ntype = \"docker\"\r\n\r\n[agent.config]\r\nimage = " +
			"\"mcr.microsoft.com/azureiotedge-agent:1.6\"\r\n\r\n[agent.env]\r\nUpstreamProtocol = " +
			"\"MqttWs\"\r\nhttps_proxy = \"http://p:1\"\r\n",
		"env alone": strings.ReplaceAll(config, "\r", "") + "[agent]\nname = \"edgeAgent\"\ntype = " +
			"\"docker\"\n\n[agent.config]\nimage = \"mcr.microsoft.com/azureiotedge-agent:1.5\"\n\n[agent.env]\n" +
			"Other = \"x\"\nUpstreamProtocol = \"MqttWs\"\nhttps_proxy = \"http://p:1\"\n",
		"CRLF": config + agent + "\r\n[agent.env]\r\nUpstreamProtocol = \"MqttWs\"\r\nhttps_proxy = " +
			"\"http://p:1\"\r\n",
		"no end": unix +
			"[agent.env]\nhttps_proxy = \"http://p:1\"\nUpstreamProtocol = \"MqttWs\"\n",
		"daemon.json": "{\n\t\"dns\": [\"10.0.0.53\"],\n\t\"log-opts\": {\"max-size\": \"10m\"},\n\t\"proxies\": " +
			"{\"https-proxy\": \"http://p:1\"}\n}\n",
		"daemon proxies": `{"proxies":{"http-proxy":"http://keep:1","https-proxy":"http://p:1"}}`,
	} {
		root := t.TempDir()
		plant(t, root, trees[name])
		s, err := generate.Plan(generate.Input{Device: read(root), Protocol: report.MQTTWS,
			Proxy: &proxyurl.Proxy{Scheme: proxyurl.HTTP, Host: "p", Port: 1}})
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, f := range s.Files {
			if f.Merged {
				found = true
				if f.Text != want {
					t.Errorf("%s: got\n%q\nwant\n%q", name, f.Text, want)
				}
			}
		}
		if !found {
			t.Errorf("%s: nothing was merged", name)
		}
	}
}

// TestNotMerged: a layout that cannot be changed line by line gives the part to put in.
func TestNotMerged(t *testing.T) {
	for _, text := range []string{"[agent]\nenv = { A = \"b\" }\n", "agent.env.UpstreamProtocol = \"Amqp\"\n",
		"x = \"\"\"\n[agent.env]\n\"\"\"\n"} {
		root := t.TempDir()
		plant(t, root, map[string]string{"etc/aziot/config.toml": text})
		s, err := generate.Plan(generate.Input{Device: read(root), Protocol: report.MQTTWS})
		if err != nil {
			t.Fatal(err)
		}
		if f := s.Files[0]; f.Path != "/etc/aziot/config.toml.part" || f.Merged ||
			f.Text != "[agent.env]\nUpstreamProtocol = \"MqttWs\"\n" {
			t.Errorf("%q: got %+v", text, f)
		}
	}
}

func paths(s *generate.Set) string {
	var out []string
	for _, f := range s.Files {
		out = append(out, f.Path)
	}
	return strings.Join(out, " ")
}

func TestPlaces(t *testing.T) {
	p := &proxyurl.Proxy{Scheme: proxyurl.HTTP, Host: "p", Port: 1}
	for _, tt := range []struct {
		name  string
		files map[string]string
		in    generate.Input
		want  string
	}{
		{"1.2", nil, generate.Input{Protocol: report.AMQPWS, Proxy: p},
			"/etc/systemd/system/aziot-identityd.service.d/proxy.conf " +
				"/etc/systemd/system/aziot-certd.service.d/proxy.conf " +
				"/etc/systemd/system/aziot-edged.service.d/proxy.conf " +
				"/etc/systemd/system/docker.service.d/http-proxy.conf /etc/docker/daemon.json " +
				"/etc/aziot/config.toml.part deployment-env.json"},
		{"without a proxy", nil, generate.Input{Protocol: report.AMQP},
			"/etc/aziot/config.toml.part deployment-env.json"},
		{"1.1", map[string]string{"etc/iotedge/config.yaml": "agent: {}\n"},
			generate.Input{Protocol: report.AMQPWS, Proxy: p},
			"/etc/systemd/system/iotedge.service.d/proxy.conf /etc/systemd/system/docker.service.d/http-proxy.conf " +
				"/etc/docker/daemon.json /etc/iotedge/config.yaml.part deployment-env.json"},
		{"snap", map[string]string{"etc/systemd/system/snap.azure-iot-edge.edged.service": "[Service]\n"},
			generate.Input{Protocol: report.AMQPWS, Proxy: p},
			"/etc/systemd/system/snap.azure-iot-identity.identityd.service.d/proxy.conf " +
				"/etc/systemd/system/snap.azure-iot-identity.certd.service.d/proxy.conf " +
				"/etc/systemd/system/snap.azure-iot-edge.edged.service.d/proxy.conf " +
				"/var/snap/docker/current/config/daemon.json /etc/aziot/config.toml.part deployment-env.json"},
	} {
		root := t.TempDir()
		plant(t, root, tt.files)
		tt.in.Device = read(root)
		s, err := generate.Plan(tt.in)
		if err != nil {
			t.Fatal(err)
		}
		if got := paths(s); got != tt.want {
			t.Errorf("%s: got %s", tt.name, got)
		}
	}
}

// TestStronger: what would win over a drop-in has to go first.
func TestStronger(t *testing.T) {
	root := t.TempDir()
	plant(t, root, units)
	plant(t, root, map[string]string{
		"etc/systemd/system/aziot-identityd.service.d/override.conf": "[Service]\nEnvironment=https_proxy=http://old:1\n",
		"etc/systemd/system/aziot-edged.service.d/zz.conf":           "[Service]\nEnvironment=https_proxy=http://old:1\n",
		"etc/systemd/system/docker.service.d/http-proxy.conf":        "[Service]\nEnvironment=HTTPS_PROXY=http://old:1\nEnvironmentFile=/etc/default/docker\n",
		"etc/default/docker": "# x\nHTTPS_PROXY=http://older:1\nhttps_proxy=http://p:1\n",
	})
	s, err := generate.Plan(generate.Input{Device: read(root), Protocol: report.AMQPWS,
		Proxy: &proxyurl.Proxy{Scheme: proxyurl.HTTP, Host: "p", Port: 1}})
	if err != nil {
		t.Fatal(err)
	}
	const want = "# first take https_proxy out of /etc/systemd/system/aziot-edged.service.d/zz.conf:2: it would win " +
		"over the drop-in\n" +
		"# first take HTTPS_PROXY out of /etc/default/docker:2: it would win over the drop-in\nsystemctl daemon-reload"
	if got := strings.Join(s.Steps[1].Commands, "\n"); !strings.HasPrefix(got, want) {
		t.Errorf("got %s", got)
	}
}

// TestOrder: nothing takes the container away before the deployment is right.
func TestOrder(t *testing.T) {
	s, err := generate.Plan(generate.Input{Device: read(t.TempDir()), Protocol: report.AMQPWS, Proxy: evilProxy(),
		Inspection: true})
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, st := range s.Steps {
		all := st.Title + strings.Join(st.Commands, " ") + strings.Join(st.Verify, " ")
		for _, what := range []string{"update-ca-certificates", "systemctl daemon-reload", "iotedge config apply",
			"set-modules", "docker rm -f edgeAgent", "config show"} {
			if strings.Contains(all, what) && at[what] == 0 {
				at[what] = i + 1
			}
		}
	}
	if !(at["update-ca-certificates"] > 0 && at["update-ca-certificates"] < at["systemctl daemon-reload"] &&
		at["systemctl daemon-reload"] < at["set-modules"] &&
		at["set-modules"] < at["docker rm -f edgeAgent"] && at["docker rm -f edgeAgent"] < at["config show"]) {
		t.Errorf("the order is %v", at)
	}
}

// TestYAML: the part for config.yaml is read back by discovery once it is in its place.
func TestYAML(t *testing.T) {
	root := t.TempDir()
	plant(t, root, map[string]string{"etc/iotedge/config.yaml": "hostname: x\n"})
	p := evilProxy()
	s, err := generate.Plan(generate.Input{Device: read(root), Protocol: report.MQTTWS, Proxy: p})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range s.Files {
		if f.Path == "/etc/iotedge/config.yaml.part" {
			plant(t, root, map[string]string{"etc/iotedge/config.yaml": "hostname: x\n" + f.Text})
		}
	}
	d := read(root)
	setting, ok := d.At(device.ConfigYAML, device.Proxy)
	if !ok || len(d.Broken) > 0 {
		t.Fatal(d.Broken)
	}
	if back, err := proxyurl.Parse(setting.Value.Reveal(), ""); err != nil || !back.Same(p) {
		t.Errorf("%v", err)
	}
	if proto, ok := d.At(device.ConfigYAML, device.Protocol); !ok || proto.Value.Reveal() != "MqttWs" {
		t.Errorf("protocol %+v", proto)
	}
}

func TestManifest(t *testing.T) {
	m, err := manifest.Parse("dir/m.json",
		[]byte(`{"modulesContent":{"$edgeAgent":{"properties.desired":{"schemaVersion":"1.1","runtime":{"type":"docker"},"systemModules":{`+
			`"edgeAgent":{"type":"docker","settings":{"image":"a"}},"edgeHub":{"type":"docker","status":"running","settings":{"image":"h"}}}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	s, err := generate.Plan(generate.Input{Device: read(t.TempDir()), Protocol: report.AMQPWS, Proxy: evilProxy(),
		Manifest: m})
	if err != nil {
		t.Fatal(err)
	}
	f := s.Files[len(s.Files)-1]
	if set, err := manifest.Parse(f.Path, []byte(f.Text)); f.Path != "m.json" || err != nil ||
		len(manifest.Lint(set)) != 0 {
		t.Errorf("got %+v, %v", f, err)
	}
	if _, err := generate.Plan(generate.Input{Device: read(t.TempDir())}); err == nil {
		t.Error("a plan without a protocol")
	}
}

// TestStronger: what would win over the lines that are generated is named.
func TestStrongerConfig(t *testing.T) {
	root := t.TempDir()
	for file, text := range map[string]string{
		"etc/aziot/config.toml": "[agent.config.createOptions]\nEnv = " +
			"[\"UpstreamProtocol=Mqtt\"]\n[agent.env]\nUpstreamProtocol = \"AmqpWs\"\n",
		"etc/aziot/edged/config.d/50-site.toml":      "[agent.env]\nhttps_proxy = \"http://old.corp:1\"\n",
		"etc/aziot/edged/config.d/00-super.toml":     "[agent.env]\nUpstreamProtocol = \"AmqpWs\"\n",
		"etc/aziot/identityd/config.d/00-super.toml": "hostname = \"h\"\n",
	} {
		path := filepath.Join(root, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := strings.Join(generate.Warnings(generate.Input{Device: read(root), Protocol: report.AMQPWS,
		Proxy: evilProxy()}), "\n")
	for _, want := range []string{"/etc/aziot/config.toml:2 agent.config.createOptions.Env.UpstreamProtocol",
		"/etc/aziot/edged/config.d/50-site.toml:2 agent.env.https_proxy"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if strings.Contains(got, "00-super") {
		t.Errorf("what apply writes anew is no obstacle: %s", got)
	}
}
