package twin_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"edgenet/internal/lab"
	"edgenet/internal/twin"
)

// A module's whole life over each transport.
func TestLife(t *testing.T) {
	t.Parallel()
	for _, transport := range twin.Transports() {
		t.Run(string(transport), func(t *testing.T) {
			t.Parallel()
			l := startLab(t)
			h := &heard{}
			c := config(t, l)
			c.Handler = h.handler()
			s := open(t, c, transport)
			if s.Transport() != transport {
				t.Fatalf("connected over %s", s.Transport())
			}
			life(t, l, s, h)
			if len(h.said()) != 0 {
				t.Errorf("notices: %v", h.said())
			}
		})
	}
}

func life(t *testing.T, l *lab.Lab, s *twin.Session, h *heard) {
	t.Helper()
	ctx := within(t)
	tw, err := s.Twin(ctx)
	if err != nil || tw.DesiredVersion != 1 || string(tw.Desired) != "{}" || string(tw.Reported) != "{}" {
		t.Fatalf("twin %+v, %v", tw, err)
	}
	if err := s.Report(ctx, []byte(`{"edgenet":{"status":"ok","n":1}}`)); err != nil {
		t.Fatal(err)
	}
	if b, err := l.Hub().Reported(module); err != nil || string(b) != `{"$version":2,"edgenet":{"n":1,"status":"ok"}}` {
		t.Errorf("the hub has %s, %v", b, err)
	}
	for i, patch := range []string{`{"intervalSec":900}`, `{"intervalSec":null,"telemetry":true}`} {
		if _, err := l.Hub().SetDesired(module, []byte(patch)); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the change is told", func() bool { return len(h.all()) == i+1 })
	}
	if d := h.all(); d[0].Version != 2 || string(d[0].Patch) != `{"intervalSec":900}` || d[1].Version != 3 ||
		string(d[1].Document) != `{"telemetry":true}` {
		t.Errorf("told: %+v", d)
	}
	answer, err := l.Hub().Invoke(ctx, module, "check", []byte(`{"wait":true}`), plenty, plenty)
	if err != nil || answer.Status != 200 || string(answer.Payload) != `{"method":"check","payload":{"wait":true}}` {
		t.Errorf("method: %d %s, %v", answer.Status, answer.Payload, err)
	}
	m := twin.Message{Output: "edgenet", ID: "17", Body: []byte(`{"to":"ok"}`),
		Properties: map[string]string{"k ey": "v/1&2"}}
	if err := s.Send(ctx, m); err != nil {
		t.Fatal(err)
	}
	got := l.Hub().Telemetry()
	if len(got) != 1 || got[0].Output != "edgenet" || got[0].From != module || got[0].Properties["k ey"] != "v/1&2" ||
		string(got[0].Body) != `{"to":"ok"}` ||
		got[0].Properties["$.mid"] != "17" || got[0].Properties["$.ct"] != "application/json" ||
		got[0].Properties["$.ce"] != "utf-8" {
		t.Errorf("telemetry: %+v", got)
	}
	if err := s.Close(); err != nil || !errors.Is(over(t, s), twin.ErrClosed) {
		t.Errorf("closed: %v, %v", err, s.Err())
	}
	if err := s.Report(ctx, []byte(`{}`)); !errors.Is(err, twin.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	eventually(t, "the module is gone from the hub", func() bool { return !l.Hub().Connected(module) })
}

// Every head off but one: that one is found.
func TestOneHeadOn(t *testing.T) {
	t.Parallel()
	for on, place := range map[twin.Transport]string{twin.AMQP: "edgeAmqps", twin.MQTT: "edgeMqtts",
		twin.AMQPWS: "edgeHttps"} {
		t.Run(string(on), func(t *testing.T) {
			t.Parallel()
			l := startLab(t)
			for _, p := range []string{"edgeAmqps", "edgeMqtts", "edgeHttps"} {
				if p == place {
					continue
				}
				if err := l.SetFault(lab.Fault{Place: p, Name: "refuse"}); err != nil {
					t.Fatal(err)
				}
			}
			first := twin.MQTTWS
			if place == "edgeHttps" {
				first = twin.MQTT
			}
			s := open(t, config(t, l), first)
			if s.Transport() != on {
				t.Errorf("connected over %s", s.Transport())
			}
		})
	}
}

// No head on: the error says what each of them said.
func TestNoHeadOn(t *testing.T) {
	t.Parallel()
	l := startLab(t)
	for place, fault := range map[string]string{"edgeAmqps": "refuse", "edgeMqtts": "swallow",
		"edgeHttps": "inspected"} {
		if err := l.SetFault(lab.Fault{Place: place, Name: fault}); err != nil {
			t.Fatal(err)
		}
	}
	c := config(t, l)
	c.Timeout = 4 * time.Second
	begin := time.Now()
	_, err := twin.Open(within(t), c, "")
	var failed *twin.OpenError
	if !errors.As(err, &failed) || len(failed.Each) != 4 {
		t.Fatalf("got %v", err)
	}
	for i, want := range []twin.Stage{twin.StageTCP, twin.StageTLS, twin.StageTLS, twin.StageTLS} {
		if e := failed.Each[i]; e.Transport != twin.Transports()[i] || e.Stage != want {
			t.Errorf("%d: %v, want stage %s", i, e, want)
		}
	}
	if time.Since(begin) > plenty/2 || errors.Is(err, twin.ErrRefused) {
		t.Errorf("after %s: %v", time.Since(begin), err)
	}
	for _, e := range l.Events() {
		if strings.HasPrefix(e.Place, "edge") && (e.Kind == lab.KindLogin || e.Kind == lab.KindRefused) {
			t.Errorf("a login: %+v", e)
		}
	}
}
