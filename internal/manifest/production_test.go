package manifest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"edgenet/internal/manifest"
)

// deploymentText is a deployment that is fit for production; what a test breaks, it replaces.
const deploymentText = `{"modulesContent":{"$edgeAgent":{"properties.desired":{"schemaVersion":"1.1",
"runtime":{"type":"docker","settings":{"registryCredentials":{"r":{"address":"plant.azurecr.io",
"username":"puller","password":"x"}}}},
"systemModules":{"edgeAgent":{"type":"docker","settings":{"image":"mcr.test/agent:1.5.44",
"createOptions":"{\"HostConfig\":{\"Binds\":[\"/var/run/docker.sock:/var/run/docker.sock\"]}}"},
"env":{"UpstreamProtocol":{"value":"AmqpWs"}}},
"edgeHub":{"type":"docker","status":"running","restartPolicy":"always","settings":{"image":"mcr.test/hub:1.5.44",
"createOptions":"{\"HostConfig\":{\"Binds\":[\"/srv/hub:/store\"],\"PortBindings\":{\"8883/tcp\":[{\"HostPort\":\"8883\"}]}}}"},
"env":{"UpstreamProtocol":{"value":"AmqpWs"},"storageFolder":{"value":"/store"},
"OptimizeForPerformance":{"value":"false"}}}},
"modules":{"filter":{"type":"docker","status":"running","restartPolicy":"always","settings":{"image":"r.test/filter:0.1.2",
"createOptions":"{\"HostConfig\":{\"Memory\":67108864,\"LogConfig\":{\"Type\":\"json-file\",\"Config\":{\"max-size\":\"10m\"}}}}"},
"env":{"INTERVAL":{"value":"5"}}}}}},
"$edgeHub":{"properties.desired":{"schemaVersion":"1.1","routes":{},
"storeAndForwardConfiguration":{"timeToLiveSecs":7200}}}}}`

// TestProduction: every rule of production by a deployment that breaks it, and nothing else
// said; line and text of the place are the member's own.
func TestProduction(t *testing.T) {
	t.Parallel()
	host := `\"Memory\":67108864,`
	tried := map[string]bool{}
	for _, tt := range []struct {
		name, from, to string
		want           string // severity, rule and module; empty: nothing
		at             string // what stands at the place
		profile        manifest.Profile
	}{
		{name: "fit"}, {name: "fit for a small device", profile: manifest.Constrained},
		{"rolling tag", "hub:1.5.44", "hub:1.5", "warning release.rolling-tag edgeHub", `"mcr.test/hub:1.5"`, ""},
		{"no tag", "agent:1.5.44", "agent", "warning release.rolling-tag edgeAgent", `"mcr.test/agent"`, ""},
		{"digest", "hub:1.5.44", "hub@sha256:00", "", "", ""},
		{"a template's tag", "hub:1.5.44", "hub:${TAG}", "info manifest.placeholder ", "", ""},
		{"debug build", "filter:0.1.2", "filter:0.1.2-amd64.debug", "warning image.debug filter",
			`"r.test/filter`, ""},
		{"latest", "filter:0.1.2", "filter:latest", "warning image.latest filter", `"r.test/filter:latest"`, ""},
		{"none", "filter:0.1.2", "filter", "warning image.latest filter", `"r.test/filter"`, ""},
		{"debugger", host, host + `\"PortBindings\":{\"5678/tcp\":[{\"HostPort\":\"5678\"}]},`,
			"warning ports.debug filter", `\"5678/tcp\"`, ""},
		{"privileged", host, host + `\"Privileged\":true,`, "warning module.privileged filter", `{\"Memory\"`, ""},
		{"not privileged", host, host + `\"Privileged\":false,`, "", "", ""},
		{"the host's network", host, host + `\"NetworkMode\":\"host\",`, "warning module.privileged filter", "", ""},
		{"the engine's socket", host, host + `\"Binds\":[\"/var/run/docker.sock:/s\"],`,
			"warning module.privileged filter", "", ""},
		{"the engine restarts", host, host + `\"RestartPolicy\":{\"Name\":\"always\"},`,
			"warning module.restart filter", `\"always\"`, ""},
		{"a secret", `"INTERVAL":{"value":"5"}`, `"DB_PASSWORD":{"value":"hunter2"}`,
			"warning module.secrets filter", `"DB_PASSWORD"`, ""},
		{"a secret of a template", `"INTERVAL":{"value":"5"}`, `"DB_PASSWORD":{"value":"${PW}"}`,
			"info manifest.placeholder ", "", ""},
		{"no limit", host, "", "info module.limits ", `"filter"`, ""},
		{"no limit on a small device", host, "", "warning module.limits filter", `"filter"`, manifest.Constrained},
		{"endless log", `\"max-size\"`, `\"max-file\"`, "warning logs.unbounded filter", `{\"Type\"`, ""},
		{"store inside", `\"/srv/hub:/store\"`, `\"/srv/hub:/sto\"`, "info store.persist edgeHub", `"edgeHub"`, ""},
		{"head off", `"OptimizeForPerformance":{"value":"false"}`,
			`"OptimizeForPerformance":{"value":"false"},"mqttSettings__enabled":{"value":"False"}`,
			"warning hub.heads edgeHub", `\"8883/tcp\"`, ""},
		{"performance", `"OptimizeForPerformance":{"value":"false"}`, `"X":{"value":"1"}`,
			"warning hub.performance edgeHub", `"edgeHub"`, manifest.Constrained},
		{"performance elsewhere", `"OptimizeForPerformance":{"value":"false"}`, `"X":{"value":"1"}`, "", "", ""},
		{"short", "7200", "60", "warning hub.ttl edgeHub", "60", ""},
		{"for ever", "7200", "-1", "info hub.ttl edgeHub", "-1", ""},
		{"at once", "7200", "0", "warning hub.ttl edgeHub", "0", ""},
		{"admin", "puller", "plant", "warning registry.admin-user ", `"plant"`, ""},
		{"too large", `"INTERVAL":{"value":"5"}`, `"BIG":{"value":"` + strings.Repeat("x", 40000) + `"}`,
			"error manifest.size ", `{"schemaVersion"`, ""},
		{"nearly", `"INTERVAL":{"value":"5"}`, `"BIG":{"value":"` + strings.Repeat("x", 27000) + `"}`,
			"warning manifest.size ", `{"schemaVersion"`, ""},
	} {
		text := strings.Replace(deploymentText, tt.from, tt.to, 1)
		if tt.from != "" && text == deploymentText {
			t.Fatalf("%s: nothing was replaced", tt.name)
		}
		m, err := manifest.Parse("m.json", []byte(text))
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		var got []string
		for _, p := range manifest.LintFor(m, tt.profile) {
			got = append(got, fmt.Sprintf("%s %s %s", p.Severity, p.Rule, p.Module))
			tried[string(p.Rule)] = true
			at := strings.Split(text, "\n")[p.Line-1][p.Column-1:]
			if !strings.HasPrefix(at, tt.at) || p.Remedy == "" || p.Summary == "" {
				t.Errorf("%s: it points at %.40s, want %s: %+v", tt.name, at, tt.at, p)
			}
			if strings.Contains(p.Summary, "hunter2") {
				t.Errorf("%s: a secret is shown", tt.name)
			}
		}
		if strings.Join(got, ", ") != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	for _, r := range manifest.Table() {
		if i := slices.Index(manifest.Rules(), manifest.RuleSize); !tried[r.Code] &&
			slices.Index(manifest.Rules(), manifest.Rule(r.Code)) >= i {
			t.Errorf("nothing breaks %s", r.Code)
		}
	}
}
