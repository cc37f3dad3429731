package store

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"edgenet/internal/sidecar/machine"
	"edgenet/report"
)

// TestRecordOfAnotherVersion: a value of another kind is left out by itself.
func TestRecordOfAnotherVersion(t *testing.T) {
	t.Parallel()
	const text = `{"m":{"seq":5,"acked":"five","status":"ok","recommended":"AMQP","route":"direct","outages":{"n":3},"transport":["quic"],"later":{"x":1}},"t":[{"seq":4,"from":"ok","to":"down"},{"seq":"x"},7],"d":{"watchSec":90}}`
	dir := t.TempDir()
	line := fmt.Sprintf("%08x %s\n", checksum([]byte(text)), text)
	if err := os.WriteFile(filepath.Join(dir, fileName), []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	s := New(dir)
	got, err := s.Load()
	if err != nil || got.Skipped != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	m := got.Memory
	if m.Seq != 5 || m.Acked != 0 || m.Status != machine.StatusOK || m.Recommended != report.AMQP ||
		m.Route != "direct" || m.Outages != nil || m.Transport != "" {
		t.Errorf("%+v", m)
	}
	if len(got.Log) != 1 || got.Log[0].Seq != 4 || !json.Valid(got.Section) ||
		string(got.Section) != `{"watchSec":90}` {
		t.Errorf("%+v, %s", got.Log, got.Section)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestLinksAreNotFollowed: neither as the file nor as the one that is renamed to it.
func TestLinksAreNotFollowed(t *testing.T) {
	t.Parallel()
	const others = "somebody else's\n"
	for _, name := range []string{fileName, fileName + ".new"} {
		dir, out := t.TempDir(), filepath.Join(t.TempDir(), "other")
		if err := os.WriteFile(out, []byte(others), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(out, filepath.Join(dir, name)); err != nil {
			t.Skip("no links here: ", err) // Windows without the right to
		}
		s := New(dir)
		_, loaded := s.Load()
		s.size = compactAt // so that the file is written anew
		saved := s.Save(machine.Record{Memory: machine.Memory{Seq: 1}})
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		b, err := os.ReadFile(out)
		if err != nil || string(b) != others {
			t.Errorf("%s: the file behind the link is %q, %v", name, b, err)
		}
		if refused := loaded != nil && saved != nil; refused != (name == fileName) {
			t.Errorf("%s: loaded %v, saved %v", name, loaded, saved)
		}
	}
}
