package manifest_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"edgenet/internal/manifest"
	"edgenet/report"
)

// fieldSize is how many base deployments were counted in public repositories; what they
// have stands in shares.
const fieldSize = 112

// share is how many of them have something. Step spreads it over them, and is prime to their
// number, so that it falls together with all else.
type share struct{ count, step int }

func (s share) has(i int) bool { return i*s.step%fieldSize < s.count }

// shares are the numbers of the field. Nine of ten keep the defaults: no protocol, no bind
// for edgeHub's store, 7200 s to live.
var shares = map[string]share{
	"protocol": {8, 3}, "proxy": {6, 5}, "rolling": {60, 9}, "latest": {35, 11}, "debug": {14, 13},
	"debug port": {5, 15}, "ttl 100": {4, 17}, "ttl long": {2, 19}, "performance": {10, 23}, "log": {10, 25},
	"bound": {9, 27}, "head off": {6, 29}, "privileged": {15, 31}, "host network": {9, 33}, "secret": {3, 37},
	"never": {2, 39}, "options as object": {48, 41}, "bool": {4, 43}, "ports": {38, 45}, "limited": {6, 47},
	"admin": {6, 51},
}

type object = map[string]any

// entry is number i of them.
type entry struct {
	t *testing.T
	i int
}

func (e entry) has(what string) bool {
	e.t.Helper()
	s, ok := shares[what]
	if !ok {
		e.t.Fatal(what)
	}
	return s.has(e.i)
}

func (e entry) pick(what string, yes, no any) any {
	if e.has(what) {
		return yes
	}
	return no
}

// put adds a value where the manifest has something.
func (e entry) put(to object, what, key string, value any) {
	if e.has(what) {
		to[key] = value
	}
}

// options are createOptions as a text, or as the object that templates have.
func (e entry) options(host object) any {
	if e.has("options as object") {
		return object{"HostConfig": host}
	}
	text, err := json.Marshal(object{"HostConfig": host})
	if err != nil {
		e.t.Fatal(err)
	}
	return string(text)
}

func value(v any) object { return object{"value": v} }

func (e entry) agent() object {
	env := object{}
	if !e.has("proxy") {
		e.put(env, "protocol", "UpstreamProtocol", value("AmqpWs"))
	}
	e.put(env, "proxy", "https_proxy", value("http://p.test:3128"))
	return object{"type": "docker", "env": env, "settings": object{
		"image": fmt.Sprintf("mcr.test/agent:%v", e.pick("rolling", "1.5", "1.5.44")), "createOptions": "{}"}}
}

func (e entry) hub() object {
	env, host := e.agent()["env"].(object), object{}
	e.put(env, "performance", "OptimizeForPerformance", value("false"))
	e.put(env, "head off", "amqpSettings__enabled", value("false"))
	e.put(env, "bound", "storageFolder", value("/store"))
	e.put(host, "bound", "Binds", []string{"/srv/hub:/store"})
	e.put(host, "ports", "PortBindings", object{"8883/tcp": []object{{"HostPort": "8883"}}})
	return object{"type": "docker", "status": "running", "restartPolicy": "always", "env": env, "settings": object{
		"image":         fmt.Sprintf("mcr.test/hub:%v", e.pick("rolling", "1.5", "1.5.44")),
		"createOptions": e.options(host)}}
}

func (e entry) module() object {
	env, host := object{"INTERVAL": value(e.pick("bool", true, "5"))}, object{}
	e.put(env, "secret", "DB_PASSWORD", value("hunter2"))
	e.put(host, "debug port", "PortBindings", object{"5678/tcp": []object{{"HostPort": "5678"}}})
	e.put(host, "log", "LogConfig", object{"Type": "json-file", "Config": object{"max-size": "10m"}})
	e.put(host, "limited", "Memory", 64<<20)
	e.put(host, "privileged", "Privileged", true)
	e.put(host, "host network", "NetworkMode", "host")
	tag := e.pick("debug", "0.1.2-amd64.debug", e.pick("latest", "latest", "0.1.2"))
	return object{"type": "docker", "status": "running", "restartPolicy": e.pick("never", "never", "always"),
		"env": env, "settings": object{"image": fmt.Sprintf("r.test/m:%v", tag), "createOptions": e.options(host)}}
}

