//go:build chaos && linux

package chaos

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// What may have been added at the end of half a run: the process is allowed its noise
// (another transport has other goroutines), not a little from every event.
const (
	moreGoroutines = 12
	moreFiles      = 8
	moreMemory     = 6 << 20 // bytes resident
	mostMemory     = 24 << 20
)

// TestChaos is two storms and the peace after each: in the first the module dies again and
// again, the second one process has to live through, and comes out as it went in.
func TestChaos(t *testing.T) {
	lasts := time.Minute
	if text := os.Getenv("EDGENET_CHAOS"); text != "" {
		var err error
		if lasts, err = time.ParseDuration(text); err != nil {
			t.Fatalf("EDGENET_CHAOS: %v", err)
		}
	}
	seed := number(t, "EDGENET_CHAOS_SEED", uint64(time.Now().UnixNano()))
	t.Logf("EDGENET_CHAOS=%s EDGENET_CHAOS_SEED=%d", lasts, seed)
	s := build(t, seed)
	s.start(false)
	s.eventually("before the storm", s.agreed)

	s.deadly = true
	s.storm(lasts / 2)
	s.deadly = false
	s.heal()
	s.eventually("after the first storm", s.agreed)

	s.stop()
	s.full = false
	s.start(false)
	s.eventually("after a restart in peace", s.agreed)
	before := s.measure()
	s.storm(lasts / 2)
	s.heal()
	s.eventually("after the second storm", s.agreed)
	s.eventually("as at the start", func() error { return s.measure().exceeds(before) })
	after := s.measure()

	arrived, err := s.arrived()
	if err != nil {
		t.Error(err)
	}
	if n := s.strangers.Load(); n > 0 {
		t.Errorf("%d logins at the hub itself", n)
	}
	if log := s.log(1 << 20); strings.Contains(log, "panic:") || strings.Contains(log, "fatal error:") {
		t.Error("the module panicked")
	}
	t.Logf("before the second storm %s; after it %s", before, after)
	t.Logf("%d transitions arrived, %d of them more than once; what happened: %v", len(arrived), len(s.doubles),
		s.happened)
}

// measures are what a process has taken.
type measures struct {
	goroutines, files, memory, cpu float64
}

func (m measures) String() string {
	return fmt.Sprintf("%.0f goroutines, %.0f descriptors, %.1f MiB resident, %.2f s of processor", m.goroutines,
		m.files, m.memory/(1<<20), m.cpu)
}

func (m measures) exceeds(before measures) error {
	if m.goroutines > before.goroutines+moreGoroutines || m.files > before.files+moreFiles || m.memory > before.memory+
		moreMemory || m.memory > mostMemory {
		return errors.New(m.String() + ", and it was " + before.String())
	}
	return nil
}

// measure reads the module's metrics some times, and gives the least of each: what is under
// way for a moment is no growth.
func (s *site) measure() measures {
	s.t.Helper()
	var least measures
	for i := range 8 {
		var now measures
		s.eventually("metrics", func() error {
			b, err := s.get("/metrics")
			if err == nil {
				now, err = readMeasures(b)
			}
			return err
		})
		if i == 0 {
			least = now
		}
		least = measures{min(least.goroutines, now.goroutines), min(least.files, now.files),
			min(least.memory, now.memory), now.cpu}
		time.Sleep(250 * time.Millisecond)
	}
	return least
}

func readMeasures(text []byte) (measures, error) {
	var m measures
	into := map[string]*float64{"go_goroutines": &m.goroutines, "process_open_fds": &m.files,
		"process_resident_memory_bytes": &m.memory, "process_cpu_seconds_total": &m.cpu}
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		name, _, _ := strings.Cut(lines.Text(), "{")
		fields := strings.Fields(lines.Text())
		if into[name] == nil || len(fields) < 2 {
			continue
		}
		v, err := strconv.ParseFloat(fields[len(fields)-1], 64)
		if err != nil {
			return m, err
		}
		*into[name] = v
		delete(into, name)
	}
	if len(into) > 0 {
		return m, fmt.Errorf("the metrics lack %v", into)
	}
	return m, nil
}
