package lab

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
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
	{name: "443-only", about: "lets CONNECT to port 443 alone through, as Squid does unless told otherwise", ports: []int{443}},
	{name: "deny", about: "refuses every CONNECT with 403", deny: true},
	{name: "negotiate", about: "wants Negotiate alone", schemes: []string{"Negotiate"}},
	{name: "ntlm", about: "wants NTLM or Negotiate", schemes: []string{"Negotiate", "NTLM"}},
	{name: "digest", about: "wants Digest alone", schemes: []string{"Digest"}},
	{name: "tls", about: "is spoken to in TLS (https://)", tls: true},
	{name: "inspecting", about: "breaks TLS open with a product's own CA", inspect: func(m *material) *pki.Authority { return m.vendor }},
	{name: "corp-inspecting", about: "breaks TLS open with a company's CA", inspect: func(m *material) *pki.Authority { return m.company }},
	{name: "slow", about: "takes 2 s for CONNECT", fault: faultConnectSlow},
	{name: "silent", about: "swallows CONNECT", fault: "connect-silent"},
	{name: "closing", about: "closes instead of an answer", fault: "connect-close"},
	{name: "socks5", about: "SOCKS5 without credentials", socks: true},
	{name: "socks5-auth", about: "SOCKS5 with user name and password (edge, lab)", socks: true, schemes: []string{"password"}},
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
		say(inside, proxyPage(503, "X-Squid-Error: ERR_DNS_FAIL 0\r\n", "<html>Unable to determine IP address from host name</html>"))
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
		return proxyPage(407, challenges(x.schemes)+"X-Squid-Error: ERR_CACHE_ACCESS_DENIED 0\r\n", "<html>authentication required</html>")
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

// errNotOurs is what every address gets that is not the lab's: no --listen makes
// an open relay of it.
var errNotOurs = errors.New("the lab's proxies lead to the lab's services and nowhere else")

// service finds the port that an address means: the lab's names with the
// standard ports, or any of its services' own addresses.
func (l *Lab) service(target string) (*port, error) {
	host, number, err := net.SplitHostPort(target)
	if err != nil {
		return nil, errNotOurs
	}
	for _, names := range []struct {
		host   string
		places [3]string
	}{
		{HubName, [3]string{"amqps", "mqtts", "https"}},
		{GatewayName, [3]string{"edgeAmqps", "edgeMqtts", "edgeHttps"}},
	} {
		for i, place := range names.places {
			p := l.ports[place]
			_, own, _ := net.SplitHostPort(p.address)
			byName := strings.EqualFold(host, names.host) && (number == strconv.Itoa(standard[i]) || number == own)
			if byName || target == p.address {
				return p, nil
			}
		}
	}
	return nil, errNotOurs
}

// dial reaches a service of the lab.
func (x *proxy) dial(target string) (*net.TCPConn, error) {
	p, err := x.lab.service(target)
	if err != nil {
		return nil, err
	}
	near, far, err := x.lab.pair()
	if err != nil {
		return nil, err
	}
	tunnel := x.place
	if x.tls {
		tunnel = "" // faults of TLS there concern the proxy's own
	}
	p.enter(far, x.place, tunnel)
	return near, nil
}

// tunnel carries bytes until both sides are through, inspected where that is the
// proxy's way.
func (x *proxy) tunnel(ctx context.Context, down net.Conn, up *net.TCPConn, target string) {
	stop := context.AfterFunc(ctx, func() { _ = down.Close(); _ = up.Close() })
	defer stop()
	if x.inspect == nil {
		relay(down, up)
		return
	}
	host, _, _ := net.SplitHostPort(target)
	inner := tls.Client(up, &tls.Config{ServerName: host, InsecureSkipVerify: true}) // the lab's own server
	outer := tls.Server(down, &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) { return x.leaf(h.ServerName, host) },
	})
	if err := errors.Join(outer.HandshakeContext(ctx), inner.HandshakeContext(ctx)); err != nil {
		x.lab.journal.add(x.place, KindTLS, "", err.Error())
		return
	}
	relay(outer, inner)
}

// leaf makes the certificate that inspection shows for a name.
func (x *proxy) leaf(sni, host string) (*tls.Certificate, error) {
	if sni == "" {
		sni = host
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	cert, there := x.leaves[sni]
	if !there {
		if len(x.leaves) > 100 {
			return nil, errors.New("too many names")
		}
		var err error
		if cert, err = x.inspect(x.lab.material).Issue(pki.Leaf{Names: []string{sni}}); err != nil {
			return nil, err
		}
		x.leaves[sni] = cert
	}
	return &cert, nil
}

// relay copies both ways, and hands each side's end on to the other.
func relay(a, b net.Conn) {
	var wg sync.WaitGroup
	copyTo := func(dst, src net.Conn) {
		defer wg.Done()
		_, _ = io.Copy(dst, src) // either end ends it
		if half, ok := dst.(interface{ CloseWrite() error }); !ok || half.CloseWrite() != nil {
			_ = dst.Close()
		}
	}
	wg.Add(2)
	go copyTo(a, b)
	copyTo(b, a)
	wg.Wait()
	_ = a.Close()
	_ = b.Close()
}

// pushedBack reads what was read too early first.
type pushedBack struct {
	net.Conn
	front io.Reader
}

func (p *pushedBack) Read(b []byte) (int, error) {
	if p.front != nil {
		n, err := p.front.Read(b)
		if n > 0 {
			return n, nil
		}
		if err != nil {
			p.front = nil
		}
	}
	return p.Conn.Read(b)
}

func (p *pushedBack) CloseWrite() error {
	if half, ok := p.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}
