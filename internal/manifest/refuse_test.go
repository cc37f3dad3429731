package manifest_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"edgenet/internal/manifest"
)

// whole is a deployment in which nothing is wrong, one member a line.
const whole = `{"modulesContent":{"$edgeAgent":{"properties.desired":{
"schemaVersion":"1.1",
"runtime":{"type":"docker","settings":{"minDockerVersion":"v1.25","registryCredentials":{"r":{"address":"r.azurecr.io","username":"u","password":"p"}}}},
"systemModules":{
"edgeAgent":{"type":"docker","settings":{"image":"mcr.microsoft.com/azureiotedge-agent:1.5","createOptions":"{}"},"env":{"UpstreamProtocol":{"value":"AmqpWs"}}},
"edgeHub":{"type":"docker","status":"running","restartPolicy":"always","settings":{"image":"mcr.microsoft.com/azureiotedge-hub:1.5"},"env":{"UpstreamProtocol":{"value":"AmqpWs"}}}},
"modules":{
"m":{"type":"docker","status":"running","settings":{"image":"r.azurecr.io/m:1"}}}}},
"$edgeHub":{"properties.desired":{"schemaVersion":"1.1","routes":{"r":"FROM /messages/* INTO $upstream"},"storeAndForwardConfiguration":{"timeToLiveSecs":7200}}}}}`

// change is a text of whole and what stands in its place.
func change(t *testing.T, from, to string) string {
	t.Helper()
	if strings.Count(whole, from) == 0 {
		t.Fatalf("no %s", from)
	}
	return strings.Replace(whole, from, to, 1)
}

func lint(t *testing.T, text string) []string {
	t.Helper()
	m, err := manifest.Parse("m.json", []byte(text))
	if err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	var out []string
	for _, p := range manifest.Lint(m) {
		if !slices.Contains(manifest.Rules(), p.Rule) {
			t.Errorf("%s is in no table", p.Rule)
		}
		out = append(out, fmt.Sprintf("%s %s %d %s", p.Severity, p.Rule, p.Line, at(text, p.Line, p.Column)))
	}
	return out
}

// at is the text at a place, as an editor that counts characters finds it.
func at(text string, line, column int) string {
	return string([]rune(strings.Split(text, "\n")[line-1])[column-1:])
}

// is tells whether problems are those wanted: severity, rule, line, and how the text at the
// place begins.
func is(got, want []string) bool {
	return slices.EqualFunc(got, want, strings.HasPrefix)
}

