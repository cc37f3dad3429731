package proxy_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/verify/testkit"
	"edgenet/proxy"
	"edgenet/report"
)

const close0 = "Content-Length: 0\r\n\r\n"

// TestConnectCauses: every refusal, and every way to answer wrongly.
func TestConnectCauses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		answer string
		stay   bool
		cause  report.Cause
		values []string
		detail func(*report.ConnectDetail) bool
	}{
		{"403", "HTTP/1.1 403 Forbidden\r\nServer: squid/5.7\r\nVia: 1.1 gw (squid)\r\nDate: Mon, 02 Mar 2026 " +
			"10:00:00 GMT\r\nX-Squid-Error: ERR_ACCESS_DENIED 0\r\nContent-Type: text/html\r\n\r\n<title>Access " +
			"&amp; you</title>", false,
			report.ConnectForbidden, []string{"forbids", target + ":5671", "HTTP/1.1 403 Forbidden",
				"ERR_ACCESS_DENIED"}, func(d *report.ConnectDetail) bool {
				return d.Status == 403 && d.Server == "squid/5.7" && d.Via == "1.1 gw (squid)" &&
					d.ProxyError == "ERR_ACCESS_DENIED 0" && d.Body == "Access & you" && d.Date.Year() == 2026 &&
					d.StatusLine == "HTTP/1.1 403 Forbidden"
			}},
		{"403 of HTTP/1.0, body until the end", "HTTP/1.0 403 No\r\n\r\n<html><style>x</style><p>Blocked by policy",
			false, report.ConnectForbidden, []string{"Blocked by policy"}, nil},
		{"401", "HTTP/1.1 401 Unauthorized\r\n" + close0, true, report.ConnectForbidden, []string{"401"}, nil},
		{"451", "HTTP/1.1 451 Unavailable\r\n" + close0, true, report.ConnectForbidden, []string{"451"}, nil},
		{"400", "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n" + close0, true, report.ConnectUnsupported,
			[]string{"does not do CONNECT", "it is nginx"}, nil},
		{"405", "HTTP/1.1 405 Method Not Allowed\r\n" + close0, true, report.ConnectUnsupported, []string{"405"}, nil},
		{"501", "HTTP/1.1 501 Not Implemented\r\n" + close0, true, report.ConnectUnsupported, []string{"501"}, nil},
		{"a page", "HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; charset=utf-8\r\nContent-Length: 22\r\n\r\n<title>It " +
			"works!</title>", true, report.ConnectUnsupported, []string{"web page", "HTTP/1.1 200 OK"},
			func(d *report.ConnectDetail) bool { return d.Body == "It works!" }},
		{"a page of no type", "HTTP/1.1 200 OK\r\n\r\n<html>hello", true, report.ConnectUnsupported,
			[]string{"web page"}, nil},
		{"an XHTML page", "HTTP/1.1 200 OK\r\nContent-Type: application/xhtml+xml\r\n\r\nx", true,
			report.ConnectUnsupported, nil, nil},
		{"404", "HTTP/1.1 404 Not Found\r\n" + close0, true, report.ConnectStatus, []string{"404 Not Found", target},
			nil},
		{"302", "HTTP/1.1 302 Found\r\nLocation: http://portal.test\r\n" + close0, true, report.ConnectRedirect,
			[]string{"302", "http://portal.test"}, nil},
		{"101", "HTTP/1.1 101 Switching Protocols\r\n\r\n", true, report.ConnectStatus, []string{"101"}, nil},
		{"interim replies, then 403", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 5) +
			"HTTP/1.1 403 Forbidden\r\n" + close0, true, report.ConnectForbidden, nil, nil},
		{"503 for DNS, by squid", "HTTP/1.1 503 Service Unavailable\r\nX-Squid-Error: ERR_DNS_FAIL 0\r\n" + close0,
			true, report.ConnectUpstreamDNS, []string{"cannot resolve", target, "ERR_DNS_FAIL"}, nil},
		{"503 timed out, by squid", "HTTP/1.1 503 Service Unavailable\r\nX-Squid-Error: ERR_CONNECT_FAIL 110\r\n" +
			close0, true, report.ConnectUpstreamTimeout, []string{"got no answer from " + target}, nil},
		{"503 refused, by squid", "HTTP/1.1 503 Service Unavailable\r\nX-Squid-Error: ERR_CONNECT_FAIL 111\r\n" +
			close0, true, report.ConnectUpstreamRefused, []string{"refused"}, nil},
		{"503 unreachable, by squid", "HTTP/1.1 503 Service Unavailable\r\nX-Squid-Error: ERR_CONNECT_FAIL 113\r\n" +
			close0, true, report.ConnectUpstreamRefused, nil, nil},
		{"the header counts before the page", "HTTP/1.1 503 Service Unavailable\r\nX-Squid-Error: ERR_CONNECT_FAIL " +
			"111\r\n\r\nPerhaps a DNS error, or it timed out.", false, report.ConnectUpstreamRefused, nil, nil},
		{"the phrase counts before the page", "HTTP/1.1 502 Connection refused\r\n\r\nPerhaps a DNS error.", false,
			report.ConnectUpstreamRefused, nil, nil},
		{"502 with a page", "HTTP/1.1 502 Bad Gateway\r\n\r\n<h1>Could not resolve host</h1>", false,
			report.ConnectUpstreamDNS, nil, nil},
		{"504", "HTTP/1.1 504 Gateway Timeout\r\n" + close0, true, report.ConnectUpstream,
			[]string{"does not say why", "504"}, nil},
		{"504 that times out in its own words", "HTTP/1.1 504 Connection timed out\r\n" + close0, true,
			report.ConnectUpstreamTimeout, nil, nil},
		{"500", "HTTP/1.1 500 Internal Server Error\r\n\r\nsorry", false, report.ConnectUpstream,
			[]string{"sorry"}, nil},
		{"a page that never ends", "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 9999\r\n\r\nconnection refused", true,
			report.ConnectUpstreamRefused, nil, nil},
		{"silence", "", true, report.ConnectTimeout, []string{"did not answer", "within"}, nil},
		{"half a status line, then silence", "HTTP/1.1 20", true, report.ConnectTimeout, nil, nil},
		{"interim replies, then silence", "HTTP/1.1 100 Continue\r\n\r\n", true, report.ConnectTimeout, nil, nil},
		{"closed", "", false, report.ConnectClosed, []string{"closed the connection"}, nil},
		{"closed in the status line", "HTTP/1.1 20", false, report.ConnectClosed, nil, nil},
		{"closed in the header", "HTTP/1.1 200 OK\r\nVia: x", false, report.ConnectClosed, nil, nil},
		{"TLS", "\x15\x03\x03\x00\x02\x02\x0a", false, report.ConnectNotHTTP, []string{"speaks TLS", `\x15\x03\x03`},
			func(d *report.ConnectDetail) bool { return d.FirstBytes != "" }},
		{"TLS, then silence", "\x15\x03\x03\x00\x02\x02\x0b", true, report.ConnectNotHTTP, []string{"speaks TLS"}, nil},
		{"SOCKS", "\x05\xff", false, report.ConnectNotHTTP, []string{"looks like SOCKS"}, nil},
		{"SSH", "SSH-2.0-OpenSSH_9.2\r\n", true, report.ConnectNotHTTP, []string{"SSH-2.0"}, nil},
		{"a status that is none", "HTTP/1.1 banana\r\n\r\n", true, report.ConnectNotHTTP,
			[]string{"cannot be read as HTTP"}, nil},
		{"a header that is none", "HTTP/1.1 200 OK\r\nno header\r\n\r\n", true, report.ConnectNotHTTP, nil, nil},
		{"escapes", "HTTP/1.1 403 \x1b[2J\x1b]0;pwned\x07No\r\nServer: \x1b[31mred\r\nX-Squid-Error: " +
			"\x1b[1m\r\n\r\n<title>\x1b[2J\u202eevil</title>", false, report.ConnectForbidden, nil,
			func(d *report.ConnectDetail) bool {
				return !strings.ContainsAny(d.StatusLine+d.Server+d.Body+d.ProxyError, "\x1b\x07\u202e")
			}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			at, _ := serve(t, says(tt.answer, tt.stay))
			_, tr, f := dial(t, 600*time.Millisecond, nil, testkit.Proxy(t, "http://"+at))
			st := failed(t, tr, f, report.StageConnect, tt.cause, append(tt.values, at)...)
			if d := st.Detail.(*report.ConnectDetail); d.Remote != at || d.Credentials != "none" || tt.detail != nil &&
				!tt.detail(d) {
				t.Errorf("detail %+v", d)
			}
			if st.DurationMs > 2000 {
				t.Errorf("took %v ms", st.DurationMs)
			}
		})
	}
}

