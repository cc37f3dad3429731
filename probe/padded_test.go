//go:build unix

package probe_test

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"edgenet/report"
)

// segment is the largest segment that a connection's peer takes.
func segment(t testing.TB, c *tls.Conn) int {
	t.Helper()
	raw, err := c.NetConn().(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Error(err)
		return 0
	}
	size := 0
	_ = raw.Control(func(fd uintptr) {
		size, _ = syscall.GetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_MAXSEG)
	})
	return size
}

// hungry is a hub that answers requests for as long as they come, and not those that swallow
// says.
func hungry(t testing.TB, swallow func(c *tls.Conn, size int) bool) func(int, *tls.Conn) {
	return func(_ int, c *tls.Conn) {
		br := bufio.NewReader(c)
		for {
			_ = c.SetReadDeadline(time.Now().Add(time.Minute))
			req, err := http.ReadRequest(br)
			if err != nil {
				return
			}
			size := 0
			for k, v := range req.Header {
				size += len(k) + len(v[0])
			}
			if swallow(c, size) {
				_, _ = io.Copy(io.Discard, br) // until the other side gives up
				return
			}
			_, _ = io.WriteString(c, "HTTP/1.1 401 X\r\niothub-errorcode: x\r\nContent-Length: 0\r\n\r\n")
		}
	}
}

// TestWhatFillsAPacket: a hub that never sees full-size segments is one behind a path that
// loses them; one that never answers a large request is none.
func TestWhatFillsAPacket(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		swallow func(*testing.T) func(*tls.Conn, int) bool
		found   bool
		bytes   int
		outcome report.Outcome // empty: none was called for
	}{
		{"all arrives", func(*testing.T) func(*tls.Conn, int) bool {
			return func(*tls.Conn, int) bool { return false }
		}, false, 1419, ""},
		{"large segments are lost", func(t *testing.T) func(*tls.Conn, int) bool {
			return func(c *tls.Conn, size int) bool { return size > 1300 && segment(t, c) > 1000 }
		}, true, 0, report.Silent},
		{"large headers are refused", func(*testing.T) func(*tls.Conn, int) bool {
			return func(c *tls.Conn, size int) bool {
				if size > 1300 {
					_, _ = io.WriteString(c, "HTTP/1.1 431 X\r\nContent-Length: 0\r\n\r\n")
				}
				return size > 1300
			}
		}, false, 0, ""},
		{"large requests are cut", func(*testing.T) func(*tls.Conn, int) bool {
			return func(c *tls.Conn, size int) bool {
				if size > 1300 {
					_ = c.NetConn().Close()
				}
				return size > 1300
			}
		}, true, 0, report.Killed},
		{"large requests are swallowed", func(*testing.T) func(*tls.Conn, int) bool {
			return func(_ *tls.Conn, size int) bool { return size > 1300 }
		}, false, 0, report.Unavailable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, nil, hungry(t, tt.swallow(t))).only(report.HTTPS)
			r := s.check(t)
			row := result(t, r, "HTTPS@direct")
			if row.Status != report.OK {
				t.Fatalf("%s: %s", words(row), row.Summary)
			}
			st, _ := row.Step(report.HopTarget, report.StageHTTP)
			if d, is := st.Detail.(*report.HTTPDetail); !is || d.PaddedBytes != tt.bytes {
				t.Errorf("%+v", st.Detail)
			}
			e, asked := row.Experiment(report.FullSize)
			if asked != (tt.outcome != "") || e.Outcome != tt.outcome {
				t.Errorf("%v %+v", asked, e)
			}
			found := false
			for _, f := range r.Findings {
				found = found || f.Code == report.MTUUpstream
			}
			if found != tt.found {
				t.Errorf("mtu.upstream %v: %+v", found, r.Findings)
			}
		})
	}
}

// TestAgeIsNoIdleness: a server that ends every connection at an age, and one that ends those
// that are idle.
func TestAgeIsNoIdleness(t *testing.T) {
	t.Parallel()
	const age = 4200 * time.Millisecond
	ends := func(renew bool) func(int, *tls.Conn) {
		return func(_ int, c *tls.Conn) {
			until := time.Now().Add(age)
			br := bufio.NewReader(c)
			for {
				_ = c.SetReadDeadline(until)
				if _, err := http.ReadRequest(br); err != nil {
					_ = c.NetConn().Close() // without a word
					return
				}
				if renew {
					until = time.Now().Add(age)
				}
				_, _ = io.WriteString(c, "HTTP/1.1 401 X\r\niothub-errorcode: x\r\nContent-Length: 0\r\n\r\n")
			}
		}
	}
	for _, renew := range []bool{false, true} {
		s := serve(t, nil, ends(renew)).only(report.HTTPS)
		s.plan.Hold = 8 * time.Second
		findings := s.check(t).Findings
		i := slices.IndexFunc(findings, func(f report.Finding) bool { return f.Code == report.HoldShort })
		if i < 0 {
			t.Fatalf("idle %v: %v", renew, findings)
		}
		if strings.Contains(findings[i].Summary, "no keep-alive helps") == renew {
			t.Errorf("idle %v: %s", renew, findings[i].Summary)
		}
	}
}
