package probe_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"edgenet/internal/proxyurl"
	"edgenet/internal/secret"
	"edgenet/probe"
	"edgenet/report"
)

// challenger is a proxy that wants a login, and repeats the one that it then gets, in every
// place that a report keeps something of.
type challenger struct {
	net.Listener
	heard atomic.Int32 // logins
	stays bool         // the connection, after the challenge
}

func (p *challenger) serve() {
	for {
		c, err := p.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = c.Close() }()
			_ = c.SetDeadline(time.Now().Add(patient))
			in := bufio.NewReader(c)
			for p.answer(c, in) {
			}
		}()
	}
}

// answer tells whether there may be one more request.
func (p *challenger) answer(c net.Conn, in *bufio.Reader) bool {
	req, err := http.ReadRequest(in)
	if err != nil {
		return false
	}
	token, ok := strings.CutPrefix(req.Header.Get("Proxy-Authorization"), "Basic ")
	if !ok {
		end := "Connection: close\r\n\r\n"
		if p.stays {
			end = "\r\n"
		}
		_, err := io.WriteString(c, "HTTP/1.1 407 Proxy Authentication Required\r\n"+
			"Proxy-Authenticate: Basic realm=\"lab\"\r\nContent-Length: 0\r\n"+end)
		return err == nil && p.stays
	}
	p.heard.Add(1)
	login, _ := base64.StdEncoding.DecodeString(token) // what is none shows as nothing
	page := "<title>Denied: Proxy-Authorization: Basic " + token + "</title>" + string(login)
	_, _ = io.WriteString(c, "HTTP/1.1 403 no "+string(login)+"\r\nServer: "+token+"\r\nVia: 1.1 "+string(login)+
		"\r\nX-Squid-Error: ERR_ACCESS_DENIED "+string(login)+"\r\nContent-Type: text/html\r\n\r\n"+page)
	return false
}

// TestEchoAfterTheChallenge: the first CONNECT has no login, so that only a proxy that asks
// for one has something to repeat.
func TestEchoAfterTheChallenge(t *testing.T) {
	t.Parallel()
	for _, stays := range []bool{true, false} {
		l := listen(t)
		t.Cleanup(func() { _ = l.Close() })
		proxy := &challenger{Listener: l, stays: stays}
		go proxy.serve()
		p := &proxyurl.Proxy{Scheme: proxyurl.HTTP, Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port,
			User:     "user",
			Password: secret.New(echoed), HasAuth: true}
		s := &site{env: serve(t, nil, say("", false)).env}
		s.plan = probe.Plan{Host: hubName, Timeout: 3 * time.Second, Routes: probe.Routes(false, []*proxyurl.Proxy{p}),
			Protocols: []report.Protocol{report.HTTPS, report.AMQPWS, report.MQTTWS}}
		text, err := json.Marshal(probe.Check(t.Context(), s.plan, s.env, nil))
		if err != nil {
			t.Fatal(err)
		}
		if proxy.heard.Load() == 0 || !strings.Contains(string(text), secret.Mask) {
			t.Errorf("stays %v: %d logins were repeated: %s", stays, proxy.heard.Load(), text)
		}
		basic := base64.StdEncoding.EncodeToString([]byte("user:" + echoed))
		for _, bad := range []string{"S3cret", basic[:12]} {
			if strings.Contains(string(text), bad) {
				t.Errorf("stays %v: %q is in the report: %s", stays, bad, text)
			}
		}
	}
}
