package manifest_test

import (
	"fmt"
	"strings"
	"testing"

	"edgenet/internal/manifest"
)

func env(pairs ...string) string {
	var parts []string
	for i := 0; i < len(pairs); i += 2 {
		parts = append(parts, fmt.Sprintf("%q:{\"value\":%q}", pairs[i], pairs[i+1]))
	}
	return `,"env":{` + strings.Join(parts, ",") + "}"
}

// TestLint: every rule by a manifest that breaks it, and nothing else said.
func TestLint(t *testing.T) {
	ws := env("UpstreamProtocol", "AmqpWs")
	px := func(url string) string { return env("UpstreamProtocol", "AmqpWs", "https_proxy", url) }
	for _, tt := range []struct {
		name, text string
		want       []string // severity, rule and module
	}{
		{"right", base(ws, ws), nil},
		{"right with a proxy", base(px("http://p:1"), px("http://p:1")), nil},
		{"nothing set", base("", ""), []string{"info protocol.unset-hub edgeHub"}},
		{"edgeHub unset", base(ws, ""), []string{"warning protocol.unset-hub edgeHub"}},
		{"edgeAgent unset", base("", ws), []string{"error protocol.inconsistent edgeAgent"}},
		{"they differ", base(ws, env("UpstreamProtocol", "Amqp")), []string{"error protocol.inconsistent edgeHub"}},
		{"misspelt", base(env("UpstreamProtocol", "AMQP-WS"), env("UpstreamProtocol", "AMQP-WS")),
			[]string{"error protocol.inconsistent edgeAgent", "error protocol.inconsistent edgeHub",
				"info protocol.unset-hub edgeHub"}},
		{"an odd spelling", base(env("UpstreamProtocol", "AMQPWS"), ws),
			[]string{"warning protocol.spelling edgeAgent"}},
		{"a number", base(env("UpstreamProtocol", "1"), ws), []string{"warning protocol.spelling edgeAgent"}},
		{"a number too high", base(env("UpstreamProtocol", "9"), ws),
			[]string{"error protocol.inconsistent edgeAgent", "error protocol.inconsistent edgeAgent"}},
		{"no proxy for edgeHub", base(px("http://p:1"), ws), []string{"error proxy.missing edgeHub"}},
		{"no proxy for edgeAgent", base(ws, px("http://p:1")), []string{"error proxy.missing edgeAgent"}},
		{"two proxies", base(px("http://p:1"), px("http://q:1")), []string{"error protocol.inconsistent edgeHub"}},
		{"no scheme", base(px("p:1"), px("p:1")),
			[]string{"error proxy.scheme edgeAgent", "error proxy.scheme edgeHub"}},
		{"a PAC file", base(px("http://h/proxy.pac"), px("http://h/proxy.pac")),
			[]string{"error proxy.scheme edgeAgent", "error proxy.scheme edgeHub"}},
		{"https", base(px("https://p:1"), px("https://p:1")),
			[]string{"warning proxy.scheme edgeAgent", "warning proxy.scheme edgeHub"}},
		{"SOCKS", base(px("socks5://p:1"), px("socks5://p:1")),
			[]string{"error proxy.runtime-limits edgeAgent", "error proxy.runtime-limits edgeHub"}},
		{"a proxy beside Amqp", base(env("UpstreamProtocol", "Amqp", "https_proxy", "http://p:1"),
			env("UpstreamProtocol", "Amqp", "https_proxy", "http://p:1")),
			[]string{"warning proxy.runtime-limits edgeAgent", "warning proxy.runtime-limits edgeHub"}},
		{"no_proxy", base(env("UpstreamProtocol", "AmqpWs", "https_proxy", "http://p:1", "NO_PROXY", "x"),
			px("http://p:1")), []string{"warning proxy.no-proxy-ignored edgeAgent"}},
		{"UseOfflineCheck", base(env("UpstreamProtocol", "AmqpWs", "https_proxy", "http://p:1", "UseOfflineCheck",
			"True"), px("http://p:1")), []string{"warning proxy.runtime-limits edgeAgent"}},
		{"createOptions.Env", strings.Replace(base(ws, ws), `"image":"h"`,
			`"image":"h","createOptions":"{\"Env\":[\"UpstreamProtocol=Amqp\"]}"`, 1),
			[]string{"error protocol.inconsistent edgeHub", "error protocol.inconsistent edgeHub"}},
		{"createOptions broken", strings.Replace(base(ws, ws), `"image":"h"`,
			`"image":"h","createOptions":"{\"Env\":[}"`, 1), []string{"error manifest.create-options edgeHub"}},
		{"a repeated key", strings.Replace(base(ws, ws), `"image":"h"`, `"image":"h","image":"i"`, 1),
			[]string{"warning manifest.duplicate-key "}},
		{"no edgeHub", `{"modulesContent":{"$edgeAgent":{"properties.desired":{"schemaVersion":"1.1","runtime":{"type":"docker"},"systemModules":{"edgeAgent":{"type":"docker","settings":{"image":"a"}` +
			ws + `}}}}}}`, []string{"error manifest.system-module edgeHub"}},
		{"layered", `{"modulesContent":{"$edgeAgent":{"properties.desired.modules.x":{"settings":{}}}}}`, nil},
		{"layered with a system module",
			`{"modulesContent":{"$edgeAgent":{"properties.desired.systemModules.edgeHub":{}}}}`,
			[]string{"error manifest.system-module "}},
	} {
		m, err := manifest.Parse("m.json", []byte(tt.text))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		var got []string
		for _, p := range manifest.Lint(m) {
			got = append(got, fmt.Sprintf("%s %s %s", p.Severity, p.Rule, p.Module))
			if p.Line < 1 || p.Column < 1 || p.Summary == "" || p.Remedy == "" || p.File != "m.json" {
				t.Errorf("%s: incomplete: %+v", tt.name, p)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
