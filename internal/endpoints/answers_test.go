package endpoints_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"edgenet/internal/endpoints"
	"edgenet/internal/hop"
	"edgenet/report"
)

// TestWhatAnswersForARegistry: a registry that is silent, a filter's page, or a service that is unwell
// pulls no image, whatever the certificate says; a service that only refuses is a registry.
func TestWhatAnswersForARegistry(t *testing.T) {
	answer := func(code int, kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			to := "https://portal.test/login?token=s3cret"
			if code == http.StatusTemporaryRedirect {
				to = "/v2"
			}
			w.Header().Set("Location", to)
			if body == "true" {
				w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
			}
			w.WriteHeader(code)
			_, _ = fmt.Fprint(w, body)
		}
	}
	for name, c := range map[string]struct {
		h     http.HandlerFunc
		cause report.Cause
		actor report.Actor
	}{
		"page":            {answer(200, "text/html; charset=utf-8", "<html>"), report.HTTPBlockPage, report.ActorFirewall},
		"denied":          {answer(403, "text/html", "<html>"), report.HTTPBlockPage, report.ActorFirewall},
		"led away":        {answer(302, "text/plain", ""), report.HTTPBlockPage, report.ActorFirewall},
		"unwell":          {answer(503, "text/html", ""), report.HTTPStatus, report.ActorService},
		"throttles":       {answer(429, "application/json", "{}"), report.HTTPStatus, report.ActorService},
		"refuses":         {answer(403, "application/json", `{"errors":[]}`), "", ""},
		"says that it is": {answer(200, "text/html; charset=utf-8", "true"), "", ""},
		"elsewhere in it": {answer(307, "text/html", "<html>"), "", ""},
		"knows no v2":     {answer(404, "text/html", "<html>"), "", ""},
	} {
		s := newSite(t)
		s.serve("reg.test", 443, c.h)
		e := tested(t, s, 30*time.Second).Endpoints[0].Test
		if e.Cause != string(c.cause) || e.Actor != c.actor || (e.Status == report.OK) != (c.cause == "") ||
			strings.Contains(e.Summary, "s3cret") {
			t.Errorf("%s: got %+v", name, e)
		}
	}
}

// tested is the list of one registry, tested.
func tested(t *testing.T, s *site, timeout time.Duration) *endpoints.Allowlist {
	t.Helper()
	a := &endpoints.Allowlist{Endpoints: []endpoints.Endpoint{{Host: "reg.test", Port: 443, Transport: "tcp",
		Protocol: "HTTPS", Role: report.EndpointRegistry, Need: endpoints.Required}}}
	endpoints.Test(context.Background(), a, endpoints.TestOptions{Env: s.env, Timeout: timeout})
	return a
}

// TestSilentEndpoint: what is silent for the whole timeout has failed; only what the end of the round
// cuts off was not tried.
func TestSilentEndpoint(t *testing.T) {
	s := newSite(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	s.env.ConnectTo[hop.HostPort("reg.test", 443)] = netip.MustParseAddrPort(l.Addr().String())
	a := tested(t, s, 300*time.Millisecond)
	if got := a.Endpoints[0].Test; got.Status != report.Failed || got.Cause != string(report.TLSTimeout) || !a.Broken() {
		t.Errorf("got %+v", got)
	}
}

// TestTokenService: nothing is pulled while the host that a registry's login leads to is closed.
func TestTokenService(t *testing.T) {
	s := newSite(t)
	s.serve("reg.test", 443, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Bearer realm="https://auth.test/token",service="reg.test"`)
		w.WriteHeader(http.StatusUnauthorized)
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.env.ConnectTo[hop.HostPort("auth.test", 443)] = netip.MustParseAddrPort(l.Addr().String())
	_ = l.Close() // nothing listens there
	a := tested(t, s, 30*time.Second)
	if got := find(t, a, "auth.test", 443).Test; got.Status != report.Failed || got.Cause != string(report.TCPRefused) {
		t.Errorf("got %+v", got)
	}
	f := a.Unreachable()
	if len(f) != 1 || f[0].Code != report.RegistryUnreachable || !strings.Contains(f[0].Summary, "tokens for reg.test") {
		t.Errorf("got %+v", f)
	}
}

// TestRegistryOfAnotherName: where a name server leads the registry's name elsewhere, that is what is asked
// about.
func TestRegistryOfAnotherName(t *testing.T) {
	s := newSite(t)
	s.serve("other.test", 443, answerNothing)
	s.env.ConnectTo[hop.HostPort("reg.test", 443)] = s.env.ConnectTo[hop.HostPort("other.test", 443)]
	a := tested(t, s, 30*time.Second)
	if got := a.Endpoints[0].Test; got.Cause != string(report.TLSNameMismatch) {
		t.Fatalf("got %+v", got)
	}
	if f := a.Unreachable(); len(f) != 1 || !strings.Contains(f[0].Remedy, "a server of another name") {
		t.Errorf("got %+v", f)
	}
}

func answerNothing(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }
