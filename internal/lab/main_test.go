package lab

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"net"
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "12") // whatever the processors: most of these tests wait
	goleak.VerifyTestMain(m)
}

// start starts a lab that ends with the test.
func start(t *testing.T, o Options) *Lab {
	t.Helper()
	l, err := Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// within is a context for one step of a test, with more time than it should need.
func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	d *= 3 // the machine has other work
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// clientTLS trusts the lab.
func clientTLS(l *Lab, name string) *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(l.CA())
	return &tls.Config{RootCAs: pool, ServerName: name, MinVersion: tls.VersionTLS12}
}

// dialTLS connects to a place of the lab and verifies its name.
func dialTLS(t *testing.T, l *Lab, place string) (*tls.Conn, error) {
	t.Helper()
	name := HubName
	if len(place) > 4 && place[:4] == "edge" {
		name = GatewayName
	}
	d := tls.Dialer{Config: clientTLS(l, name), NetDialer: &net.Dialer{Timeout: plenty}}
	nc, err := d.DialContext(within(t, 5*time.Second), "tcp", l.ports[place].address)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = nc.Close() })
	return nc.(*tls.Conn), nil
}

func mustDial(t *testing.T, l *Lab, place string) *tls.Conn {
	t.Helper()
	nc, err := dialTLS(t, l, place)
	if err != nil {
		t.Fatal(err)
	}
	return nc
}

// httpClient speaks HTTP/1.1 with a place, whatever the name in the URL.
func httpClient(t *testing.T, l *Lab, place string) *http.Client {
	t.Helper()
	name := HubName
	if place == "edgeHttps" {
		name = GatewayName
	}
	transport := &http.Transport{
		DialTLSContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			d := tls.Dialer{Config: clientTLS(l, name)}
			return d.DialContext(ctx, "tcp", l.ports[place].address)
		},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: 2 * plenty, CheckRedirect: func(*http.Request,
		[]*http.Request) error {
		return http.ErrUseLastResponse
	}}
}

// statusOf asks with GET and returns the status.
func statusOf(t *testing.T, c *http.Client, url string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(within(t, 5*time.Second), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := c.Do(r)
	if err != nil {
		t.Error(err)
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}
