//go:build interop && unix

package interop

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"edgenet/internal/twin"
	"edgenet/internal/verify/blackbox"
	"edgenet/internal/verify/testkit"
)

// rhea is testdata/edgehub.mjs at work.
type rhea struct {
	t     *testing.T
	stdin io.Writer

	mu   sync.Mutex
	said []line
}

// line is one thing that it saw.
type line struct {
	What  string
	Value json.RawMessage
}

func startRhea(t *testing.T, s *server, kind string) *rhea {
	t.Helper()
	blackbox.Need(t, "node", "npm")
	if err := bench.npm(); err != nil {
		blackbox.Miss(t, err.Error())
	}
	cmd := exec.Command("node", filepath.Join(bench.dir, "edgehub.mjs"), s.port(), s.cert, s.key,
		kind) //nolint:gosec // the test's own words
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := &rhea{t: t, stdin: stdin}
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			var l line
			if json.Unmarshal(lines.Bytes(), &l) != nil {
				l = line{What: "words", Value: lines.Bytes()}
			}
			r.mu.Lock()
			r.said = append(r.said, l)
			r.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-read
		_ = cmd.Wait()
		if t.Failed() {
			for _, l := range r.said {
				t.Logf("%s %s", l.What, l.Value)
			}
		}
	})
	r.await("ready", "")
	return r
}

// await waits for the n-th line of a kind that holds some text.
func (r *rhea) await(what, text string) string {
	r.t.Helper()
	found := ""
	eventually(r.t, what+" "+text, func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, l := range r.said {
			if l.What == what && strings.Contains(string(l.Value), text) {
				found = string(l.Value)
				return true
			}
		}
		return false
	})
	return found
}

func (r *rhea) count(what string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, l := range r.said {
		if l.What == what {
			n++
		}
	}
	return n
}

func (r *rhea) tell(command string) {
	r.t.Helper()
	if _, err := io.WriteString(r.stdin, command+"\n"); err != nil {
		r.t.Fatal(err)
	}
}

// A module's life with an AMQP stack of other people, as that stack saw it.
func TestRhea(t *testing.T) {
	for kind, transport := range map[string]twin.Transport{"tls": twin.AMQP, "wss": twin.AMQPWS} {
		t.Run(kind, func(t *testing.T) {
			s := newServer(t)
			r := startRhea(t, s, kind)
			desired := make(chan twin.Desired, 8)
			session := s.module(t, transport, 0, twin.Handler{
				Desired: func(d twin.Desired) { desired <- d },
				Method: func(_ context.Context, m twin.Method) twin.Reply {
					return twin.Reply{Status: 207,
						Payload: m.Payload}
				},
			})
			r.await("open", gateway)
			r.await("token", `"name":"hub.azure-devices.net/devices/d/modules/m","operation":"put-token"`)
			r.await("attach", `"sender","address":"/devices/d/modules/m/twin","snd":1`)
			r.await("attach", `"receiver","address":"/devices/d/modules/m/methods/devicebound","snd":1`)
			r.await("twin", `"operation":"PUT","resource":"/notifications/twin/properties/desired"`)
			life(t, session, r, desired)
			r.tell("detach")
			eventually(t, "the methods link is attached again", func() bool { return r.count("attach") >= 9 })
			r.tell("method")
			eventually(t, "a call is answered again", func() bool { return r.count("answer") == 2 })
			r.tell("close")
			select {
			case <-session.Done():
			case <-time.After(plenty):
				t.Fatal("the session does not end")
			}
			if err := session.Err(); !errors.Is(err, twin.ErrLost) ||
				!strings.Contains(err.Error(), "amqp:connection:forced another connection") {
				t.Errorf("ended with %v", err)
			}
		})
	}
}

func life(t *testing.T, session *twin.Session, r *rhea, desired <-chan twin.Desired) {
	t.Helper()
	ctx := testkit.Within(t, plenty)
	if tw, err := session.Twin(ctx); err != nil || tw.DesiredVersion != 1 || string(tw.Desired) != `{}` {
		t.Fatalf("twin %+v, %v", tw, err)
	}
	if err := session.Report(ctx, []byte(`{"edgenet":{"status":"ok"}}`)); err != nil {
		t.Fatal(err)
	}
	r.await("twin", `"operation":"PATCH","resource":"/properties/reported","body":"{\"edgenet\":{\"status\":\"ok\"}}"`)
	r.tell("desired")
	if d := <-desired; d.Version != 2 || string(d.Document) != `{"n":2}` {
		t.Errorf("told %+v", d)
	}
	r.tell("method")
	// A UUID comes back as one, not as its text.
	r.await("answer", `{"id":"000102030405060708090a0b0c0d0e0f","binary":true,"status":207,"body":"{\"wait\":true}"}`)
	if err := session.Send(ctx, twin.Message{Output: "edgenet", ID: "7", Body: []byte(`{"to":"ok"}`)}); err != nil {
		t.Fatal(err)
	}
	r.await("telemetry", `{"output":"edgenet","id":"7","type":"application/json","body":"{\"to\":\"ok\"}"}`)
}

// A token is renewed on the same connection and the same links.
func TestRheaRenewal(t *testing.T) {
	s := newServer(t)
	r := startRhea(t, s, "tls")
	session := s.module(t, twin.AMQP, 2*time.Second, twin.Handler{})
	eventually(t, "tokens are renewed", func() bool { return r.count("token") >= 3 })
	if r.count("open") != 1 || r.count("attach") != 7 || session.Err() != nil {
		t.Errorf("%d connections, %d links, %v", r.count("open"), r.count("attach"), session.Err())
	}
}
