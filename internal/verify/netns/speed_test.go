//go:build netns && linux

package netns

import (
	"bufio"
	"context"
	"fmt"
	"os/exec"
	"slices"
	"testing"
	"time"
)

// The round trips that the slowest path needs to its proof, by what is tried. The name server
// is near here, so that asking it costs none: TCP 1, TLS 1.2 2, WebSocket 1, AMQP 2.
var needed = map[string]float64{"AMQP": 5, "AMQPWS": 6, "AMQP,MQTT,AMQPWS,MQTTWS,HTTPS": 6}

// BenchmarkVerdict is how many of the needed round trips the verdict takes, process start included,
// and how long the program stays after it. The least and the median of its rounds are told.
func BenchmarkVerdict(b *testing.B) {
	for _, trip := range []time.Duration{100 * time.Millisecond, 600 * time.Millisecond} {
		for protocols, count := range needed {
			b.Run(fmt.Sprintf("%s/%s", trip, protocols), func(b *testing.B) {
				n := newNetwork(b)
				n.names()
				n.lab()
				n.delay(trip/2, 0, 0)
				var took, stayed []float64
				for b.Loop() {
					verdict, exit := n.verdict(b, "--protocol", protocols)
					took = append(took, verdict.Seconds()/trip.Seconds()/count)
					stayed = append(stayed, float64((exit - verdict).Milliseconds()))
				}
				b.ReportMetric(median(took), "of-needed")
				b.ReportMetric(slices.Min(took), "of-needed-least")
				b.ReportMetric(median(stayed), "ms-until-exit")
			})
		}
	}
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// verdict runs a check that succeeds and tells when its report came, and when the program ended.
func (n *network) verdict(b *testing.B, args ...string) (report, exit time.Duration) {
	b.Helper()
	cmd := n.probing(args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	r := bufio.NewReader(out)
	if _, err := r.ReadByte(); err != nil {
		b.Fatal(err)
	}
	report = time.Since(start)
	if _, err := r.WriteTo(discard{}); err != nil {
		b.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		b.Fatal(err)
	}
	return report, time.Since(start)
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// probing is a check of the lab from the client.
func (n *network) probing(args ...string) *exec.Cmd {
	client := bench.edgenet.In("ip", "netns", "exec", n.ns("cli"))
	return client.Command(context.Background(), append([]string{"check", "--hub", hubName, "--ca-file", n.ca, "--route",
		"direct", "-f", "json"}, args...)...)
}

// BenchmarkInterfaces is what a host with 101 interfaces pays beside one with one: processor time
// and wall time of the same check, in pairs.
func BenchmarkInterfaces(b *testing.B) {
	one, many := newNetwork(b), newNetwork(b)
	for _, n := range []*network{one, many} {
		n.names()
		n.lab()
	}
	for i := range 50 {
		x, y := fmt.Sprintf("x%d", i), fmt.Sprintf("y%d", i)
		many.must("ip", "-n", many.ns("cli"), "link", "add", x, "type", "veth", "peer", "name", y)
		for j, dev := range []string{x, y} {
			many.must("ip", "-n", many.ns("cli"), "addr", "add", fmt.Sprintf("10.77.%d.%d/30", i, j+1), "dev", dev)
			many.must("ip", "-n", many.ns("cli"), "link", "set", dev, "up")
		}
	}
	var cpu, wall []float64
	for b.Loop() {
		c1, w1 := one.cost(b)
		c2, w2 := many.cost(b)
		cpu, wall = append(cpu, c2/c1), append(wall, w2/w1)
	}
	b.ReportMetric(median(cpu), "of-one's-processor-time")
	b.ReportMetric(median(wall), "of-one's-time")
}

// cost is the processor time and the time of a check.
func (n *network) cost(b *testing.B) (cpu, wall float64) {
	b.Helper()
	cmd := n.probing()
	start := time.Now()
	if err := cmd.Run(); err != nil {
		b.Fatal(err)
	}
	s := cmd.ProcessState
	return (s.UserTime() + s.SystemTime()).Seconds(), time.Since(start).Seconds()
}
