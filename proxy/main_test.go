package proxy_test

import (
	"bufio"
	"context"
	"flag"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"edgenet/internal/hop"
	"edgenet/internal/proxyurl"
	"edgenet/internal/verify/testkit"
	"edgenet/proxy"
	"edgenet/report"
)

func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "8") // whatever the processors: most of these tests wait
	goleak.VerifyTestMain(m)
}

const (
	target   = "hub.azure-devices.net"
	password = "S3cret!pw"
)

// serve accepts until the test ends, keeps what comes, and gives every connection to f.
func serve(t *testing.T, f func(net.Conn)) (string, *testkit.Buffer) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &testkit.Buffer{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.SetDeadline(time.Now().Add(10 * time.Second))
			f(&keeping{c, h})
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().String(), h
}

type keeping struct {
	net.Conn
	h *testkit.Buffer
}

func (k *keeping) Read(p []byte) (int, error) {
	n, err := k.Conn.Read(p)
	_, _ = k.h.Write(p[:n])
	return n, err
}

// request reads the CONNECT.
func request(c net.Conn) *http.Request {
	r, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return nil
	}
	return r
}

// says answers every CONNECT with these bytes, and then stays or closes.
func says(answer string, stay bool) func(net.Conn) {
	return func(c net.Conn) {
		request(c)
		_, _ = io.WriteString(c, answer)
		if stay {
			_, _ = io.Copy(io.Discard, c)
		}
	}
}

func reset(c net.Conn) {
	if k, ok := c.(*keeping); ok {
		c = k.Conn
	}
	if x, ok := c.(*net.TCPConn); ok {
		_ = x.SetLinger(0)
	}
	_ = c.Close()
}

// dial asks the proxy for a tunnel to the target's port 5671.
func dial(t *testing.T, d time.Duration, env *hop.Env, p *proxyurl.Proxy) (net.Conn, *hop.Trace, *hop.Fault) {
	t.Helper()
	if env == nil {
		env = &hop.Env{Trust: &hop.Trust{NoOS: true}}
	}
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	tr := hop.NewTrace(context.Background(), time.Now())
	c, f := proxy.Dial(ctx, env, tr, p, target, 5671)
	if c != nil {
		t.Cleanup(func() { _ = c.Close() })
	}
	return c, tr, f
}

// failed asserts that the last step is this failure at the proxy and no other.
func failed(t *testing.T, tr *hop.Trace, f *hop.Fault, s report.Stage, c report.Cause, values ...string) report.Step {
	t.Helper()
	steps := tr.Steps()
	if f == nil {
		t.Fatalf("no failure, want %s", c)
	}
	last := steps[len(steps)-1]
	if last.Hop != report.HopProxy || last.Stage != s || last.Status != report.Failed || last.Cause != c ||
		f.Cause != c || f.Summary != last.Summary {
		t.Fatalf("got %s %s %s %s: %q\nwant %s %s", last.Hop, last.Stage, last.Status, last.Cause, last.Summary, s, c)
	}
	for _, st := range steps[:len(steps)-1] {
		if st.Status != report.OK || st.Cause != "" {
			t.Errorf("step %s %s before it is %s %s", st.Hop, st.Stage, st.Status, st.Cause)
		}
	}
	for _, v := range values {
		if !strings.Contains(last.Summary, v) {
			t.Errorf("%s: summary %q lacks %q", c, last.Summary, v)
		}
	}
	if strings.ContainsAny(last.Summary, "\x1b\x07\r\n") || len(last.Summary) > 500 ||
		strings.Contains(last.Summary, password) {
		t.Errorf("summary %q", last.Summary)
	}
	if d, ok := last.Detail.(*report.ConnectDetail); ok && (d.At == nil || d.Local == "" || d.Remote == "" ||
		d.Target != net.JoinHostPort(target, strconv.Itoa(5671)) || d.Credentials == "") {
		t.Errorf("detail %+v", d)
	}
	return last
}