// TestRefused: what the runtime's classes refuse, each with the place of the member itself.
func TestRefused(t *testing.T) {
	t.Parallel()
	if got := lint(t, whole); len(got) != 0 {
		t.Fatalf("the whole one has %q", got)
	}
	const image = `"image":"r.azurecr.io/m:1"`
	for _, tt := range []struct{ from, to, want string }{
		{`"schemaVersion":"1.1",` + "\n", "", `manifest.refused 1 {`},
		{`"schemaVersion":"1.1",`, `"schemaVersion":"1.1.1",`, `manifest.refused 2 "1.1.1"`},
		{`"schemaVersion":"1.1",`, `"schemaVersion":"2.0",`, `manifest.refused 2 "2.0"`},
		{`"schemaVersion":"1.1",`, `"schemaVersion":"1",`, `manifest.refused 2 "1"`},
		{`"schemaVersion":"1.1",`, `"schemaVersion":{},`, `manifest.refused 2 {}`},
		{`"runtime":{"type":"docker",`, `"runtime":{"type":"Docker",`, `manifest.refused 3 "Docker"`},
		{`"runtime":{"type":"docker",`, `"runtime":{`, `manifest.refused 3 {"settings"`},
		{`"password":"p"`, `"password":""`, `manifest.refused 3 ""}`},
		{`,"password":"p"`, ``, `manifest.refused 3 "r":{`},
		{`"status":"running","restartPolicy":"always",`, ``, `manifest.refused 6 "edgeHub":`},
		{`"status":"running","restartPolicy"`, `"status":"runing","restartPolicy"`, `manifest.refused 6 "runing"`},
		{`"restartPolicy":"always"`, `"restartPolicy":"on_failure"`, `manifest.refused 6 "on_failure"`},
		{`"restartPolicy":"always"`, `"restartPolicy":7`, `manifest.refused 6 7,`},
		{`{"type":"docker","status":"running","settings":{` + image + `}}`, `[]`, `manifest.refused 8 "m":[]`},
		{`"m":{"type":"docker"`, `"m":{"type":"kubernetes"`, `manifest.refused 8 "kubernetes"`},
		{`"m":{`, `"edgeHub":{`, `manifest.refused 8 "edgeHub":`},
		{`,"settings":{` + image + `}`, ``, `manifest.refused 8 "m":`},
		{`"settings":{` + image + `}`, `"settings":"x"`, `manifest.refused 8 "x"`},
		{image, `"image":" "`, `manifest.refused 8 " "`},
		{image, `"img":"x"`, `manifest.refused 8 {"img"`},
		{image, `"image":"a/b:c:d"`, `manifest.refused 8 "a/b`},
		{image, `"image":"$upstream/m:1"`, `manifest.refused 8 "$upstream`},
		{image, image + `},"imagePullPolicy":"always","x":{`, `manifest.refused 8 "always"`},
		{image, image + `},"startupOrder":-1,"x":{`, `manifest.refused 8 -1`},
		{image, image + `},"startupOrder":4294967296,"x":{`, `manifest.refused 8 4294967296`},
		{image, image + `},"env":{"A":true},"x":{`, `manifest.refused 8 "A":true`},
		{image, image + `},"env":{"A":{"value":["b"]}},"x":{`, `manifest.refused 8 "A":{"value"`},
		{image, image + `},"env":["A=b"],"x":{`, `manifest.refused 8 ["A=b"]`},
		{image, image + `,"createOptions":"{\"Env\":\"A=b\"}"`, `manifest.create-options 8 \"A=b\"`},
		{image, image + `,"createOptions":"\"x\""`, `manifest.create-options 8 \"x\"`},
		{image, image + `,"createOptions":"{\"HostConfig\":{\"Binds\":{}}}"`, `manifest.create-options 8 {}}}`},
		{image, image + `,"createOptions":"{\"a\" 1}"`, `manifest.create-options 8 1}`},
		{image, image + `,"createOptions01":"{}"`, `manifest.create-options 8 "createOptions01"`},
		{image, image + `,"createOptions":"{","createOptions01":"}","createOptions03":""`,
			`manifest.create-options 8 "createOptions03"`},
		{image, image + `,"createOptions":"{}","myCreateOptions":"{}"`, `manifest.create-options 8 "myCreateOptions"`},
		{`"schemaVersion":"1.1","routes"`, `"schemaVersion":"1.4","routes"`, `manifest.refused 9 "1.4"`},
		{`,"storeAndForwardConfiguration":{"timeToLiveSecs":7200}`, ``, `manifest.refused 9 {"schemaVersion"`},
		{`"r":"FROM`, `"my route":"FROM`, `manifest.name 9 "my route"`},
		{`"r":"FROM`, `"a.b":"FROM`, `manifest.name 9 "a.b"`},
		{`"m":{`, `"m$":{`, `manifest.name 8 "m$"`},
	} {
		want := []string{"error " + tt.want}
		if tt.want == "" {
			want = nil
		}
		if got := lint(t, change(t, tt.from, tt.to)); !is(got, want) {
			t.Errorf("%s: got %q, want %q", tt.to, got, want)
		}
	}
}

// TestTaken: what the runtime reads, however odd, is no error.
func TestTaken(t *testing.T) {
	t.Parallel()
	const image = `"image":"r.azurecr.io/m:1"`
	for _, tt := range []struct{ from, to string }{
		{`"schemaVersion":"1.1",`, `"schemaVersion":"1.0",`}, {`"schemaVersion":"1.1",`,
			`"schemaVersion":1.1,`}, {`"schemaVersion":"1.1",`, `"SchemaVersion":"1.1.0",`},
		{`"restartPolicy":"always"`, `"restartPolicy":"ALWAYS"`}, {`"restartPolicy":"always"`,
			`"restartPolicy":"OnFailure"`}, {`"restartPolicy":"always"`, `"restartPolicy":3`},
		{`"restartPolicy":"always",`, ``}, {`"restartPolicy":"always"`, `"restartPolicy":null`},
		{`"status":"running","settings"`, `"status":"stopped","settings"`}, {`"settings":{` + image,
			`"Settings":{"Image":"r.azurecr.io/m:1"`},
		{image, `"image":"$upstream:443/m:1"`}, {image, `"image":"m"`}, {image,
			`"image":"r:5000/a/b@sha256:ab"`}, {image, `"image":"${MODULES.m}"`},
		{image, image + `},"env":{"A":{"value":1},"B":{"value":true},"C":{},"D":null,"E":{"value":null}},"x":{`},
		{image, image + `},"startupOrder":"3","imagePullPolicy":"Never","version":1.0,"x":{`},
		{image, image + `,"createOptions":{"Env":["A=b"]}`}, {image, image + `,"createOptions":"null"`}, {image, image +
			`,"createOptions":null`}, {image, image + `,"createOptions":" "`},
		{image, image + `,"createOptions":"{","createOptions01":"}"`}, {image, image +
			`,"CreateOptions":"{","createoptions1":"}"`},
		{image, image + `,"createOptions":"${OPTIONS}"`}, {image, image +
			`,"createOptions":"{\"hostconfig\":{\"binds\":[]}}"`},
		{`,"settings":{"minDockerVersion":"v1.25","registryCredentials":{"r":{"address":"r.azurecr.io","username":"u","password":"p"}}}`,
			``},
		{`"password":"p"`, `"password":"${PASSWORD}"`}, {`"runtime":{"type":"docker"`, `"runtime":{"type":"${TYPE}"`},
		{`,"createOptions":"{}"`, `,"createOptions":"{a:1,}"`},
	} {
		for _, got := range lint(t, change(t, tt.from, tt.to)) {
			if strings.HasPrefix(got, "error") {
				t.Errorf("%s: %s", tt.to, got)
			}
		}
	}
}

