package probe_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"testing"
	"time"

	"edgenet/internal/lab"
	"edgenet/probe"
	"edgenet/report"
)

// TestVerdictBeforeGoodbyes: the report stands with the last proof, while the peer has not answered
// the goodbye, and the goodbye is whole all the same. The least of a few tries counts. It does not
// run beside others: it counts round trips by the clock.
func TestVerdictBeforeGoodbyes(t *testing.T) {
	const oneWay = 200 * time.Millisecond
	for _, proto := range []report.Protocol{report.AMQP, report.AMQPWS} {
		t.Run(string(proto), func(t *testing.T) {
			t.Parallel()
			s := startLab(t, lab.Options{Delay: oneWay}).only(proto)
			s.plan.Timeout = time.Minute
			s.env.Trust.Prepare()
			proof, _ := trips(proto)
			var best time.Duration
			for range 4 {
				goodbyes := &probe.Farewells{}
				s.plan.Farewells = goodbyes
				begin := time.Now()
				r := s.check(t)
				took := time.Since(begin)
				hold(t, r, nil)
				goodbyes.Wait(time.Minute)
				if all := time.Since(begin); all < took+oneWay {
					t.Errorf("the goodbyes took %s of %s: nobody waited for their answer", all-took, all)
				}
				if best == 0 || took < best {
					best = took
				}
				if best < time.Duration(1.1*float64(proof)*float64(2*oneWay)) {
					return
				}
			}
			t.Errorf("%.2f round trips to the report, %d are needed", float64(best)/float64(2*oneWay), proof)
		})
	}
}

// TestGoodbyeToTheSilent: a peer that says no word after its OPEN, and goes on listening, costs the
// report no second, and hears the goodbye.
func TestGoodbyeToTheSilent(t *testing.T) {
	t.Parallel()
	heard := make(chan goodbyes, 8)
	s := serve(t, nil, func(_ int, c *tls.Conn) {
		heard <- record(t, c, false, []string{"AMQP\x03\x01\x00\x00" + mechanisms + outcome,
			"AMQP\x00\x01\x00\x00" + openFrame})
	}).only(report.AMQP)
	left := &probe.Farewells{}
	s.plan.Farewells, s.plan.Sparing = left, true // looks at the port would be waited for
	best := time.Minute
	for range 3 {
		begin := time.Now()
		hold(t, s.check(t), nil)
		best = min(best, time.Since(begin))
		left.Wait(time.Minute)
		if got := <-heard; !got.amqpClose || !got.closeNotify {
			t.Errorf("the peer heard %+v", got)
		}
	}
	if best > 700*time.Millisecond {
		t.Errorf("the report took %s", best)
	}
}

// TestRefusedBehindOpen: a refusal that comes a little after OPEN, in a message of its own, is heard,
// also where the path is the last of its run.
func TestRefusedBehindOpen(t *testing.T) {
	t.Parallel()
	s := serve(t, nil, func(_ int, c *tls.Conn) {
		r := bufio.NewReader(c)
		for _, answer := range []string{"AMQP\x03\x01\x00\x00" + mechanisms + outcome,
			"AMQP\x00\x01\x00\x00" + openFrame} {
			_, _ = r.Read(make([]byte, 4096))
			_, _ = io.WriteString(c, answer)
		}
		_, _ = io.WriteString(c, closeError)
		_, _ = io.Copy(io.Discard, r)
	}).only(report.AMQP)
	s.plan.Farewells = &probe.Farewells{}
	x := probe.Check(context.Background(), s.plan, s.env, nil).Results[0]
	s.plan.Farewells.Wait(time.Minute)
	if x.Cause != report.AMQPError {
		t.Errorf("%s: %s", words(&x), x.Summary)
	}
}

// loginTrips are the round trips to a login's answer: for AMQP the greeting's 5, and 12 of the login on
// a connection of its own, on which go-amqp asks one thing after the other.
var loginTrips = map[report.Protocol]int{report.AMQP: 17, report.AMQPWS: 19, report.MQTT: 4, report.MQTTWS: 5,
	report.HTTPS: 5}

// TestLoginBeforeGoodbyes: a login's goodbyes are no part of the report's time either. The least of a
// few tries counts.
func TestLoginBeforeGoodbyes(t *testing.T) {
	const oneWay = 200 * time.Millisecond
	for proto, trips := range loginTrips {
		t.Run(string(proto), func(t *testing.T) {
			t.Parallel()
			s := startLab(t, lab.Options{Delay: oneWay}).only(proto)
			s.identity(t, s.info.Device)
			s.plan.Timeout = time.Minute
			s.env.Trust.Prepare()
			best := float64(time.Hour)
			for range 3 {
				goodbyes := &probe.Farewells{}
				s.plan.Farewells = goodbyes
				begin := time.Now()
				r := s.check(t)
				best = min(best, float64(time.Since(begin))/float64(2*oneWay))
				hold(t, r, nil)
				goodbyes.Wait(time.Minute)
				if best < float64(trips)+0.6 {
					return
				}
			}
			t.Errorf("%.2f round trips to the report, %d are needed", best, trips)
		})
	}
}
