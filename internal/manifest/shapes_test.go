package manifest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"edgenet/internal/manifest"
)

// settingsOf gives the settings of edgeHub or edgeAgent by encoding/json, which shares nothing
// with what wrote them.
func settingsOf(t *testing.T, text []byte, module string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"modulesContent", "$edgeAgent", "properties.desired", "systemModules", module,
		"settings"} {
		m = m[key].(map[string]any)
	}
	return m
}

// parts cuts createOptions as a deployment has it.
func parts(options string, length int) string {
	var b strings.Builder
	for i := 0; len(options) > 0; i++ {
		n := min(length, len(options))
		quoted, _ := json.Marshal(options[:n]) // a text
		options = options[n:]
		if i == 0 {
			fmt.Fprintf(&b, `"createOptions":%s`, quoted)
		} else {
			fmt.Fprintf(&b, `,"createOptions%02d":%s`, i, quoted)
		}
	}
	return b.String()
}

// TestOptionsShapes: whatever the shape of createOptions, no protocol is left in it that wins over
// the one that was asked for; or the place is named at which it could not be changed.
func TestOptionsShapes(t *testing.T) {
	t.Parallel()
	long := `{"Labels":{"l":"` + strings.Repeat("x", 6000) + `"},"Env":["A=b","UpstreamProtocol=Mqtt"]}`
	for name, c := range map[string]struct {
		options string
		refused string
	}{
		"twelve parts":     {options: parts(long, 512)},
		"sixty parts":      {options: parts(long, 101)},
		"an object":        {options: `"createOptions":{"Env":["UpstreamProtocol=Mqtt"]}`},
		"a part is a list": {options: `"createOptions":"{\"Env\":","createOptions01":["UpstreamProtocol=Mqtt"],"createOptions02":"}"`},
		"null":             {options: `"createOptions":null`},
		"a part is null":   {options: `"createOptions":"{\"Env\":[\"UpstreamProtocol=Mqtt\"]}","createOptions01":null`},
		"Env in two cases": {options: parts(
			`{"Env":["UpstreamProtocol=Amqp"],"env":["upstreamprotocol=Mqtt","UpstreamProtocol=Mqtt"]}`, 512)},
		"Env twice": {options: parts(`{"Env":["UpstreamProtocol=Amqp"],"Env":["UpstreamProtocol=Mqtt"]}`,
			30)},
		"Env and null":        {options: parts(`{"ENV":["UpstreamProtocol=Mqtt"],"Env":null}`, 512)},
		"Env of other things": {options: parts(`{"Env":["UpstreamProtocol=Mqtt",5,null,"",true]}`, 512)},
		"Env is an object": {options: parts(`{"Env":{"UpstreamProtocol":"Mqtt"}}`, 512),
			refused: "Env is an object"},
		"Env is a text": {options: parts(`{"Env":["A=b"],"env":"UpstreamProtocol=Mqtt"}`, 512),
			refused: "Env is a string"},
		"a text in a text": {options: parts(`"{\"Env\":[\"UpstreamProtocol=Mqtt\"]}"`, 512),
			refused: "createOptions is a string"},
		"a list": {options: parts(`[{"Env":["UpstreamProtocol=Mqtt"]}]`, 512),
			refused: "createOptions is an array"},
		"part 09 is missing": {options: strings.Replace(parts(long, 512), `"createOptions09"`, `"x09"`, 1),
			refused: "part 09"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := manifest.Parse("m.json", []byte(change(t, `"createOptions":"{}"`, c.options)))
			if err != nil {
				t.Fatal(err)
			}
			w := wanted(t)
			out, err := m.Set(w)
			if c.refused != "" {
				if err == nil || !strings.Contains(err.Error(), c.refused) {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if left := string(out); strings.Contains(left, "=Mqtt") || strings.Contains(left, "=Amqp\"") ||
				strings.Contains(left, `=Amqp\"`) {
				t.Errorf("a protocol is left:\n%.300s", left)
			}
			settings := settingsOf(t, out, "edgeAgent")
			for key, value := range settings {
				if text, ok := value.(string); ok && len(text) > 512 {
					t.Errorf("%s has %d characters", key, len(text))
				}
			}
			again, err := manifest.Parse("m.json", out)
			if err != nil {
				t.Fatal(err)
			}
			if twice, err := again.Set(w); err != nil || string(twice) != string(out) {
				t.Errorf("a second time it changes again: %v", err)
			}
		})
	}
}
