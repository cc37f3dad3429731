package command

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"golang.org/x/crypto/x509roots/fallback/bundle"
	"golang.org/x/net/http/httpproxy"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/hop"
	"edgenet/internal/inputs"
)

// How long the hub may take to be reached, and to answer: a method may take five minutes.
const (
	reachWithin  = 20 * time.Second
	answerWithin = 6 * time.Minute
)

// transport dials as the options and the environment say.
func (o HubOptions) transport(ctx context.Context, con *console.Console) (*http.Transport, error) {
	trusted, err := roots(ctx, con, o.CAFiles)
	if err != nil {
		return nil, err
	}
	to := map[string]netip.AddrPort{}
	for _, text := range o.ConnectTo {
		key, addr, err := inputs.ConnectTo(text)
		if err != nil {
			return nil, exit.UsageError{Err: err}
		}
		to[key] = addr
	}
	dialer := &net.Dialer{Timeout: reachWithin}
	t := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if host, port, err := net.SplitHostPort(address); err == nil {
				if addr, ok := to[hop.HostPort(host, portNumber(port))]; ok {
					address = addr.String()
				}
			}
			return dialer.DialContext(ctx, network, address)
		},
		TLSClientConfig:       &tls.Config{RootCAs: trusted, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   reachWithin,
		ResponseHeaderTimeout: answerWithin,
		MaxIdleConnsPerHost:   16, IdleConnTimeout: 90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
	if len(to) == 0 {
		proxy := proxyFromEnvironment(con)
		t.Proxy = func(r *http.Request) (*url.URL, error) { return proxy(r.URL) }
	}
	return t, nil
}

func portNumber(text string) int {
	n, err := net.LookupPort("tcp", text)
	if err != nil {
		return 0
	}
	return n
}

// proxyFromEnvironment is the operator's own way out, by the usual variables.
func proxyFromEnvironment(con *console.Console) func(*url.URL) (*url.URL, error) {
	first := func(names ...string) string {
		for _, n := range names {
			if v := con.Getenv(n); v != "" {
				return v
			}
		}
		return ""
	}
	c := httpproxy.Config{HTTPSProxy: first("HTTPS_PROXY", "https_proxy"), NoProxy: first("NO_PROXY", "no_proxy")}
	return c.ProxyFunc()
}

// roots are this machine's roots, those of the binary where it has none, and those of
// the files.
func roots(ctx context.Context, con *console.Console, files []string) (*x509.CertPool, error) {
	pool, err := x509.SystemCertPool()
	if err != nil || pool.Equal(x509.NewCertPool()) {
		pool = x509.NewCertPool()
		for root := range bundle.Roots() {
			if c, err := x509.ParseCertificate(root.Certificate); err == nil && root.Constraint == nil {
				pool.AddCert(c)
			}
		}
	}
	for _, path := range files {
		certs, err := inputs.Certificates(ctx, con, path)
		if err != nil {
			return nil, exit.Inputf("--ca-file: %w", err)
		}
		for _, c := range certs {
			pool.AddCert(c)
		}
	}
	return pool, nil
}
