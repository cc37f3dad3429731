package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"edgenet/report"
)

// TestStarved: a process that gets little of a processor's time is on no slow link. It
// makes the same experiments, and finds the same cause.
func TestStarved(t *testing.T) {
	t.Parallel()
	for _, turn := range []string{"once", "twice"} { // where the process stops is chance
		t.Run(turn, func(t *testing.T) {
			t.Parallel()
			starvedOnce(t)
		})
	}
}

func starvedOnce(t *testing.T) {
	t.Helper()
	r := starve(t, time.Millisecond, 100*time.Millisecond, "check", "--lab", "--fault", "amqps=mtu", "--route",
		"direct", "--timeout", "5s", "-f", "json")
	amqp, https := r.Results[0], r.Results[4]
	if amqp.Cause != report.TLSMTU || https.Status != report.OK {
		t.Errorf("AMQP: %s, HTTPS: %s %s: %+v", amqp.Cause, https.Status, https.Cause, amqp.Experiments)
	}
	if i := slices.IndexFunc(r.Findings, func(f report.Finding) bool {
		return f.Code == report.NetworkSlow || f.Code == report.HostBusy || f.Code == report.FirewallProtocol
	}); i >= 0 {
		t.Errorf("%+v", r.Findings[i])
	}
	if d, is := https.Steps[len(https.Steps)-1].Detail.(*report.HTTPDetail); !is || d.PaddedBytes == 0 {
		t.Errorf("what fills a packet was not sent: %+v", d)
	}
}

// starve runs the program, and lets it run in turns alone.
func starve(t *testing.T, runs, stops time.Duration, args ...string) (r report.Report) {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "edgenet")
	if err := os.Symlink(os.Args[0], program); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Dir, cmd.Env = dir, []string{"TEST_ROOT=" + dir, "PATH=" + os.Getenv("PATH")}
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = cmd.Wait() }() // the exit code is one of many
	for turn := 0; ; turn++ {
		wait, sig := runs, syscall.SIGCONT
		if turn%2 == 1 {
			wait, sig = stops, syscall.SIGSTOP
		}
		_ = cmd.Process.Signal(sig) // it may have ended
		select {
		case <-ended:
			if err := json.Unmarshal(out.Bytes(), &r); err != nil || len(r.Results) < 5 {
				t.Fatalf("%v: %s%s", err, out.Bytes(), said.Bytes())
			}
			return r
		case <-time.After(wait):
		}
	}
}
