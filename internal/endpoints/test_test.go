package endpoints_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"edgenet/internal/endpoints"
	"edgenet/internal/hop"
	"edgenet/internal/lab"
	"edgenet/internal/lab/pki"
	"edgenet/internal/manifest"
	"edgenet/internal/proxyurl"
	"edgenet/internal/secret"
	"edgenet/report"
)

// site is a lab and other servers, each dialled in place of a name.
type site struct {
	t    *testing.T
	env  *hop.Env
	ca   *pki.Authority
	mu   sync.Mutex
	seen []string // Authorization headers by host
}

func newSite(t *testing.T) *site {
	t.Helper()
	ca, err := pki.NewAuthority(pkix.Name{CommonName: "test root"})
	if err != nil {
		t.Fatal(err)
	}
	return &site{t: t, ca: ca, env: &hop.Env{Trust: &hop.Trust{NoOS: true, Extra: []*x509.Certificate{ca.Certificate}},
		ConnectTo: map[string]netip.AddrPort{}}}
}

func (s *site) lab() *lab.Lab {
	s.t.Helper()
	l, err := lab.Start(context.Background(), lab.Options{Dir: s.t.TempDir()})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = l.Close() })
	s.env.Trust.Extra = append(s.env.Trust.Extra, l.CA())
	p := l.Info().Ports
	for from, to := range map[int]int{5671: p.AMQPS, 8883: p.MQTTS, 443: p.HTTPS} {
		s.env.ConnectTo[hop.HostPort(lab.HubName, from)] = netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"),
			uint16(to)) //nolint:gosec // a port
	}
	return l
}

// serve puts an HTTPS server in the place of a name.
func (s *site) serve(host string, port int, h http.HandlerFunc) {
	s.t.Helper()
	cert, err := s.ca.Issue(pki.Leaf{Names: []string{host}})
	if err != nil {
		s.t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0",
		&tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12})
	if err != nil {
		s.t.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s.mu.Lock()
			s.seen = append(s.seen, host+" "+r.Header.Get("Authorization"))
			s.mu.Unlock()
			h(w, r)
		})}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(l) }()
	s.t.Cleanup(func() { _ = server.Close(); <-done })
	s.env.ConnectTo[hop.HostPort(host, port)] = netip.MustParseAddrPort(l.Addr().String())
}

