package ready

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestFalseAlarms: where the runtime's own check is known to err, ours is right, and it is
// said why they differ.
func TestFalseAlarms(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		id, result, says string
		brk              func(*Facts)
	}{
		{"container-engine-logrotate", "warning", "driver local", func(*Facts) {}},
		{"container-engine-dns", "warning", "containers resolve without it", func(*Facts) {}},
		{"container-engine-uri", "ok", "the daemon does not", func(f *Facts) {
			f.Runtime.Version.Value,
				f.Engine.Version.Value.MinAPI = "1.5.21", "1.44"
		}},
		{"hostname", "error", "where the name leads", func(*Facts) {}},
		{"host-local-time", "warning", "NTP server", func(*Facts) {}},
		{"aziot-edge-version", "error", "internet", func(*Facts) {}},
		{"edge-hub-storage-mounted-from-host", "ok", "tmpfs", func(f *Facts) { hubOf(f).Mounts[0].Type = "tmpfs" }},
		{"certs-preloaded", "ok", "never looked at",
			func(f *Facts) { f.Certs.EdgeCA.Value.File.Certs[0].NotAfter = now }},
		{"configs-up-to-date", "warning", "times", func(*Facts) {}},
		{"check-agent-image", "error", "", func(*Facts) {}},
		{"container-connect-upstream-amqp", "error", "diagnostics image", func(*Facts) {}},
		{"prov-unknown-to-us", "error", "", nil},
	} {
		f := healthy()
		if tt.brk != nil {
			tt.brk(f)
		}
		rows, _ := Judge(f)
		list, err := ReadTheirs(strings.NewReader(`{"checks":{"` + tt.id + `":{"result":{"result":"` + tt.result +
			`","details":["x\ny"]}}}}`))
		if err != nil || len(list) != 1 {
			t.Fatal(err)
		}
		got := Compare(list, rows)[0]
		if tt.brk == nil {
			if got.Agree != nil || len(got.Ours) > 0 {
				t.Errorf("%+v", got)
			}
			continue
		}
		if got.Agree == nil || *got.Agree || !strings.Contains(got.Why, tt.says) || got.Why == "" {
			t.Errorf("%s: %+v, want that it differs because %q", tt.id, got, tt.says)
		}
	}
}

func TestReadTheirs(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "[]", "{}", `{"checks":3}`, "checks"} {
		if _, err := ReadTheirs(strings.NewReader(text)); !errors.Is(err, ErrNotACheck) {
			t.Errorf("%q: %v", text, err)
		}
	}
	list, err := ReadTheirs(strings.NewReader(
		`{"checks":{"b":{"result":{"result":"fatal"}},"a":{"result":{"result":"ok"}}}}` + "\n\n"))
	if err != nil || !slices.IsSortedFunc(list, func(x, y Their) int { return strings.Compare(x.ID, y.ID) }) ||
		len(list) != 2 {
		t.Errorf("%+v, %v", list, err)
	}
	if _, err := ReadTheirs(strings.NewReader(`{"checks":{"a":{"result":{"details":["` +
		strings.Repeat("x", maxTheirs) + `"]}}}}`)); err == nil {
		t.Error("a text without end was taken")
	}
}
