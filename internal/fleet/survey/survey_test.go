package survey

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"edgenet/internal/fleet"
	"edgenet/internal/fleet/fakehub"
	"edgenet/internal/iothub/service"
	"edgenet/internal/secret"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func client(t *testing.T, h *fakehub.Hub) *service.Client {
	t.Helper()
	auth, err := service.Fixed(secret.New("token"), "test")
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return service.New(service.Options{Hub: "fake", Base: h.Start(t.Cleanup), Auth: auth,
		HTTP: &http.Client{Transport: transport}, Tier: service.Tier{Name: "S3", Units: 200}})
}

// mixed is a fleet with something of everything.
func mixed(n int) *fakehub.Hub {
	h := &fakehub.Hub{Devices: map[string]*fakehub.Device{}, Configurations: map[string]*fakehub.Configuration{},
		PageSize: 7}
	now := time.Now().UTC()
	statuses, ages := []string{"ok", "ok", "degraded", "down"}, []time.Duration{time.Hour, time.Hour, 20 * time.Hour,
		9 * 24 * time.Hour}
	for i := range n {
		d := &fakehub.Device{ID: fmt.Sprintf("d%03d", i), Tags: map[string]any{"site": fmt.Sprint("s", i%3)}}
		if i%7 != 6 {
			d.Report = map[string]any{"schema": fleet.Schema, "status": statuses[i%4], "recommended": []string{"AMQP",
				"AMQPWS", "MQTTWS"}[i%3], "route": []string{"direct", "proxy"}[i%2],
				"checkedAt": now.Add(-ages[i/5%4]).Format(time.RFC3339), "configured": "AMQP", "consistent": i%3 == 0}
			if i%4 == 3 {
				d.Report["cause"] = "tcp.timeout"
			}
		}
		h.Devices[d.ID] = d
	}
	return h
}

// TestStatusAgrees: whichever way a hub lets the fleet be counted, the numbers are the same,
// and the way is said.
func TestStatusAgrees(t *testing.T) {
	t.Parallel()
	var want string
	for _, c := range []struct {
		counted string
		set     func(h *fakehub.Hub, o *Options)
	}{
		{fleet.CountedSweep, func(*fakehub.Hub, *Options) {}},
		{fleet.CountedSweep, func(h *fakehub.Hub, _ *Options) { h.NoProjection = true }},
		{fleet.CountedSweep, func(_ *fakehub.Hub, o *Options) { o.SweepUpTo = 10 }}, // the hub refuses GROUP BY
		{fleet.CountedGroupBy, func(h *fakehub.Hub, o *Options) { h.GroupBy, o.SweepUpTo = true, 10 }},
	} {
		h := mixed(100)
		o := Options{Now: time.Now(), Stale: 13 * time.Hour, Name: "fake"}
		c.set(h, &o)
		o.Hub = client(t, h)
		s, err := Status(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if s.Counted != c.counted {
			t.Errorf("counted by %s, want %s", s.Counted, c.counted)
		}
		s.Counted, s.DevicesFrom, s.At, s.By.Ways = "", "", time.Time{}, nil
		text, _ := json.Marshal(s)
		if want == "" {
			want = string(text)
			if s.Devices != 100 || s.Silent != 14 || s.Stale == 0 || s.By.Status["down"] == 0 {
				t.Errorf("%s", text)
			}
		}
		if string(text) != want {
			t.Errorf("got\n%s\nwant\n%s", text, want)
		}
	}
}

// TestStartAgain: where the hub forgets its place, counting starts again, and nothing is
// counted twice.
func TestStartAgain(t *testing.T) {
	t.Parallel()
	h := mixed(60)
	var pages atomic.Int32
	h.Refuse = func(r *http.Request) (int, string, string) {
		if r.Header.Get("x-ms-continuation") != "" && pages.Add(1) == 4 {
			return 400, "ArgumentInvalid", "the continuation token is invalid"
		}
		return 0, "", ""
	}
	s, err := Status(t.Context(), Options{Hub: client(t, h), Now: time.Now(), Stale: 13 * time.Hour, By: "site"})
	if err != nil || s.Devices != 60 || s.Reporting+s.Silent != 60 || s.Partial {
		t.Errorf("%v %+v", err, s)
	}
}

// TestInterrupted: what was counted until then is given, and said to be a part.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	h := mixed(60)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s, err := Status(ctx, Options{Hub: client(t, h), Now: time.Now(), Stale: 13 * time.Hour, Progress: func(_ string, n,
		_ int) {
		if n >= 21 {
			cancel()
		}
	}})
	if err != nil || !s.Partial || s.Reporting == 0 || s.Reporting > 40 {
		t.Errorf("%v %+v", err, s)
	}
}

// TestSilent finds who does not report, and nobody else.
func TestSilent(t *testing.T) {
	t.Parallel()
	h := mixed(100)
	now := time.Now()
	n := 0
	err := Silent(t.Context(), Options{Hub: client(t, h), Now: now, Stale: 13 * time.Hour}, func(row fleet.Row) error {
		n++
		d := h.Devices[row.Device]
		if d.Report != nil && fleet.ParseReport(mustJSON(d.Report)).Fresh(now, 13*time.Hour) {
			t.Errorf("%s reports", row.Device)
		}
		return nil
	})
	s, _ := Status(t.Context(), Options{Hub: client(t, h), Now: now, Stale: 13 * time.Hour})
	if err != nil || n != s.Mute() {
		t.Errorf("%v: %d are silent, want %d", err, n, s.Mute())
	}
}

func mustJSON(v any) []byte {
	text, _ := json.Marshal(v)
	return text
}

// TestWhere: a condition stays inside its parentheses.
func TestWhere(t *testing.T) {
	t.Parallel()
	for text, good := range map[string]bool{
		"": true, "tags.site = 'a'": true, "tags.site = 'it''s (fine'": true, "(a = 1) OR (b = 2)": true,
		"a = 'open": false, "a = 1) OR (1 = 1": false, "(a = 1": false, "SELECT * FROM devices": false, "a\nb": false,
		strings.Repeat("x", 9000): false,
	} {
		if err := CheckWhere(text); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}