// registry answers as one with tokens and layers elsewhere.
func (s *site) registry(host, data string) {
	s.serve(host, 443, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/token":
			_, _ = fmt.Fprint(w, `{"access_token":"t0ken"}`)
		case r.Header.Get("Authorization") != "Bearer t0ken":
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="https://%s/token",service="%s"`, host, host))
			w.WriteHeader(http.StatusUnauthorized)
		case strings.HasSuffix(r.URL.Path, "/manifests/1.5"):
			_, _ = fmt.Fprint(w, `{"manifests":[{"digest":"sha256:aa"}]}`)
		case strings.HasSuffix(r.URL.Path, "/manifests/sha256:aa"):
			_, _ = fmt.Fprint(w, `{"config":{"digest":"sha256:bb"}}`)
		case strings.HasSuffix(r.URL.Path, "/blobs/sha256:bb"):
			http.Redirect(w, r, "https://"+data+"/x?sig=s3cret", http.StatusTemporaryRedirect)
		default:
			http.NotFound(w, r)
		}
	})
}

func find(t *testing.T, a *endpoints.Allowlist, host string, port int) endpoints.Endpoint {
	t.Helper()
	for _, e := range a.Endpoints {
		if e.Host == host && e.Port == port {
			return e
		}
	}
	t.Fatalf("%s:%d is not on the list", host, port)
	return endpoints.Endpoint{}
}

// TestTest: every line gets its outcome, a registry's redirect leads to the host that
// keeps its layers, and its password goes to itself alone.
func TestTest(t *testing.T) {
	s := newSite(t)
	s.lab()
	s.registry("mcr.microsoft.com", "eastus.data.mcr.microsoft.com")
	s.serve("eastus.data.mcr.microsoft.com", 443, http.NotFound)
	s.registry("contoso.azurecr.io", "contoso.eastus.data.azurecr.io")
	closed := netip.MustParseAddrPort(s.refused())
	for _, name := range []string{"contoso.eastus.data.azurecr.io:443", "packages.microsoft.com:443", "aka.ms:443",
		"raw.githubusercontent.com:443", "registry.corp:5000", "pool.ntp.org:123"} {
		host, port, _ := strings.Cut(name, ":")
		n := 0
		_, _ = fmt.Sscan(port, &n)
		s.env.ConnectTo[hop.HostPort(host, n)] = closed
	}
	s.env.ConnectTo[hop.HostPort("pool.ntp.org", 123)] = s.ntp()
	m := parsed(t, strings.NewReplacer("redis", "registry.corp:5000/r", "a/b:1", "a/b:1.5").Replace(deployment))
	in := endpoints.Input{Hub: lab.HubName, Manifest: m}
	a, err := endpoints.List(in)
	if err != nil {
		t.Fatal(err)
	}
	endpoints.Test(context.Background(), a, endpoints.TestOptions{Env: s.env, Timeout: 30 * time.Second,
		Images: in.Images(), Credentials: []manifest.Registry{{Address: "contoso.azurecr.io", User: "u",
			Password: secret.New("p4ss")}}})
	for _, e := range []struct {
		host   string
		port   int
		status report.Status
		cause  string
	}{
		{lab.HubName, 443, report.OK, ""}, {"mcr.microsoft.com", 443, report.OK, ""}, {"*.data.mcr.microsoft.com", 443,
			report.Skipped, ""},
		{"eastus.data.mcr.microsoft.com", 443, report.OK, ""}, {"contoso.azurecr.io", 443, report.OK,
			""}, {"contoso.eastus.data.azurecr.io", 443, report.Failed, "tcp.refused"},
		{"registry.corp", 5000, report.Failed, "tcp.refused"}, {"pool.ntp.org", 123, report.OK, ""}, {"aka.ms", 443,
			report.Failed, "tcp.refused"},
	} {
		got := find(t, a, e.host, e.port)
		if got.Test == nil || got.Test.Status != e.status || got.Test.Cause != e.cause {
			t.Errorf("%s:%d: got %+v", e.host, e.port, got.Test)
		}
	}
	if !a.Broken() {
		t.Error("a registry and a data host are closed, and all is said to be well")
	}
	if got := lines(endpoints.OnlyFailed(a)); got != "registry.corp:5000 HTTPS "+
		"required\ncontoso.eastus.data.azurecr.io:443 HTTPS required" {
		t.Errorf("to be opened:\n%s", got)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, line := range s.seen {
		if strings.Contains(line, "Basic") && !strings.HasPrefix(line, "contoso.azurecr.io ") {
			t.Errorf("the password went to %s", line)
		}
	}
	if !slices.ContainsFunc(s.seen, func(l string) bool { return strings.HasPrefix(l, "contoso.azurecr.io Basic") }) {
		t.Error("the registry was not logged in to")
	}
}

// refused is an address where nothing listens.
func (s *site) refused() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// ntp answers whatever it is asked as a time server does.
func (s *site) ntp() netip.AddrPort {
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := make([]byte, 512)
		for {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			if n >= 48 && b[0]&7 == 3 {
				answer := make([]byte, 48)
				answer[0] = 4<<3 | 4
				_, _ = c.WriteTo(answer, from)
			}
		}
	}()
	s.t.Cleanup(func() { _ = c.Close(); <-done })
	return netip.MustParseAddrPort(c.LocalAddr().String())
}

// TestThroughProxy: the hub is tried through the proxy where the line says so.
func TestThroughProxy(t *testing.T) {
	s := newSite(t)
	l := s.lab()
	for name, want := range map[string]string{"basic": "", "deny": "connect.forbidden"} {
		p, err := proxyurl.Parse(l.Info().Proxy(name), "flag")
		if err != nil {
			t.Fatal(err)
		}
		a := &endpoints.Allowlist{Endpoints: []endpoints.Endpoint{
			{Host: lab.HubName, Port: 443, Transport: "tcp", Protocol: "HTTPS, WebSocket", Role: report.EndpointIoTHub,
				Need: endpoints.Required, Via: p.Address()},
			{Host: p.Host, Port: p.Port, Transport: "tcp", Protocol: "CONNECT", Role: report.EndpointCustom,
				Need: endpoints.Required},
		}}
		endpoints.Test(context.Background(), a, endpoints.TestOptions{Env: s.env, Timeout: 30 * time.Second,
			Proxies: []*proxyurl.Proxy{p}})
		if got := a.Endpoints[0].Test; got.Cause != want || (got.Status == report.OK) != (want == "") {
			t.Errorf("%s: got %+v", name, got)
		}
		if got := a.Endpoints[1].Test; got.Status != report.OK {
			t.Errorf("%s itself: %+v", name, got)
		}
	}
}

// TestRegistryUnwell: a registry that answers nonsense is reached, and its pattern stays.
func TestRegistryUnwell(t *testing.T) {
	for _, h := range []http.HandlerFunc{
		func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "nonsense") },
		func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, `{"manifests":[]}`) },
		func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprint(w, `{"config":{"digest":"../../x?y"}}`)
		},
		func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="http://plain.test/token"`)
			w.WriteHeader(http.StatusUnauthorized)
		},
		func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "/blobs/") {
				http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
				return
			}
			_, _ = fmt.Fprint(w, `{"config":{"digest":"sha256:aa"}}`)
		},
	} {
		s := newSite(t)
		s.serve("mcr.microsoft.com", 443, h)
		a := &endpoints.Allowlist{Endpoints: []endpoints.Endpoint{{Host: "mcr.microsoft.com", Port: 443,
			Transport: "tcp", Protocol: "HTTPS", Role: report.EndpointRegistry, Need: endpoints.Required}}}
		endpoints.Test(context.Background(), a, endpoints.TestOptions{Env: s.env, Timeout: 30 * time.Second,
			Images: []string{"mcr.microsoft.com/a:1"}})
		if len(a.Endpoints) != 1 || a.Endpoints[0].Test.Status != report.OK {
			t.Errorf("got %+v", a.Endpoints)
		}
	}
}
