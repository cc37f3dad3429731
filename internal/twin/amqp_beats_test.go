package twin

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/Azure/go-amqp"

	server "edgenet/internal/lab/amqp"
)

// mute is a service without links.
type mute struct{}

func (mute) SASL(*server.Conn, string, []byte) bool { return true }
func (mute) Attach(*server.Conn, *server.Attach) (*server.Terminus, *server.Error) {
	return nil, &server.Error{Condition: "amqp:not-found"}
}
func (mute) Closed(*server.Conn) {}

// drip gives a byte a read.
type drip struct{ net.Conn }

func (d drip) Read(p []byte) (int, error) { return d.Conn.Read(p[:min(1, len(p))]) }

// TestHeartbeats: a service throws out who is silent for more than a second and a quarter.
func TestHeartbeats(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		wrap  func(net.Conn) net.Conn
		beats bool // ours are sent
		every time.Duration
		lives bool
	}{
		"ours": {func(c net.Conn) net.Conn { return c }, true, time.Second / 2, true},
		"go-amqp's, where the idle time-out came in pieces": {func(c net.Conn) net.Conn { return drip{c} }, false, 0, true},
		"go-amqp sends none where we do":                    {func(c net.Conn) net.Conn { return c }, false, time.Second / 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			near, far := sockets(t)
			ended := make(chan error, 1)
			go func() {
				ended <- server.Serve(context.Background(), far, server.Config{ContainerID: "s",
					Mechanisms: []server.Symbol{"ANONYMOUS"}, IdleTimeout: time.Second, Application: mute{}})
			}()
			g := &guard{stream: &stream{Conn: tt.wrap(near), raw: near, stop: func() {}}}
			conn, err := amqp.NewConn(t.Context(), g, &amqp.ConnOptions{SASLType: amqp.SASLTypeAnonymous(),
				IdleTimeout: amqpIdle})
			if err != nil {
				t.Fatal(err)
			}
			w := &amqpWire{g: g, over: make(chan struct{})}
			if g.every != tt.every {
				t.Errorf("heartbeats are ours to send each %s, expected %s", g.every, tt.every)
			}
			if tt.beats {
				w.wg.Add(1)
				go w.beats()
			}
			alive := true
			select {
			case err := <-ended:
				alive = false
				t.Log(err)
			case <-time.After(4 * time.Second):
			}
			if alive != tt.lives {
				t.Errorf("alive: %t, expected %t", alive, tt.lives)
			}
			close(w.over)
			_ = conn.Close()
			w.wg.Wait()
			g.drop()
			if alive {
				<-ended
			}
		})
	}
}
