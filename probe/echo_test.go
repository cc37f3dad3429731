package probe_test

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"edgenet/internal/proxyurl"
	"edgenet/internal/secret"
	"edgenet/probe"
	"edgenet/report"
)

const echoed = `S3cret"&pw`

// echoes are the answers of proxies that repeat what they were sent, in every place that
// a report keeps something of. BASIC is the token, PASSWORD what is in it.
var echoes = []string{
	"HTTP/1.1 403 BASIC\r\n\r\n", "HTTP/1.1 403 no PASSWORD\r\nServer: BASIC\r\nVia: 1.1 PASSWORD\r\nX-Squid-Error: " +
		"ERR PASSWORD\r\n\r\n<title>BASIC</title>",
	"HTTP/1.1 503 x\r\nContent-Type: text/html\r\n\r\n<title>Denied: user:HTML</title>",
	"HTTP/1.1 407 no\r\nProxy-Authenticate: Basic realm=\"BASIC\", BASIC\r\n\r\n", "HTTP/1.1 500 x\r\n\r\n" +
		strings.Repeat("y", 95) + " user:URL",
	"HTTP/1.1 302 x\r\nLocation: http://login/?p=URL&t=BASIC\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nServer: PASSWORD\r\n\r\n<title>BASIC</title>",
	"SSH-2.0 BASIC\r\n", "BASIC", "PASSWORD\r\n\r\n", "HTTP/1.1 400 x\r\nServer: a BASIC b\r\n\r\n",
}

func TestEchoOfThePassword(t *testing.T) {
	t.Parallel()
	basic := base64.StdEncoding.EncodeToString([]byte("user:" + echoed))
	fill := strings.NewReplacer("BASIC", basic, "PASSWORD", echoed, "HTML", html.EscapeString(echoed), "URL",
		url.QueryEscape(echoed))
	seen := 0
	for _, answer := range echoes {
		l := listen(t)
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					defer func() { _ = c.Close() }()
					_ = c.SetDeadline(time.Now().Add(patient))
					if heard, err := bufio.NewReader(c).Peek(1); err == nil && heard[0] != 0 {
						_, _ = io.WriteString(c, fill.Replace(answer))
					}
				}()
			}
		}()
		t.Cleanup(func() { _ = l.Close() })
		p := &proxyurl.Proxy{Scheme: proxyurl.HTTP, Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, User: "user",
			Password: secret.New(echoed), HasAuth: true}
		s := &site{env: serve(t, nil, say("", false)).env}
		s.plan = probe.Plan{Host: hubName, Timeout: 3 * time.Second, Routes: probe.Routes(false, []*proxyurl.Proxy{p}),
			Protocols: []report.Protocol{report.HTTPS}}
		r := probe.Check(t.Context(), s.plan, s.env, nil)
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"S3cret", basic[:12], "S3cret%22"} {
			if strings.Contains(string(text), bad) {
				t.Errorf("%q leaves %q in the report: %s", answer, bad, text)
			}
		}
		if strings.Contains(string(text), secret.Mask+"\"") || strings.Contains(string(text), " "+secret.Mask) ||
			strings.Contains(string(text), ":"+secret.Mask+" ") {
			seen++
		}
	}
	if seen < len(echoes)/2 { // else the reports keep nothing of what came, and this test shows nothing
		t.Errorf("only %d of %d echoes are seen in the reports at all", seen, len(echoes))
	}
}

var sent = regexp.MustCompile(`SharedAccessSignature [^\r\n\x00]*|sig=[^&\s]*`)

// TestEchoOfTheToken: hubs that repeat the token in what they refuse with.
func TestEchoOfTheToken(t *testing.T) {
	t.Parallel()
	const key = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo0MjQyNDI="
	for _, row := range []struct {
		protocol report.Protocol
		answer   string
	}{
		{report.HTTPS, "HTTP/1.1 401 TOKEN\r\niothub-errorcode: TOKEN\r\nServer: TOKEN\r\nContent-Type: " +
			"application/json\r\nContent-Length: LENGTH\r\n\r\n{\"Message\":\"no TOKEN\"}"},
		{report.HTTPS, "HTTP/1.1 403 x\r\nServer: SIG\r\nContent-Type: text/html\r\n\r\n<title>SIG</title>"},
		{report.MQTT, "TOKEN"}, {report.MQTTWS, "HTTP/1.1 401 TOKEN\r\nServer: TOKEN\r\n\r\nTOKEN"},
	} {
		var mu sync.Mutex
		heard := ""
		s := serve(t, nil, func(_ int, c *tls.Conn) {
			buf := make([]byte, 8192)
			for range 3 {
				n, err := c.Read(buf)
				mu.Lock()
				if m := sent.FindString(string(buf[:n])); m != "" {
					heard = m
				}
				token := heard
				mu.Unlock()
				answer := row.answer
				if token == "" && row.protocol == report.HTTPS { // the question without credentials comes first
					answer = "HTTP/1.1 401 x\r\niothub-errorcode: IotHubUnauthorizedAccess\r\nContent-Length: 0\r\n\r\n"
				}
				_, sig, _ := strings.Cut(token, "sig=")
				sig, _, _ = strings.Cut(sig, "&")
				answer = strings.NewReplacer("TOKEN", token, "SIG", sig).Replace(answer)
				answer = strings.ReplaceAll(answer, "LENGTH", strconv.Itoa(len(`{"Message":"no "}`)+len(token)))
				if _, werr := io.WriteString(c, answer); err != nil || werr != nil {
					return
				}
			}
		}).only(row.protocol).identity(t, "HostName="+hubName+";DeviceId=d;SharedAccessKey="+key)
		s.plan.Timeout = 3 * time.Second
		r := s.check(t) // inspect looks for every form of a token
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		token := heard
		mu.Unlock()
		if _, sig, ok := strings.Cut(token, "sig="); ok && strings.Contains(string(text), sig[:12]) {
			t.Errorf("%s: the signature is in the report: %s", row.protocol, text)
		}
	}
}
