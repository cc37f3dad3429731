package proxyurl

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"

	"edgenet/internal/secret"
	"edgenet/report"
)

// The schemes of proxy URLs.
const (
	HTTP   = "http"
	HTTPS  = "https"
	SOCKS5 = "socks5"
)

// Proxy is one proxy as its URL names it.
type Proxy struct {
	Scheme   string // HTTP, HTTPS or SOCKS5
	Host     string // without brackets
	Port     int
	User     string
	Password secret.Value
	HasAuth  bool   // the URL, or a credentials file, names a user
	Source   string // flag, or env: and the variable's name
	NoScheme bool   // the setting lacked its scheme; http was assumed
	NoPort   bool   // it names no port; the scheme's own was taken
}

// shownLength bounds how much of a setting a message shows, in bytes.
const shownLength = 120

// hostLetters are those of names; the rest, underscores too, is DNS's to judge.
const hostLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

var defaultPorts = map[string]int{HTTP: 80, HTTPS: 443, SOCKS5: 1080}

// Parse reads a proxy URL. Its errors never hold the URL's password.
func Parse(raw, source string) (*Proxy, error) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return nil, errors.New("empty proxy URL: expected http://[user:password@]host:port")
	}
	if !strings.Contains(raw, "://") {
		return nil, fmt.Errorf("proxy URL %q has no scheme: expected http://, https:// or socks5:// before it; IoT "+
			"Edge needs http://", secret.Show(raw, shownLength))
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("proxy URL %q cannot be read: %s", secret.Show(raw, shownLength), parseReason(err))
	}
	p := &Proxy{Scheme: strings.ToLower(u.Scheme), Host: u.Hostname(), Source: source}
	if p.Scheme == "socks5h" {
		p.Scheme = SOCKS5
	}
	if p.Port = defaultPorts[p.Scheme]; p.Port == 0 {
		return nil, fmt.Errorf("proxy URL %q has the scheme %q: expected http, https or socks5",
			secret.Show(raw, shownLength), report.Clean(u.Scheme, 20))
	}
	if pac(raw) {
		return nil, fmt.Errorf("%q is a PAC file's URL, not a proxy's: IoT Edge cannot use PAC; open it and take the "+
			"proxy that it names", secret.Show(raw, shownLength))
	}
	if p.Host == "" {
		return nil, fmt.Errorf("proxy URL %q has no host: expected %s://host:port", secret.Show(raw, shownLength),
			p.Scheme)
	}
	if (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("proxy URL %q has more than host and port: expected %s://host:port (in user and "+
			"password, @ # / ? must be percent-encoded: %%40 %%23 %%2F %%3F)", secret.Show(raw, shownLength), p.Scheme)
	}
	if err := p.place(u.Port()); err != nil {
		return nil, fmt.Errorf("proxy URL %q %w", secret.Show(raw, shownLength), err)
	}
	if pw, _ := u.User.Password(); u.User.String() != "" {
		p.User, p.Password, p.HasAuth = u.User.Username(), secret.New(pw), true
	}
	if !p.HasAuth && secret.Login(p.Host, p.Port) {
		return nil, fmt.Errorf("proxy URL %q looks like a user and a password without a host: expected "+
			"%s://user:password@host:port (a proxy that has this name is written with its domain, or as %s.)",
			secret.Show(raw, shownLength), p.Scheme, p.Host)
	}
	return p, nil
}

// place takes the port, and looks at the host.
func (p *Proxy) place(port string) (err error) {
	if p.NoPort = port == ""; !p.NoPort {
		n, ok := secret.Port(port)
		if !ok || n == 0 {
			return errors.New("has a number that is no port behind its host: expected 1 to 65535")
		}
		p.Port = n
	}
	if strings.ContainsFunc(p.Host, func(r rune) bool { return r > unicode.MaxASCII }) {
		if p.Host, err = idna.Lookup.ToASCII(p.Host); err != nil {
			return errors.New("has a host that is no international name")
		}
	}
	// the rest, underscores too, is DNS's to judge
	if (strings.Trim(p.Host, hostLetters) != "" || len(p.Host) > 255) &&
		net.ParseIP(strings.SplitN(p.Host, "%", 2)[0]) == nil {
		return errors.New("has a host with a character that no host name has")
	}
	return nil
}

// Assume reads a setting as Parse does, and one without a scheme as http, which is
// what its writer meant; NoScheme then says so.
func Assume(raw, source string) (*Proxy, error) {
	raw = strings.TrimSpace(raw)
	if raw == "" || strings.Contains(raw, "://") {
		return Parse(raw, source)
	}
	p, err := Parse("http://"+raw, source)
	if err == nil {
		p.NoScheme = true
	}
	return p, err
}

// parseReason is why net/url refuses, without the part of the URL that it quotes.
func parseReason(err error) string {
	var esc url.EscapeError
	var host url.InvalidHostError
	var ue *url.Error
	switch {
	case errors.As(err, &esc):
		return "a % in it is not followed by two hexadecimal digits (write %25 for a % in a password)"
	case errors.As(err, &host):
		return "its host has a character that no host name has (characters such as @ / : in a password must be " +
			"percent-encoded)"
	case errors.As(err, &ue) && strings.Contains(ue.Err.Error(), "invalid userinfo"): // net/url has no type for it
		return "its user or password has a character that must be percent-encoded (a space is %20)"
	case errors.As(err, &ue) && strings.Contains(ue.Err.Error(), "invalid port"): // nor for this
		return "what follows the host is no port (a : @ or / in a password must be percent-encoded)"
	}
	return "it is not a URL"
}

// String is the URL with its password masked.
func (p *Proxy) String() string {
	auth := ""
	if p.HasAuth {
		auth = p.userShown() + "@"
	}
	return p.Scheme + "://" + auth + p.Address()
}

// userShown is user:password as it may be shown. A user without a password may be a token,
// and one with a separator in it, encoded or not, a user and password in one.
func (p *Proxy) userShown() string {
	if u := p.ShownUser(); u != secret.Mask {
		return u + ":" + secret.Mask
	}
	return secret.Mask
}

// ShownUser is the user's name as it may be shown.
func (p *Proxy) ShownUser() string {
	if p.Password.IsZero() || secret.Separated(p.User) {
		return secret.Mask
	}
	return report.Clean(p.User, 60)
}

// Address is host:port.
func (p *Proxy) Address() string { return net.JoinHostPort(p.Host, strconv.Itoa(p.Port)) }

// Loopback tells whether the proxy is named by an address or a name that means whoever asks: a container
// that asks does not mean its host.
func (p *Proxy) Loopback() bool {
	host := strings.TrimSuffix(strings.ToLower(p.Host), ".")
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasPrefix(host, "localhost.local") ||
		ip != nil && (ip.IsLoopback() || ip.IsUnspecified())
}

// RuntimeUsable tells whether the IoT Edge runtime would send that protocol through
// this proxy; nil means unknown. Plain AMQP and MQTT never go through a proxy, SOCKS is
// not supported at all, and https:// proxies work in no runtime up to 1.4 and are
// unknown since.
func (p *Proxy) RuntimeUsable(proto report.Protocol) *bool {
	yes, no := true, false
	switch {
	case !proto.Proxied() || p.Scheme == SOCKS5:
		return &no
	case p.Scheme == HTTP:
		return &yes
	}
	return nil
}
