package proxy

import (
	"context"
	"net"

	"edgenet/internal/hop"
	"edgenet/internal/proxyurl"
	"edgenet/report"
)

// Proxy is a proxy as the wire sees it: what its setting says, and the moves through it.
type Proxy struct{ *proxyurl.Proxy }

// Dial reaches the proxy of a setting and asks it for a tunnel to host:port. Each move is
// a step at the hop proxy. The connection ends with ctx.
func Dial(ctx context.Context, env *hop.Env, t *hop.Trace, setting *proxyurl.Proxy, host string, port int) (net.Conn, *hop.Fault) {
	p := &Proxy{setting}
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
	if p.Scheme == proxyurl.SOCKS5 {
		return p.socks(ctx, env, t, conn, host, port)
	}
	var session *hop.Session
	if p.Scheme == proxyurl.HTTPS {
		var fault *hop.Fault
		session, fault = hop.Handshake(ctx, env, t, report.HopProxy, conn, hop.TLSOptions{ServerName: p.Host, Consumer: hop.Daemon})
		if fault != nil {
			return nil, fault
		}
		conn = session
	}
	return p.connect(ctx, env, t, conn, session, host, port)
}
