package twin_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"edgenet/internal/lab"
	"edgenet/internal/twin"
)

// Changes before the first Twin are in it and not told; those after it are told once,
// and none is told before Twin was asked for.
func TestDesiredCountsFromTwin(t *testing.T) {
	t.Parallel()
	for _, transport := range []twin.Transport{twin.AMQP, twin.MQTT} {
		t.Run(string(transport), func(t *testing.T) {
			t.Parallel()
			l := startLab(t)
			h := &heard{}
			c := config(t, l)
			c.Handler = h.handler()
			s := open(t, c, transport)
			const before, after = 40, 5
			set := func(n int) {
				if _, err := l.Hub().SetDesired(module, fmt.Appendf(nil, `{"n":%d}`, n)); err != nil {
					t.Fatal(err)
				}
			}
			for n := range before {
				set(n)
			}
			tw, err := s.Twin(within(t))
			if err != nil || tw.DesiredVersion != before+1 || string(tw.Desired) != fmt.Sprintf(`{"n":%d}`, before-1) {
				t.Fatalf("twin %+v, %v", tw, err)
			}
			for n := range after {
				set(before + n)
			}
			eventually(t, "the changes are told", func() bool { return len(h.all()) >= after })
			for i, d := range h.all() {
				if d.Version != tw.DesiredVersion+int64(i)+1 {
					t.Errorf("told %d: version %d", i, d.Version)
				}
			}
			if _, err := s.Twin(within(t)); err != nil || len(h.all()) != after {
				t.Errorf("another Twin: %v, %d told", err, len(h.all()))
			}
		})
	}
}

