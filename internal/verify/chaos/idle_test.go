//go:build chaos && linux

package chaos

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The goals of a module that has nothing to do, at default intervals.
const (
	goalMemory = 20e6 // bytes resident, at every sample
	goalCPU    = 0.001
	slack      = 2 // goroutines and descriptors that a look at the moment may find

	shortestLook = 270 * time.Second // between looks at the path in use: watchSec less a tenth
)

// TestIdle is a module in a network where nothing happens, for as long as EDGENET_IDLE says:
// what it takes stays under the goals, and is at the end what it was at the start.
func TestIdle(t *testing.T) {
	text := os.Getenv("EDGENET_IDLE")
	if text == "" {
		t.Skip("EDGENET_IDLE is not set: 1h is a good choice")
	}
	lasts, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("EDGENET_IDLE: %v", err)
	}
	s := build(t, 1)
	s.start(false)
	s.eventually("ready", func() error { _, err := s.get("/readyz"); return err })
	time.Sleep(time.Minute) // what the start left behind is given back
	first, before := s.measure(), s.taken()
	begun, guests, refusals := time.Now(), s.guests.Load(), s.refusals.Load()
	t.Logf("at the start: %s", before)
	samples := []taken{before}
	for left := lasts; left > 0; left -= time.Minute {
		time.Sleep(min(left, time.Minute))
		s.alive()
		samples = append(samples, s.taken())
	}
	took, after, last := time.Since(begun), samples[len(samples)-1], s.measure()
	most := slices.MaxFunc(samples, func(a, b taken) int { return int(a.resident - b.resident) })
	share := (after.cpu - before.cpu).Seconds() / took.Seconds()
	t.Logf("after %s: %s; at most %.1f MB resident; %.4f %% of one processor", took.Round(time.Second), after,
		float64(most.resident)/1e6, 100*share)
	woken := float64(after.wakes-before.wakes) / took.Seconds()
	load, _ := os.ReadFile("/proc/loadavg") // where others want the processors, a look takes longer and wakes more
	t.Logf("woken %.2f times a second, the load at the end is %s", woken, load)
	t.Logf("goroutines: %.0f at the start, %.0f at the end", first.goroutines, last.goroutines)
	guests, refusals = s.guests.Load()-guests, s.refusals.Load()-refusals
	t.Logf("the hub saw %d connections and refused %d logins", guests, refusals)
	if looks := int64(took/shortestLook) + 1; took < 5*time.Hour &&
		(guests > looks || refusals > 0) { // the next full check is not before
		t.Errorf("the hub saw %d connections and refused %d logins, expected %d looks at most", guests, refusals, looks)
	}
	if most.resident > goalMemory || share > goalCPU {
		t.Errorf("%d bytes resident, %.4f %% of one processor", most.resident, 100*share)
	}
	if last.goroutines > first.goroutines+slack || after.files > before.files+slack {
		t.Errorf("%.0f goroutines and %d descriptors, %.0f and %d at the start", last.goroutines, after.files,
			first.goroutines, before.files)
	}
}

// taken is what the kernel says that a process takes. Nobody wakes the process to ask.
type taken struct {
	resident, anonymous int64 // bytes; what is anonymous is not the program's own file
	cpu                 time.Duration
	files, threads      int
	wakes               int64 // times that a thread of it went to sleep and was woken
}

func (x taken) String() string {
	return fmt.Sprintf("%.1f MB resident (%.1f MB anonymous), %s of processor, %d descriptors, %d threads, woken %d times",
		float64(x.resident)/1e6, float64(x.anonymous)/1e6, x.cpu, x.files, x.threads, x.wakes)
}

// clockTick is what times in /proc are counted in (proc_pid_stat(5)); Linux has it fixed on
// every platform that Go knows.
const clockTick = 10 * time.Millisecond

// taken reads /proc.
func (s *site) taken() taken {
	s.t.Helper()
	dir := "/proc/" + strconv.Itoa(s.now.cmd.Process.Pid)
	read := func(name string) string {
		b, err := os.ReadFile(dir + "/" + name)
		if err != nil {
			s.t.Fatal(err)
		}
		return string(b)
	}
	var x taken
	for line := range strings.Lines(read("status")) {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		n, _ := strconv.ParseInt(f[1], 10, 64) // other lines hold other things
		switch f[0] {
		case "VmRSS:":
			x.resident = n << 10
		case "RssAnon:":
			x.anonymous = n << 10
		case "Threads:":
			x.threads = int(n)
		}
	}
	stat := read("stat")
	f := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:]) // the name may hold spaces
	for _, field := range f[11:13] {                               // utime and stime
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			s.t.Fatal(err)
		}
		x.cpu += time.Duration(n) * clockTick
	}
	files, err := os.ReadDir(dir + "/fd")
	if err != nil {
		s.t.Fatal(err)
	}
	x.files = len(files)
	threads, err := os.ReadDir(dir + "/task")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, thread := range threads {
		for line := range strings.Lines(read("task/" + thread.Name() + "/status")) {
			if n, ok := strings.CutPrefix(line, "voluntary_ctxt_switches:"); ok {
				times, _ := strconv.ParseInt(strings.TrimSpace(n), 10, 64) // the kernel writes a number
				x.wakes += times
			}
		}
	}
	return x
}
