//go:build !device

package check

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/inputs"
	"edgenet/internal/lab"
	"edgenet/internal/outputs"
)

// TestSweep runs a list of many hubs against the lab: each stands once in every output, in the
// list's order or not, and what an earlier run left is not probed again.
func TestSweep(t *testing.T) {
	t.Parallel()
	l, err := lab.Start(t.Context(), lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	dir, info := t.TempDir(), l.Info()
	at := func(name string) string { return filepath.Join(dir, name) }
	var list strings.Builder
	const hubs = 40
	for i := range hubs {
		fmt.Fprintf(&list, "no-such-%02d.azure-devices.test\tsite-%d\n", i, i%3)
	}
	list.WriteString(info.Hub + "\n")
	for name, text := range map[string][]byte{"ca.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE",
		Bytes: l.CA().Raw}), "hubs": []byte(list.String())} {
		if err := os.WriteFile(at(name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o := Options{Targets: at("hubs"), Root: dir, Parallel: 12, Ways: inputs.Ways{CAFiles: []string{at("ca.pem")},
		Resolvers: []string{info.DNS}}, Protocols: []string{"AMQP", "HTTPS"}, Depth: "tls"}
	for official, port := range map[int]int{5671: info.Ports.AMQPS, 443: info.Ports.HTTPS} {
		o.ConnectTo = append(o.ConnectTo, fmt.Sprintf("%s:%d:%s:%d", info.Hub, official, info.Addresses.Hub, port))
	}
	sweep := func(o Options) (out, log string, code int) {
		var stdout, stderr bytes.Buffer
		err := Run(t.Context(), &console.Console{Stdout: &stdout, Stderr: &stderr,
			Getenv: func(string) string { return "" }}, o)
		return stdout.String(), stderr.String(), exit.Code(err)
	}
	for _, unordered := range []bool{false, true} {
		o.Unordered, o.Options = unordered, outputs.Options{Format: "jsonl", Files: []string{at("all.jsonl"),
			at("all.csv"), at("all.html"), at("all.txt")}}
		out, log, code := sweep(o)
		names := hubsIn(t, out)
		if len(names) != hubs+1 || code != exit.Bad {
			t.Fatalf("%d hubs, code %d, %s", len(names), code, log)
		}
		for i, name := range names[:hubs] {
			if want := fmt.Sprintf("no-such-%02d.azure-devices.test", i); !unordered && name != want {
				t.Errorf("place %d: %s", i, name)
			}
		}
		file, err := os.ReadFile(at("all.jsonl"))
		if err != nil || len(hubsIn(t, string(file))) != hubs+1 {
			t.Errorf("the file has %d hubs, %v", len(hubsIn(t, string(file))), err)
		}
	}
	for name, want := range map[string]int{"all.csv": 2 * hubs, "all.html": hubs, "all.txt": hubs} {
		text, err := os.ReadFile(at(name))
		if n := strings.Count(string(text), ".azure-devices.test"); err != nil || n < want {
			t.Errorf("%s names hubs %d times, %v", name, n, err)
		}
	}
	resumes(t, dir, o, sweep)
}

// resumes goes on where a run was killed, in the middle of its 26th line.
func resumes(t *testing.T, dir string, o Options, sweep func(Options) (out, log string, code int)) {
	t.Helper()
	at := func(name string) string { return filepath.Join(dir, name) }
	whole, err := os.ReadFile(at("all.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(whole, []byte("\n"))
	if err := os.WriteFile(at("part.jsonl"), append(bytes.Join(lines[:25], nil), lines[30][:100]...),
		0o600); err != nil {
		t.Fatal(err)
	}
	o.Unordered, o.Resume, o.Options = false, at("part.jsonl"), outputs.Options{Format: "jsonl",
		Files: []string{at("part.jsonl")}}
	out, log, code := sweep(o)
	if n := len(hubsIn(t, out)); n != 41-25 || code != exit.Bad || !strings.Contains(log, "25 of 41 hubs stand") {
		t.Errorf("%d hubs were probed again, code %d: %s", n, code, log)
	}
	o.Options = outputs.Options{}
	if out, _, _ = sweep(o); !strings.Contains(out, "41 hubs: ") {
		t.Errorf("the table of a finished sweep:\n%s", out)
	}
}

// hubsIn are those of JSON lines; what was cut off is none.
func hubsIn(t *testing.T, text string) []string {
	t.Helper()
	var out []string
	seen := map[string]bool{}
	for line := range strings.Lines(text) {
		var r struct{ Target struct{ Hub string } }
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			continue
		}
		if seen[r.Target.Hub] {
			t.Errorf("%s stands there twice", r.Target.Hub)
		}
		seen[r.Target.Hub] = true
		out = append(out, r.Target.Hub)
	}
	return out
}
