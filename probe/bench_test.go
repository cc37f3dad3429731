package probe_test

import (
	"context"
	"runtime"
	"slices"
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
//	AMQP: SASL header and mechanisms, init and outcome, header, OPEN     4, and CLOSE 1
//	MQTT: CONNECT           1
//	HTTP: request           1
//	goodbye of a WebSocket  1
func trips(p report.Protocol) (proof, total int) {
	proof = 3
	if p.WebSocket() {
		proof++
	}
	switch p {
	case report.AMQP, report.AMQPWS:
		proof += 4
		total++
	default:
		proof++
	}
	total += proof
	if p.WebSocket() {
		total++
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
			waits[path] = append(waits[path], x.DurationMs.Duration().Seconds()/(2*halfTrip).Seconds(), x.Latency.MedianMs.Duration().Seconds()/(2*halfTrip).Seconds())
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
// above what its protocols need.
func TestRoundTrips(t *testing.T) {
	t.Parallel()
	s := startLab(t, lab.Options{Delay: halfTrip}).only(report.Protocols()...)
	s.env.Trust.Prepare()
	best := map[report.Protocol][2]float64{}
	for range 3 { // the least of three, for other tests take the processor
		r := s.check(t)
		hold(t, r, nil)
		for _, x := range r.Results {
			proof := float64(x.Latency.MedianMs) / 100
			total := float64(x.DurationMs) / 100
			if old, ok := best[x.Protocol]; !ok || total < old[1] {
				best[x.Protocol] = [2]float64{proof, total}
			}
		}
	}
	for p, got := range best {
		proof, total := trips(p)
		if got[0] < float64(proof)-0.05 || got[0] > 1.15*float64(proof) || got[1] > 1.15*float64(total) {
			t.Errorf("%s: %.2f round trips to the proof, %.2f in all; its protocols need %d and %d", p, got[0], got[1], proof, total)
		}
	}
}