func TestConnectReset(t *testing.T) {
	t.Parallel()
	for _, part := range []string{"", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\nVia: "} {
		at, _ := serve(t, func(c net.Conn) {
			request(c)
			_, _ = io.WriteString(c, part)
			reset(c)
		})
		_, tr, f := dial(t, 2*time.Second, nil, testkit.Proxy(t, "http://"+at))
		failed(t, tr, f, report.StageConnect, report.ConnectClosed, at)
	}
}

// TestConnectFlood: what never ends costs a bounded time and no memory.
func TestConnectFlood(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	flood := func(start, more string) func(net.Conn) {
		return func(c net.Conn) {
			request(c)
			_, _ = io.WriteString(c, start)
			p := bytes.Repeat([]byte(more), 1+(1<<16)/len(more))
			for sent := 0; sent < 1<<30; sent += len(p) {
				if _, err := c.Write(p); err != nil {
					return
				}
			}
		}
	}
	for _, tt := range []struct {
		name, start, more string
		cause             report.Cause
	}{
		{"header lines", "HTTP/1.1 200 OK\r\n", "X-Filler: 0123456789\r\n", report.ConnectNotHTTP},
		{"one header line", "HTTP/1.1 200 OK\r\nX: ", "0123456789", report.ConnectNotHTTP},
		{"a status line", "HTTP/1.1 200 ", "0123456789", report.ConnectNotHTTP},
		{"interim replies", "", "HTTP/1.1 100 Continue\r\n\r\n", report.ConnectNotHTTP},
		{"zeroes", "", "\x00", report.ConnectNotHTTP},
		{"a 407's body", "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\n\r\n",
			"<p>no</p>", report.ConnectAuthRequired},
		{"a 403's body", "HTTP/1.1 403 Forbidden\r\n\r\n", "<p>no</p>", report.ConnectForbidden},
		{"a 502's chunks", "HTTP/1.1 502 Bad Gateway\r\nTransfer-Encoding: chunked\r\n\r\n", "5\r\nhello\r\n",
			report.ConnectUpstream},
		{"a page", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", "<p>no</p>", report.ConnectUnsupported},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at, _ := serve(t, flood(tt.start, tt.more))
			_, tr, f := dial(t, 3*time.Second, nil, testkit.Proxy(t, "http://"+at))
			if st := failed(t, tr, f, report.StageConnect, tt.cause, at); st.DurationMs > 2000 {
				t.Errorf("took %v ms", st.DurationMs)
			}
		})
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 32<<20 {
		t.Errorf("%d MiB were allocated", grown>>20)
	}
}

