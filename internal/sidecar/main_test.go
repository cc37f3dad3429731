package sidecar

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"edgenet/internal/hop"
	"edgenet/internal/lab"
	"edgenet/internal/lab/hub"
	"edgenet/internal/sidecar/fence"
	"edgenet/internal/twin"
	"edgenet/internal/verify/testkit"
)

func TestMain(m *testing.M) {
	_ = flag.Set("test.parallel", "6") // whatever the processors: most of these tests wait
	goleak.VerifyTestMain(m)
}

// plenty is more time than anything here should need, also on a busy machine.
const plenty = 2 * time.Minute

var module = hub.Identity{Device: lab.DeviceID, Module: lab.ModuleID}

// site is a lab and a module in it.
type site struct {
	*lab.Lab
	t    testing.TB
	o    Options
	log  *testkit.Buffer
	stop func() error
}

// prepare starts a lab with faults, and reads the options that its module environment
// stands for.
func prepare(t testing.TB, faults ...string) *site {
	t.Helper()
	var all []lab.Fault
	for _, spec := range faults {
		f, err := lab.ParseFault(spec)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
	l, err := lab.Start(context.Background(), lab.Options{Faults: all})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &site{Lab: l, t: t, log: &testkit.Buffer{}}
	env := l.Info().ModuleEnv
	s.o = Options{Version: "test", StateDir: t.TempDir(), EdgeHubMetrics: "-", Timeout: 20 * time.Second,
		ConnectTo: map[string]netip.AddrPort{}}
	if s.o.Module, err = twin.FromEnvironment(func(name string) string { return env[name] }); err != nil {
		t.Fatal(err)
	}
	if s.o.Allow, err = fence.Parse(env["EDGENET_ALLOW"]); err != nil {
		t.Fatal(err)
	}
	for _, c := range l.Info().ConnectTo {
		f := strings.SplitN(c, ":", 3)
		n, err := net.LookupPort("tcp", f[1])
		if err != nil {
			t.Fatal(err)
		}
		s.o.ConnectTo[hop.HostPort(f[0], n)] = netip.MustParseAddrPort(f[2])
	}
	s.o.Log = slog.New(NewLogHandler(s.log, slog.LevelDebug))
	return s
}

// start runs the module until the test ends, or until stop.
func (s *site) start() *site {
	s.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- Run(ctx, s.o) }()
	s.stop = sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	s.t.Cleanup(func() {
		if err := s.stop(); err != nil {
			s.t.Error(err)
		}
		if s.t.Failed() {
			s.t.Log(s.log.String())
		}
	})
	return s
}

// eventually waits for a condition.
func (s *site) eventually(what string, ok func() bool) {
	s.t.Helper()
	for end := time.Now().Add(plenty); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			s.t.Fatalf("%s never came; the twin: %v\n%s", what, s.reported(), s.log)
		}
	}
}

// reported is the section at the lab's hub.
func (s *site) reported() map[string]any {
	s.t.Helper()
	b, err := s.Hub().Reported(module)
	if err != nil {
		s.t.Fatal(err)
	}
	var all struct {
		Edgenet map[string]any `json:"edgenet"`
	}
	if err := json.Unmarshal(b, &all); err != nil {
		s.t.Fatal(err)
	}
	return all.Edgenet
}

// has waits until the twin has that value.
func (s *site) has(key string, value any) {
	s.t.Helper()
	s.eventually(key, func() bool { return s.reported()[key] == value })
}

// desire patches the desired properties by the hub.
func (s *site) desire(patch string) {
	s.t.Helper()
	if _, err := s.Hub().SetDesired(module, []byte(patch)); err != nil {
		s.t.Fatal(err)
	}
}

// invoke calls a method by the hub.
func (s *site) invoke(name, payload string) (int, map[string]any) {
	s.t.Helper()
	a, err := s.Hub().Invoke(context.Background(), module, name, []byte(payload), plenty, plenty)
	if err != nil {
		s.t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(a.Payload, &out); err != nil {
		s.t.Fatalf("%s: %q: %v", name, a.Payload, err)
	}
	return a.Status, out
}

// transitions are the events that came to the hub as telemetry.
func (s *site) transitions() []map[string]any {
	s.t.Helper()
	var out []map[string]any
	for _, m := range s.Hub().Telemetry() {
		var e map[string]any
		if err := json.Unmarshal(m.Body, &e); err != nil || m.Output != "edgenet" || e["schema"] != "edgenet.event/1" {
			s.t.Fatalf("%+v: %v", m, err)
		}
		out = append(out, e)
	}
	return out
}

// complaints are the twin's configErrors in one text.
func (s *site) complaints() string {
	b, err := json.Marshal(s.reported()["configErrors"])
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}

// trap is a port that nobody should come to; it keeps what is said.
type trap struct {
	net.Listener
	mu   sync.Mutex
	said []string
	wg   sync.WaitGroup
}

func newTrap(t testing.TB) *trap {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	x := &trap{Listener: l}
	x.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			x.wg.Go(func() {
				_ = c.SetDeadline(time.Now().Add(3 * time.Second))
				buf := make([]byte, 4096)
				n, _ := io.ReadAtLeast(c, buf, 40)
				x.mu.Lock()
				x.said = append(x.said, string(buf[:n]))
				x.mu.Unlock()
				_ = c.Close()
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		x.wg.Wait()
	})
	return x
}

func (x *trap) port() string {
	_, port, _ := net.SplitHostPort(x.Addr().String())
	return port
}

func (x *trap) heard() []string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return append([]string(nil), x.said...)
}
