package proxyurl

import (
	"edgenet/internal/secret"
	"fmt"
	"slices"
	"strings"
)

// Component is a program on the device that reads a proxy setting, each in its own way.
type Component string

// The components.
const (
	IdentityService Component = "aziot-identityd" // HTTPS to hub and DPS
	CertService     Component = "aziot-certd"     // HTTPS to an EST server
	Edged           Component = "aziot-edged"     // no traffic of its own
	OldDaemon       Component = "iotedge"         // 1.1 and before: HTTPS to hub and DPS
	EdgeAgent       Component = "edgeAgent"
	EdgeHub         Component = "edgeHub"
	Engine          Component = "docker" // image pulls
	Module          Component = "module" // any other; what it reads is its own affair
)

// Variable says which of the environment variables given the component takes its proxy
// for https destinations from, empty where none: the Rust services ask for HTTPS_PROXY and then
// https_proxy (iot-identity-service, http-common/src/proxy.rs), the engine does the same (Go's
// net/http), edgeAgent and edgeHub know https_proxy in any case (.NET's configuration).
func (c Component) Variable(names []string) string {
	for _, want := range []string{"HTTPS_PROXY", "https_proxy"} {
		if slices.Contains(names, want) {
			return want
		}
	}
	if c != EdgeAgent && c != EdgeHub {
		return ""
	}
	for _, n := range names {
		if strings.EqualFold(n, "https_proxy") {
			return n
		}
	}
	return ""
}

// HonoursNoProxy tells whether a no_proxy list means something to the component: on the
// way to the hub it does to nobody (iot-identity-service issue 493; .NET's WebProxy is
// built without a bypass list).
func (c Component) HonoursNoProxy() bool { return c == Engine || c == Module }

// pac tells whether a text is a PAC file's address.
func pac(raw string) bool {
	raw = strings.ToLower(strings.TrimSpace(raw))
	if strings.HasPrefix(raw, "pac+") || strings.HasPrefix(raw, "file:") && strings.Contains(raw, ".pac") {
		return true
	}
	path, _, _ := strings.Cut(raw, "?")
	return strings.HasSuffix(path, ".pac") || strings.HasSuffix(path, "/wpad.dat") ||
		strings.HasSuffix(path, "proxy.dat")
}

// Mask is a setting's text as it may be shown: all of its userinfo's password hidden,
// whether the text is a URL or not. Host and port are shown where they are read as such, also by those
// that do without a scheme.
func Mask(raw string) string {
	raw = strings.TrimSpace(raw)
	switch p, err := Assume(raw, ""); {
	case err == nil && !p.NoScheme:
		return p.String()
	case err == nil && !p.HasAuth && strings.EqualFold(p.Address(), raw) && secret.Show(p.Host, 0) == p.Host:
		return raw
	}
	if raw == "" {
		return ""
	}
	return secret.Show(raw, shownLength)
}

// URL is the proxy's URL with its password, for what is written for the device: every
// byte that any reader takes for something else is percent-encoded.
func (p *Proxy) URL() string {
	auth := ""
	if p.HasAuth {
		auth = encode(p.User) + ":" + encode(p.Password.Reveal()) + "@"
	}
	return p.Scheme + "://" + auth + p.Address()
}

// encode leaves the unreserved characters of RFC 3986 alone.
func encode(s string) string {
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

// Same tells whether two settings mean the same proxy with the same credentials.
func (p *Proxy) Same(o *Proxy) bool { return p.same(o) }
