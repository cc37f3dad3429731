package proxy

import (
	"context"
	"net"

	"edgenet/internal/hop"
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

// Dial reaches the proxy and asks it for a tunnel to host:port. Each move is a step at
// the hop proxy. The connection ends with ctx.
func (p *Proxy) Dial(ctx context.Context, env *hop.Env, t *hop.Trace, host string, port int) (net.Conn, *hop.Fault) {
	return p.DialAs(ctx, env, t, host, port, Manner{})
}

// DialAs does the same in a manner.
func (p *Proxy) DialAs(ctx context.Context, env *hop.Env, t *hop.Trace, host string, port int, how Manner) (net.Conn, *hop.Fault) {
	way, fault := p.reach(ctx, env, t)
	if fault != nil {
		return nil, fault
	}
	if p.Scheme == SOCKS5 {
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
	if fault != nil || p.Scheme != HTTPS {
		return way{Conn: conn}, fault
	}
	session, fault := hop.Handshake(ctx, env, t, report.HopProxy, conn, hop.TLSOptions{ServerName: p.Host, Consumer: hop.Daemon})
	if fault != nil {
		_ = conn.Close()
		return way{}, fault
	}
	return way{session, session}, nil
}
