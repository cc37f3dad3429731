package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"

	"golang.org/x/crypto/x509roots/fallback/bundle"
	"golang.org/x/net/http/httpproxy"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/hop"
	"edgenet/internal/inputs"
	"edgenet/internal/iothub"
	"edgenet/internal/iothub/service"
	"edgenet/internal/secret"
	"edgenet/report"
)

// fleetHub makes the client of the hub that the flags and the environment name. It
// contacts nothing but whoever issues tokens.
func (a *app) fleetHub(ctx context.Context, f *hubFlags, p *fleetProgress) (*service.Client, error) {
	tier, err := service.ParseTier(f.tier)
	switch {
	case err != nil:
		return nil, exit.Usagef("--%w", err)
	case f.units < 1 || f.units > 1000:
		return nil, exit.Usagef("--units %d: expected 1 to 1000", f.units)
	case f.rate < 0:
		return nil, exit.Usagef("--rate %d: expected 1 or more calls a second", f.rate)
	}
	auth, hub, err := a.fleetCredentials(ctx, f)
	if err != nil {
		return nil, err
	}
	transport, err := a.fleetTransport(ctx, f)
	if err != nil {
		return nil, err
	}
	return service.New(service.Options{
		Hub: hub, Auth: auth, HTTP: &http.Client{Transport: transport, CheckRedirect: noRedirect},
		Tier: service.Tier{Name: tier, Units: f.units}, Rate: f.rate, APIVersion: f.apiVersion, Waiting: p.waiting,
	}), nil
}

// noRedirect: a token goes to the hub and nowhere else.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// fleetCredentials finds the credentials in the documented order, and the hub's name.
func (a *app) fleetCredentials(ctx context.Context, f *hubFlags) (service.Authorizer, string, error) {
	if f.tokenFile == "-" && f.connectionString == "-" {
		return nil, "", exit.Usagef("--token-file and --connection-string-file both want standard input: give one of them")
	}
	token, source, err := a.secretText(ctx, f.tokenFile, "--token-file", "EDGENET_HUB_TOKEN")
	if err != nil {
		return nil, "", err
	}
	if !token.IsZero() {
		auth, err := service.Fixed(token, source)
		if err != nil {
			return nil, "", exit.Usagef("%s: %w", source, err)
		}
		hub, err := hubName(cmp.Or(f.hub, f.known), "")
		return auth, hub, err
	}
	text, source, err := a.secretText(ctx, f.connectionString, "--connection-string-file", "IOTHUB_CONNECTION_STRING")
	if err != nil {
		return nil, "", err
	}
	if text.IsZero() {
		hub, err := hubName(cmp.Or(f.hub, f.known), "")
		if err != nil {
			return nil, "", err
		}
		auth, err := a.entra(ctx)
		return auth, hub, err
	}
	c, err := iothub.ParseConnectionString(text.Reveal())
	if err != nil {
		return nil, "", exit.Usagef("%s: %w", source, err)
	}
	auth, err := service.Policy(c, source)
	if err != nil {
		return nil, "", exit.Usagef("%s: %w", source, err)
	}
	hub, err := hubName(f.hub, c.HostName)
	return auth, hub, err
}

// secretText reads a secret from a file, else from a variable.
func (a *app) secretText(ctx context.Context, path, flag, variable string) (secret.Value, string, error) {
	if path == "" {
		return secret.New(strings.TrimSpace(a.Getenv(variable))), variable, nil
	}
	raw, err := a.Read(ctx, path)
	if err != nil {
		return secret.Value{}, flag, exit.Usagef("%s: %w", flag, err)
	}
	text := strings.TrimSpace(strings.TrimPrefix(string(raw), "\ufeff"))
	if text == "" {
		return secret.Value{}, flag, exit.Usagef("%s %s: it is empty", flag, report.Clean(path, 200))
	}
	return secret.New(text), flag, nil
}

