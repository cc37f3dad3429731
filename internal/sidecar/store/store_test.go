package store_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"edgenet/internal/sidecar/machine"
	"edgenet/internal/sidecar/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const name = "edgenet.state"

func record(n uint64) machine.Record {
	at := time.Date(2026, 1, 2, 3, 4, int(n), 0, time.UTC)
	r := machine.Record{
		Memory: machine.Memory{Seq: n, Acked: n - 1, Status: machine.StatusOK, ChangedAt: at,
			Outages: []machine.Outage{{Start: at, Sec: int64(n)}}},
		New: []machine.Transition{{Seq: n, At: at, From: machine.StatusDown, To: machine.StatusOK,
			Cause: "tcp.timeout"}},
	}
	if n%3 == 0 {
		r.Desired = json.RawMessage(fmt.Sprintf(`{"failAfter":%d}`, n))
	}
	return r
}

func load(t *testing.T, dir string) (*store.Store, store.Loaded) {
	t.Helper()
	s := store.New(dir)
	l, err := s.Load()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, l
}

func save(t *testing.T, s *store.Store, r machine.Record) {
	t.Helper()
	if err := s.Save(r); err != nil {
		t.Fatal(err)
	}
}

// want is what records 1 to n leave behind.
func want(n uint64) store.Loaded {
	var l store.Loaded
	for i := uint64(1); i <= n; i++ {
		r := record(i)
		l.Memory = r.Memory
		l.Log = append(l.Log, r.New...)
		if r.Desired != nil {
			l.Section = r.Desired
		}
	}
	return l
}

func TestSaveLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, l := load(t, dir)
	if !reflect.DeepEqual(l, store.Loaded{}) {
		t.Errorf("an empty directory remembers %+v", l)
	}
	for n := uint64(1); n <= 7; n++ {
		save(t, s, record(n))
	}
	if _, l := load(t, dir); !reflect.DeepEqual(l, want(7)) {
		t.Errorf("%+v", l)
	}
}

// TestCutAnywhere: whatever of a file is left by a SIGKILL or a loss of power, it is the
// state after some record, and goes on from there.
func TestCutAnywhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, _ := load(t, dir)
	ends := []int{0}
	for n := uint64(1); n <= 6; n++ {
		save(t, s, record(n))
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, int(info.Size()))
	}
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	cut := t.TempDir()
	whole := uint64(0)
	for length := range len(text) + 1 {
		if int(whole) < 6 && length >= ends[whole+1] {
			whole++
		}
		if err := os.WriteFile(filepath.Join(cut, name), text[:length], 0o600); err != nil {
			t.Fatal(err)
		}
		s := store.New(cut)
		l, err := s.Load()
		if err != nil || !reflect.DeepEqual(l, want(whole)) {
			t.Fatalf("cut at %d: %v, %+v", length, err, l)
		}
		save(t, s, record(whole+1))
		_ = s.Close()
		again := store.New(cut)
		if l, err = again.Load(); err != nil || !reflect.DeepEqual(l, want(whole+1)) {
			t.Fatalf("cut at %d, and one more: %v, %+v", length, err, l)
		}
		_ = again.Close()
	}
}

// TestDamage: a record whose bits have changed is skipped, the others count.
func TestDamage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, _ := load(t, dir)
	for n := uint64(1); n <= 3; n++ {
		save(t, s, record(n))
	}
	path := filepath.Join(dir, name)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range text {
		bad := append([]byte(nil), text...)
		bad[i] ^= 4
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		s := store.New(dir)
		l, err := s.Load()
		_ = s.Close()
		if err != nil || l.Memory.Seq == 0 || len(l.Log) < 1 {
			t.Fatalf("byte %d: %v %+v", i, err, l)
		}
		if l.Skipped == 0 && l.Memory.Seq == 3 {
			t.Fatalf("byte %d: nobody noticed", i)
		}
	}
}

// TestWrittenAnew: the file does not grow without end, and loses nothing when it is
// written anew.
func TestWrittenAnew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, _ := load(t, dir)
	most, shrunk, last := int64(0), 0, int64(0)
	for n := uint64(1); n <= 2000; n++ {
		save(t, s, record(n))
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() < last {
			shrunk++
		}
		last = info.Size()
		most = max(most, last)
	}
	_, l := load(t, dir)
	all := want(2000)
	all.Log = all.Log[len(all.Log)-256:]
	if !reflect.DeepEqual(l, all) {
		t.Errorf("%+v", l.Memory)
	}
	if most > 256<<10 || shrunk < 2 {
		t.Errorf("%d bytes at most, written anew %d times", most, shrunk)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("%v", left)
	}
}

func TestNoDirectory(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{"", filepath.Join(t.TempDir(), "missing")} {
		s := store.New(dir)
		if _, err := s.Load(); err == nil {
			t.Errorf("%q was read", dir)
		}
		if err := s.Save(record(1)); err == nil || strings.Contains(err.Error(), "missing") {
			t.Errorf("%q: %v", dir, err)
		}
	}
}

// TestDirectoryComesLater: what is known then is written, not what an older file says.
func TestDirectoryComesLater(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "later")
	s := store.New(dir)
	if _, err := s.Load(); err == nil {
		t.Fatal("there is nothing")
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	save(t, s, record(1))
	save(t, s, record(2))
	_ = s.Close()
	if _, l := load(t, dir); !reflect.DeepEqual(l, want(2)) {
		t.Errorf("%+v", l)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte("00000000 {}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
		s := store.New(dir)
		l, err := s.Load()
		if err != nil {
			t.Fatal(err)
		}
		r := record(l.Memory.Seq + 1)
		save(t, s, r)
		_ = s.Close()
		again, l := load(t, dir)
		_ = again.Close()
		if !reflect.DeepEqual(l.Memory, r.Memory) {
			t.Errorf("%+v", l.Memory)
		}
	})
}
