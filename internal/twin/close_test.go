package twin_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"edgenet/internal/lab"
	"edgenet/internal/twin"
)

// Close ends a running method by its context, waits for it, and may be called often. What is
// said of the answer that is too late shows the method's name as a stranger's.
func TestCloseWaits(t *testing.T) {
	t.Parallel()
	for _, transport := range twin.Transports() {
		t.Run(string(transport), func(t *testing.T) {
			t.Parallel()
			l := startLab(t)
			c := config(t, l)
			h := &heard{}
			c.Handler = h.handler()
			running, ended := make(chan struct{}), false
			c.Handler.Method = func(ctx context.Context, _ twin.Method) twin.Reply {
				close(running)
				<-ctx.Done()
				ended = true
				return twin.Reply{Status: 200}
			}
			s := open(t, c, transport)
			called, hangUp := context.WithCancel(context.Background())
			var wg sync.WaitGroup
			wg.Go(func() { _, _ = l.Hub().Invoke(called, module, "http://u:Pl4nted@proxy:1", nil, plenty, plenty) })
			<-running
			for range 3 {
				wg.Go(func() { _ = s.Close() })
			}
			if err := s.Close(); err != nil || !ended || !errors.Is(s.Err(), twin.ErrClosed) {
				t.Errorf("closed: %v, method ended %v, %v", err, ended, s.Err())
			}
			for _, notice := range h.said() {
				if strings.Contains(notice.Error(), "Pl4nted") {
					t.Errorf("noticed: %v", notice)
				}
			}
			hangUp()
			wg.Wait()
		})
	}
}

// A token that cannot be renewed is tried again while the old one counts: the workload
// API is away for a while, and the session stays.
func TestRenewalFails(t *testing.T) {
	t.Parallel()
	for _, transport := range []twin.Transport{twin.AMQP, twin.MQTT} {
		t.Run(string(transport), func(t *testing.T) {
			t.Parallel()
			l := startLab(t)
			h := &heard{}
			c := config(t, l)
			c.Handler = h.handler()
			c.TokenLife = 3 * time.Second // edgeHub takes it for 5 minutes more
			s := open(t, c, transport)
			if err := l.SetFault(lab.Fault{Place: lab.PlaceWorkload, Name: "deny"}); err != nil {
				t.Fatal(err)
			}
			eventually(t, "a second try fails", func() bool { return len(h.said()) >= 2 })
			if !errors.Is(h.said()[0], twin.ErrNotOurs) {
				t.Errorf("noticed: %v", h.said()[0])
			}
			if err := l.ClearFault(lab.PlaceWorkload); err != nil {
				t.Fatal(err)
			}
			if transport == twin.MQTT { // it goes on as long as there is no way to a new connection
				if err := l.SetFault(lab.Fault{Place: places[transport], Name: "refuse"}); err != nil {
					t.Fatal(err)
				}
				before := len(h.said())
				eventually(t, "the new connection fails", func() bool { return len(h.said()) > before+1 })
				if _, err := s.Twin(within(t)); err != nil || count(l, lab.KindLogin) != 1 {
					t.Errorf("on the old connection: %v, %d logins", err, count(l, lab.KindLogin))
				}
				if err := l.ClearFault(places[transport]); err != nil {
					t.Fatal(err)
				}
				eventually(t, "the connection is replaced", func() bool { return count(l, lab.KindLogin) > 1 })
			}
			if _, err := s.Twin(within(t)); err != nil || s.Err() != nil {
				t.Errorf("afterwards: %v, %v", err, s.Err())
			}
		})
	}
}

// A new login that is refused ends the session with that reason: the old connection had
// to make room for it.
func TestRenewalRefused(t *testing.T) {
	t.Parallel()
	l := startLab(t)
	c := config(t, l)
	c.TokenLife = 3 * time.Second
	s := open(t, c, twin.MQTT)
	if err := l.Hub().Disable(module, true); err != nil {
		t.Fatal(err)
	}
	if err := over(t, s); !errors.Is(err, twin.ErrLost) || !errors.Is(err, twin.ErrRefused) {
		t.Errorf("ended with %v", err)
	}
}

// A peer that takes nothing any more delays the end by the time of a goodbye and no more.
func TestCloseStuck(t *testing.T) {
	t.Parallel()
	for _, transport := range twin.Transports() {
		t.Run(string(transport), func(t *testing.T) {
			t.Parallel()
			c := config(t, startLab(t))
			b := standBetween(t, &c)
			dial := c.Dial
			c.Dial = func(ctx context.Context, host string, port int) (net.Conn, error) {
				nc, err := dial(ctx, host, port)
				if err == nil {
					_ = nc.(*net.TCPConn).SetWriteBuffer(4096)
				}
				return nc, err
			}
			c.Timeout = 5 * plenty // what would hold a write for so long
			s := open(t, c, transport)
			b.freeze()
			var wg sync.WaitGroup
			body := []byte(`"` + strings.Repeat("x", 200<<10) + `"`)
			for range 12 {
				wg.Go(func() { _ = s.Send(context.Background(), twin.Message{Body: body}) })
			}
			time.Sleep(time.Second) // they fill what buffers there are
			begin := time.Now()
			if err := s.Close(); err != nil || time.Since(begin) > plenty/2 {
				t.Errorf("closed after %s: %v", time.Since(begin), err)
			}
			wg.Wait()
		})
	}
}
