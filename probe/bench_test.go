package probe_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/lab"
	"edgenet/probe"
	"edgenet/report"
)

// halfTrip is the lab's delay one way: 100 ms there and back.
const halfTrip = 50 * time.Millisecond

// trips is how often a direct path has to wait for the other side, by what its protocols
// need. TCP's own handshake is not among them: the kernel does it, undelayed in the lab.
//
//	DNS                     1
//	TLS 1.2                 2
//	WebSocket               1
//	AMQP: SASL header and init, AMQP header and OPEN     2
//	MQTT: CONNECT           1
//	HTTP: request           1
//
// Goodbyes are needed by nobody: a path is over with its proof. While others go on, AMQP
// waits for the peer's last word.
func trips(p report.Protocol) (proof, total int) {
	proof = 4
	if p.WebSocket() {
		proof++
	}
	total = proof
	if p == report.AMQP || p == report.AMQPWS {
		proof++
		total += 2
	}
	return proof, total
}

// BenchmarkLoopback is the full matrix: five protocols directly and through a proxy.
func BenchmarkLoopback(b *testing.B) {
	s := start(b, nil, "open")
	s.env.Trust.Prepare()
	b.ReportAllocs()
	var peak uint64
	for b.Loop() {
		r := probe.Check(context.Background(), s.plan, s.env, nil)
		if r.Verdict.ExitCode != 0 {
			b.Fatal(r.Verdict.Reason)
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		peak = max(peak, m.HeapInuse)
	}
	b.ReportMetric(float64(peak)/(1<<20), "MB-heap-lab-included")
}

// BenchmarkFirstRun is the same with the trust pools parsed anew, as every run of the
// program does.
func BenchmarkFirstRun(b *testing.B) {
	s := start(b, nil, "open")
	for b.Loop() {
		env := *s.env
		env.Trust = &hop.Trust{NoOS: true, Extra: s.env.Trust.Extra}
		if r := probe.Check(context.Background(), s.plan, &env, nil); r.Verdict.ExitCode != 0 {
			b.Fatal(r.Verdict.Reason)
		}
	}
}

// BenchmarkRoundTrips is the matrix where everything takes 100 ms there and back.
func BenchmarkRoundTrips(b *testing.B) {
	s := startLab(b, lab.Options{Delay: halfTrip}, "open")
	s.env.Trust.Prepare()
	var slowest time.Duration
	waits := map[string][]float64{}
	for b.Loop() {
		begin := time.Now()
		r := probe.Check(context.Background(), s.plan, s.env, nil)
		slowest += time.Since(begin)
		for _, x := range r.Results {
			if x.Status != report.OK {
				b.Fatal(x.Summary)
			}
			path := string(x.Protocol) + "@" + x.Route
			waits[path] = append(waits[path], x.DurationMs.Duration().Seconds()/(2*halfTrip).Seconds(),
				x.Latency.MedianMs.Duration().Seconds()/(2*halfTrip).Seconds())
		}
	}
	for path, w := range waits {
		b.ReportMetric(slices.Max(w), "trips-"+path)
	}
	b.ReportMetric(slowest.Seconds()/float64(b.N)/(2*halfTrip).Seconds(), "trips/op")
}

// BenchmarkSwallowed: 5671 and 8883 are dead behind a firewall that lets them connect.
func BenchmarkSwallowed(b *testing.B) {
	s := start(b, on("swallow", "amqps", "mqtts"), "open")
	s.plan.Timeout = time.Second
	s.env.Trust.Prepare()
	var all time.Duration
	for b.Loop() {
		begin := time.Now()
		r := probe.Check(context.Background(), s.plan, s.env, nil)
		all += time.Since(begin)
		if r.Results[0].Cause != report.TLSTimeout {
			b.Fatal(r.Results[0].Summary)
		}
	}
	b.ReportMetric(all.Seconds()/float64(b.N), "timeouts/op")
}

// TestRoundTrips counts what each path waits for, and allows no more than 15 percent
// above what its protocols need. The round trip is long, and the least of a few tries
// counts: what others take of the processor must not look like a trip.
func TestRoundTrips(t *testing.T) {
	const oneWay = 200 * time.Millisecond
	s := startLab(t, lab.Options{Delay: oneWay})
	s.plan.Timeout = time.Minute
	s.env.Trust.Prepare()
	best := map[report.Protocol][2]float64{}
	var late []string
	for range 6 {
		r := s.check(t)
		hold(t, r, nil)
		late = nil
		for _, x := range r.Results {
			got := [2]float64{float64(x.Latency.MedianMs.Duration()) / float64(2*oneWay),
				float64((x.DurationMs - x.Pace.HeldMs).Duration()) / float64(2*oneWay)}
			if old, ok := best[x.Protocol]; ok {
				got = [2]float64{min(old[0], got[0]), min(old[1], got[1])}
			}
			best[x.Protocol] = got
			proof, total := trips(x.Protocol)
			if got[0] < float64(proof)-0.05 || got[0] > 1.15*float64(proof) || got[1] > 1.15*float64(total) {
				late = append(late, fmt.Sprintf("%s: %.2f round trips to the proof, %.2f in all; its protocols need "+
					"%d and %d", x.Protocol, got[0], got[1], proof, total))
			}
		}
		if late == nil {
			return
		}
	}
	t.Error(strings.Join(late, "\n"))
}
