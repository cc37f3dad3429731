package lab

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// The pages and headers of a proxy's refusals.
func proxyPage(status int, headers, body string) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 %d %s\r\nServer: lab-proxy\r\nContent-Type: text/html\r\n%sContent-Length: "+
		"%d\r\nConnection: close\r\n\r\n%s",
		status, http.StatusText(status), headers, len(body), body)
}

// squidErrors are values of Squid's X-Squid-Error with their errno, by the words
// that the upstream fault takes.
var squidErrors = map[string]string{
	"dns": "ERR_DNS_FAIL 0", "refused": "ERR_CONNECT_FAIL 111", "timeout": "ERR_CONNECT_FAIL 110",
	"unreachable": "ERR_CONNECT_FAIL 101", "read-timeout": "ERR_READ_TIMEOUT 0", "none": "",
}

// upstreamArgs splits STATUS[,WHY].
func upstreamArgs(arg string) (status int, why string) {
	number, why, _ := strings.Cut(arg, ",")
	f := Fault{Arg: number}
	if why == "" {
		why = "none"
	}
	return f.number(503), why
}

var proxyFaults = []faultKind{
	{
		name: "connect-status", layer: layerProxy, arg: "100 to 999 (400)",
		about:   "CONNECT is refused with this status",
		check:   between(100, 999),
		connect: func(f Fault, c *conn, _ string) { say(c, proxyPage(f.number(400), "", "<html>refused</html>")) },
	},
	{
		name: "connect-407", layer: layerProxy, arg: "schemes with commas (Basic)",
		about: "the proxy wants credentials of these schemes, whatever it gets",
		check: anyText,
		connect: func(f Fault, c *conn, _ string) {
			say(c, proxyPage(407, challenges(strings.Split(f.text("Basic"), ",")),
				"<html>authentication required</html>"))
		},
	},
	{
		name: "connect-407-endless", layer: layerProxy, about: "407 with a body without end",
		connect: func(_ Fault, c *conn, _ string) {
			endlessBody("HTTP/1.1 407 Proxy Authentication Required\r\n" + challenges([]string{"Basic"}) + "\r\n")(c)
		},
	},
	{
		name: "connect-upstream", layer: layerProxy,
		arg:   "500, 502, 503 or 504, and after a comma dns, refused, timeout, unreachable or read-timeout (503)",
		about: "the proxy cannot reach the hub, and says why as Squid does, or does not",
		check: func(arg string) error {
			status, why := upstreamArgs(arg)
			if _, known := squidErrors[why]; !known || status < 500 || status > 504 {
				return fmt.Errorf("%q: expected for example 503,dns", arg)
			}
			return nil
		},
		connect: func(f Fault, c *conn, _ string) {
			status, why := upstreamArgs(f.Arg)
			header := ""
			if squid := squidErrors[why]; squid != "" {
				header = "X-Squid-Error: " + squid + "\r\n"
			}
			say(c, proxyPage(status, header, "<html><body>The requested URL could not be retrieved</body></html>"))
		},
	},
	{
		name: "connect-silent", layer: layerProxy, about: "CONNECT is swallowed",
		connect: func(_ Fault, c *conn, _ string) { swallow(c) },
	},
	{
		name: "connect-close", layer: layerProxy, about: "closed instead of an answer",
		connect: func(Fault, *conn, string) {},
	},
	{
		name: "connect-reset", layer: layerProxy, about: "reset instead of an answer",
		connect: func(_ Fault, c *conn, _ string) { c.reset() },
	},
	{
		name: "connect-not-http", layer: layerProxy, arg: "tls, socks, ssh or garbage (tls)",
		about: "the answer is another protocol's",
		check: oneOf("tls", "socks", "ssh", "garbage"),
		connect: func(f Fault, c *conn, _ string) {
			say(c, map[string][]byte{
				"tls": {21, 3, 1, 0, 2, 2, 70}, "socks": {5, 0xff},
				"ssh":     []byte("SSH-2.0-OpenSSH_9.2\r\n"),
				"garbage": []byte("\x00\x01\x02\x1b[31m\xff\xfe garbage\r\n\r\n"),
			}[f.text("tls")])
		},
	},
	{
		name: "connect-page", layer: layerProxy, about: "200 with an HTML page and no tunnel: a web server",
		connect: func(_ Fault, c *conn, _ string) { say(c, proxyPage(200, "", portalPage)) },
	},
	{
		name: "connect-endless-header", layer: layerProxy, about: "an answer whose header never ends",
		connect: func(_ Fault, c *conn, _ string) { endlessHeader("HTTP/1.1 200 OK\r\n")(c) },
	},
	{
		name: "connect-drip", layer: layerProxy, about: "an answer that comes one byte a second",
		connect: func(_ Fault, c *conn, _ string) {
			drip(c, []byte("HTTP/1.1 200 Connection established\r\n\r\n"), dripInterval)
		},
	},
	{
		name: "connect-escape", layer: layerProxy,
		about: "a refusal with a terminal's escape sequences in status line, header and page",
		connect: func(_ Fault, c *conn, _ string) {
			say(c, []byte("HTTP/1.1 403 \x1b[2J\x1b]0;owned\x07Forbidden\r\nServer: "+
				"\x1b[31mevil\x1b[0m\r\nContent-Length: 20\r\n\r\n<html>\x1b[2J\x9b31m</html>"))
		},
	},
	{
		name: faultConnectSlow, layer: layerProxy, arg: "milliseconds (2000)",
		about: "CONNECT is answered late, and well",
		check: between(1, 600000),
	},
}

// faultConnectSlow delays and lets the proxy go on.
const faultConnectSlow = "connect-slow"

// challenges are the headers of a 407.
func challenges(schemes []string) string {
	var b strings.Builder
	for _, scheme := range schemes {
		value := strings.TrimSpace(scheme)
		switch strings.ToLower(value) {
		case "basic":
			value += ` realm="edgenet lab"`
		case "digest":
			value += ` realm="edgenet lab", nonce="bGFi", qop="auth", algorithm=MD5`
		}
		b.WriteString("Proxy-Authenticate: " + value + "\r\n")
	}
	return b.String()
}

// wait sleeps unless the lab ends.
func wait(done <-chan struct{}, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-done:
	}
}
