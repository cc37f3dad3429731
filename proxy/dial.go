package proxy

import (
	"context"
	"net"

	"edgenet/internal/hop"
	"edgenet/report"
)

// Dial reaches the proxy and asks it for a tunnel to host:port. Each move is a step at
// the hop proxy. The connection ends with ctx.
func (p *Proxy) Dial(ctx context.Context, env *hop.Env, t *hop.Trace, host string, port int) (net.Conn, *hop.Fault) {
	conn, fault := hop.Dial(ctx, env, t, report.HopProxy, p.Host, p.Port)
	if fault != nil {
		return nil, fault
	}
	tunnel, fault := p.through(ctx, env, t, conn, host, port)
	if fault != nil {
		_ = conn.Close()
		return nil, fault
	}
	return tunnel, nil
}

func (p *Proxy) through(ctx context.Context, env *hop.Env, t *hop.Trace, conn net.Conn, host string, port int) (net.Conn, *hop.Fault) {
	if p.Scheme == SOCKS5 {
		return p.socks(ctx, env, t, conn, host, port)
	}
	var session *hop.Session
	if p.Scheme == HTTPS {
		var fault *hop.Fault
		session, fault = hop.Handshake(ctx, env, t, report.HopProxy, conn, hop.TLSOptions{ServerName: p.Host, Consumer: hop.Daemon})
		if fault != nil {
			return nil, fault
		}
		conn = session
	}
	return p.connect(ctx, env, t, conn, session, host, port)
}
