package proxy

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"edgenet/report"
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

// Trouble is what a component makes of a proxy setting that is not what was meant.
type Trouble struct {
	Severity report.Severity
	Text     string
	Remedy   string
}

// Trouble judges a setting as the component would read it, before a byte is sent. None
// of its texts holds a password.
func (c Component) Trouble(raw string) []Trouble {
	if strings.TrimSpace(raw) == "" {
		return c.empty()
	}
	if pac(raw) {
		return []Trouble{{report.SeverityError, fmt.Sprintf("%s is a PAC file's address, and IoT Edge cannot use PAC", hideUser(raw)),
			"Open the PAC file, take the proxy that it names for the hub, and write it as http://host:port."}}
	}
	var out []Trouble
	p, err := Assume(raw, "")
	if err != nil {
		return []Trouble{{report.SeverityError, fmt.Sprintf("%s cannot use it: %s", c, err), "Write the proxy as http://[user:password@]host:port, special characters of user and password percent-encoded."}}
	}
	if p.NoScheme {
		out = append(out, c.noScheme(raw, p)...)
	}
	switch p.Scheme {
	case HTTPS:
		if c == EdgeAgent || c == EdgeHub {
			out = append(out, Trouble{report.SeverityWarning, fmt.Sprintf("%s up to 1.4 cannot use an https:// proxy, and later ones are not known to", c), "Use the proxy's http:// port for IoT Edge."})
		}
	case SOCKS5:
		if c != Engine && c != Module {
			out = append(out, Trouble{report.SeverityError, fmt.Sprintf("%s does not know SOCKS", c), "Use an HTTP proxy: http://host:port."})
		}
	}
	return append(out, c.userinfo(raw)...)
}

// empty: a variable that is set to nothing is no setting for most; the Rust services
// parse it, and fail.
func (c Component) empty() []Trouble {
	if c == IdentityService || c == CertService {
		return []Trouble{{report.SeverityWarning, fmt.Sprintf("%s takes a variable that is set to nothing for a URL that it cannot read", c), "Remove the variable, or give it the proxy's URL."}}
	}
	return nil
}

func (c Component) noScheme(raw string, p *Proxy) []Trouble {
	fix := fmt.Sprintf("Write http://%s.", p.Address())
	switch c {
	case EdgeAgent, EdgeHub:
		if host, _, _ := strings.Cut(raw, ":"); host != "" && host[0] >= '0' && host[0] <= '9' {
			return []Trouble{{report.SeverityError, fmt.Sprintf("without http:// before it %s ends with \"Fatal error building application\"", c), fix}}
		}
		return []Trouble{{report.SeverityError, fmt.Sprintf("without http:// before it %s takes the host's name for the URL's scheme, and fails later", c), fix}}
	case Engine, Module:
		return nil // Go assumes http
	}
	return []Trouble{{report.SeverityError, fmt.Sprintf("without http:// before it %s cannot read it", c), fix}}
}

// userinfo: edgeAgent and edgeHub split it at every colon and take the second part for
// the password (Proxy.cs).
func (c Component) userinfo(raw string) []Trouble {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.User == nil {
		return nil
	}
	rest := raw[strings.Index(raw, "://")+3:]
	info := rest[:max(0, strings.LastIndex(rest, "@"))]
	var out []Trouble
	if (c == EdgeAgent || c == EdgeHub) && strings.Count(info, ":") > 1 {
		out = append(out, Trouble{report.SeverityError, fmt.Sprintf("%s cuts the password at its colon", c), "Write %3A in place of a colon in the password."})
	}
	if strings.Contains(info, "@") {
		out = append(out, Trouble{report.SeverityError, "an @ in user or password is read differently by different components", "Write %40 in place of an @ in user or password."})
	}
	if (c == Edged || c == OldDaemon) && strings.Contains(info, "=") {
		out = append(out, Trouble{report.SeverityInfo, "iotedge check cuts the value at the = when it compares proxy settings, and may then warn without reason", "Write %3D in place of = in user or password."})
	}
	return out
}

// pac tells whether a text is a PAC file's address.
func pac(raw string) bool {
	raw = strings.ToLower(strings.TrimSpace(raw))
	if strings.HasPrefix(raw, "pac+") || strings.HasPrefix(raw, "file:") && strings.Contains(raw, ".pac") {
		return true
	}
	path, _, _ := strings.Cut(raw, "?")
	return strings.HasSuffix(path, ".pac") || strings.HasSuffix(path, "/wpad.dat") || strings.HasSuffix(path, "proxy.dat")
}

// Mask is a setting's text as it may be shown: all of its userinfo's password hidden,
// whether the text is a URL or not.
func Mask(raw string) string {
	if p, err := Parse(raw, ""); err == nil {
		return p.String()
	}
	if raw == "" {
		return ""
	}
	return hideUser(raw)
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
