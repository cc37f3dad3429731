package sidecar

import (
	"context"
	"slices"
	"testing"

	"edgenet/internal/lab"
	"edgenet/internal/sidecar/desired"
	"edgenet/internal/sidecar/machine"
	"edgenet/probe"
	"edgenet/report"
)

// What one device costs the hub in a day where nothing is wrong, at default intervals. How
// often each thing happens is the machine's (its TestQuietDay), what it costs is counted
// here at the lab's hub. The lab's certificates are small; a hub's own chain adds some
// 4 KiB to what every connection receives.
const (
	quietChecks, quietLooks = 5, 290 // one check of them at full depth, at the start

	ceilingConnections = 340
	ceilingRefused     = 7       // MQTT's CONNECT twice, HTTPS at every check
	ceilingBytes       = 1 << 20 // both directions, without TCP's and IP's headers
	hubsChain          = 4 << 10 // bytes that a real hub's chain adds
	ceilingRealBytes   = 5 << 19 // 2.5 MiB
)

// cost is what something cost, counted at the hub and on the wire.
type cost struct{ connections, refused, bytes int }

// count runs f and counts at the lab's hub.
func (s *site) count(p *prober, f func()) cost {
	s.t.Helper()
	before := s.Events()
	sent, received := p.meter.sent.Load(), p.meter.received.Load()
	f()
	c := cost{bytes: int(p.meter.sent.Load() - sent + p.meter.received.Load() - received)}
	for _, e := range s.Events()[len(before):] {
		if !slices.Contains([]string{"amqps", "mqtts", "https", "hub"}, e.Place) {
			continue
		}
		switch e.Kind {
		case lab.KindAccept:
			c.connections++
		case lab.KindRefused:
			c.refused++
		}
	}
	return c
}

// TestAGuest: a quiet day at the hub, connection by connection.
func TestAGuest(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	p := &prober{o: s.o.withDefaults(), meter: &Meter{}}
	settings := desired.Defaults()
	run := func(deep bool) func() {
		return func() {
			if r, _ := p.check(context.Background(),
				machine.StartCheck{Deep: deep, Settings: settings}); r.Verdict.ExitCode != 0 {
				t.Fatalf("%+v", r.Verdict)
			}
		}
	}
	deep, shallow := s.count(p, run(true)), s.count(p, run(false))
	look := s.count(p, func() {
		if err := p.watch(context.Background(), probe.PathName{Protocol: report.AMQP, Route: report.RouteDirect},
			settings); err != nil {
			t.Fatal(err)
		}
	})
	sum := func(of func(cost) int) int {
		return of(deep) + (quietChecks-1)*of(shallow) + quietLooks*of(look)
	}
	connections, refused, bytes := sum(func(c cost) int { return c.connections }),
		sum(func(c cost) int { return c.refused }), sum(func(c cost) int { return c.bytes })
	real := bytes + connections*hubsChain
	t.Logf("a full check %+v, a periodic one %+v, a look %+v; a day: %d connections, %d refused logins, %d bytes in "+
		"the lab, about %d with a hub's chain", deep, shallow, look, connections, refused, bytes, real)
	if n := int(p.meter.connections.Load()); n != deep.connections+shallow.connections+look.connections {
		t.Errorf("the metrics say %d connections", n)
	}
	if deep.connections != 5 || shallow.connections != 5 || look.connections != 1 || look.refused != 0 {
		t.Errorf("%+v %+v %+v", deep, shallow, look)
	}
	if deep.refused-shallow.refused != 2 {
		t.Errorf("a periodic check sends MQTT's CONNECT: %+v %+v", deep, shallow)
	}
	if connections > ceilingConnections || refused > ceilingRefused || bytes > ceilingBytes || real > ceilingRealBytes {
		t.Errorf("%d connections, %d refused logins, %d bytes, %d with a hub's chain", connections, refused,
			bytes, real)
	}
}
