package inputs

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/hostname"
	"edgenet/internal/proxyurl"
	"edgenet/report"
)

// Proxies reads the URLs of --proxy.
func Proxies(urls []string) ([]*proxyurl.Proxy, error) {
	var out []*proxyurl.Proxy
	for _, raw := range urls {
		p, err := Proxy(raw)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// Proxy reads the URL of one.
func Proxy(raw string) (*proxyurl.Proxy, error) {
	p, err := proxyurl.Parse(raw, "flag")
	if err != nil {
		return nil, exit.Usagef("--proxy: %w", err)
	}
	if err := hostname.Characters(typedHost(raw)); err != nil { // the parser drops what nobody sees
		return nil, exit.Usagef("--proxy: in its host name, %w", err)
	}
	return p, nil
}

// typedHost is the host of a URL that was found good, as it was typed.
func typedHost(raw string) string {
	_, rest, _ := strings.Cut(strings.TrimSpace(raw), "://")
	rest = rest[strings.LastIndex(rest, "@")+1:]
	rest, _, _ = strings.Cut(rest, "/")
	if strings.HasPrefix(rest, "[") || strings.Contains(rest, "%") {
		return "" // an address in brackets, or escapes, which the parser judges
	}
	host, _, _ := strings.Cut(rest, ":")
	return host
}

// Credentials gives proxies their own out of the file of --proxy-credentials.
func Credentials(ctx context.Context, c *console.Console, file string, proxies []*proxyurl.Proxy) error {
	if file == "" {
		return nil
	}
	text, err := c.Read(ctx, file)
	if err != nil {
		return exit.Inputf("--proxy-credentials: %w", err)
	}
	if err := proxyurl.ReadCredentials(bytes.NewReader(text), proxies); err != nil {
		return exit.Inputf("--proxy-credentials %s: %w", report.Clean(file, 200), err)
	}
	return nil
}

// Bound reads credentials that say which proxy each belongs to.
func Bound(ctx context.Context, c *console.Console, file string) ([]proxyurl.Bound, error) {
	text, err := c.Read(ctx, file)
	if err != nil {
		return nil, exit.Inputf("--proxy-credentials: %w", err)
	}
	out, err := proxyurl.ReadBound(bytes.NewReader(text))
	if err != nil {
		return nil, exit.Inputf("--proxy-credentials %s: %w", report.Clean(file, 200), err)
	}
	return out, nil
}

// ErrNoProxy is for credentials that belong to nothing.
var ErrNoProxy = errors.New("--proxy-credentials: give the proxy with --proxy URL")

// PlainProxy tells of a proxy that is read as host and port and used as that: its number is a
// port, whatever else it could be elsewhere.
func PlainProxy(text string) bool {
	p, err := proxyurl.Parse(text, "")
	return err == nil && !p.HasAuth
}