// manifest makes the deployment, which the runtime runs.
func (e entry) manifest() []byte {
	e.t.Helper()
	login := object{"address": "plant.azurecr.io", "username": e.pick("admin", "plant", "puller"), "password": "x"}
	text, err := json.Marshal(object{"modulesContent": object{
		"$edgeAgent": object{"properties.desired": object{"schemaVersion": "1.1",
			"runtime":       object{"type": "docker", "settings": object{"registryCredentials": object{"r": login}}},
			"systemModules": object{"edgeAgent": e.agent(), "edgeHub": e.hub()},
			"modules":       object{"m": e.module()}}},
		"$edgeHub": object{"properties.desired": object{"schemaVersion": "1.1", "routes": object{},
			"storeAndForwardConfiguration": object{
				"timeToLiveSecs": e.pick("ttl 100", 100, e.pick("ttl long", 432000, 7200))}}}}})
	if err != nil {
		e.t.Fatal(err)
	}
	return text
}

// TestField: what lint says of deployments as the field has them. What nine of ten have is
// information, or everybody mutes it; an error stands where something is cut off, and
// nowhere else; a rule fires as often as there is cause.
func TestField(t *testing.T) {
	t.Parallel()
	files, worst := map[manifest.Rule]int{}, map[manifest.Rule]report.Severity{}
	both := 0
	for i := range fieldSize {
		m, err := manifest.Parse("field.json", entry{t, i}.manifest())
		if err != nil {
			t.Fatal(err)
		}
		seen := map[manifest.Rule]bool{}
		for _, p := range manifest.LintFor(m, manifest.Default) {
			if !seen[p.Rule] {
				seen[p.Rule] = true
				files[p.Rule]++
			}
			if s := worst[p.Rule]; s == "" || rank(p.Severity) > rank(s) {
				worst[p.Rule] = p.Severity
			}
			if p.Severity == report.SeverityError && !(p.Rule == manifest.RuleNoProtocol && shares["proxy"].has(i)) {
				t.Errorf("manifest %d, which the runtime runs: %s: %s", i, p.Rule, p.Summary)
			}
		}
		if shares["privileged"].has(i) || shares["host network"].has(i) {
			both++
		}
	}
	for r, n := range files {
		if s := worst[r]; n*10 >= fieldSize*9 && s != report.SeverityInfo {
			t.Errorf("%s fires on %d of %d, and is %s", r, n, fieldSize, s)
		}
		t.Logf("%-22s %3d of %d  %s", r, files[r], fieldSize, worst[r])
	}
	for r, want := range map[manifest.Rule]int{
		manifest.RuleRollingTag: shares["rolling"].count, manifest.RuleDebugImage: shares["debug"].count,
		manifest.RuleDebugPort: shares["debug port"].count, manifest.RuleTTL: shares["ttl 100"].count,
		manifest.RuleSecrets: shares["secret"].count, manifest.RuleNoProtocol: shares["proxy"].count,
		manifest.RulePersist:   fieldSize - shares["bound"].count,
		manifest.RuleLimits:    fieldSize - shares["limited"].count,
		manifest.RuleAdminUser: shares["admin"].count, manifest.RulePrivileged: both, manifest.RuleLogs: 0,
		manifest.RuleRefused: 0, manifest.RuleOptions: 0, manifest.RuleHeads: 0,
	} {
		if files[r] != want {
			t.Errorf("%s fires on %d, and %d have cause", r, files[r], want)
		}
	}
}

func rank(s report.Severity) int {
	return slices.Index([]report.Severity{report.SeverityInfo, report.SeverityWarning, report.SeverityError}, s)
}
