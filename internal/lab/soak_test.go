package lab

import (
	"flag"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"edgenet/internal/lab/hub"
)

// soakFor is short in go test; `go test -run TestSoak -soak 1m` is the long way.
var soakFor = flag.Duration("soak", 2*time.Second, "how long TestSoak goes on")

const soakDevices = 200

// Many devices at once with twin traffic: none loses a patch, and memory stays
// bounded.
func TestSoak(t *testing.T) {
	l := start(t, Options{})
	clients := make([]client, soakDevices)
	ids := make([]hub.Identity, soakDevices)
	for i := range clients {
		ids[i] = hub.Identity{Device: fmt.Sprintf("soak-%d", i)}
		if _, err := l.Hub().Add(ids[i]); err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			clients[i] = newMQTTClient(t, l, "mqtts", ids[i])
		} else {
			clients[i] = newAMQPClient(t, l, "amqps", ids[i])
		}
	}
	before := heap()
	var rounds atomic.Int64
	var wg sync.WaitGroup
	end := time.Now().Add(*soakFor)
	for i, c := range clients {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := 1; (n == 1 || time.Now().Before(end)) && !t.Failed(); n++ {
				if status, _ := c.report(t, fmt.Sprintf(`{"n":%d}`, n)); status != 204 {
					t.Errorf("%s: %d", ids[i], status)
				}
				if reported, _ := c.get(t)["reported"].(map[string]any); reported["n"] != float64(n) {
					t.Errorf("%s: %v, want %d", ids[i], reported, n)
				}
				if _, err := l.Hub().SetDesired(ids[i], fmt.Appendf(nil, `{"n":%d}`, n)); err != nil {
					t.Error(err)
				}
				if got, want := c.desired(t), fmt.Sprintf(`{"$version":%d,"n":%d}`, n+1, n); got != want {
					t.Errorf("%s: %s, want %s", ids[i], got, want)
				}
				rounds.Add(1)
			}
		}()
	}
	wg.Wait()
	grown := int64(heap()) - int64(before)
	t.Logf("%d devices, %d rounds of report, get and desired in %s; the heap grew by %d KiB", soakDevices,
		rounds.Load(), *soakFor, grown>>10)
	if rounds.Load() < soakDevices {
		t.Errorf("only %d rounds", rounds.Load())
	}
	// What 200 devices cost does not depend on how long they stay; the race
	// detector's own books do, a little.
	if grown > 16<<20 {
		t.Errorf("the heap grew by %d MiB", grown>>20)
	}
	for _, c := range clients {
		if m, ok := c.(*mqttClient); ok {
			m.c.Disconnect(0)
		}
	}
}

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
