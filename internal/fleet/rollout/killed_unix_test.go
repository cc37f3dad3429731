//go:build unix

package rollout

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"edgenet/internal/fleet"
)

// TestJournalKilled: whatever the moment of a SIGKILL, the journal opens again with every line
// that was told to be on the disk, in their order, and nothing stands beside it.
func TestJournalKilled(t *testing.T) {
	t.Parallel()
	if path := os.Getenv("ROLLOUT_WRITES"); path != "" {
		writeJournal(path)
	}
	path := filepath.Join(t.TempDir(), "plan.json.journal")
	kills := 40
	if n, err := strconv.Atoi(os.Getenv("EDGENET_KILLS")); err == nil {
		kills = n
	} else if os.Getenv("EDGENET_HOSTILE") != "" {
		kills = 300
	}
	for range kills {
		told := killWriter(t, path)
		f, err := OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		writes := f.Journal().Writes
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if len(writes) < told {
			t.Fatalf("%d lines, and %d were told", len(writes), told)
		}
		for i, w := range writes {
			if w.N != i+1 {
				t.Fatalf("line %d is %d", i+1, w.N)
			}
		}
		entries, err := os.ReadDir(filepath.Dir(path))
		if err != nil || len(entries) != 1 {
			t.Fatalf("%v, %v", entries, err)
		}
	}
}

// killWriter starts a writer, ends it at some moment, and gives the last number that it told.
func killWriter(t *testing.T, path string) (told int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestJournalKilled$")
	cmd.Env = append(os.Environ(), "ROLLOUT_WRITES="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		t.Fatal("it does not begin")
	}
	time.AfterFunc(time.Duration(rand.IntN(20_000))*time.Microsecond, func() { _ = cmd.Process.Kill() })
	for {
		if n, err := strconv.Atoi(lines.Text()); err == nil {
			told = n
		}
		if !lines.Scan() {
			break
		}
	}
	_ = cmd.Wait() // killed
	return told
}

func writeJournal(path string) {
	f, err := OpenFile(path)
	for n := 1; err == nil; n++ {
		if n == 1 {
			n += len(f.Journal().Writes)
			fmt.Println(n - 1)
		}
		err = f.Append(fleet.Entry{N: n, Kind: fleet.WriteTag, ID: fmt.Sprint("device-", n), State: fleet.Intended,
			Plan: "x"})
		fmt.Println(n)
	}
	fmt.Println(err)
	os.Exit(1)
}
