package proxyurl

import (
	"fmt"
	"net/url"
	"strings"

	"edgenet/internal/secret"
	"edgenet/report"
)

// TroubleKind says what is wrong with a setting, for whoever has to tell troubles apart;
// the texts beside it are for people.
type TroubleKind string

// The kinds.
const (
	TroubleEmpty     TroubleKind = "empty"     // set to nothing, which is not the same as unset
	TroublePAC       TroubleKind = "pac"       // a PAC file's address
	TroubleUnread    TroubleKind = "unread"    // no proxy URL at all
	TroubleScheme    TroubleKind = "scheme"    // http:// is missing
	TroubleHTTPS     TroubleKind = "https"     // TLS to the proxy
	TroubleSOCKS     TroubleKind = "socks"     // SOCKS, where only HTTP proxies are known
	TroubleColon     TroubleKind = "colon"     // a raw colon in the password
	TroubleLoopback  TroubleKind = "loopback"  // this host's own, which is not a container's
	TroubleAt        TroubleKind = "at"        // a raw @ in user or password
	TroubleEqualSign TroubleKind = "equalsign" // a raw = in user or password
)

// Trouble is what a component makes of a proxy setting that is not what was meant.
type Trouble struct {
	Kind     TroubleKind
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
		return []Trouble{{TroublePAC, report.SeverityError,
			fmt.Sprintf("%s is a PAC file's address, and IoT Edge cannot use PAC", secret.Show(raw, shownLength)),
			"Open the PAC file, take the proxy that it names for the hub, and write it as http://host:port."}}
	}
	var out []Trouble
	p, err := Assume(raw, "")
	if err != nil {
		return []Trouble{{TroubleUnread, report.SeverityError, fmt.Sprintf("%s cannot use it: %s", c, err),
			"Write the proxy as http://[user:password@]host:port, special characters of user and password " +
				"percent-encoded."}}
	}
	if p.NoScheme {
		out = append(out, c.noScheme(raw, p)...)
	}
	if p.Loopback() && (c == EdgeAgent || c == EdgeHub) {
		out = append(out, Trouble{TroubleLoopback, report.SeverityWarning,
			fmt.Sprintf("%s is the container's own loopback where %s runs, unless it has this host's network: a proxy "+
				"of the host is not there", p.Host, c), LoopbackRemedy})
	}
	switch p.Scheme {
	case HTTPS:
		if c == EdgeAgent || c == EdgeHub {
			out = append(out, Trouble{TroubleHTTPS, report.SeverityWarning,
				fmt.Sprintf("%s up to 1.4 cannot use an https:// proxy, and later ones are not known to", c),
				"Use the proxy's http:// port for IoT Edge."})
		}
	case SOCKS5:
		if c != Engine && c != Module {
			out = append(out, Trouble{TroubleSOCKS, report.SeverityError, fmt.Sprintf("%s does not know SOCKS", c),
				"Use an HTTP proxy: http://host:port."})
		}
	}
	return append(out, c.userinfo(raw)...)
}

// LoopbackRemedy is what lets containers use a proxy that runs on their host.
const LoopbackRemedy = "Let the proxy listen on an address of this host that containers reach, such as that of the " +
	"container engine's bridge, and set https_proxy to that address for edgeAgent and edgeHub."

// empty: a variable that is set to nothing is no setting for most; the Rust services
// parse it, and fail.
func (c Component) empty() []Trouble {
	if c == IdentityService || c == CertService {
		return []Trouble{{TroubleEmpty, report.SeverityWarning,
			fmt.Sprintf("%s takes a variable that is set to nothing for a URL that it cannot read", c),
			"Remove the variable, or give it the proxy's URL."}}
	}
	return nil
}

func (c Component) noScheme(raw string, p *Proxy) []Trouble {
	fix := fmt.Sprintf("Write http://%s.", p.Address())
	switch c {
	case EdgeAgent, EdgeHub:
		if host, _, _ := strings.Cut(raw, ":"); host != "" && host[0] >= '0' && host[0] <= '9' {
			return []Trouble{{TroubleScheme, report.SeverityError,
				fmt.Sprintf("without http:// before it %s ends with \"Fatal error building application\"", c), fix}}
		}
		return []Trouble{{TroubleScheme, report.SeverityError,
			fmt.Sprintf("without http:// before it %s takes the host's name for the URL's scheme, and fails later", c),
			fix}}
	case Engine, Module:
		return nil // Go assumes http
	}
	return []Trouble{{TroubleScheme, report.SeverityError,
		fmt.Sprintf("without http:// before it %s cannot read it", c), fix}}
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
		out = append(out, Trouble{TroubleColon, report.SeverityError, fmt.Sprintf("%s cuts the password at its colon",
			c), "Write %3A in place of a colon in the password."})
	}
	if strings.Contains(info, "@") {
		out = append(out, Trouble{TroubleAt, report.SeverityError,
			"an @ in user or password is read differently by different components",
			"Write %40 in place of an @ in user or password."})
	}
	if (c == Edged || c == OldDaemon) && strings.Contains(info, "=") {
		out = append(out, Trouble{TroubleEqualSign, report.SeverityInfo,
			"iotedge check cuts the value at the = when it compares proxy settings, and may then warn without reason",
			"Write %3D in place of = in user or password."})
	}
	return out
}
