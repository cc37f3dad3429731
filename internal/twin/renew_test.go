package twin_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"edgenet/internal/lab"
	"edgenet/internal/twin"
)

// count is how many events of a kind the lab's edgeHub has seen.
func count(l *lab.Lab, kind string) int {
	n := 0
	for _, e := range l.Events() {
		if e.Kind == kind && e.Place == "edge" && e.Identity == module.String() {
			n++
		}
	}
	return n
}

// signs counts the tokens that the workload API signed.
func signs(l *lab.Lab) int {
	n := 0
	for _, e := range l.Events() {
		if e.Place == lab.PlaceWorkload && e.Kind == lab.KindRequest && len(e.Detail) > 5 &&
			e.Detail[len(e.Detail)-5:] == "/sign" {
			n++
		}
	}
	return n
}

// Tokens of seconds: AMQP keeps its connection beyond the end of the first of them, MQTT
// replaces it. Neither loses a change of the desired properties, a report or a message
// meanwhile.
func TestRenewal(t *testing.T) {
	t.Parallel()
	for _, transport := range twin.Transports() {
		t.Run(string(transport), func(t *testing.T) {
			t.Parallel()
			l := startLab(t)
			h := &heard{}
			c := config(t, l)
			c.Handler = h.handler()
			// edgeHub takes tokens for 5 minutes longer than they say. A clock that is
			// behind leaves 8 seconds of that, so that a busy machine is no expiry.
			const life, grace = 3 * time.Second, 8 * time.Second
			c.Clock = func() time.Time { return time.Now().Add(grace - 5*time.Minute) }
			c.TokenLife = life
			begin := time.Now()
			s := open(t, c, transport)
			n := work(t, l, s, begin.Add(life+grace+2*time.Second))
			eventually(t, "the last change is told", func() bool {
				d := h.all()
				return len(d) > 0 && string(d[len(d)-1].Document) == fmt.Sprintf(`{"n":%d}`, n)
			})
			if s.Err() != nil {
				t.Errorf("the session ended: %v", s.Err())
			}
			if b, _ := l.Hub().Reported(module); string(b) != fmt.Sprintf(`{"$version":%d,"n":%d}`, n+1, n) {
				t.Errorf("the hub has %s after %d reports", b, n)
			}
			for i, m := range l.Hub().Telemetry() {
				if string(m.Body) != fmt.Sprint(i+1) {
					t.Fatalf("message %d is %s", i, m.Body)
				}
			}
			if told := h.all(); !slices.IsSortedFunc(told,
				func(a, b twin.Desired) int { return cmp.Compare(a.Version, b.Version) }) {
				t.Error("changes are told out of order")
			}
			// The last token may be signed, and its connection under way.
			logins, renewals := count(l, lab.KindLogin), signs(l)-1
			if amqp := transport == twin.AMQP || transport == twin.AMQPWS; amqp && logins != 1 || !amqp &&
				(logins < renewals || logins > 1+renewals) || renewals < 2 {
				t.Errorf("%d logins, %d renewals", logins, renewals)
			}
			if n := count(l, lab.KindExpired); n != 0 {
				t.Errorf("%d tokens expired", n)
			}
			for _, notice := range h.said() {
				t.Errorf("notice: %v", notice)
			}
		})
	}
}

// work uses a session without a pause until then, and tells how often.
func work(t *testing.T, l *lab.Lab, s *twin.Session, until time.Time) int {
	t.Helper()
	ctx := within(t)
	if _, err := s.Twin(ctx); err != nil {
		t.Fatal(err)
	}
	n := 0
	for time.Now().Before(until) {
		n++
		if err := s.Report(ctx, fmt.Appendf(nil, `{"n":%d}`, n)); err != nil {
			t.Fatalf("report %d: %v", n, err)
		}
		if err := s.Send(ctx, twin.Message{Output: "o", Body: fmt.Append(nil, n)}); err != nil {
			t.Fatalf("message %d: %v", n, err)
		}
		if _, err := l.Hub().SetDesired(module, fmt.Appendf(nil, `{"n":%d}`, n)); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Hub().Invoke(ctx, module, "m", []byte(`1`), plenty, plenty); err != nil {
			t.Fatalf("method %d: %v", n, err)
		}
		time.Sleep(10 * time.Millisecond) // the pace of the load
	}
	return n
}
