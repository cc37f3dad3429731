package hub

import (
	"encoding/json"
	"runtime"
	"strconv"
	"sync"
	"testing"
)

// TestEdgeKeepsTheOrder: what a client sends while the upstream comes and goes reaches the
// hub in the order in which it was sent, and the last report is what the twin says.
func TestEdgeKeepsTheOrder(t *testing.T) {
	t.Parallel()
	h, id := testHub(t)
	e := NewEdge(h, func(string, string, string) {})
	const n = 9000
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for works := false; ; {
			select {
			case <-done:
				return
			default:
			}
			if !works || e.Stored() > 100 { // some take their time to go out
				e.SetUpstream(works)
				works = !works
			}
			runtime.Gosched()
		}
	})
	for i := range n {
		if err := e.Send(Message{From: id, Body: []byte(strconv.Itoa(i))}); err != nil {
			t.Error(err)
		}
		if _, err := e.Report(id, []byte(`{"n":`+strconv.Itoa(i)+`}`)); err != nil {
			t.Error(err)
		}
	}
	close(done)
	wg.Wait()
	e.SetUpstream(true)
	all := h.Telemetry()
	if len(all) != n {
		t.Fatalf("%d of %d messages arrived", len(all), n)
	}
	for i, m := range all {
		if string(m.Body) != strconv.Itoa(i) {
			t.Fatalf("message %s came in place of %d", m.Body, i)
		}
	}
	b, err := h.Reported(id)
	var reported struct{ N int }
	if err != nil || json.Unmarshal(b, &reported) != nil || reported.N != n-1 {
		t.Errorf("%s %v", b, err)
	}
}
