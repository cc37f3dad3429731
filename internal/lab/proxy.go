package lab

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"edgenet/internal/lab/pki"
)

// Credentials of the proxies that want some.
const (
	ProxyUser     = "edge"
	ProxyPassword = "lab"
)

// proxyKind is what a proxy is like.
type proxyKind struct {
	name    string
	about   string
	schemes []string // of a 407; credentials are wanted where there is one
	ports   []int    // that CONNECT may go to; nil is all
	deny    bool     // refuses every CONNECT with 403
	tls     bool     // is spoken to in TLS
	inspect func(*material) *pki.Authority
	socks   bool
	fault   string // what is wrong from the start, by a fault's name
}

// proxyKinds are the proxies of every lab.
var proxyKinds = []proxyKind{
	{name: "open", about: "lets everything through"},
	{name: "basic", about: "wants Basic credentials (edge, lab)", schemes: []string{"Basic"}},
	{name: "443-only", about: "lets CONNECT to port 443 alone through, as Squid does unless told otherwise",
		ports: []int{443}},
	{name: "deny", about: "refuses every CONNECT with 403", deny: true},
	{name: "negotiate", about: "wants Negotiate alone", schemes: []string{"Negotiate"}},
	{name: "ntlm", about: "wants NTLM or Negotiate", schemes: []string{"Negotiate", "NTLM"}},
	{name: "digest", about: "wants Digest alone", schemes: []string{"Digest"}},
	{name: "tls", about: "is spoken to in TLS (https://)", tls: true},
	{name: "inspecting", about: "breaks TLS open with a product's own CA",
		inspect: func(m *material) *pki.Authority { return m.vendor }},
	{name: "corp-inspecting", about: "breaks TLS open with a company's CA",
		inspect: func(m *material) *pki.Authority { return m.company }},
	{name: "slow", about: "takes 2 s for CONNECT", fault: faultConnectSlow},
	{name: "silent", about: "swallows CONNECT", fault: "connect-silent"},
	{name: "closing", about: "closes instead of an answer", fault: "connect-close"},
	{name: "socks5", about: "SOCKS5 without credentials", socks: true},
	{name: "socks5-auth", about: "SOCKS5 with user name and password (edge, lab)", socks: true,
		schemes: []string{"password"}},
}

func proxyNames() []string {
	names := make([]string, len(proxyKinds))
	for i, k := range proxyKinds {
		names[i] = k.name
	}
	return names
}

// proxy is a running one.
type proxy struct {
	proxyKind
	lab   *Lab
	place string
	port  *port

	mu     sync.Mutex
	leaves map[string]tls.Certificate // that inspection made, by name
}

func (l *Lab) openProxies() error {
	for _, kind := range proxyKinds {
		x := &proxy{proxyKind: kind, lab: l, place: "proxy:" + kind.name, leaves: make(map[string]tls.Certificate)}
		x.port = &port{place: x.place, address: net.JoinHostPort(l.options.Listen, "0"), serve: x.serve}
		if kind.tls {
			cfg, err := l.material.config("proxy", false)
			if err != nil {
				return fmt.Errorf("lab: %s: %w", x.place, err)
			}
			x.port.tls = cfg
		}
		if err := l.open(x.port); err != nil {
			return err
		}
		l.proxies = append(l.proxies, x)
	}
	return nil
}

// url is how a client names the proxy, credentials included.
func (x *proxy) url() string {
	u := url.URL{Scheme: "http", Host: x.port.address}
	switch {
	case x.socks:
		u.Scheme = "socks5"
	case x.tls:
		u.Scheme = "https"
	}
	if len(x.schemes) > 0 {
		u.User = url.UserPassword(ProxyUser, ProxyPassword)
	}
	return u.String()
}

// maxRequest bounds the header of a request to a proxy, in bytes.
const maxRequest = 64 << 10

// serve reads one request and answers it.
func (x *proxy) serve(ctx context.Context, c *conn, inside net.Conn) {
	if x.socks {
		x.serveSOCKS(inside)
		return
	}
	reader := bufio.NewReader(io.LimitReader(inside, maxRequest))
	r, err := http.ReadRequest(reader)
	if err != nil {
		say(inside, proxyPage(400, "", "<html>not a request</html>"))
		return
	}
	x.lab.journal.add(x.place, KindRequest, "", r.Method+" "+r.RequestURI)
	if x.faulty(&conn{Conn: inside, tcp: c.tcp, place: x.place}, r) {
		return
	}
	if refusal := x.refuse(r); refusal != nil {
		say(inside, refusal)
		return
	}
	up, err := x.dial(r.RequestURI)
	if err != nil {
		say(inside, proxyPage(503, "X-Squid-Error: ERR_DNS_FAIL 0\r\n",
			"<html>Unable to determine IP address from host name</html>"))
		return
	}
	defer up.Close()
	if _, err := inside.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		return
	}
	x.tunnel(ctx, &pushedBack{Conn: inside, front: io.LimitReader(reader, int64(reader.Buffered()))}, up, r.RequestURI)
}

// faulty lets a fault answer: one that was set, or the one that the proxy is for.
func (x *proxy) faulty(c *conn, r *http.Request) bool {
	f, on := x.lab.faults.get(x.place, layerProxy)
	if !on && x.fault != "" {
		f, on = Fault{Place: x.place, Name: x.fault}, true
	}
	if !on {
		return false
	}
	x.lab.journal.add(x.place, KindFault, "", f.String())
	if f.Name == faultConnectSlow {
		wait(x.lab.ctx.Done(), f.millis(2000))
		return false
	}
	kindOf(f).connect(f, c, r.RequestURI)
	return true
}

// refuse is the answer that ends a request, nil for one that may go on.
func (x *proxy) refuse(r *http.Request) []byte {
	if r.Method != http.MethodConnect {
		return proxyPage(403, "X-Squid-Error: ERR_ACCESS_DENIED 0\r\n", "<html>this proxy takes CONNECT alone</html>")
	}
	if len(x.schemes) > 0 && !x.authorized(r.Header.Get("Proxy-Authorization")) {
		return proxyPage(407, challenges(x.schemes)+"X-Squid-Error: ERR_CACHE_ACCESS_DENIED 0\r\n",
			"<html>authentication required</html>")
	}
	_, port, err := net.SplitHostPort(r.RequestURI)
	number, perr := strconv.Atoi(port)
	if err != nil || perr != nil {
		return proxyPage(400, "", "<html>CONNECT needs host:port</html>")
	}
	allowed := x.ports == nil
	for _, p := range x.ports {
		allowed = allowed || p == number
	}
	if x.deny || !allowed {
		return proxyPage(403, "X-Squid-Error: ERR_ACCESS_DENIED 0\r\n", "<html>Access Denied.</html>")
	}
	return nil
}

// authorized judges Basic credentials; of other schemes the proxy has none that
// would ever fit.
func (x *proxy) authorized(header string) bool {
	scheme, encoded, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Basic") || x.schemes[0] != "Basic" {
		return false
	}
	plain, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	return err == nil && string(plain) == ProxyUser+":"+ProxyPassword
}
