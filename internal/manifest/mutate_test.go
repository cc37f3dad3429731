package manifest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"edgenet/internal/manifest"
	"edgenet/report"
)

// The checker below shares no code with what it checks: it walks both texts with
// encoding/json and the offsets that this gives.

// piece is a token of a text, what stands before it, and where it is.
type piece struct {
	path, before, raw string
}

// pieces cuts a text into its tokens.
func pieces(t *testing.T, text []byte) []piece {
	t.Helper()
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var out []piece
	type level struct {
		object, wantKey bool
		key             string
		index           int
	}
	var stack []level
	at := 0
	for {
		tok, err := d.Token()
		if err != nil {
			break
		}
		end := int(d.InputOffset())
		raw := string(text[at:end])
		lead := len(raw) - len(strings.TrimLeft(raw, " \t\r\n,:"))
		var path strings.Builder
		delim, isDelim := tok.(json.Delim)
		closing := isDelim && (delim == '}' || delim == ']')
		if n := len(stack); n > 0 && !closing {
			if l := &stack[n-1]; l.object && l.wantKey {
				l.key, l.wantKey = tok.(string), false
				tok = nil
			} else if l.object {
				l.wantKey = true
			} else {
				l.key = fmt.Sprint(l.index)
				l.index++
			}
		}
		if closing {
			stack = stack[:len(stack)-1]
		}
		for _, l := range stack {
			path.WriteString("/" + l.key)
		}
		out = append(out, piece{path.String(), raw[:lead], raw[lead:]})
		if isDelim && !closing {
			stack = append(stack, level{object: delim == '{', wantKey: true})
		}
		at = end
		_ = tok
	}
	return append(out, piece{"", string(text[at:]), ""})
}

// allowed are the places that Set may write: the variables of both system modules and of
// edgenet's own, what that expects, and createOptions, which is compared by itself.
var allowed = regexp.MustCompile(`(?i)/(edgeagent|edgehub|edgenet)/env(/(upstreamprotocol|https_proxy)(/.*)?)?$|/(edgeagent|edgehub|edgenet)/settings/createoptions|/edgenet/properties\.desired/expected$`)

// elsewhere are the pieces of a text outside of the allowed places; what stands before one
// that follows an allowed one is not compared, as a comma may have moved.
func elsewhere(all []piece) []piece {
	var out []piece
	skipped := false
	for _, p := range all {
		if allowed.MatchString(p.path) {
			skipped = true
			continue
		}
		if skipped {
			p.before = ""
		}
		skipped = false
		out = append(out, p)
	}
	return out
}

// unmoved compares both texts outside of the allowed places, byte for byte.
func unmoved(t *testing.T, before, after []byte) error {
	t.Helper()
	x, y := elsewhere(pieces(t, before)), elsewhere(pieces(t, after))
	if len(x) != len(y) {
		return fmt.Errorf("%d tokens outside, and %d afterwards", len(x), len(y))
	}
	for i := range x {
		if x[i].path != y[i].path || x[i].raw != y[i].raw {
			return fmt.Errorf("%s was %q, and %s is %q", x[i].path, x[i].raw, y[i].path, y[i].raw)
		}
		if x[i].before != y[i].before && x[i].before != "" && y[i].before != "" {
			return fmt.Errorf("before %s stood %q, and stands %q", x[i].path, x[i].before, y[i].before)
		}
	}
	return nil
}

// holds reads both variables of both modules by encoding/json.
func holds(after []byte, protocol, proxy string) error {
	var m map[string]any
	if err := json.Unmarshal(bytes.TrimPrefix(after, []byte("\xef\xbb\xbf")), &m); err != nil {
		return err
	}
	if c, ok := m["content"].(map[string]any); ok {
		m = c
	}
	system := m["modulesContent"].(map[string]any)["$edgeAgent"].(map[string]any)["properties.desired"].(map[string]any)["systemModules"].(map[string]any)
	for _, name := range []string{"edgeAgent", "edgeHub"} {
		env, _ := system[name].(map[string]any)["env"].(map[string]any)
		for variable, want := range map[string]string{"upstreamprotocol": protocol, "https_proxy": proxy} {
			found := 0
			for k, v := range env {
				if strings.EqualFold(k, variable) {
					found++
					if got := v.(map[string]any)["value"]; got != want {
						return fmt.Errorf("%s of %s is %v", k, name, got)
					}
				}
			}
			if (found > 0) != (want != "") {
				return fmt.Errorf("%s of %s stands there %d times", variable, name, found)
			}
		}
	}
	return nil
}

