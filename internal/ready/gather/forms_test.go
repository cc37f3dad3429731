package gather

import (
	"slices"
	"strings"
	"testing"

	"edgenet/internal/ready"
)

// TestForms: size and time to live are found in every form that a manifest has.
func TestForms(t *testing.T) {
	t.Parallel()
	const agent = `{"schemaVersion":"1.1","systemModules":{},"modules":{"m":{"settings":{"image":"a:1.2.3"}}}}`
	const hub = `{"schemaVersion":"1.1","storeAndForwardConfiguration":{"timeToLiveSecs":60}}`
	both := `{"$edgeAgent":{"properties.desired":` + agent + `},"$edgeHub":{"properties.desired":` + hub + `}}`
	nested := `{"$edgeAgent":{"properties":{"desired":` + agent + `}},"$edgeHub":{"properties":{"desired":` +
		hub + `}}}`
	for _, tt := range []struct {
		name, text string
		size, ttl  bool
	}{
		{"az", `{"modulesContent":` + both + `}`, true, true},
		{"2018", `{"moduleContent":` + both + `}`, true, true},
		{"configuration", `{"id":"x","content":{"modulesContent":` + both + `}}`, true, true},
		{"bare", both, true, true},
		{"nested", `{"modulesContent":` + nested + `}`, true, true},
		{"agent's twin", `{"deviceId":"d","moduleId":"$edgeAgent","properties":{"desired":` + agent + `}}`,
			true, false},
		{"hub's twin", `{"deviceId":"d","moduleId":"$edgeHub","properties":{"desired":` + hub + `}}`, false, true},
		{"a twin without a name", `{"properties":{"desired":` + agent + `}}`, true, false},
		{"another twin", `{"moduleId":"filter","properties":{"desired":` + agent + `}}`, false, false},
		{"nothing", `[]`, false, false}, {"no JSON", `{`, false, false},
	} {
		f := healthy(t)
		f.options.Deployment = []byte(tt.text)
		rows := f.judge()
		has := func(id string, s ready.Status, text string) bool {
			return slices.ContainsFunc(rows[id],
				func(r ready.Row) bool { return r.Status == s && strings.Contains(r.Summary, text) })
		}
		if has("manifest.size", ready.OK, "with 1 of 50") != tt.size ||
			has("hub.ttl", ready.Warning, "60 s") != tt.ttl {
			t.Errorf("%s: %+v, %+v", tt.name, rows["manifest.size"], rows["hub.ttl"])
		}
	}
}

func FuzzDesired(f *testing.F) {
	f.Add([]byte(`{"moduleId":"$edgeHub","properties":{"desired":{}}}`))
	f.Fuzz(func(_ *testing.T, text []byte) { _, _ = desired(text, "$edgeHub"), desired(text, "$edgeAgent") })
}
