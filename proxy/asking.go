package proxy

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"

	"edgenet/internal/hop"
	"edgenet/report"
)

// asking is a CONNECT under way (RFC 9110, section 9.3.6).
type asking struct {
	p *Proxy
	e *hop.Env
	t *hop.Trace
	m *hop.Move
	d *report.ConnectDetail
}

func newAsking(p *Proxy, env *hop.Env, t *hop.Trace, host string, port int) *asking {
	return &asking{p, env, t, t.Begin(report.HopProxy, report.StageConnect),
		&report.ConnectDetail{Target: net.JoinHostPort(host, strconv.Itoa(port)), Credentials: "none"}}
}

// reply is what came for a CONNECT. What follows its header belongs to the tunnel.
type reply struct {
	*http.Response
	br      *bufio.Reader
	limited *io.LimitedReader
}

// tunnel asks for one: without credentials first where that is the manner, and with them
// when they are asked for. The way is closed where there is none.
func (x *asking) tunnel(ctx context.Context, w way, how Manner) (net.Conn, *hop.Fault) {
	credentials := x.p.HasAuth && !how.Bare
	r, fault := x.ask(w, credentials, how.UserAgent)
	if fault == nil && r.StatusCode == http.StatusProxyAuthRequired && x.p.HasAuth && !credentials &&
		offersBasic(r.Response) {
		x.d.First = &report.ConnectFirst{Status: r.StatusCode, StatusLine: statusLine(r.Response), Credentials: "none",
			Realm: realm(r.Response)}
		if w, fault = x.again(ctx, w, r); fault == nil {
			r, fault = x.ask(w, true, how.UserAgent)
		}
	}
	if fault != nil {
		_ = w.Close()
		return nil, fault
	}
	x.note(r.Response)
	if r.StatusCode/100 == 2 && !page(w, r.Response, r.br) {
		x.m.OK(x.d)
		r.limited.N = math.MaxInt64
		return &tunnel{w.Conn, r.br}, nil
	}
	r.limited.N = maxBody
	body := readBody(ctx, w.Conn, r.br, r.Response, x.d.Credentials == "basic")
	fault = x.fail(w, x.p.refusal(r.Response, body, x.d))
	_ = w.Close()
	return nil, fault
}

// ask sends one CONNECT and reads the reply's header.
func (x *asking) ask(w way, credentials, agent bool) (*reply, *hop.Fault) {
	request := "CONNECT " + x.d.Target + " HTTP/1.1\r\nHost: " + x.d.Target + "\r\n"
	if x.d.UserAgent = agent; agent {
		request += "User-Agent: " + UserAgent + "\r\n"
	}
	if credentials {
		x.d.Credentials = "basic"
		request += "Proxy-Authorization: Basic " +
			base64.StdEncoding.EncodeToString([]byte(x.p.User+":"+x.p.Password.Reveal())) + "\r\n"
	}
	if _, err := io.WriteString(w, request+"\r\n"); err != nil {
		return nil, x.fail(w, x.p.noReply(err, x.d, nil, x.m.Elapsed()))
	}
	heard := &hop.Tap{Conn: w}
	limited := &io.LimitedReader{R: heard, N: maxHeader}
	br := bufio.NewReader(limited)
	resp, err := readReply(br)
	switch {
	case err == nil:
		return &reply{resp, br, limited}, nil
	case w.session != nil:
		if f := w.session.ClientRefusal(err); f != nil {
			return nil, f
		}
	}
	if limited.N <= 0 {
		x.d.FirstBytes = report.CleanBytes(heard.First, 48)
		return nil, x.fail(w, hop.Fault{Cause: report.ConnectNotHTTP,
			Summary: fmt.Sprintf("%s answers CONNECT with a header of more than %d KiB", x.p.Address(), maxHeader>>10)})
	}
	return nil, x.fail(w, x.p.noReply(err, x.d, heard.First, x.m.Elapsed()))
}

// again gives a connection on which the proxy listens for a second request: the same,
// where its answer ends, else a new one.
func (x *asking) again(ctx context.Context, w way, r *reply) (way, *hop.Fault) {
	if !r.Close && r.ContentLength >= 0 && r.ContentLength <= maxHeader {
		r.limited.N = maxHeader
		if n, err := io.Copy(io.Discard, r.Body); err == nil && n == r.ContentLength && r.br.Buffered() == 0 {
			return w, nil
		}
	}
	_ = w.Close()
	next, fault := x.p.reach(ctx, x.e, x.t.Aside())
	if fault != nil {
		return w, x.fail(w, hop.Fault{Cause: report.ConnectClosed,
			Summary: fmt.Sprintf("the proxy %s asks for credentials and closes, and then: %s", x.p.Address(),
				fault.Summary)})
	}
	return next, nil
}

// note keeps what a reply says of the proxy.
func (x *asking) note(resp *http.Response) {
	x.d.StatusLine, x.d.Status = statusLine(resp), resp.StatusCode
	x.d.Location = report.Clean(resp.Header.Get("Location"), 300)
	x.d.Headers = Reasons(resp.Header)
	x.d.Via, x.d.Server = report.Clean(resp.Header.Get("Via"), 120), report.Clean(resp.Header.Get("Server"), 120)
}

func statusLine(resp *http.Response) string {
	return report.Clean(resp.Proto+" "+resp.Status, 120)
}

func (x *asking) fail(w way, f hop.Fault) *hop.Fault {
	x.d.At, x.d.Local, x.d.Remote = x.e.UTC(), w.LocalAddr().String(), w.RemoteAddr().String()
	return x.m.Fail(f, x.d)
}

// offersBasic tells whether a 407 offers the one way to log in that IoT Edge knows.
func offersBasic(resp *http.Response) bool {
	for _, c := range challenges(resp.Header.Values("Proxy-Authenticate")) {
		if c.basic() {
			return true
		}
	}
	return false
}

// realm is whose login a 407 asks for.
func realm(resp *http.Response) string {
	for _, c := range challenges(resp.Header.Values("Proxy-Authenticate")) {
		if c.basic() {
			return c.realm
		}
	}
	return ""
}

// tunnel reads what came with the reply's header first.
type tunnel struct {
	net.Conn
	r *bufio.Reader
}

func (t *tunnel) Read(p []byte) (int, error) { return t.r.Read(p) }
