package proxy

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
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

// pageWait is how long a page is waited for that is announced and not there yet: it comes right behind its
// head, and who names a type for nothing makes each tunnel wait for so long.
const pageWait = 200 * time.Millisecond

// page tells whether a 2xx carries an HTML page: a web server, not a tunnel. Some proxies name a type
// for nothing, and a tunnel is silent until its client speaks.
func page(conn net.Conn, resp *http.Response, br *bufio.Reader) bool {
	if first, _ := br.Peek(min(br.Buffered(), 1)); string(first) == "<" { // no TLS peer speaks first
		return true
	}
	length := resp.Header.Get("Content-Length")
	if !IsHTML(resp.Header.Get("Content-Type")) || length == "0" {
		return false
	}
	if length != "" {
		return true
	}
	_ = conn.SetReadDeadline(time.Now().Add(pageWait))
	_, err := br.Peek(1)
	_ = conn.SetReadDeadline(time.Time{})
	return neterr.Of(err) != neterr.Timeout
}

// readBody reads the first KiB of a refusal, and does not wait long for them. A 2xx
// to CONNECT has no body for net/http, so what follows is taken as it is.
func readBody(ctx context.Context, conn net.Conn, br *bufio.Reader, resp *http.Response, given bool) []byte {
	unasked := resp.StatusCode == http.StatusProxyAuthRequired && !given // a challenge needs no reason
	if unasked || resp.Header.Get("Content-Length") == "0" || ctx.Err() != nil {
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
		words := ""
		d.Speaks, words = guess(first)
		return hop.Fault{Cause: report.ConnectNotHTTP, Summary: fmt.Sprintf("what answers at %s is not an HTTP "+
			"proxy%s: %s",
			at, words, report.FirstLine(d.FirstBytes))}
	case kind == neterr.Timeout || kind == neterr.Canceled:
		return hop.Fault{Cause: report.ConnectTimeout,
			Summary: fmt.Sprintf("the proxy %s did not answer CONNECT %s within %s", at, to, hop.Seconds(waited))}
	case kind == neterr.EOF || kind == neterr.Reset:
		return hop.Fault{Cause: report.ConnectClosed,
			Summary: fmt.Sprintf("the proxy %s closed the connection instead of answering CONNECT %s", at, to)}
	case len(first) > 0:
		return hop.Fault{Cause: report.ConnectNotHTTP,
			Summary: fmt.Sprintf("the answer of %s to CONNECT cannot be read as HTTP: %s", at,
				report.FirstLine(d.FirstBytes))}
	}
	return hop.Fault{Cause: report.Unknown, Summary: fmt.Sprintf("CONNECT %s through %s failed: %s", to, at,
		neterr.Text(err))}
}

func httpStart(p []byte) bool {
	const start = "HTTP/"
	n := min(len(p), len(start))
	return string(p[:n]) == start[:n]
}

// guess says which other service the first bytes look like.
func guess(first []byte) (speaks, words string) {
	switch {
	case len(first) > 1 && (first[0] == 0x15 || first[0] == 0x16) && first[1] == 3:
		return report.SpeaksTLS, " but speaks TLS"
	case first[0] == 5 || first[0] == 0:
		return report.SpeaksSOCKS, " but looks like SOCKS, which IoT Edge cannot use"
	}
	return "", ""
}
