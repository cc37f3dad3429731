package lab

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"

	"edgenet/internal/lab/pki"
)

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
		{DPSName, dpsPlaces},
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
