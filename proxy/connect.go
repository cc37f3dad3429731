package proxy

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"strconv"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/neterr"
	"edgenet/report"
)

const (
	maxHeader = 64 << 10 // of a proxy's reply
	maxBody   = 8 << 10  // of a refusal's page, read for its reason
	bodyWait  = 2 * time.Second
)

// UserAgent is how edgenet names itself to proxies and hubs.
const UserAgent = "edgenet"

// connect asks for a tunnel by CONNECT (RFC 9110, section 9.3.6). What follows the
// reply's header belongs to the tunnel. A session is the TLS to the proxy, nil without.
func (p *Proxy) connect(ctx context.Context, env *hop.Env, t *hop.Trace, conn net.Conn, session *hop.Session, host string, port int) (net.Conn, *hop.Fault) {
	m := t.Begin(report.HopProxy, report.StageConnect)
	target := net.JoinHostPort(host, strconv.Itoa(port))
	d := &report.ConnectDetail{Target: target, Credentials: "none"}
	fail := func(f hop.Fault) *hop.Fault {
		d.At, d.Local, d.Remote = env.UTC(), conn.LocalAddr().String(), conn.RemoteAddr().String()
		return m.Fail(f, d)
	}
	request := "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\nUser-Agent: " + UserAgent + "\r\n"
	if p.HasAuth {
		d.Credentials = "basic"
		request += "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(p.User+":"+p.Password.Reveal())) + "\r\n"
	}
	if _, err := io.WriteString(conn, request+"\r\n"); err != nil {
		return nil, fail(p.noReply(err, d, nil, m.Elapsed()))
	}
	heard := &hop.Tap{Conn: conn}
	limited := &io.LimitedReader{R: heard, N: maxHeader}
	br := bufio.NewReader(limited)
	resp, err := readReply(br)
	if err != nil {
		if session != nil {
			if f := session.ClientRefusal(err); f != nil {
				return nil, f
			}
		}
		if limited.N <= 0 {
			d.FirstBytes = report.CleanBytes(heard.First, 48)
			return nil, fail(hop.Fault{Cause: report.ConnectNotHTTP, Summary: fmt.Sprintf("%s answers CONNECT with a header of more than %d KiB", p.Address(), maxHeader>>10)})
		}
		return nil, fail(p.noReply(err, d, heard.First, m.Elapsed()))
	}
	d.StatusLine, d.Status = report.Clean(resp.Proto+" "+resp.Status, 120), resp.StatusCode
	d.Via, d.Server = report.Clean(resp.Header.Get("Via"), 120), report.Clean(resp.Header.Get("Server"), 120)
	if resp.StatusCode/100 == 2 && !page(resp, br) {
		m.OK(d)
		limited.N = math.MaxInt64
		return &tunnel{conn, br}, nil
	}
	limited.N = maxBody
	body := readBody(ctx, conn, br, resp)
	return nil, fail(p.refusal(resp, body, d))
}

// readReply reads the final reply, past interim ones (RFC 9110, section 15.2).
func readReply(br *bufio.Reader) (*http.Response, error) {
	for {
		head, err := readHead(br)
		if err != nil {
			return nil, err
		}
		whole := bufio.NewReader(io.MultiReader(bytes.NewReader(head), br)) // reads past the head only for a body
		resp, err := http.ReadResponse(whole, &http.Request{Method: http.MethodConnect})
		if err != nil || resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols {
			return resp, err
		}
	}
}

// readHead reads a reply's lines up to the empty one. Net/http would take half a line for a
// whole one, and refuse a header for the escapes in it, where the status is what counts.
func readHead(br *bufio.Reader) ([]byte, error) {
	var head []byte
	for {
		line, err := br.ReadBytes('\n')
		if err != nil {
			return nil, err
		}
		if head == nil && !httpStart(line) {
			return nil, errNotHTTP
		}
		for _, c := range line {
			if c < ' ' && c != '\t' && c != '\r' && c != '\n' || c == 0x7f {
				c = '?'
			}
			head = append(head, c)
		}
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			return head, nil
		}
	}
}

