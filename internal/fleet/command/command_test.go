package command

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/fleet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// rows is what az iot hub query prints of one device.
func rows(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "twins.json")
	text := `[{"deviceId":"d1","moduleId":"` + fleet.Module + `","properties":{"reported":{"edgenet":{"schema":"` +
		fleet.Schema + `","status":"ok","checkedAt":"` + time.Now().UTC().Format(time.RFC3339) + `"}}}}]`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func status(ctx context.Context, con *console.Console, from string, outputs ...string) error {
	return Status(ctx, con, StatusOptions{From: from, Stale: DefaultStale,
		SummaryOptions: SummaryOptions{Format: "text", Outputs: outputs}})
}

func quiet(out, complaints *bytes.Buffer) *console.Console {
	return &console.Console{Stdout: out, Stderr: complaints, Getenv: func(string) string { return "" }}
}

// TestOutputs: what cannot be written is 4 where the answer is good, 2 where that is known
// before anything was asked, and costs no other output.
func TestOutputs(t *testing.T) {
	t.Parallel()
	var out, complaints bytes.Buffer
	con := quiet(&out, &complaints)
	from, dir := rows(t), t.TempDir()
	good := filepath.Join(dir, "fleet.json")
	if err := status(t.Context(), con, from, good, filepath.Join(dir, "fleet.prom")); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(good); err != nil || !strings.HasPrefix(string(text), "{") || out.Len() == 0 {
		t.Errorf("%v, %q", err, text)
	}
	for _, name := range []string{"fleet.exe", "none/fleet.json", "."} {
		if err := status(t.Context(), con, from, filepath.Join(dir, name)); exit.Code(err) != exit.Usage {
			t.Errorf("%s: %v", name, err)
		}
	}
	con.Stdout = full{}
	again := filepath.Join(dir, "again.json")
	if err := status(t.Context(), con, from, again); exit.Code(err) != exit.Output {
		t.Errorf("a full disk: %v", err)
	}
	if _, err := os.Stat(again); err != nil {
		t.Error(err)
	}
	err := Devices(t.Context(), con, DevicesOptions{From: from, Format: "csv", Stale: DefaultStale})
	if exit.Code(err) != exit.Output {
		t.Errorf("a list to a full disk: %v", err)
	}
}

// TestInputs: what cannot be read is 2, without a word on the usage.
func TestInputs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bad := filepath.Join(dir, "bad.json")
	if err := os.WriteFile(bad, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, from := range []string{"-", dir, bad, filepath.Join(dir, "none")} {
		var out, complaints bytes.Buffer
		con := quiet(&out, &complaints)
		for name, err := range map[string]error{
			"status":  status(t.Context(), con, from),
			"devices": Devices(t.Context(), con, DevicesOptions{From: from, Format: "text", Stale: DefaultStale}),
			"apply":   Apply(t.Context(), con, from, ApplyOptions{Wave: 1, Window: time.Minute}),
		} {
			if exit.Code(err) != exit.Usage || exit.Help(err) {
				t.Errorf("%s %s: %v", name, from, err)
			}
		}
		if out.Len() > 0 {
			t.Errorf("%s: printed %q", from, out.String())
		}
	}
}

// TestNobodyToAsk: credentials and the answer cannot both be on standard input.
func TestNobodyToAsk(t *testing.T) {
	t.Parallel()
	o := ApplyOptions{Wave: 1, Window: time.Minute, Hub: HubOptions{TokenFile: "-"}}
	if err := o.check(); exit.Code(err) != exit.Usage {
		t.Errorf("got %v", err)
	}
	if o.Yes = true; o.check() != nil {
		t.Errorf("got %v", o.check())
	}
}
