//go:build unix

package store_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"edgenet/internal/sidecar/store"
)

// TestKilled: SIGKILL at many moments, while records are added and the file is written
// anew, leaves the state after some record, none older than what was said to be saved,
// and nothing beside it.
func TestKilled(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv("EDGENET_TEST_SAVES"); dir != "" {
		saveForEver(dir)
	}
	kills := 30
	if os.Getenv("EDGENET_HOSTILE") != "" {
		kills = 300
	}
	dir := t.TempDir()
	for range kills {
		said := killOne(t, dir)
		s := store.New(dir)
		l, err := s.Load()
		_ = s.Close()
		if err != nil || l.Skipped != 0 || l.Memory.Seq < said {
			t.Fatalf("record %d was saved: %v, %d skipped, record %d", said, err, l.Skipped, l.Memory.Seq)
		}
		entries, err := os.ReadDir(dir)
		if err != nil || runtime.GOOS == "linux" && (len(entries) != 1 || entries[0].Name() != name) {
			t.Fatalf("%v, %v", entries, err)
		}
	}
}

// killOne lets a process save, kills it, and gives the last record that it said was saved.
func killOne(t *testing.T, dir string) (said uint64) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	cmd.Env = append(os.Environ(), "EDGENET_TEST_SAVES="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for armed := false; lines.Scan(); armed = true {
		if _, err := fmt.Sscan(lines.Text(), &said); err != nil {
			t.Errorf("it says %q", lines.Text())
		}
		if !armed {
			time.AfterFunc(time.Duration(rand.IntN(30_000))*time.Microsecond, func() { _ = cmd.Process.Kill() })
		}
	}
	_ = cmd.Wait() // it was killed
	return said
}

func saveForEver(dir string) {
	s := store.New(dir)
	l, err := s.Load()
	for n := l.Memory.Seq + 1; err == nil; n++ {
		r := record(n)
		r.Desired = json.RawMessage(`"` + strings.Repeat("x", 20_000) + `"`) // so that it is written anew often
		if err = s.Save(r); err == nil {
			fmt.Println(n)
		}
	}
	fmt.Println(err)
	os.Exit(1)
}
