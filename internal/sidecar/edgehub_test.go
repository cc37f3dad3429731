package sidecar

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

func TestParseMetrics(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]reading{
		"": {},
		"# HELP edgehub_offline_count_total x\nedgehub_offline_count_total{id=\"d } x\",a=\"b\"} " +
			"3\nedgehub_offline_duration_seconds_count{id=\"d\"} 2\n": {3, 2, true},
		"edgehub_offline_count_total 1e0 1395066363000\nedgehub_offline_count_total{id=\"b\"} 1": {2, 0, true},
		"edgehub_offline_count_total{id=\"d\"} NaN\nedgehub_offline_count_total -1\nedgehub_offline_count_total " +
			"+Inf\nedgehub_offline_count_total x": {},
		"edgehub_offline_count_total_more 7\nedgehub_offline_duration_seconds{quantile=\"0.5\"} 7": {},
	} {
		if got, err := parseMetrics(strings.NewReader(text)); err != nil || got != want {
			t.Errorf("%q: %+v %v", text, got, err)
		}
	}
	if _, err := parseMetrics(strings.NewReader(strings.Repeat("x", maxMetricRow+1))); err == nil {
		t.Error("a line without end is read")
	}
}

func FuzzParseMetrics(f *testing.F) {
	f.Add("edgehub_offline_count_total{id=\"d\"} 3\n")
	f.Fuzz(func(t *testing.T, text string) {
		if r, _ := parseMetrics(strings.NewReader(text)); r.offline < 0 || r.back < 0 || r.offline != r.offline {
			t.Errorf("%+v", r)
		}
	})
}

// TestEdgeHubIsOffline: every path is fine, and edgeHub says that it is offline all the
// same; that is told, and taken back.
func TestEdgeHubIsOffline(t *testing.T) {
	t.Parallel()
	var back atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "edgehub_offline_count_total{id=\"d\"} 1\nedgehub_offline_duration_seconds_count{id=\"d\"} %d\n",
			back.Load())
	}))
	t.Cleanup(server.Close)
	s := prepare(t)
	s.o.EdgeHubMetrics = server.URL
	s.start()
	s.has("edgeHub", "offline")
	s.has("status", "degraded")
	if r := s.reported(); r["recommended"] != "AMQP" || r["https"] != true || r["cause"] != nil {
		t.Errorf("%v", r)
	}
	back.Store(1)
	s.invoke("check", ``)
	s.has("edgeHub", "online")
	s.has("status", "ok")
}