// TestForms: every form that people deploy is the same manifest.
func TestForms(t *testing.T) {
	t.Parallel()
	var content, agent, desired string
	content = whole[len(`{"modulesContent":`) : len(whole)-1]
	agent = content[strings.Index(content, `{"properties.desired":`):strings.LastIndex(content, ",\n\"$edgeHub\"")]
	desired = agent[len(`{"properties.desired":`) : len(agent)-1]
	for _, tt := range []struct {
		name, text string
		kind       manifest.Kind
		warnings   int
	}{
		{"az, the portal", whole, manifest.Base, 0},
		{"az iot edge deployment show", `{"id":"x","content":` + whole + `}`, manifest.Wrapped, 0},
		{"a list of deployments with one", `[{"id":"x","content":` + whole + `}]`, manifest.Wrapped, 1},
		{"IoT Central", `{"displayName":"d","deploymentManifest":` + whole + `}`, manifest.Wrapped, 0},
		{"a template of resources", `{"resources":[{"properties":{"content":` + whole + `}}]}`, manifest.Wrapped, 0},
		{"PowerShell", content, manifest.Bare, 0},
		{"the name of 2018", `{"moduleContent":` + content + `}`, manifest.Base, 1},
		{"nested desired properties", strings.Replace(whole, `"$edgeAgent":`+agent,
			`"$edgeAgent":{"properties":{"desired":`+desired+`}}`, 1), manifest.Base, 1},
		{"a twin", `{"deviceId":"d","moduleId":"$edgeAgent","properties":{"desired":` + desired + `,"reported":` +
			desired + `}}`, manifest.Twin, 0},
		{"desired properties", desired, manifest.Twin, 0},
		{"a byte order mark", "\xef\xbb\xbf" + whole, manifest.Base, 0},
	} {
		for _, p := range []struct {
			what string
			text []byte
		}{{"UTF-8", []byte(tt.text)}, {"UTF-16, little end first", utf16Text(tt.text, false)}, {"UTF-16, big end first",
			utf16Text(tt.text, true)}} {
			if p.what != "UTF-8" && strings.HasPrefix(tt.text, "\xef") {
				continue
			}
			if err := sameManifest(t, p.text, tt.kind, tt.warnings, p.what != "UTF-8"); err != nil {
				t.Errorf("%s, %s: %v", tt.name, p.what, err)
			}
		}
	}
}

// sameManifest tells what a form of whole is taken for that it is not.
func sameManifest(t *testing.T, text []byte, kind manifest.Kind, want int, wide bool) error {
	t.Helper()
	m, err := manifest.Parse("m.json", text)
	if err != nil {
		return err
	}
	if m.Kind != kind || m.Agent == nil || m.Hub == nil || len(m.Modules) != 1 {
		return fmt.Errorf("kind %s, %d modules", m.Kind, len(m.Modules))
	}
	warnings := 0
	for _, f := range manifest.Lint(m) {
		switch f.Severity {
		case "error":
			return fmt.Errorf("%s", f.Summary)
		case "warning":
			warnings++
		}
	}
	if warnings != want {
		return fmt.Errorf("%d warnings", warnings)
	}
	out, err := m.Set(wanted(t))
	if err != nil {
		return err
	}
	if wide != (out[1] == 0 || out[0] == 0 || out[0] >= 0xfe) {
		return errors.New("it is written in another encoding")
	}
	again, err := manifest.Parse("m.json", out)
	if err != nil {
		return err
	}
	if twice, err := again.Set(wanted(t)); err != nil || string(twice) != string(out) {
		return fmt.Errorf("set twice: %w", err)
	}
	return nil
}

// utf16Text is a text as Windows writes it, with its mark.
func utf16Text(s string, big bool) []byte {
	var out []byte
	for _, r := range "\ufeff" + s {
		if big {
			out = append(out, byte(r>>8), byte(r))
		} else {
			out = append(out, byte(r), byte(r>>8))
		}
	}
	return out
}

