package store_test

import (
	"os"
	"path/filepath"
	"reflect"
	"syscall"
	"testing"

	"edgenet/internal/sidecar/store"
)

// TestFull: a disk that is full in the middle of a record loses that record and nothing
// else. A limit on the file's size stands for it, which the kernel enforces at a byte.
func TestFull(t *testing.T) {
	if os.Getenv("EDGENET_TEST_FULL") == "" {
		p, err := os.StartProcess(os.Args[0], []string{os.Args[0], "-test.run=^TestFull$", "-test.v"},
			&os.ProcAttr{Env: append(os.Environ(), "EDGENET_TEST_FULL="+t.TempDir()),
				Files: []*os.File{nil, os.Stdout, os.Stderr}})
		if err != nil {
			t.Fatal(err)
		}
		if state, err := p.Wait(); err != nil || !state.Success() {
			t.Errorf("%v %v", state, err)
		}
		return
	}
	dir := os.Getenv("EDGENET_TEST_FULL")
	s, _ := load(t, dir)
	save(t, s, record(1))
	info, err := os.Stat(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	for extra := range uint64(40) {
		limit := before
		limit.Cur = uint64(info.Size()) + extra
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			t.Fatal(err)
		}
		if err := s.Save(record(2)); err == nil {
			t.Fatal("it fits")
		}
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
			t.Fatal(err)
		}
		other := store.New(dir)
		l, err := other.Load()
		_ = other.Close()
		if err != nil || !reflect.DeepEqual(l, want(1)) {
			t.Fatalf("%d bytes more: %v %+v", extra, err, l)
		}
	}
	save(t, s, record(2))
	if _, l := load(t, dir); !reflect.DeepEqual(l, want(2)) {
		t.Errorf("%+v", l)
	}
}
