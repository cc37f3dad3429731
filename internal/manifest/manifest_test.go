package manifest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"edgenet/internal/manifest"
	"edgenet/internal/proxyurl"
	"edgenet/report"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var update = flag.Bool("update", false, "write the wanted manifests of testdata/set")

func wanted(t *testing.T) manifest.Change {
	t.Helper()
	p, err := proxyurl.Parse("http://edge:p%40ss@proxy.corp:3128", "flag")
	if err != nil {
		t.Fatal(err)
	}
	return manifest.Change{Protocol: report.AMQPWS, Proxy: p}
}

func corpus(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/set/*.json")
	if err != nil || len(files) < 18 {
		t.Fatalf("%d manifests, %v", len(files), err)
	}
	return files
}

// TestSet: each manifest becomes what its neighbour says, byte for byte; what is read
// back differs in the intended paths alone; and once set, nothing changes any more.
func TestSet(t *testing.T) {
	for _, file := range corpus(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m, err := manifest.Parse(filepath.Base(file), text)
		if err != nil {
			t.Fatal(err)
		}
		out, err := m.Set(wanted(t))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		golden := strings.TrimSuffix(file, ".json") + ".want"
		if *update {
			if err := os.WriteFile(golden, out, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil || !bytes.Equal(out, want) {
			t.Errorf("%s: %v, got\n%s", file, err, out)
		}
		intended(t, file, text, out)
		again, err := manifest.Parse(file, out)
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := again.Set(wanted(t)); err != nil || !bytes.Equal(twice, out) {
			t.Errorf("%s: set twice is not set once: %v", file, err)
		}
		for _, p := range manifest.Lint(again) {
			if p.Severity == report.SeverityError {
				t.Errorf("%s: what was set has %s: %s", file, p.Rule, p.Summary)
			}
		}
	}
}

// intended takes both settings out of both texts, and compares the rest.
func intended(t *testing.T, file string, before, after []byte) {
	t.Helper()
	var x, y any
	for _, p := range []struct {
		text []byte
		into *any
	}{{before, &x}, {after, &y}} {
		if err := json.Unmarshal(bytes.TrimPrefix(p.text, []byte("\xef\xbb\xbf")), p.into); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		strip(t, *p.into)
	}
	if !reflect.DeepEqual(x, y) {
		t.Errorf("%s: more has changed than it should", file)
	}
}

// strip removes what Set may write from both system modules.
func strip(t *testing.T, v any) {
	t.Helper()
	root := v.(map[string]any)
	if c, ok := root["content"].(map[string]any); ok {
		root = c
	}
	desired := root["modulesContent"].(map[string]any)["$edgeAgent"].(map[string]any)["properties.desired"].(map[string]any)
	for _, m := range desired["systemModules"].(map[string]any) {
		module := m.(map[string]any)
		if env, ok := module["env"].(map[string]any); ok {
			for k := range env {
				if strings.EqualFold(k, "UpstreamProtocol") || strings.EqualFold(k, "https_proxy") {
					delete(env, k)
				}
			}
			if len(env) == 0 {
				delete(module, "env")
			}
		}
		settings := module["settings"].(map[string]any)
		whole := ""
		for _, k := range []string{"createOptions", "createOptions01"} {
			if s, ok := settings[k].(string); ok {
				whole += s
				delete(settings, k)
			}
		}
		var options any = settings["createOptions"]
		if options == nil && whole != "" {
			if err := json.Unmarshal([]byte(whole), &options); err != nil {
				t.Fatal(err)
			}
		}
		if o, ok := options.(map[string]any); ok {
			if env, ok := o["Env"].([]any); ok {
				for i, e := range env {
					if name, _, _ := strings.Cut(e.(string), "="); strings.EqualFold(name, "UpstreamProtocol") ||
						strings.EqualFold(name, "https_proxy") {
						env[i] = name
					}
				}
			}
		}
		settings["options"] = options
	}
}

func base(agent, hub string) string {
	return fmt.Sprintf(`{"modulesContent":{"$edgeAgent":{"properties.desired":{"schemaVersion":"1.1","runtime":{"type":"docker"},"systemModules":{`+
		`"edgeAgent":{"type":"docker","settings":{"image":"a"}%s},"edgeHub":{"type":"docker","status":"running","settings":{"image":"h"}%s}}}}}}`, agent, hub)
}

func TestRefuse(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"broken", "{\n  \"modulesContent\": {,}\n}",
			"m.json:2: not JSON: at column 22 expected a key in double quotes"},
		{"empty", " \n", "m.json:1: not JSON: the file is empty"},
		{"no manifest", `{"a": 1}`, `m.json:1: no deployment manifest: expected {"modulesContent"`},
		{"an array", `[]`, `m.json:1: no deployment manifest: expected {"modulesContent"`},
		{"no edgeAgent", "{\"modulesContent\":\n{}}", `m.json:2: no deployment manifest: expected "$edgeAgent"`},
		{"no system modules", `{"modulesContent":{"$edgeAgent":{"properties.desired":{}}}}`,
			`expected "edgeAgent" in systemModules`},
		{"no edgeHub", `{"modulesContent":{"$edgeAgent":{"properties.desired":{"systemModules":{"edgeAgent":{}}}}}}`,
			`m.json:1: expected "edgeHub" in systemModules`},
		{"layered", `{"modulesContent":{"$edgeAgent":{"properties.desired.modules.x":{}}}}`,
			"m.json: a layered deployment cannot hold system modules"},
		{"layered and empty", `{"content":{"modulesContent":{"$edgeAgent":{}}}}`,
			"m.json: a layered deployment cannot hold system modules"},
		{"env is no object", base(`,"env":[]`, ""), "m.json:1: expected edgeAgent's env to be an object"},
		{"a value is an object", base(`,"env":{"UpstreamProtocol":{"value":{}}}`, ""),
			"m.json:1: expected UpstreamProtocol of edgeAgent to be"},
	} {
		m, err := manifest.Parse("m.json", []byte(tt.text))
		if err == nil {
			_, err = m.Set(wanted(t))
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %s", tt.name, err, tt.want)
		}
		var layered *manifest.LayeredError
		if errors.As(err, &layered) != strings.HasPrefix(tt.name, "layered") {
			t.Errorf("%s: wrong type %T", tt.name, err)
		}
	}
}

// TestSplitEntry: an entry of createOptions.Env that two parts share is changed as well: the
// parts are written anew.
func TestSplitEntry(t *testing.T) {
	text := strings.Replace(base("", ""), `"image":"h"`,
		`"createOptions":"{\"Env\":[\"UpstreamPro","createOptions01":"tocol=Amqp\"]}"`, 1)
	m, err := manifest.Parse("m.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := m.Hub.Protocol(); p != report.AMQP {
		t.Errorf("read as %q", p)
	}
	out, err := m.Set(wanted(t))
	if err != nil {
		t.Fatal(err)
	}
	again, err := manifest.Parse("m.json", out)
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := again.Hub.Protocol(); p != report.AMQPWS ||
		again.Hub.CreateOptions != `{"Env":["UpstreamProtocol=AmqpWs"]}` {
		t.Errorf("got %s", out)
	}
}

// TestLarge: a manifest of more than a mebibyte is read, linted and set.
func TestLarge(t *testing.T) {
	var mods strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&mods,
			"%s\"m%d\":{\"type\":\"docker\",\"settings\":{\"image\":\"r/%d:1\",\"createOptions\":\"{\\\"HostConfig\\\":{\\\"Binds\\\":[\\\"%s\\\"]}}\"}}", map[bool]string{true: ","}[i > 0], i, i, strings.Repeat("x",
				300))
	}
	text := strings.Replace(base("", ""), `"systemModules"`, `"modules":{`+mods.String()+`},"systemModules"`, 1)
	if len(text) < 1<<20 {
		t.Fatalf("%d bytes", len(text))
	}
	m, err := manifest.Parse("m.json", []byte(text))
	if err != nil || len(m.Modules) != 3000 {
		t.Fatal(err)
	}
	manifest.Lint(m)
	out, err := m.Set(wanted(t))
	if err != nil || len(out) <= len(text) {
		t.Fatal(err)
	}
}

func TestMasked(t *testing.T) {
	const text = `{"password": "s3cret", "env": {"https_proxy": {"value": "http://u:s3cret@p:1"}}, "c": "HostName=h;SharedAccessKey=s3cret", "createOptions": "{\"Env\":[\"P=http://u:s3cret@p\"]}", "image": "r:443/a@sha256:1"}`
	out := string(manifest.Masked([]byte(text)))
	if strings.Contains(out, "s3cret") || !strings.Contains(out, "http://u:****@p:1") ||
		!strings.Contains(out, "r:443/a@sha256:1") {
		t.Errorf("got %s", out)
	}
}

// FuzzSet: whatever text comes, nothing panics, and what is set can be read and has the
// value.
func FuzzSet(f *testing.F) {
	files, err := filepath.Glob("testdata/set/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(base(`,"env":{"UpstreamProtocol":null}`, `,"env":{"upstreamprotocol":{"value":[]}}`)))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := manifest.Parse("m.json", text)
		if err != nil {
			return
		}
		manifest.Lint(m)
		manifest.Masked(text)
		out, err := m.Set(manifest.Change{Protocol: report.MQTTWS})
		if err != nil {
			return
		}
		again, err := manifest.Parse("m.json", out)
		if err != nil {
			t.Fatalf("what was set cannot be read: %v", err)
		}
		for _, x := range []*manifest.Module{again.Agent, again.Hub} {
			if p, _ := x.Protocol(); p != report.MQTTWS {
				t.Fatalf("%s has %q", x.Name, p)
			}
		}
	})
}

// TestRepeatedContent: of a repeated key the last counts, wherever it stands: what is judged and
// set is what the cloud will read.
func TestRepeatedContent(t *testing.T) {
	t.Parallel()
	first := `"modulesContent":{"$edgeAgent":{"properties.desired":{"systemModules":{"edgeAgent":{"settings":{"image":"first"}}}}}},`
	text := strings.Replace(whole, "{", "{"+first, 1)
	m, err := manifest.Parse("m.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	out, err := m.Set(wanted(t))
	if err != nil {
		t.Fatal(err)
	}
	if err := holds(out, "AmqpWs", wanted(t).Proxy.URL()); err != nil {
		t.Error(err)
	}
	if !strings.Contains(string(out), first) {
		t.Errorf("what nobody reads was changed: %s", out)
	}
	last := strings.TrimSuffix(strings.TrimSpace(whole), "}") + `,"modulesContent":"x"}`
	if _, err := manifest.Parse("m.json", []byte(last)); err == nil {
		t.Error("a manifest whose last modulesContent is a string is none")
	}
}

// TestInString: a manifest inside a string, as other tools' files hold it, is found and not read.
func TestInString(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	for _, doc := range []string{string(text), `{"content":` + string(text) + `}`, "{\"data\":\n{\"d.json\":" + string(text) + "}}",
		`{"resources":[{"properties":{"content":"[json('{\"$edgeAgent\":{}}')]"}}]}`} {
		_, err := manifest.Parse("m.json", []byte(doc))
		if err == nil || !strings.Contains(err.Error(), "inside a string") {
			t.Errorf("%.60s: %v", doc, err)
		}
		if strings.Contains(doc, "\n") && !strings.HasPrefix(err.Error(), "m.json:2: ") {
			t.Errorf("the place: %v", err)
		}
	}
	m, err := manifest.Parse("m.json", []byte(strings.ReplaceAll(whole, "properties.desired", "Properties.Desired")))
	if err != nil {
		t.Fatal(err)
	}
	if found := manifest.Lint(m); len(found) == 0 || found[0].Rule != manifest.RuleForm {
		t.Errorf("a key in another case: %v", found)
	}
	if _, err := manifest.Parse("m.yaml", []byte("- name: x\n")); err == nil || !strings.Contains(err.Error(), "YAML") {
		t.Errorf("YAML: %v", err)
	}
}
