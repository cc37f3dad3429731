package proxy

import (
	"context"
	"fmt"
	"net"
	"strconv"

	xproxy "golang.org/x/net/proxy"

	"edgenet/internal/hop"
	"edgenet/internal/neterr"
	"edgenet/report"
)

// socks asks for a tunnel by SOCKS5 (RFC 1928, RFC 1929); the server resolves the name.
func (p *Proxy) socks(ctx context.Context, env *hop.Env, t *hop.Trace, conn net.Conn, host string, port int) (net.Conn,
	*hop.Fault) {
	m := t.Begin(report.HopProxy, report.StageConnect)
	target := net.JoinHostPort(host, strconv.Itoa(port))
	d := &report.ConnectDetail{Target: target, Credentials: "none"}
	var auth *xproxy.Auth
	if p.HasAuth {
		auth, d.Credentials = &xproxy.Auth{User: p.User, Password: p.Password.Reveal()}, "socks"
	}
	heard := &hop.Tap{Conn: conn}
	dialer, err := xproxy.SOCKS5("tcp", p.Address(), auth, already{heard})
	var tun net.Conn
	if err == nil {
		tun, err = dialer.(xproxy.ContextDialer).DialContext(ctx, "tcp", target)
	}
	if err == nil {
		m.OK(d)
		return hop.Guard(ctx, tun), nil // the library has taken the deadline off
	}
	d.At, d.Local, d.Remote = env.UTC(), conn.LocalAddr().String(), conn.RemoteAddr().String()
	return nil, m.Fail(p.socksFault(err, d, heard.First), d)
}

func (p *Proxy) socksFault(err error, d *report.ConnectDetail, first []byte) hop.Fault {
	at := p.Address()
	if reply, ok := neterr.SOCKSReply(err); ok {
		d.SOCKSReply = reply
		return hop.Fault{Cause: report.ConnectSOCKS, Summary: fmt.Sprintf("the SOCKS proxy %s refuses %s: %s", at,
			d.Target, reply)}
	}
	if neterr.NotSOCKS(err) {
		d.FirstBytes = report.CleanBytes(first, 48)
		return hop.Fault{Cause: report.ConnectSOCKS,
			Summary: fmt.Sprintf("what answers at %s is not a SOCKS 5 proxy: %s", at, report.FirstLine(d.FirstBytes))}
	}
	switch neterr.Of(err) {
	case neterr.Timeout, neterr.Canceled:
		return hop.Fault{Cause: report.ConnectTimeout, Summary: fmt.Sprintf("the SOCKS proxy %s did not answer for %s",
			at, d.Target)}
	case neterr.EOF, neterr.Reset:
		return hop.Fault{Cause: report.ConnectClosed,
			Summary: fmt.Sprintf("the SOCKS proxy %s closed the connection instead of answering for %s", at, d.Target)}
	}
	return hop.Fault{Cause: report.Unknown, Summary: fmt.Sprintf("SOCKS through %s failed: %s", at, neterr.Text(err))}
}

// already gives the library the connection that is there.
type already struct{ conn net.Conn }

func (a already) Dial(string, string) (net.Conn, error) { return a.conn, nil }

func (a already) DialContext(context.Context, string, string) (net.Conn, error) { return a.conn, nil }
