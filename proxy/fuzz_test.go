package proxy

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"edgenet/internal/proxyurl"
	"edgenet/report"
)

// clean asserts that a text is fit for a terminal.
func clean(t *testing.T, s string, most int) {
	t.Helper()
	if len(s) > most || !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\x07\x1b\x7f\r\n\u202e\u200b") {
		t.Fatalf("not clean: %q", s)
	}
}

// FuzzReply reads any answer to CONNECT, and judges it.
func FuzzReply(f *testing.F) {
	for _, s := range []string{
		"HTTP/1.1 200 Connection established\r\n\r\ntunnel",
		"HTTP/1.0 407 Auth\nProxy-Authenticate: Basic realm=\"a,b\", NTLM\n\n",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 403 No\r\nServer: \x1b[2J\r\n\r\n<title>x</title>",
		"HTTP/1.1 503 x\r\nX-Squid-Error: ERR_DNS_FAIL 0\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
		"HTTP/1.1 20", "\x15\x03\x03\x00\x02\x02\x28", "\x05\xff", "HTTP/1.1 -1 x\r\n\r\n",
		"HTTP/1.1 200 OK\r\n a: b\r\n\r\n",
	} {
		f.Add([]byte(s))
	}
	p := &Proxy{&proxyurl.Proxy{Scheme: proxyurl.HTTP, Host: "proxy.test", Port: 3128}}
	f.Fuzz(func(t *testing.T, data []byte) {
		limited := &io.LimitedReader{R: strings.NewReader(string(data)), N: maxHeader}
		br := bufio.NewReader(limited)
		d := &report.ConnectDetail{Target: "hub.test:443"}
		resp, err := readReply(br)
		if err != nil {
			first := data[:min(len(data), 64)]
			if fault := p.noReply(err, d, first, 0); fault.Cause == "" || fault.Cause == report.ConnectTimeout {
				t.Fatalf("%v is called %q", err, fault.Cause)
			}
			return
		}
		if resp.StatusCode/100 == 2 && !page(nobody{}, resp, br) {
			return
		}
		body, _ := io.ReadAll(io.LimitReader(bodyOf(resp, br), maxBody))
		fault := p.refusal(resp, body, d)
		if !strings.HasPrefix(string(fault.Cause), "connect.") {
			t.Fatalf("status %d is called %q", resp.StatusCode, fault.Cause)
		}
		clean(t, d.Body, 120)
		clean(t, d.ProxyError, 80)
		clean(t, d.Realm, 120)
	})
}

// FuzzChallenges reads any Proxy-Authenticate.
func FuzzChallenges(f *testing.F) {
	for _, s := range []string{"", "Basic", `Basic realm="a, NTLM"`, "Negotiate, NTLM abc==, Digest a=b,c=\"d\\\"\"",
		`"`, `\`, ",,=,", "Basic realm = \"", "a=b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, v string) {
		all := challenges([]string{v, v})
		if len(all) > maxChallenges {
			t.Fatalf("%d challenges", len(all))
		}
		for _, c := range all {
			if c.scheme == "" || !strings.Contains(v, strings.TrimSuffix(c.scheme, "…")) {
				t.Fatalf("%q is no scheme of %q", c.scheme, v)
			}
			clean(t, c.scheme, 40)
			clean(t, c.realm, 120)
		}
	})
}

// FuzzTitle reads any page.
func FuzzTitle(f *testing.F) {
	for _, s := range []string{"", "<title>x</title>", "<TITLE lang=de>\x1b[2J&#27;&amp;</TITLE>", "plain",
		"<style>a</style><p>b", "<title>", "\xff\xfe", "&#x202e;"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, page []byte) { clean(t, Title(page), 120) })
}

// nobody is a connection that has no deadlines.
type nobody struct{ net.Conn }

func (nobody) SetReadDeadline(time.Time) error { return nil }
