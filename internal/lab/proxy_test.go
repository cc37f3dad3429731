package lab

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	xproxy "golang.org/x/net/proxy"
)

// connectThrough sends CONNECT to a proxy and returns its answer and the tunnel.
func connectThrough(t *testing.T, l *Lab, name, target, credentials string) (*http.Response, net.Conn, error) {
	t.Helper()
	limit := plenty
	if name == "silent" {
		limit = patience
	}
	u, err := url.Parse(l.Info().Proxy(name))
	if err != nil {
		t.Fatal(err)
	}
	nc, err := net.DialTimeout("tcp", u.Host, plenty)
	if err != nil {
		return nil, nil, err
	}
	t.Cleanup(func() { _ = nc.Close() })
	_ = nc.SetDeadline(time.Now().Add(limit))
	if u.Scheme == "https" {
		nc = tls.Client(nc, clientTLS(l, "127.0.0.1"))
	}
	auth := ""
	if credentials != "" {
		auth = "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(credentials)) + "\r\n"
	}
	if _, err := fmt.Fprintf(nc, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", target, target, auth); err != nil {
		return nil, nil, err
	}
	reader := bufio.NewReader(nc)
	response, err := http.ReadResponse(reader, &http.Request{Method: http.MethodConnect})
	if err != nil {
		return nil, nil, err
	}
	return response, &pushedBack{Conn: nc, front: io.LimitReader(reader, int64(reader.Buffered()))}, nil
}

func TestProxies(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	tests := []struct {
		name, target, credentials string
		status                    int
		header, value             string
	}{
		{"open", HubName + ":5671", "", 200, "", ""},
		{"open", HubName + ":8883", "", 200, "", ""},
		{"open", GatewayName + ":443", "", 200, "", ""},
		{"open", "example.com:443", "", 503, "X-Squid-Error", "ERR_DNS_FAIL 0"},
		{"open", "127.0.0.1:22", "", 503, "X-Squid-Error", "ERR_DNS_FAIL 0"},
		{"open", "nonsense", "", 400, "", ""},
		{"basic", HubName + ":443", "", 407, "Proxy-Authenticate", `Basic realm="edgenet lab"`},
		{"basic", HubName + ":443", "edge:wrong", 407, "Proxy-Authenticate", `Basic realm="edgenet lab"`},
		{"basic", HubName + ":443", "edge:lab", 200, "", ""},
		{"443-only", HubName + ":443", "", 200, "", ""},
		{"443-only", HubName + ":5671", "", 403, "X-Squid-Error", "ERR_ACCESS_DENIED 0"},
		{"deny", HubName + ":443", "", 403, "X-Squid-Error", "ERR_ACCESS_DENIED 0"},
		{"negotiate", HubName + ":443", "edge:lab", 407, "Proxy-Authenticate", "Negotiate"},
		{"ntlm", HubName + ":443", "edge:lab", 407, "Proxy-Authenticate", "Negotiate NTLM"},
		{"digest", HubName + ":443", "edge:lab", 407, "Proxy-Authenticate",
			`Digest realm="edgenet lab", nonce="bGFi", qop="auth", algorithm=MD5`},
		{"tls", HubName + ":443", "", 200, "", ""},
		{"inspecting", HubName + ":443", "", 200, "", ""},
		{"slow", HubName + ":443", "", 200, "", ""},
	}
	for _, tt := range tests {
		begin := time.Now()
		response, _, err := connectThrough(t, l, tt.name, tt.target, tt.credentials)
		if err != nil {
			t.Errorf("%s to %s: %v", tt.name, tt.target, err)
			continue
		}
		got := strings.Join(response.Header.Values(tt.header), " ")
		if response.StatusCode != tt.status || got != tt.value {
			t.Errorf("%s to %s: %d %q, want %d %q", tt.name, tt.target, response.StatusCode, got, tt.status, tt.value)
		}
		if d := time.Since(begin); tt.name == "slow" && d < 2*time.Second {
			t.Errorf("%s took %s", tt.name, d)
		}
	}
	if _, _, err := connectThrough(t, l, "closing", HubName+":443", ""); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("closing: %v", err)
	}
	if _, _, err := connectThrough(t, l, "silent", HubName+":443", ""); seen(err) != "timeout" {
		t.Errorf("silent: %v", err)
	}
}

