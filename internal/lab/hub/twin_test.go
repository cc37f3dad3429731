package hub

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"edgenet/internal/iothub"
)

func testHub(t *testing.T) (*Hub, Identity) {
	t.Helper()
	h := New("h.test", func(string, string, string) {}, nil)
	id := Identity{Device: "d"}
	if _, err := h.Add(id); err != nil {
		t.Fatal(err)
	}
	return h, id
}

func TestTwinRules(t *testing.T) {
	deep := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	tests := []struct {
		name, patch string
		ok          bool
	}{
		{"empty", `{}`, true},
		{"null deletes", `{"a":null}`, true},
		{"own version is not looked at", `{"$version":7}`, true},
		{"10 levels", deep(10), true},
		{"11 levels", deep(11), false},
		{"dot in a key", `{"a.b":1}`, false},
		{"dollar in a key", `{"a":{"$b":1}}`, false},
		{"space in a key", `{"a b":1}`, false},
		{"control character in a key", `{"a\u0001":1}`, false},
		{"empty key", `{"":1}`, false},
		{"key of 1 KiB", `{"` + strings.Repeat("k", 1024) + `":1}`, true},
		{"longer key", `{"` + strings.Repeat("k", 1025) + `":1}`, false},
		{"string of 4 KiB", `{"a":"` + strings.Repeat("x", 4096) + `"}`, true},
		{"longer string", `{"a":"` + strings.Repeat("x", 4097) + `"}`, false},
		{"largest integer", `{"a":4503599627370495}`, true},
		{"larger integer", `{"a":4503599627370496}`, false},
		{"smallest integer", `{"a":-4503599627370496}`, true},
		{"array", `{"a":[1,"x",{"b":1}]}`, true},
		{"null in an array", `{"a":[null]}`, false},
		{"not JSON", `{`, false},
		{"an array", `[]`, false},
		{"null", `null`, false},
		{"two objects", `{} {}`, false},
	}
	for _, tt := range tests {
		h, id := testHub(t)
		_, err := h.Report(id, []byte(tt.patch))
		var refused *StatusError
		if (err == nil) != tt.ok || err != nil && (!errors.As(err, &refused) || refused.Status != 400) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// 32 KB in all, however many patches it took, and nothing changes beyond.
func TestTwinSize(t *testing.T) {
	h, id := testHub(t)
	for i := range 9 {
		_, err := h.Report(id, fmt.Appendf(nil, `{"k%d":%q}`, i, strings.Repeat("x", 4000)))
		if full := i == 8; (err != nil) != full {
			t.Errorf("patch %d: %v", i, err)
		}
	}
	b, err := h.Reported(id)
	if err != nil || strings.Contains(string(b), "k8") || !strings.Contains(string(b), `"$version":9`) {
		t.Errorf("%d bytes, %v", len(b), err)
	}
}

func TestMerge(t *testing.T) {
	object := func(text string) object {
		o, err := parseObject([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	for _, tt := range [][3]string{
		{`{"a":1,"b":2}`, `{"b":null,"c":3}`, `{"a":1,"c":3}`},
		{`{"a":{"x":1,"y":2}}`, `{"a":{"x":null}}`, `{"a":{"y":2}}`},
		{`{"a":[1,2]}`, `{"a":[3]}`, `{"a":[3]}`},
		{`{"a":1}`, `{"a":{"b":{"c":null,"d":1}}}`, `{"a":{"b":{"d":1}}}`},
	} {
		before := string(mustJSON(object(tt[0])))
		old := object(tt[0])
		if got := string(mustJSON(merge(old, object(tt[1])))); got != tt[2] {
			t.Errorf("%s and %s: %s", tt[0], tt[1], got)
		}
		if string(mustJSON(old)) != before {
			t.Errorf("%s was changed", tt[0])
		}
	}
	// What an edgeHub keeps for later must still delete later.
	if got := string(mustJSON(stack(object(`{"a":{"x":1}}`),
		object(`{"a":{"x":null,"y":2}}`)))); got != `{"a":{"x":null,"y":2}}` {
		t.Errorf("stacked: %s", got)
	}
}

func TestParseUserName(t *testing.T) {
	tests := []struct {
		name, host string
		id         Identity
		ok         bool
	}{
		{"h.test/d/?api-version=2021-04-12", "h.test", Identity{"d", ""}, true},
		{"h.test/d/m/?api-version=2021-04-12&DeviceClientType=x", "h.test", Identity{"d", "m"}, true},
		{"h.test/d/api-version=2016-11-14", "h.test", Identity{"d", ""}, true},
		{"h.test/d?api-version=2021-04-12", "h.test", Identity{"d", ""}, true},
		{"h.test/d/", "", Identity{}, false},
		{"h.test/d/?api-version=", "", Identity{}, false},
		{"h.test/?api-version=1", "", Identity{}, false},
		{"h.test/d/m/x/?api-version=1", "", Identity{}, false},
		{"", "", Identity{}, false},
	}
	for _, tt := range tests {
		host, id, err := parseUserName(tt.name)
		if (err == nil) != tt.ok || tt.ok && (host != tt.host || id != tt.id) {
			t.Errorf("%q: %q %v, %v", tt.name, host, id, err)
		}
	}
}

func TestParseAudience(t *testing.T) {
	for text, want := range map[string]Identity{
		"h.test/devices/d":                   {"d", ""},
		"h.test/devices/d/modules/m":         {"d", "m"},
		"h.test%2Fdevices%2Fd%2Fmodules%2Fm": {"d", "m"},
		"h.test/devices/a%23b":               {"a#b", ""},
		"amqps://h.test/devices/d":           {"d", ""},
		"h.test/devices/d/messages/events":   {},
		"h.test":                             {},
		"":                                   {},
		"h.test/devices/" + strings.Repeat("d", maxID+1): {},
	} {
		host, id, ok := parseAudience(text)
		if ok != (want != Identity{}) || ok && (id != want || host != "h.test") {
			t.Errorf("%q: %q %v %v", text, host, id, ok)
		}
	}
}

// A session that records what it is told.
type recorder struct {
	notices []string
	kicked  string
}

func (r *recorder) Kick(reason string)                  { r.kicked = reason }
func (r *recorder) Desired(patch []byte, version int64) { r.notices = append(r.notices, string(patch)) }
func (r *recorder) Invoke(Call) bool                    { return true }

func TestMethodTimesOut(t *testing.T) {
	h, id := testHub(t)
	defer h.Connect(id, &recorder{})()
	_, err := h.Invoke(t.Context(), id, "m", nil, 0, 50*time.Millisecond)
	if statusOf(err) != 504 {
		t.Errorf("a client that does not answer: %v", err)
	}
	if _, err := h.Invoke(t.Context(), Identity{Device: "nobody"}, "m", nil, 0, time.Second); statusOf(err) != 404 {
		t.Errorf("nobody: %v", err)
	}
	if len(h.calls) != 0 {
		t.Error("a call is left over")
	}
}

func TestDisableEndsTheConnection(t *testing.T) {
	h, id := testHub(t)
	r := &recorder{}
	defer h.Connect(id, r)()
	if err := h.Disable(id, true); err != nil || r.kicked == "" {
		t.Errorf("%v, kicked %q", err, r.kicked)
	}
}

func TestServiceView(t *testing.T) {
	h, id := testHub(t)
	if _, err := h.SetDesired(id, []byte(`{"a":1}`)); err != nil {
		t.Fatal(err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	var o map[string]any
	if err := json.Unmarshal(mustJSON(h.entries[id].twin.desired.forService()), &o); err != nil {
		t.Fatal(err)
	}
	if o["a"] != float64(1) || o["$version"] != float64(2) || o["$metadata"] == nil {
		t.Errorf("%v", o)
	}
}

// Who may log in as a device: itself, and policies with that permission.
func TestPolicies(t *testing.T) {
	h, id := testHub(t)
	for policy, want := range map[string]bool{PolicyOwner: true, PolicyService: false, "nobody": false} {
		key := h.PolicyKey(policy)
		if key.IsZero() {
			key = newKey()
		}
		sign, err := iothub.KeySigner(key)
		if err != nil {
			t.Fatal(err)
		}
		token, err := iothub.NewToken("h.test", policy, time.Now().Add(time.Hour), sign)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Authenticate(id, Credentials{Token: token.Reveal()}); (err == nil) != want {
			t.Errorf("%s: %v", policy, err)
		}
		if err := h.authenticatePolicy(token.Reveal()); (err == nil) != (policy != "nobody") {
			t.Errorf("%s for the service: %v", policy, err)
		}
	}
}
