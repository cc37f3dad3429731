package sidecar

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// TestRelease: the program runs on, and what was let go is read again.
func TestRelease(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if m := cleanMappings(f, exe); len(m) == 0 {
		t.Error("nothing of the program can be let go")
	}
	var m memory
	t.Cleanup(func() { m.wake(m.rests) })
	for range 3 {
		m.release()
	}
}

func TestCleanMappings(t *testing.T) {
	t.Parallel()
	const text = `00400000-00500000 r-xp 00000000 08:01 1 /edgenet
Rss:                  16 kB
Anonymous:             0 kB
00500000-00580000 r--p 00100000 08:01 1 /edgenet
Anonymous:             4 kB
00580000-00600000 rw-p 00180000 08:01 1 /edgenet
Anonymous:             0 kB
00600000-00700000 r-xp 00000000 08:01 2 /lib/other
Anonymous:             0 kB
7ffc0000-7ffd0000 r-xp 00000000 00:00 0 [vdso]
Anonymous:             0 kB
`
	if m := cleanMappings(strings.NewReader(text), "/edgenet"); !reflect.DeepEqual(m, []mapping{{0x400000, 0x100000}}) {
		t.Errorf("%x", m)
	}
}