// hubName is the hub's name, by the flag or by the connection string.
func hubName(flag, given string) (string, error) {
	flag = strings.ToLower(strings.TrimSpace(flag))
	host, _, err := net.SplitHostPort(flag)
	if err != nil {
		host = flag
	}
	switch {
	case flag == "" && given == "":
		return "", exit.Usagef("which hub? Give --hub HOST, such as --hub contoso.azure-devices.net, or --from FILE with " +
			"what az iot hub query printed")
	case flag == "":
		return strings.ToLower(given), nil
	case strings.ContainsAny(flag, "/@; ") || host == "":
		return "", exit.Usagef("--hub %q: expected the host name alone, such as contoso.azure-devices.net",
			report.Clean(flag,
				80))
	case given != "" && !strings.EqualFold(host, given):
		return "", exit.Usagef("--hub %s and the connection string's HostName %s differ: give one of them",
			report.Clean(flag,
				80), report.Clean(given, 80))
	}
	return flag, nil
}

// entra is the machine's managed identity, else az.
func (a *app) entra(ctx context.Context) (service.Authorizer, error) {
	identity := service.ManagedIdentity(a.Getenv("AZURE_POD_IDENTITY_AUTHORITY_HOST"), a.Getenv("AZURE_CLIENT_ID"))
	_, err := identity.Authorization(ctx)
	if err == nil {
		return identity, nil
	}
	az, missing := exec.LookPath("az")
	if missing != nil {
		return nil, exit.Usagef("no credentials: --token-file and --connection-string-file are not given, EDGENET_HUB_TOKEN "+
			"and IOTHUB_CONNECTION_STRING are not set, %s, and az is not on the PATH. Without any right on the hub: --from FILE", strings.TrimSuffix(err.Error(), "."))
	}
	cli := service.CLI(az)
	if _, err := cli.Authorization(ctx); err != nil {
		return nil, exit.Run(err)
	}
	return cli, nil
}

// fleetTransport dials as the flags and the environment say.
func (a *app) fleetTransport(ctx context.Context, f *hubFlags) (*http.Transport, error) {
	roots, err := fleetRoots(ctx, a.Console, f.caFiles)
	if err != nil {
		return nil, err
	}
	to := map[string]netip.AddrPort{}
	for _, text := range f.connectTo {
		key, addr, err := inputs.ConnectTo(text)
		if err != nil {
			return nil, exit.UsageError{Err: err}
		}
		to[key] = addr
	}
	dialer := &net.Dialer{Timeout: 20 * time.Second}
	t := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if host, port, err := net.SplitHostPort(address); err == nil {
				if addr, ok := to[hop.HostPort(host, portNumber(port))]; ok {
					address = addr.String()
				}
			}
			return dialer.DialContext(ctx, network, address)
		},
		TLSClientConfig:       &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:   20 * time.Second,
		ResponseHeaderTimeout: 6 * time.Minute, // a method may take five
		MaxIdleConnsPerHost:   16, IdleConnTimeout: 90 * time.Second,
		MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: false,
	}
	if len(to) == 0 {
		proxy := a.proxyFromEnvironment()
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
func (a *app) proxyFromEnvironment() func(*url.URL) (*url.URL, error) {
	first := func(names ...string) string {
		for _, n := range names {
			if v := a.Getenv(n); v != "" {
				return v
			}
		}
		return ""
	}
	c := httpproxy.Config{HTTPSProxy: first("HTTPS_PROXY", "https_proxy"), NoProxy: first("NO_PROXY", "no_proxy")}
	return c.ProxyFunc()
}

// fleetRoots are this machine's roots, those of the binary where it has none, and those of
// the flag.
func fleetRoots(ctx context.Context, con *console.Console, files []string) (*x509.CertPool, error) {
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
			return nil, exit.Usagef("--ca-file: %w", err)
		}
		for _, c := range certs {
			pool.AddCert(c)
		}
	}
	return pool, nil
}

// open opens what may be too long to be read at once.
func (a *app) open(path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(a.Stdin), nil
	}
	return os.Open(path) //nolint:gosec // the user names it
}

// maxTemplate bounds a deployment's template, in bytes.
const maxTemplate = 4 << 20

// bounded reads at most limit bytes, and says where there is more.
func (a *app) bounded(path string, limit int64) ([]byte, error) {
	f, err := a.open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(text)) > limit {
		err = fmt.Errorf("%s: longer than %d bytes", report.Clean(path, 200), limit)
	}
	return text, err
}

var errInterrupted = errors.New("interrupted")
