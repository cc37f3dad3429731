package story

import (
	"net/url"
	"strings"
)

// proxyAddr gives host:port of a proxy's URL as it was told.
func proxyAddr(s string) string {
	u, err := url.Parse(strings.ReplaceAll(s, "*", "x"))
	if err != nil || u.Host == "" {
		_, after, ok := strings.Cut(s, "@")
		if !ok {
			return ""
		}
		return strings.TrimRight(after, "/")
	}
	if u.Port() == "" {
		port := "80"
		if u.Scheme == "https" {
			port = "443"
		}
		return u.Hostname() + ":" + port
	}
	return u.Host
}