// TestNotAManifest: what was found is said.
func TestNotAManifest(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"[" + whole + "," + whole + "]":       "2 deployment manifests in one file (lines 1, 9)",
		`{"ModulesContent":{}}`:               "expected the key modulesContent in this spelling",
		`{"modulesContent":[]}`:               "expected modulesContent to be an object; found an array",
		`"x"`:                                 "found a string",
		`{}`:                                  "found nothing in it",
		`{"capabilityModel":{}}`:              "found a device template of IoT Central",
		`{"routes":{},"schemaVersion":"1.1"}`: "found the desired properties of $edgeHub alone",
		"<!DOCTYPE html>":                     "this is a page of HTML or XML",
		`{"modulesContent": ${CONTENT}}`:      "a placeholder without quotes",
		`{"modulesContent": {{ .Values.content }} }`: "a placeholder without quotes",
		`{"a":<value>}`: "a placeholder without quotes",
		"{}\x00":        "no NUL characters",
		`{"a":[1,]}`:    "or no comma before ]",
	} {
		_, err := manifest.Parse("m.json", []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: got %v, want %s", text, err, want)
		}
	}
}

// TestWeighed: which severity what everybody has gets, and what is really wrong.
func TestWeighed(t *testing.T) {
	t.Parallel()
	none := strings.ReplaceAll(whole, `,"env":{"UpstreamProtocol":{"value":"AmqpWs"}}`, "")
	both := func(env string) string {
		return strings.ReplaceAll(whole, `{"UpstreamProtocol":{"value":"AmqpWs"}}`, env)
	}
	own := strings.Replace(strings.Replace(whole, `"m":{`, `"edgenet":{`, 1), `"$edgeHub":{"prop`,
		`"edgenet":{"properties.desired":{"expected":"%s"}},"$edgeHub":{"prop`, 1)
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"no protocol", none, []string{`info protocol.unset-hub 6 "edgeHub"`}},
		{"a proxy and no protocol", both(`{"https_proxy":{"value":"http://p:1"}}`),
			[]string{`error proxy.no-protocol 6 "https_proxy"`}},
		{"a proxy in another case and no protocol", both(`{"HTTPS_Proxy":{"value":"http://p:1"}}`),
			[]string{`error proxy.no-protocol 6 "HTTPS_Proxy"`}},
		{"an empty proxy", both(`{"https_proxy":{"value":""}}`), []string{`info protocol.unset-hub 6 "edgeHub"`}},
		{"placeholders", both(`{"UpstreamProtocol":{"value":"${P}"},"https_proxy":{"value":"<proxy>"}}`),
			[]string{`info manifest.placeholder 5 "${P}"`}},
		{"one placeholder of two", both(`{"UpstreamProtocol":{"value":"AmqpWs"},"https_proxy":{"value":"#{PROXY}#"}}`),
			[]string{`info manifest.placeholder 5 "#{PROXY}#"`}},
		{"nobody reads it", both(`{"UpstreamProtocl":{"value":"AmqpWs"}}`),
			[]string{`warning variable.unread 5 "UpstreamProtocl"`, `warning variable.unread 6 "UpstreamProtocl"`,
				`info protocol.unset-hub 6 "edgeHub"`}},
		{"nor this", both(`{"UpstreamProtocol":{"value":"AmqpWs"},"https-proxy":{"value":"http://p:1"}}`),
			[]string{`warning variable.unread 5 "https-proxy"`, `warning variable.unread 6 "https-proxy"`}},
		{"http_proxy alone", both(`{"UpstreamProtocol":{"value":"AmqpWs"},"HTTP_PROXY":{"value":"http://p:1"}}`),
			[]string{`warning variable.unread 5 "HTTP_PROXY"`, `warning variable.unread 6 "HTTP_PROXY"`}},
		{"two spellings", both(`{"UpstreamProtocol":{"value":"AmqpWs"},"upstreamprotocol":{"value":"AmqpWs"}}`), nil},
		{"expected, and right", fmt.Sprintf(own, "amqp-ws"), nil},
		{"expected, and stale", fmt.Sprintf(own, "Mqtt"), []string{`warning module.expected 9 "Mqtt"`}},
		{"latin1", strings.Replace(whole, "7200", `7200,"n":"`+"\xfc"+`"`, 1),
			[]string{"warning manifest.encoding 9 "}},
		{"edgehub", strings.Replace(whole, `"edgeHub":{`, `"edgehub":{`, 1),
			[]string{`warning manifest.system-module 6 "edgehub"`}},
	} {
		if got := lint(t, tt.text); !is(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	two := both(`{"UpstreamProtocol":{"value":"AmqpWs"},"UPSTREAMPROTOCOL":{"value":"Mqtt"}}`)
	if got := lint(t, two); !slices.ContainsFunc(got,
		func(p string) bool { return strings.HasPrefix(p, `error variable.contradiction 5 "UPSTREAM`) }) {
		t.Errorf("two values: %q", got)
	}
}
