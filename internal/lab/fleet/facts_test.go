package fleet

import (
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/internal/lab/twinsql"
	"edgenet/report"
)

// What the simulated module says are words of the real one: causes, findings, protocols.
func TestWordsAreTheModules(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 6_000, Seed: 1, Changes: 24 * time.Hour})
	f.Advance(20 * 24 * time.Hour)
	var findings []string
	for _, i := range report.FindingTable() {
		findings = append(findings, string(i.Code))
	}
	var causes []string
	for _, i := range report.Causes() {
		causes = append(causes, string(i.Code))
	}
	cause := func(label string) {
		bare := strings.TrimPrefix(label, "proxy/")
		if label != good && !slices.Contains(causes, bare) {
			t.Errorf("no cause is named %s", label)
		}
	}
	seen := map[string]bool{}
	for _, x := range f.facts {
		seen[x.status] = true
		for _, section := range []string{"direct", "proxy"} {
			o, _ := x.static.Get(section).(object)
			for _, m := range o {
				cause(text(m.Value))
				if !slices.Contains(report.Protocols(), report.Protocol(m.Name)) {
					t.Errorf("no protocol is named %s", m.Name)
				}
			}
		}
		if c, ok := x.static.Get("cause").(string); ok {
			cause(c)
		}
		list, _ := x.static.Get("findings").([]any)
		for _, code := range list {
			if !slices.Contains(findings, text(code)) {
				t.Errorf("no finding is named %v", code)
			}
		}
		if n := len(twinsql.Append(nil, x.static)); n > 1700 {
			t.Errorf("a report of %d bytes", n)
		}
	}
	if len(seen) != 3 || len(f.facts) < 30 {
		t.Errorf("only %v in %d reports", seen, len(f.facts))
	}
}

// What a row answers by itself is what stands in the document.
func TestRowsAgreeWithDocuments(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 200, Seed: 6, Changes: 24 * time.Hour})
	deploy(t, f, "ws", "tags.region='north'", 20, BaseContent("AmqpWs", ""))
	call(t, f, "PATCH", "/twins/edge-000001/modules/edgenet",
		`{"tags":{"edgenet":{"class":"ws"}},"properties":{"desired":{"holdSec":9}}}`)
	f.Advance(50 * time.Hour)
	paths := 0
	var compare func(row twinsql.Row, value any, path []string)
	compare = func(row twinsql.Row, value any, path []string) {
		if len(path) > 0 {
			paths++
			if got := row.Get(path); string(twinsql.Append(nil, got)) != string(twinsql.Append(nil, value)) {
				t.Errorf("%s: %s, the document has %s", strings.Join(path, "."), twinsql.Append(nil, got),
					twinsql.Append(nil, value))
			}
		}
		if o, ok := value.(object); ok {
			for _, m := range o {
				compare(row, m.Value, append(slices.Clone(path), m.Name))
			}
		}
	}
	for _, from := range []string{twinsql.FromDevices, twinsql.FromModules} {
		for i := range f.rowsOf(from) {
			f.visit(from, i, f.now(), func(r twinsql.Row) { compare(r, document(r), nil) })
		}
	}
	if paths < 20_000 {
		t.Errorf("only %d paths were compared", paths)
	}
}