// What changed while the upstream was cut comes as one change with the difference.
func TestDesiredAfterCutUpstream(t *testing.T) {
	t.Parallel()
	l := startLab(t)
	h := &heard{}
	c := config(t, l)
	c.Handler = h.handler()
	s := open(t, c, twin.MQTT)
	ctx := within(t)
	if _, err := l.Hub().SetDesired(module, []byte(`{"a":1,"b":{"x":1,"y":2}}`)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Twin(ctx); err != nil {
		t.Fatal(err)
	}
	if err := l.SetFault(lab.Fault{Place: lab.PlaceUpstream, Name: "cut"}); err != nil {
		t.Fatal(err)
	}
	for _, patch := range []string{`{"a":null}`, `{"b":{"x":null}}`, `{"c":3}`} {
		if _, err := l.Hub().SetDesired(module, []byte(patch)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Report(ctx, []byte(`{"while":"cut"}`)); err != nil {
		t.Errorf("reported while cut: %v", err)
	}
	if err := s.Send(ctx, twin.Message{Output: "o", Body: []byte(`1`)}); err != nil {
		t.Errorf("sent while cut: %v", err)
	}
	if tw, err := s.Twin(ctx); err != nil || tw.DesiredVersion != 2 || !strings.Contains(string(tw.Reported), "while") {
		t.Errorf("twin while cut: %+v, %v", tw, err)
	}
	if err := l.ClearFault(lab.PlaceUpstream); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the change is told", func() bool { return len(h.all()) > 0 })
	d := h.all()
	if len(d) != 1 || d[0].Version != 5 || string(d[0].Document) != `{"b":{"y":2},"c":3}` ||
		string(d[0].Patch) != `{"a":null,"b":{"x":null},"c":3}` {
		t.Errorf("told %+v", d)
	}
	if n := len(l.Hub().Telemetry()); n != 1 {
		t.Errorf("%d messages arrived", n)
	}
}

// Calls come one after the other, and what is no JSON does not get to the handler.
func TestMethods(t *testing.T) {
	t.Parallel()
	for _, transport := range []twin.Transport{twin.AMQP, twin.MQTT} {
		t.Run(string(transport), func(t *testing.T) {
			t.Parallel()
			l := startLab(t)
			c := config(t, l)
			calls := 0 // the handler is called by one goroutine
			c.Handler.Method = func(_ context.Context, m twin.Method) twin.Reply {
				calls++
				switch m.Name {
				case "count":
					return twin.Reply{Status: 200, Payload: fmt.Append(nil, calls)}
				case "no JSON":
					return twin.Reply{Status: 200, Payload: []byte("no JSON")}
				case "null":
					return twin.Reply{Status: 207, Payload: m.Payload}
				}
				return twin.Reply{Status: 204}
			}
			open(t, c, transport)
			for i, tt := range []struct {
				name, payload string
				status        int
				answer        string
			}{
				{"count", `1`, 200, `1`},
				{"null", ``, 207, `null`},
				{"nothing", `{}`, 204, ``},
				{"no JSON", `{}`, http.StatusInternalServerError, `at most 128 KiB`},
				{"count", `{"half`, http.StatusBadRequest, `not JSON`},
				{"count", strings.Repeat("x", 64<<10), http.StatusBadRequest, `not JSON`},
				{"count", strings.Repeat("[", 1000) + strings.Repeat("]", 1000), http.StatusBadRequest, `deeper`},
				{"two words/and a slash", `{}`, 204, ``},
				{"count", `1`, 200, `6`},
			} {
				a, err := l.Hub().Invoke(within(t), module, tt.name, []byte(tt.payload), plenty, plenty)
				if err != nil || a.Status != tt.status || !strings.Contains(string(a.Payload), tt.answer) {
					t.Errorf("%d %s: %d %s, %v", i, tt.name, a.Status, a.Payload, err)
				}
			}
		})
	}
}

// A session without handlers answers that it has no methods.
func TestNoHandler(t *testing.T) {
	t.Parallel()
	l := startLab(t)
	s := open(t, config(t, l), twin.AMQPWS)
	if a, err := l.Hub().Invoke(within(t), module, "check", nil, plenty, plenty); err != nil ||
		a.Status != http.StatusNotFound {
		t.Errorf("%d, %v", a.Status, err)
	}
	if _, err := s.Twin(within(t)); err != nil {
		t.Error(err)
	}
}

// What breaks the rules is refused here and never sent, and edgeHub's own refusal is
// told.
func TestRefusedRequests(t *testing.T) {
	t.Parallel()
	l := startLab(t)
	s := open(t, config(t, l), twin.MQTT)
	ctx := within(t)
	var bad *twin.PatchError
	if err := s.Report(ctx, []byte(`{"a.b":1}`)); !errors.As(err, &bad) || bad.Path != "a.b" {
		t.Errorf("report: %v", err)
	}
	// 32 KiB are the limit of all reported properties together.
	big := strings.Repeat("x", 4000)
	for i := range 8 {
		if err := s.Report(ctx, fmt.Appendf(nil, `{"k%d":%q}`, i, big)); err != nil {
			t.Errorf("%d KB: %v", 4*i, err)
		}
	}
	for name, m := range map[string]twin.Message{
		"no JSON":         {Body: []byte("no JSON")},
		"too long":        {Body: []byte(`"` + strings.Repeat("x", 250<<10) + `"`)},
		"system property": {Body: []byte("1"), Properties: map[string]string{"$.on": "x"}},
		"many properties": {Body: []byte("1"), Properties: map[string]string{"k": strings.Repeat("x", 9<<10)}},
	} {
		if err := s.Send(ctx, m); err == nil {
			t.Errorf("%s: sent", name)
		}
	}
	if err := s.Send(ctx, twin.Message{Output: "o", Body: []byte(`"` + strings.Repeat("x", 239<<10) +
		`"`)}); err != nil {
		t.Errorf("239 KiB: %v", err)
	}
	if s.Err() != nil || len(l.Hub().Telemetry()) != 1 {
		t.Errorf("%v, %d messages", s.Err(), len(l.Hub().Telemetry()))
	}
}

// Requests from many goroutines all get their own answer.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	for _, transport := range []twin.Transport{twin.AMQPWS, twin.MQTTWS} {
		t.Run(string(transport), func(t *testing.T) {
			t.Parallel()
			l := startLab(t)
			s := open(t, config(t, l), transport)
			const workers, rounds = 8, 20
			errs := make(chan error, workers)
			for w := range workers {
				go func() {
					var all error
					for i := range rounds {
						_, err := s.Twin(context.Background())
						all = errors.Join(all, err, s.Report(context.Background(),
							fmt.Appendf(nil, `{"w%d":%d}`, w, i)),
							s.Send(context.Background(), twin.Message{Body: fmt.Append(nil, w)}))
					}
					errs <- all
				}()
			}
			for range workers {
				if err := <-errs; err != nil {
					t.Error(err)
				}
			}
			if n := len(l.Hub().Telemetry()); n != workers*rounds {
				t.Errorf("%d messages", n)
			}
		})
	}
}

// A request ends with its own context, and the session goes on.
func TestRequestContext(t *testing.T) {
	t.Parallel()
	l := startLab(t)
	s := open(t, config(t, l), twin.MQTT)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := s.Twin(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	short, stop := context.WithTimeout(context.Background(), time.Nanosecond)
	defer stop()
	if err := s.Report(short, []byte(`{}`)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("short: %v", err)
	}
	if _, err := s.Twin(within(t)); err != nil {
		t.Error(err)
	}
}
