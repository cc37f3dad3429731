package proxy_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/verify/testkit"
	"edgenet/proxy"
	"edgenet/report"
)

// TestUnauthorized: 401 is the policy's refusal, and some proxies mean the login by it:
// both are named where a login was sent.
func TestUnauthorized(t *testing.T) {
	t.Parallel()
	at, _ := serve(t, says("HTTP/1.1 401 Unauthorized\r\n"+close0, true))
	for user, both := range map[string]bool{"": false, "u:p@": true} {
		_, tr, f := dial(t, 5*time.Second, nil, testkit.Proxy(t, "http://"+user+at))
		st := failed(t, tr, f, report.StageConnect, report.ConnectForbidden, at)
		if strings.Contains(st.Summary, "wrong user or password") != both {
			t.Errorf("%q: %s", user, st.Summary)
		}
	}
}

// TestRefusalWithoutItsPage: a refusal whose page never comes is a refusal all the same,
// and not waited for until the path's time is over.
func TestRefusalWithoutItsPage(t *testing.T) {
	t.Parallel()
	at, _ := serve(t, says("HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\n", true))
	start := time.Now()
	_, tr, f := dial(t, 30*time.Second, nil, testkit.Proxy(t, "http://"+at))
	failed(t, tr, f, report.StageConnect, report.ConnectForbidden, "403")
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
}

// TestRejectedForAReason: a 407 to credentials may say why, in the status line's own words or in its page;
// one that only asks for them is not read any further.
func TestRejectedForAReason(t *testing.T) {
	t.Parallel()
	const page = "<html><title>Account locked after 5 tries</title></html>"
	for status, reason := range map[string]string{"407 Your account is locked": ": Your account is locked: Account " +
		"locked",
		"407 Proxy Authentication Required": "Basic): Account locked after 5 tries"} {
		at, _ := serve(t, says("HTTP/1.1 "+status+"\r\nProxy-Authenticate: Basic realm=\"x\"\r\n"+
			fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(page), page), true))
		_, tr, f := dial(t, 2*time.Second, nil, testkit.Proxy(t, "http://u:p@"+at))
		if st := failed(t, tr, f, report.StageConnect, report.ConnectAuthRejected, at); !strings.Contains(st.Summary, reason) {
			t.Errorf("%s: %s", status, st.Summary)
		}
		_, tr, f = dial(t, 2*time.Second, nil, testkit.Proxy(t, "http://"+at))
		st := failed(t, tr, f, report.StageConnect, report.ConnectAuthRequired, at)
		if d := st.Detail.(*report.ConnectDetail); d.Body != "" {
			t.Errorf("a challenge's page was read: %+v", d)
		}
	}
}

// TestATypeForNothing: a tunnel whose reply names a type of page is one, as the runtime takes it; a page
// that comes late is none.
func TestATypeForNothing(t *testing.T) {
	t.Parallel()
	const head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
	at, _ := serve(t, func(c net.Conn) {
		request(c)
		_, _ = io.WriteString(c, head)
		_, _ = io.Copy(c, c)
	})
	c, _, f := dial(t, 5*time.Second, nil, testkit.Proxy(t, "http://"+at))
	if f != nil {
		t.Fatalf("%+v", f)
	}
	echo := make([]byte, 4)
	if _, err := io.WriteString(c, "ping"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, echo); err != nil || string(echo) != "ping" {
		t.Fatalf("%q, %v", echo, err)
	}
	for _, late := range []string{"<html>portal</html>", ""} {
		at, _ = serve(t, func(c net.Conn) {
			request(c)
			_, _ = io.WriteString(c, head)
			time.Sleep(50 * time.Millisecond)
			_, _ = io.WriteString(c, late)
		})
		_, tr, f := dial(t, 5*time.Second, nil, testkit.Proxy(t, "http://"+at))
		failed(t, tr, f, report.StageConnect, report.ConnectUnsupported, "a web server, not a proxy")
	}
}

// TestAnotherProxyAsks: a password that the proxy takes, and a 407 of another realm then, is told as that.
func TestAnotherProxyAsks(t *testing.T) {
	t.Parallel()
	for realm, says := range map[string]string{"corp": "another proxy behind it asks", "near": "rejects the user"} {
		at, _ := serve(t, func(c net.Conn) {
			for _, name := range []string{"near", realm} {
				request(c)
				_, _ = fmt.Fprintf(c, "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=%q\r\n"+
					"Content-Length: 0\r\n\r\n", name)
			}
		})
		tr := hop.NewTrace(t.Context(), time.Now())
		_, f := proxy.DialAs(testkit.Within(t, 5*time.Second), &hop.Env{Trust: &hop.Trust{NoOS: true}}, tr,
			testkit.Proxy(t, "http://u:p@"+at), target, 5671, proxy.Manner{Bare: true})
		st := failed(t, tr, f, report.StageConnect, report.ConnectAuthRejected, at)
		if d := st.Detail.(*report.ConnectDetail); !strings.Contains(st.Summary, says) || d.First == nil ||
			d.First.Realm != "near" || d.Realm != realm {
			t.Errorf("%s: %s %+v", realm, st.Summary, d)
		}
	}
}

// TestNothingToPassItOnTo: in the words of squid without a parent that lives, of HAProxy without a server, of
// Envoy and of tinyproxy; another error of theirs is none.
func TestNothingToPassItOnTo(t *testing.T) {
	t.Parallel()
	for reply, want := range map[string]bool{
		"500 Internal Server Error\r\nX-Squid-Error: ERR_CANNOT_FORWARD 0\r\n" + close0: true,
		"503 Service Unavailable\r\nContent-Length: 59\r\n\r\n" +
			"No server is available to handle this request.\n1234567890\n\n": true,
		"502 Unable to connect to upstream proxy\r\n" + close0:                              true,
		"503 Service Unavailable\r\nContent-Length: 19\r\n\r\nno healthy upstream":          true,
		"503 Service Unavailable\r\n" + close0:                                              false,
		"500 Internal Server Error\r\nX-Squid-Error: ERR_READ_ERROR 104\r\n" + close0:       false,
		"503 Service Unavailable\r\nX-Squid-Error: ERR_SECURE_CONNECT_FAIL 71\r\n" + close0: false,
	} {
		at, _ := serve(t, says("HTTP/1.1 "+reply, true))
		_, tr, f := dial(t, 2*time.Second, nil, testkit.Proxy(t, "http://"+at))
		st := failed(t, tr, f, report.StageConnect, report.ConnectUpstream, at)
		if d := st.Detail.(*report.ConnectDetail); d.NoNextHop != want ||
			strings.Contains(st.Summary, "does not say why") == want {
			t.Errorf("%q: %v, %s", reply, d.NoNextHop, st.Summary)
		}
	}
}

// TestWhatAPortSpeaks: by its first bytes, in place of HTTP.
func TestWhatAPortSpeaks(t *testing.T) {
	t.Parallel()
	for first, want := range map[string]string{"\x05\xff": report.SpeaksSOCKS, "\x15\x03\x03\x00\x02\x02\x0a": report.SpeaksTLS,
		"220 ready\r\n": ""} {
		at, _ := serve(t, says(first, true))
		_, tr, f := dial(t, 2*time.Second, nil, testkit.Proxy(t, "http://"+at))
		st := failed(t, tr, f, report.StageConnect, report.ConnectNotHTTP, at)
		if d := st.Detail.(*report.ConnectDetail); d.Speaks != want {
			t.Errorf("%q: %q", first, d.Speaks)
		}
	}
}