var errNotHTTP = errors.New("no HTTP status line")

// page tells whether a 2xx carries an HTML page: a web server, not a tunnel.
func page(resp *http.Response, br *bufio.Reader) bool {
	if IsHTML(resp.Header.Get("Content-Type")) && resp.Header.Get("Content-Length") != "0" { // some proxies name a type for nothing
		return true
	}
	first, _ := br.Peek(min(br.Buffered(), 1))
	return string(first) == "<" // no TLS peer speaks first
}

// readBody reads the first KiB of a refusal, and does not wait long for them. A 2xx
// to CONNECT has no body for net/http, so what follows is taken as it is.
func readBody(ctx context.Context, conn net.Conn, br *bufio.Reader, resp *http.Response) []byte {
	if resp.StatusCode == http.StatusProxyAuthRequired || resp.Header.Get("Content-Length") == "0" || ctx.Err() != nil {
		return nil
	}
	until := time.Now().Add(bodyWait)
	if left, ok := hop.Until(ctx); ok && left < bodyWait {
		until = time.Now().Add(left)
	}
	_ = conn.SetReadDeadline(until)
	body, _ := io.ReadAll(io.LimitReader(bodyOf(resp, br), maxBody)) // what came is enough
	return body
}

// bodyOf: net/http gives refusals of CONNECT a body, and 2xx none.
func bodyOf(resp *http.Response, br *bufio.Reader) io.Reader {
	if resp.StatusCode/100 == 2 {
		return br
	}
	return resp.Body
}

// noReply is the fault where no reply could be read.
func (p *Proxy) noReply(err error, d *report.ConnectDetail, first []byte, waited time.Duration) hop.Fault {
	d.FirstBytes = report.CleanBytes(first, 48)
	at, to := p.Address(), d.Target
	kind := neterr.Of(err)
	switch {
	case len(first) > 0 && !httpStart(first): // also where silence follows
		return hop.Fault{Cause: report.ConnectNotHTTP, Summary: fmt.Sprintf("what answers at %s is not an HTTP proxy%s: %s", at, guess(first), report.FirstLine(d.FirstBytes))}
	case kind == neterr.Timeout || kind == neterr.Canceled:
		return hop.Fault{Cause: report.ConnectTimeout, Summary: fmt.Sprintf("the proxy %s did not answer CONNECT %s within %s", at, to, hop.Seconds(waited))}
	case kind == neterr.EOF || kind == neterr.Reset:
		return hop.Fault{Cause: report.ConnectClosed, Summary: fmt.Sprintf("the proxy %s closed the connection instead of answering CONNECT %s", at, to)}
	case len(first) > 0:
		return hop.Fault{Cause: report.ConnectNotHTTP, Summary: fmt.Sprintf("the answer of %s to CONNECT cannot be read as HTTP: %s", at, report.FirstLine(d.FirstBytes))}
	}
	return hop.Fault{Cause: report.Unknown, Summary: fmt.Sprintf("CONNECT %s through %s failed: %s", to, at, neterr.Text(err))}
}

func httpStart(p []byte) bool {
	const start = "HTTP/"
	n := min(len(p), len(start))
	return string(p[:n]) == start[:n]
}

// guess says which other service the first bytes look like.
func guess(first []byte) string {
	switch {
	case len(first) > 1 && (first[0] == 0x15 || first[0] == 0x16) && first[1] == 3:
		return " but speaks TLS (https:// in the URL?)"
	case first[0] == 5 || first[0] == 0:
		return " but looks like SOCKS (socks5:// in the URL?)"
	}
	return ""
}

// tunnel reads what came with the reply's header first.
type tunnel struct {
	net.Conn
	r *bufio.Reader
}

func (t *tunnel) Read(p []byte) (int, error) { return t.r.Read(p) }