// What goes through a tunnel is the service itself, or what inspection makes of it.
func TestTunnels(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	for name, want := range map[string]string{"open": "ok", "basic": "ok", "tls": "ok",
		"inspecting": "untrusted FortiGate CA", "corp-inspecting": "untrusted Contoso TLS Inspection CA"} {
		response, nc, err := connectThrough(t, l, name, HubName+":443", "edge:lab")
		if err != nil || response.StatusCode != 200 {
			t.Errorf("%s: %v", name, err)
			continue
		}
		c := tls.Client(nc, clientTLS(l, HubName))
		if got := seen(c.Handshake()); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		if want == "ok" {
			got, _ := exchange(c, []byte("GET /devices/x/modules?api-version=1 HTTP/1.1\r\nHost: h\r\nConnection: "+
				"close\r\n\r\n"), "HTTP/1.1", "ok")
			if !strings.HasPrefix(got, "HTTP/1.1 401") {
				t.Errorf("%s: %q", name, got)
			}
		}
	}
	// An inspected connection works for whoever does not look.
	_, nc, err := connectThrough(t, l, "inspecting", HubName+":443", "")
	if err != nil {
		t.Fatal(err)
	}
	c := tls.Client(nc, &tls.Config{InsecureSkipVerify: true, ServerName: HubName})
	if got, _ := exchange(c, []byte("GET /devices/x/modules?api-version=1 HTTP/1.1\r\nHost: h\r\nConnection: "+
		"close\r\n\r\n"), "HTTP/1.1", "ok"); !strings.HasPrefix(got, "HTTP/1.1 401") {
		t.Errorf("inspected: %q", got)
	}
}