// TestConnectDrip: one byte a second gets the caller's time and no more.
func TestConnectDrip(t *testing.T) {
	t.Parallel()
	at, _ := serve(t, func(c net.Conn) {
		request(c)
		for _, b := range []byte("HTTP/1.1 200 OK\r\n\r\n") {
			if _, err := c.Write([]byte{b}); err != nil {
				return
			}
			time.Sleep(300 * time.Millisecond)
		}
	})
	_, tr, f := dial(t, time.Second, nil, testkit.Proxy(t, "http://"+at))
	if st := failed(t, tr, f, report.StageConnect, report.ConnectTimeout, "within"); st.DurationMs > 1500 {
		t.Errorf("took %v ms", st.DurationMs)
	}
}

// TestTunnel: what follows the reply's header belongs to the tunnel.
func TestTunnel(t *testing.T) {
	t.Parallel()
	for name, head := range map[string]string{
		"1.1": "HTTP/1.1 200 Connection established\r\nVia: 1.1 x\r\n\r\n", "1.0": "HTTP/1.0 200 OK\r\n\r\n",
		"204":                "HTTP/1.1 204 Fine\r\n\r\n",
		"interim":            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
		"lengths":            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
		"a type for nothing": "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n",
	} {
		early := strings.Repeat("early ", 20000) // more than any buffer
		at, h := serve(t, func(c net.Conn) {
			request(c)
			_, _ = io.WriteString(c, head+early)
			p := make([]byte, 4)
			_, _ = io.ReadFull(c, p)
			_, _ = c.Write(bytes.ToUpper(p))
		})
		c, tr, f := dial(t, 5*time.Second, nil, testkit.Proxy(t, "http://"+at))
		if f != nil {
			t.Errorf("%s: %s %s", name, f.Cause, f.Summary)
			continue
		}
		p := make([]byte, len(early)+4)
		_, _ = io.WriteString(c, "ping")
		if _, err := io.ReadFull(c, p); err != nil || string(p) != early+"PING" {
			t.Errorf("%s: %v", name, err)
		}
		steps := tr.Steps()
		st := steps[len(steps)-1]
		if d := st.Detail.(*report.ConnectDetail); st.Status != report.OK || st.Cause != "" || d.Status/100 != 2 ||
			d.At != nil || d.Credentials != "none" {
			t.Errorf("%s: step %+v", name, st)
		}
		if got := h.String(); !strings.HasPrefix(got, "CONNECT "+target+":5671 HTTP/1.1\r\nHost: "+target+
			":5671\r\n") || strings.Contains(got, "Authorization") {
			t.Errorf("%s: sent %q", name, got)
		}
	}
}