// mutations change a manifest without making it another one, or none.
var mutations = []func(*rand.Rand, string) string{
	func(r *rand.Rand, s string) string { // another layout
		var b bytes.Buffer
		bare := strings.TrimPrefix(s, "\ufeff")
		if json.Indent(&b, []byte(bare), strings.Repeat(" ", r.IntN(3)),
			[]string{" ", "  ", "    ", "\t", ""}[r.IntN(5)]) != nil {
			return s
		}
		return b.String()
	},
	func(_ *rand.Rand, s string) string {
		var b bytes.Buffer
		if json.Compact(&b, []byte(strings.TrimPrefix(s, "\ufeff"))) != nil {
			return s
		}
		return b.String()
	},
	func(_ *rand.Rand, s string) string {
		return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n")
	},
	func(r *rand.Rand, s string) string {
		return strings.Replace(s, ":", strings.Repeat(" ", r.IntN(3))+": ", 1+r.IntN(40))
	},
	func(_ *rand.Rand, s string) string { return "\ufeff" + strings.TrimPrefix(s, "\ufeff") },
	func(r *rand.Rand, s string) string { // names in another case
		return strings.ReplaceAll(s, `"UpstreamProtocol"`,
			[]string{`"upstreamprotocol"`, `"UPSTREAMPROTOCOL"`, `"Upstream\u0050rotocol"`}[r.IntN(3)])
	},
	func(r *rand.Rand, s string) string { // values of other kinds
		return strings.Replace(s, `"value": "Amqp"`, `"value": `+[]string{"1", "true", "null", `""`, `"${X}"`,
			"1.50e2"}[r.IntN(6)], 1)
	},
	func(_ *rand.Rand, s string) string { return strings.ReplaceAll(s, "azureiotedge", `azur\u0065iotedge`) },
	func(r *rand.Rand, s string) string { // more variables
		return strings.Replace(s, `"env": {`,
			`"env": { "Z`+fmt.Sprint(r.IntN(100))+`": {"value": "\\ud83d\\ude00 <&>"}, `, r.IntN(3))
	},
	func(r *rand.Rand, s string) string { // options with an environment
		entry := []string{`UpstreamProtocol=Mqtt`, `https_proxy=http://old:1`, `A=b`, `a b=c`}[r.IntN(4)]
		return strings.Replace(s, `"createOptions": "{}"`, `"createOptions": "{\"Env\":[\"`+entry+`\",\"X=\\u00e9\"]}"`,
			1+r.IntN(2))
	},
	func(r *rand.Rand, s string) string { // options of almost the length of a part
		return strings.Replace(s, `"createOptions": "{}"`,
			`"createOptions": "{\"Env\":[\"UpstreamProtocol=Mqtt\"],\"Labels\":{\"l\":\"`+strings.Repeat("x",
				440+r.IntN(40))+`\"}}"`, 1)
	},
	func(_ *rand.Rand, s string) string {
		return strings.Replace(s, `"modules": {`, `"n": null, "modules": {`, 1)
	},
}

// settable lists the corpus's manifests that hold both system modules, and some of this
// test's own.
func settable(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{"whole": whole}
	for _, f := range corpus(t) {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[f] = string(text)
	}
	return out
}

// TestMutated: a thousand variants of the corpus are set, changed in nothing else, and not
// changed again; then the proxy is taken out.
func TestMutated(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(20, 26))
	base := settable(t)
	names := make([]string, 0, len(base))
	for n := range base {
		names = append(names, n)
	}
	slices.Sort(names)
	split, checked := 0, 0
	for i := range 1000 {
		text := base[names[i%len(names)]]
		for range 1 + r.IntN(4) {
			text = mutations[r.IntN(len(mutations))](r, text)
		}
		m, err := manifest.Parse("m.json", []byte(text))
		if err != nil {
			if json.Valid([]byte(strings.TrimPrefix(text, "\ufeff"))) {
				t.Fatalf("%d: %v in\n%s", i, err, text)
			}
			continue
		}
		checked++
		c := wanted(t)
		out, err := m.Set(c)
		if err != nil {
			t.Fatalf("%d: %v in\n%s", i, err, text)
		}
		if strings.Contains(string(out), "createOptions01") && !strings.Contains(text, "createOptions01") {
			split++
		}
		if err := settled(t, []byte(text), out, c); err != nil {
			t.Fatalf("%d: %v\n%s\n%s", i, err, text, out)
		}
	}
	if checked < 950 {
		t.Errorf("%d of 1000 variants are manifests", checked)
	}
	if split == 0 {
		t.Error("no createOptions was cut anew: the mutations do not reach that")
	}
}

// settled tells what is wrong with a manifest that was set.
func settled(t *testing.T, before, after []byte, c manifest.Change) error {
	t.Helper()
	if err := unmoved(t, before, after); err != nil {
		return err
	}
	if err := holds(after, "AmqpWs", c.Proxy.URL()); err != nil {
		return err
	}
	again, err := manifest.Parse("m.json", after)
	if err != nil {
		return err
	}
	if twice, err := again.Set(c); err != nil || !bytes.Equal(twice, after) {
		return fmt.Errorf("set twice: %w\n%s", err, twice)
	}
	for _, x := range []*manifest.Module{again.Agent, again.Hub} {
		if p, _ := x.Protocol(); p != report.AMQPWS {
			return fmt.Errorf("%s would use %s", x.Name, p)
		}
	}
	gone, err := again.Set(manifest.Change{Protocol: report.MQTT, NoProxy: true})
	if err != nil {
		return err
	}
	if err := unmoved(t, after, gone); err != nil {
		return fmt.Errorf("without the proxy: %w\n%s", err, gone)
	}
	return holds(gone, "Mqtt", "")
}