func TestSOCKS(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	dial := func(name string, auth *xproxy.Auth, target string) error {
		u, err := url.Parse(l.Info().Proxy(name))
		if err != nil {
			t.Fatal(err)
		}
		d, err := xproxy.SOCKS5("tcp", u.Host, auth, &net.Dialer{Timeout: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		nc, err := d.(xproxy.ContextDialer).DialContext(within(t, 3*time.Second), "tcp", target)
		if err != nil {
			return err
		}
		defer nc.Close()
		return tls.Client(nc, clientTLS(l, HubName)).HandshakeContext(within(t, 3*time.Second))
	}
	good := &xproxy.Auth{User: ProxyUser, Password: ProxyPassword}
	if err := dial("socks5", nil, HubName+":443"); err != nil {
		t.Error(err)
	}
	if err := dial("socks5-auth", good, HubName+":5671"); err != nil {
		t.Error(err)
	}
	if err := l.SetFault(Fault{Place: "proxy:socks5", Name: faultSOCKSRefuse, Arg: "5"}); err != nil {
		t.Fatal(err)
	}
	if err := dial("socks5", nil, HubName+":443"); err == nil || !strings.Contains(err.Error(), "connection refused") {
		t.Errorf("refused with 5: %v", err)
	}
	if err := l.ClearFault("proxy:socks5"); err != nil {
		t.Fatal(err)
	}
	if _, err := ParseFault("proxy:open=socks-refuse"); err == nil {
		t.Error("an HTTP proxy takes a fault of SOCKS")
	}
	for name, err := range map[string]error{
		"elsewhere":      dial("socks5", nil, "example.com:443"),
		"no credentials": dial("socks5-auth", nil, HubName+":443"),
		"wrong password": dial("socks5-auth", &xproxy.Auth{User: "edge", Password: "x"}, HubName+":443"),
	} {
		if err == nil {
			t.Errorf("%s: let through", name)
		}
	}
}

func TestFaultsOfProxies(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	tests := []struct{ spec, starts, holds, outcome string }{
		{"connect-status", "HTTP/1.1 400", "", "ok"},
		{"connect-status:451", "HTTP/1.1 451", "", "ok"},
		{"connect-407", "HTTP/1.1 407", "Proxy-Authenticate: Basic", "ok"},
		{"connect-407:NTLM,Negotiate", "HTTP/1.1 407", "Proxy-Authenticate: Negotiate", "ok"},
		{"connect-407-endless", "HTTP/1.1 407", "edgenet edgenet", "ok"},
		{"connect-upstream", "HTTP/1.1 503", "Server: lab-proxy", "ok"},
		{"connect-upstream:502,timeout", "HTTP/1.1 502", "X-Squid-Error: ERR_CONNECT_FAIL 110", "ok"},
		{"connect-upstream:504,read-timeout", "HTTP/1.1 504", "X-Squid-Error: ERR_READ_TIMEOUT", "ok"},
		{"connect-silent", "", "", "timeout"},
		{"connect-close", "", "", "ok"},
		{"connect-reset", "", "", "reset"},
		{"connect-not-http", "\x15\x03\x01", "", "ok"},
		{"connect-not-http:socks", "\x05\xff", "", "ok"},
		{"connect-page", "HTTP/1.1 200", "<title>Guest", "ok"},
		{"connect-endless-header", "HTTP/1.1 200", "X-Filler", "ok"},
		{"connect-drip", "H", "", "timeout"},
		{"connect-escape", "HTTP/1.1 403 \x1b[2J", "\x1b]0;owned\x07", "ok"},
		{"connect-slow:10", "HTTP/1.1 200", "", "timeout"},
		{"refuse", "", "", "refused"},
		{"swallow", "", "", "timeout"},
	}
	covered := map[string]bool{}
	for _, tt := range tests {
		f, err := ParseFault("proxy:open=" + tt.spec)
		if err != nil {
			t.Fatal(err)
		}
		covered[f.Name] = true
		if err := l.SetFault(f); err != nil {
			t.Fatal(err)
		}
		nc, err := net.Dial("tcp", l.ports["proxy:open"].address)
		if err != nil {
			if seen(err) != tt.outcome {
				t.Errorf("%s: %v", f, err)
			}
			_ = l.ClearFault("proxy:open")
			continue
		}
		got, outcome := exchange(nc, []byte("CONNECT "+HubName+":443 HTTP/1.1\r\nHost: h\r\n\r\n"), tt.starts,
			tt.outcome)
		_ = nc.Close()
		if !strings.HasPrefix(got, tt.starts) || !strings.Contains(got, tt.holds) || outcome != tt.outcome {
			t.Errorf("%s: %s, answered %q", f, outcome, got[:min(len(got), 300)])
		}
	}
	for _, k := range proxyFaults {
		if !covered[k.name] {
			t.Errorf("%s is not tried", k.name)
		}
	}
}

// A fault of a proxy's place hits what goes through it and nothing else.
func TestFaultsInTunnels(t *testing.T) {
	t.Parallel()
	l := start(t, Options{Faults: []Fault{
		{Place: "proxy:open", Name: "block-page"}, {Place: "https", Name: "inspected"},
		{Place: "https", Name: "tls-reset"},
		{Place: "amqps", Name: "expired"}, {Place: "mqtts", Name: "refuse"},
	}})
	through := func(port string) (string, string) {
		_, nc, err := connectThrough(t, l, "open", HubName+":"+port, "")
		if err != nil {
			t.Fatal(err)
		}
		c := tls.Client(nc, clientTLS(l, HubName))
		if err := c.Handshake(); err != nil {
			return "", seen(err)
		}
		return exchange(c, []byte("GET /devices/x/modules?api-version=1 HTTP/1.1\r\nHost: h\r\nConnection: "+
			"close\r\n\r\n"), "HTTP/1.1", "ok")
	}
	if got, _ := through("443"); !strings.Contains(got, "Guest network") {
		t.Errorf("443: %q", got)
	}
	if _, outcome := through("5671"); outcome != "validity" {
		t.Errorf("5671: %s: the hub's own certificate is expired whatever the way", outcome)
	}
	if _, outcome := through("8883"); outcome == "refused" {
		t.Error("8883: refused on the direct way only")
	}
	if err := l.ClearFault("https"); err != nil {
		t.Fatal(err)
	}
	client := httpClient(t, l, "https")
	if status := statusOf(t, client, "https://"+HubName+"/devices/x/modules?api-version=1"); status != 401 {
		t.Errorf("direct: %d", status)
	}
}

func TestProxyTakesConnectAlone(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	u, err := url.Parse(l.Info().Proxy("open"))
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{Proxy: http.ProxyURL(u)}
	defer transport.CloseIdleConnections()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://example.com/", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := transport.RoundTrip(r)
	if err != nil || response.StatusCode != 403 {
		t.Fatalf("%v, %v", response, err)
	}
	_ = response.Body.Close()
	if !slices.ContainsFunc(l.Events(), func(e Event) bool {
		return e.Place == "proxy:open" &&
			e.Kind == KindRequest
	}) {
		t.Error("the request is not among the events")
	}
}
