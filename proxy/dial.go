package proxy

import (
	"context"
	"net"

	"edgenet/internal/hop"
	"edgenet/internal/proxyurl"
	"edgenet/report"
)

// Manner is how a tunnel is asked for. The zero value is what IoT Edge's daemon does: no
// User-Agent, and the credentials at once.
type Manner struct {
	// Bare asks without credentials first, and sends them when they are asked for, as
	// edgeAgent and edgeHub do.
	Bare      bool
	UserAgent bool // names this program, which neither the daemon nor the containers do
}

// Proxy is a proxy as the wire sees it: what its setting says, and the moves through it.
type Proxy struct{ *proxyurl.Proxy }

// Dial reaches the proxy of a setting and asks it for a tunnel to host:port. Each move is
// a step at the hop proxy. The connection ends with ctx.
func Dial(ctx context.Context, env *hop.Env, t *hop.Trace, setting *proxyurl.Proxy, host string, port int) (net.Conn,
	*hop.Fault) {
	return DialAs(ctx, env, t, setting, host, port, Manner{})
}

// DialAs does the same in a manner.
func DialAs(ctx context.Context, env *hop.Env, t *hop.Trace, setting *proxyurl.Proxy, host string, port int,
	how Manner) (net.Conn, *hop.Fault) {
	p := &Proxy{setting}
	way, fault := p.reach(ctx, env, t)
	if fault != nil {
		return nil, fault
	}
	if p.Scheme == proxyurl.SOCKS5 {
		tunnel, fault := p.socks(ctx, env, t, way.Conn, host, port)
		if fault != nil {
			_ = way.Close()
			return nil, fault
		}
		return tunnel, nil
	}
	return newAsking(p, env, t, host, port).tunnel(ctx, way, how)
}

// way is a connection to the proxy; session is the TLS to it, nil without.
type way struct {
	net.Conn
	session *hop.Session
}

func (p *Proxy) reach(ctx context.Context, env *hop.Env, t *hop.Trace) (way, *hop.Fault) {
	conn, fault := hop.Dial(ctx, env, t, report.HopProxy, p.Host, p.Port)
	if fault != nil || p.Scheme != proxyurl.HTTPS {
		return way{Conn: conn}, fault
	}
	session, fault := hop.Handshake(ctx, env, t, report.HopProxy, conn, hop.TLSOptions{ServerName: p.Host,
		Consumer: hop.Daemon})
	if fault != nil {
		_ = conn.Close()
		return way{}, fault
	}
	return way{session, session}, nil
}
