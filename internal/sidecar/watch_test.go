package sidecar

import (
	"context"
	"errors"
	"strings"
	"testing"

	"edgenet/internal/lab"
	"edgenet/internal/proxyurl"
	"edgenet/internal/sidecar/desired"
	"edgenet/probe"
	"edgenet/report"
)

// TestWatch: the look at a path is TCP and TLS by its own route, and no more.
func TestWatch(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	basic, err := proxyurl.Parse(s.Info().Proxy("basic"), "env:https_proxy")
	if err != nil {
		t.Fatal(err)
	}
	s.o.Proxies = []*proxyurl.Proxy{basic}
	p := &prober{o: s.o.withDefaults(), meter: &Meter{}}
	settings := desired.Defaults()
	settings.Proxies = []string{s.Info().Proxy("open")}
	look := func(proto report.Protocol, route string) error {
		return p.watch(context.Background(), probe.PathName{Protocol: proto, Route: route}, settings)
	}
	for _, route := range []string{"direct", "proxy", "proxy2"} {
		if err := look(report.AMQPWS, route); err != nil {
			t.Errorf("%s: %v", route, err)
		}
	}
	if err := look(report.AMQPWS, "proxy3"); !errors.Is(err, errNoRoute) {
		t.Errorf("%v", err)
	}
	for _, e := range s.Events() {
		if e.Kind == lab.KindRequest && !strings.HasPrefix(e.Detail, "CONNECT ") && e.Place != lab.PlaceWorkload {
			t.Errorf("more than TLS was said: %+v", e)
		}
	}
	for place, want := range map[string]string{"https": "tls.reset", "proxy:basic": "proxy/tcp.refused"} {
		name := "tls-reset"
		if strings.HasPrefix(place, "proxy:") {
			name = "refuse"
		}
		if err := s.SetFault(lab.Fault{Place: place, Name: name}); err != nil {
			t.Fatal(err)
		}
		route := "direct"
		if strings.HasPrefix(place, "proxy:") {
			route = "proxy"
		}
		if err := look(report.AMQPWS, route); err == nil || err.Error() != want {
			t.Errorf("%s: %v", place, err)
		}
	}
}

// TestPlanOfACheck: what a check tries, and how deep.
func TestPlanOfACheck(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	for _, name := range []string{"basic", "socks5"} {
		x, err := proxyurl.Parse(s.Info().Proxy(name), "env:https_proxy")
		if err != nil {
			t.Fatal(err)
		}
		s.o.Proxies = append(s.o.Proxies, x)
	}
	s.start()
	s.eventually("the proxied paths", func() bool { return s.reported()["proxy"] != nil })
	_, a := s.invoke("report", ``)
	results := a["report"].(map[string]any)["results"].([]any)
	if len(results) != 5+2*3 {
		t.Errorf("%d paths", len(results))
	}
	for _, x := range results {
		r := x.(map[string]any)
		if r["route"] != "direct" && (r["protocol"] == "AMQP" || r["protocol"] == "MQTT") {
			t.Errorf("the runtime never does %v by %v", r["protocol"], r["route"])
		}
	}
}
