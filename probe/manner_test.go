package probe_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"edgenet/probe"
	"edgenet/report"
)

// gate is a proxy that decides by what a CONNECT holds and by how many tunnels are open.
type gate struct {
	judge  func(r *http.Request, open int) (status, headers string)
	target string // where all tunnels lead
	mu     sync.Mutex
	open   int
	asked  []string // what each CONNECT had: agent, credentials
	// lingers: the first tunnel counts as open until another one is asked for, for on a busy
	// machine it may be over before
	lingers bool
}

// gated starts one before a site's HTTPS port and gives its URL's host and port.
func gated(t testing.TB, s *site, lingers bool, judge func(*http.Request, int) (string, string)) (*gate, string) {
	t.Helper()
	l := listen(t)
	g := &gate{judge: judge, lingers: lingers,
		target: net.JoinHostPort(s.info.Addresses.Hub, strconv.Itoa(s.info.Ports.HTTPS))}
	var wg sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { g.serve(c) })
		}
	})
	return g, l.Addr().String()
}

func (g *gate) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	br := bufio.NewReader(c)
	for {
		r, err := http.ReadRequest(br)
		if err != nil {
			return
		}
		g.mu.Lock()
		had := ""
		if r.Header.Get("User-Agent") != "" {
			had += "agent "
		}
		if r.Header.Get("Proxy-Authorization") != "" {
			had += "credentials"
		}
		g.asked = append(g.asked, strings.TrimSpace(had))
		status, headers := g.judge(r, g.open)
		g.open++
		g.mu.Unlock()
		done := func() { g.mu.Lock(); g.open--; g.mu.Unlock() }
		_, _ = io.WriteString(c, "HTTP/1.1 "+status+"\r\n"+headers+"\r\n")
		if !strings.HasPrefix(status, "200") {
			done()
			if strings.Contains(headers, "close") {
				return
			}
			continue
		}
		up, err := net.Dial("tcp", g.target)
		if err != nil {
			done()
			return
		}
		go func() { _, _ = io.Copy(up, br); _ = up.Close() }()
		_, _ = io.Copy(c, up)
		_ = up.Close()
		for end := time.Now().Add(5 * time.Second); g.lingers && g.alone() && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		done()
		return
	}
}

// alone tells whether one tunnel was asked for so far.
func (g *gate) alone() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.asked) == 1
}

const (
	nothing   = "Content-Length: 0\r\n"
	goes      = "Content-Length: 0\r\nConnection: close\r\n"
	challenge = "Proxy-Authenticate: Basic realm=\"x\"\r\n"
)

// TestProxyManners: a proxy is asked as the runtime asks it. What else would be let in is
// told, and is no success; what it refuses only beside other tunnels is no policy.
func TestProxyManners(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name        string
		credentials string
		judge       func(*http.Request, int) (string, string)
		ws, https   string // causes; empty means ok
		experiment  report.ExperimentName
		limited     bool
	}{
		{"it wants a User-Agent", "", func(r *http.Request, _ int) (string, string) {
			if r.Header.Get("User-Agent") == "" {
				return "403 Forbidden", goes
			}
			return "200 OK", ""
		}, "connect.forbidden", "connect.forbidden", report.WithUserAgent, false},
		{"it never asks for credentials", "u:p@", func(r *http.Request, _ int) (string, string) {
			if r.Header.Get("Proxy-Authorization") == "" {
				return "403 Forbidden", nothing
			}
			return "200 OK", ""
		}, "connect.forbidden", "", report.CredentialsAtOnce, false},
		{"it asks for credentials, and waits for them", "u:p@", func(r *http.Request, _ int) (string, string) {
			if r.Header.Get("Proxy-Authorization") == "" {
				return "407 Who", challenge + nothing
			}
			return "200 OK", ""
		}, "", "", "", false},
		{"it asks for credentials, and closes", "u:p@", func(r *http.Request, _ int) (string, string) {
			if r.Header.Get("Proxy-Authorization") == "" {
				return "407 Who", challenge + goes
			}
			return "200 OK", ""
		}, "", "", "", false},
		{"one tunnel at a time", "", func(_ *http.Request, open int) (string, string) {
			if open > 0 {
				return "403 Forbidden", goes
			}
			return "200 OK", ""
		}, "", "", "", true},
		{"one, and the rest is put off", "", func(_ *http.Request, open int) (string, string) {
			if open > 0 {
				return "429 Too Many Requests", goes
			}
			return "200 OK", ""
		}, "", "", "", true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, nil)
			g, at := gated(t, s, row.limited, row.judge)
			s.proxied(t, "http://"+row.credentials+at)
			s.only(report.AMQPWS, report.MQTTWS, report.HTTPS)
			r := s.check(t)
			limited := 0
			for _, x := range r.Results {
				want := row.ws
				if x.Protocol == report.HTTPS {
					want = row.https
				}
				if string(x.Cause) != want {
					t.Errorf("%s: %s, want %q: %s", x.Protocol, words(&x), want, x.Summary)
				}
				if e, ok := x.Experiment(row.experiment); want != "" && (!ok || e.Outcome != report.Answered) {
					t.Errorf("%s: %s", x.Protocol, outcomes(&x))
				}
				limited += x.FailureCauses[report.ConnectLimit]
			}
			if (limited > 0) != row.limited {
				t.Errorf("%d refusals beside others", limited)
			}
			if row.credentials == "" {
				for _, had := range g.asked {
					if strings.Contains(had, "credentials") {
						t.Errorf("asked with %q", had)
					}
				}
			}
		})
	}
}

// proxied leads the plan through one proxy alone.
func (s *site) proxied(t testing.TB, url string) {
	t.Helper()
	s.plan.Routes = probe.Routes(false, s.proxies(t, url))
}
