package twin_test

import (
	"context"
	"encoding/json"
	"flag"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"edgenet/internal/lab"
	"edgenet/internal/lab/hub"
	"edgenet/internal/twin"
)

func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "16") // whatever the processors: most of these tests wait
	goleak.VerifyTestMain(m)
}

// plenty is more time than anything here should need, also on a busy machine.
const plenty = 60 * time.Second

var module = hub.Identity{Device: lab.DeviceID, Module: lab.ModuleID}

// places are the edgeHub's ports in the lab, by transport.
var places = map[twin.Transport]string{twin.AMQP: "edgeAmqps", twin.MQTT: "edgeMqtts", twin.AMQPWS: "edgeHttps",
	twin.MQTTWS: "edgeHttps"}

func startLab(t *testing.T) *lab.Lab {
	t.Helper()
	l, err := lab.Start(context.Background(), lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), plenty)
	t.Cleanup(cancel)
	return ctx
}

// config is what a module in the lab gets from its environment, led to the lab's ports.
func config(t *testing.T, l *lab.Lab) twin.Config {
	t.Helper()
	env := l.Info().ModuleEnv
	settings, err := twin.FromEnvironment(func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	c, err := settings.Config()
	if err != nil {
		t.Fatal(err)
	}
	c.Dial = dialer(l.Info().ConnectTo)
	return c
}

// dialer leads HOST:PORT to ADDRESS:PORT and refuses everything else.
func dialer(connectTo []string) func(context.Context, string, int) (net.Conn, error) {
	return func(ctx context.Context, host string, port int) (net.Conn, error) {
		for _, entry := range connectTo {
			if to, ok := strings.CutPrefix(entry, host+":"+strconv.Itoa(port)+":"); ok {
				var d net.Dialer
				return d.DialContext(ctx, "tcp", to)
			}
		}
		return nil, &net.AddrError{Err: "not in the lab", Addr: host}
	}
}

// open opens a session that ends with the test.
func open(t *testing.T, c twin.Config, first twin.Transport) *twin.Session {
	t.Helper()
	s, err := twin.Open(within(t), c, first)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// heard records what a handler gets.
type heard struct {
	mu      sync.Mutex
	desired []twin.Desired
	notices []error
}

func (h *heard) handler() twin.Handler {
	return twin.Handler{
		Desired: func(d twin.Desired) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.desired = append(h.desired, d)
		},
		Method: func(_ context.Context, m twin.Method) twin.Reply {
			b, err := json.Marshal(map[string]any{"method": m.Name, "payload": m.Payload})
			if err != nil {
				return twin.Reply{Status: 500}
			}
			return twin.Reply{Status: 200, Payload: b}
		},
		Notice: func(err error) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.notices = append(h.notices, err)
		},
	}
}

func (h *heard) all() []twin.Desired {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]twin.Desired(nil), h.desired...)
}

func (h *heard) said() []error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]error(nil), h.notices...)
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(plenty); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within %s", what, plenty)
		}
	}
}

// over waits for the end of a session and gives the reason.
func over(t *testing.T, s *twin.Session) error {
	t.Helper()
	select {
	case <-s.Done():
	case <-time.After(plenty):
		t.Fatal("the session does not end")
	}
	return s.Err()
}