// TestAuthSchemes: which 407 can be answered, however it is written.
func TestAuthSchemes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		headers []string
		schemes []string
		realm   string
		basic   bool
	}{
		{[]string{`Basic realm="Corp proxy"`}, []string{"Basic"}, "Corp proxy", true},
		{[]string{`basic realm=corp`}, []string{"basic"}, "corp", true},
		{[]string{`BASIC`}, []string{"BASIC"}, "", true},
		{[]string{"Negotiate", "NTLM", `Basic realm="x"`}, []string{"Negotiate", "NTLM", "Basic"}, "x", true},
		{[]string{`Negotiate, NTLM, Basic realm="a, \"NTLM\", b", charset="UTF-8"`},
			[]string{"Negotiate", "NTLM", "Basic"}, `a, "NTLM", b`, true},
		{[]string{`Digest realm="Basic, too", nonce="a==", qop="auth,auth-int", algorithm=MD5, Basic realm = "y"`},
			[]string{"Digest", "Basic"}, "y", true},
		{[]string{`NTLM TlRMTVNTUAACAAAA==, Basic`}, []string{"NTLM", "Basic"}, "", true},
		{[]string{`Digest realm="Basic"`}, []string{"Digest"}, "", false},
		{[]string{`Digest realm="x", basic=1`}, []string{"Digest"}, "", false},
		{[]string{"Negotiate"}, []string{"Negotiate"}, "", false},
		{[]string{"NTLM"}, []string{"NTLM"}, "", false},
		{[]string{"Negotiate oYG2MIGz"}, []string{"Negotiate"}, "", false},
		{[]string{"Kerberos, Bearer realm=x, NTLM"}, []string{"Kerberos", "Bearer", "NTLM"}, "", false},
		{[]string{`Digest realm="never closed, Basic`}, []string{"Digest"}, "", false},
		{nil, nil, "", false},
		{[]string{""}, nil, "", false},
		{[]string{",, ,"}, nil, "", false},
	} {
		t.Run(strings.Join(tt.headers, "|"), func(t *testing.T) {
			t.Parallel()
			answer := "HTTP/1.1 407 Proxy Authentication Required\r\n"
			for _, h := range tt.headers {
				answer += "proxy-authenticate: " + h + "\r\n"
			}
			at, h := serve(t, says(answer+close0, true))
			for _, user := range []string{"", "u%40x:" + strings.Replace(password, "!", "%21", 1) + "@"} {
				want, credentials := report.ConnectAuthRequired, "none"
				if user != "" {
					want, credentials = report.ConnectAuthRejected, "basic"
				}
				if !tt.basic {
					want = report.ConnectAuthUnsupported
				}
				_, tr, f := dial(t, 2*time.Second, nil, testkit.Proxy(t, "http://"+user+at))
				st := failed(t, tr, f, report.StageConnect, want, at)
				d := st.Detail.(*report.ConnectDetail)
				if !slices.Equal(d.AuthSchemes, tt.schemes) || d.Realm != tt.realm || d.Status != 407 ||
					d.Credentials != credentials || d.Body != "" {
					t.Errorf("detail %+v", d)
				}
				if offers := strings.Join(tt.schemes, ", "); !strings.Contains(st.Summary, offers) || offers == "" &&
					!strings.Contains(st.Summary, "nothing") {
					t.Errorf("summary %q", st.Summary)
				}
			}
			sent := "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("u@x:"+password)) + "\r\n"
			if n := strings.Count(h.String(), "Proxy-Authorization"); n != 1 || !strings.Contains(h.String(), sent) {
				t.Errorf("credentials were sent %d times: %q", n, h.String())
			}
		})
	}
	many := "HTTP/1.1 407 No\r\nProxy-Authenticate: " + strings.Repeat("X"+strings.Repeat("y", 100)+", ", 500) +
		"Z\r\n" + close0
	at, _ := serve(t, says(many, true))
	_, tr, f := dial(t, 2*time.Second, nil, testkit.Proxy(t, "http://"+at))
	steps := tr.Steps()
	if d := steps[len(steps)-1].Detail.(*report.ConnectDetail); f == nil || len(d.AuthSchemes) != 8 ||
		len(d.AuthSchemes[0]) > 40 {
		t.Errorf("detail %+v", d)
	}
}

func TestConnectStopped(t *testing.T) {
	t.Parallel()
	at, _ := serve(t, says("", true))
	round, cancel := context.WithCancel(context.Background())
	time.AfterFunc(200*time.Millisecond, cancel)
	tr := hop.NewTrace(round, time.Now())
	_, f := proxy.Dial(round, &hop.Env{}, tr, testkit.Proxy(t, "http://"+at), target, 443)
	if st := tr.Steps()[1]; f == nil || !f.Stopped || st.Status != report.Skipped || st.Cause != "" {
		t.Errorf("fault %+v, step %+v", f, st)
	}
}

func TestProxyUnreached(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().String()
	_ = l.Close()
	for _, scheme := range []string{"http", "https", "socks5"} {
		_, tr, f := dial(t, 2*time.Second, nil, testkit.Proxy(t, scheme+"://"+at))
		failed(t, tr, f, report.StageTCP, report.TCPRefused, at)
	}
}
