package engine

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	lab "edgenet/internal/lab/engine"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is an engine on a real Unix socket, as far as a test needs one: it answers what
// the test says, and notes what it was asked.
type server struct {
	settings Settings
	mu       sync.Mutex
	asked    []string
}

// socketPath is short enough for sockaddr_un wherever the tests run.
func socketPath(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "eng")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}

func serve(t *testing.T, routes map[string]http.HandlerFunc) *server {
	t.Helper()
	s := &server{}
	mux := http.NewServeMux()
	if routes["GET /_ping"] == nil {
		mux.HandleFunc("GET /_ping", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "OK") })
	}
	for pattern, h := range routes {
		mux.HandleFunc(pattern, h)
	}
	path := socketPath(t)
	stop, err := (&lab.Server{Answer: func(r *http.Request, _ string) any {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked = append(s.asked, r.Method+" "+r.URL.Path)
		return mux
	}}).Serve(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stop() })
	s.settings = Settings{URIs: []string{"unix://" + path}, URISource: "test"}
	return s
}

func (s *server) was(call string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.asked, call)
}

func (s *server) open(t *testing.T) *Client {
	t.Helper()
	c, err := Open(t.Context(), s.settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func fail(status int, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]string{"message": message})
	}
}

// frame is one piece of a container's output.
func frame(stream byte, text string) string {
	var head [8]byte
	head[0] = stream
	binary.BigEndian.PutUint32(head[4:], uint32(len(text))) //nolint:gosec // short
	return string(head[:]) + text
}

// attached takes a request's connection over and gives it to f, which returns when the
// container has ended.
func attached(f func(c net.Conn, in io.Reader)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		c, rw, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = c.Close() }()
		_, _ = io.WriteString(c, "HTTP/1.1 101 UPGRADED\r\nContent-Type: "+
			"application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
		f(c, rw)
	}
}

// whole is an engine that runs what run says.
func whole(t *testing.T, run func(c net.Conn, in io.Reader), extra map[string]http.HandlerFunc) *server {
	t.Helper()
	routes := map[string]http.HandlerFunc{
		"POST /containers/create": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, `{"Id":"abc","Warnings":[]}`)
		},
		"POST /containers/{id}/attach": attached(run),
		"POST /containers/{id}/start": func(w http.ResponseWriter,
			_ *http.Request) {
			w.WriteHeader(http.StatusNoContent)
		},
		"POST /containers/{id}/wait": func(w http.ResponseWriter, _ *http.Request) {
			_,
				_ = io.WriteString(w, `{"StatusCode":3}`)
		},
		"DELETE /containers/{id}": func(w http.ResponseWriter,
			_ *http.Request) {
			w.WriteHeader(http.StatusNoContent)
		},
	}
	for pattern, h := range extra {
		routes[pattern] = h
	}
	return serve(t, routes)
}

func TestOpenSaysWhatToDo(t *testing.T) {
	t.Parallel()
	dead := socketPath(t)
	l, err := net.Listen("unix", dead)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	_ = l.Close()
	web := serve(t, map[string]http.HandlerFunc{"GET /_ping": fail(500, "broken\x1b[31m inside")})
	for name, c := range map[string]struct{ uri, want string }{
		"no socket":   {"unix:///nowhere/docker.sock", "there is no /nowhere/docker.sock; start it"},
		"a network":   {"tcp://192.0.2.1:2375", "expected a Unix socket"},
		"relative":    {"unix://docker.sock", "expected a Unix socket"},
		"nobody":      {"unix://" + dead, "nobody listens"},
		"an error":    {web.settings.URIs[0], "broken"},
		"a directory": {"unix://" + t.TempDir(), "nobody listens"},
	} {
		client, err := Open(t.Context(), Settings{URIs: []string{c.uri}, URISource: "DOCKER_HOST"})
		if err == nil {
			client.Close()
			t.Errorf("%s: opened", name)
			continue
		}
		if !strings.Contains(err.Error(), c.want) || strings.ContainsRune(err.Error(), 0x1b) {
			t.Errorf("%s: %v, want …%s…", name, err, c.want)
		}
	}
}

func TestOpenWithoutPermission(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("root may everything")
	}
	s := serve(t, nil)
	if err := os.Chmod(strings.TrimPrefix(s.settings.URIs[0], "unix://"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), s.settings); err == nil || !strings.Contains(err.Error(), "sudo") {
		t.Errorf("%v", err)
	}
}

// TestOpenSilence: an engine that hangs costs the caller's patience, and no more.
func TestOpenSilence(t *testing.T) {
	t.Parallel()
	s := serve(t, map[string]http.HandlerFunc{"GET /_ping": func(_ http.ResponseWriter,
		r *http.Request) {
		<-r.Context().Done()
	}})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := Open(ctx, s.settings); err == nil || !strings.Contains(err.Error(), "does not answer") {
		t.Errorf("%v", err)
	}
}

func TestNetwork(t *testing.T) {
	t.Parallel()
	c := serve(t, map[string]http.HandlerFunc{
		"GET /networks/azure-iot-edge": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"Name":"azure-iot-edge","Internal":true,"IPAM":{"Config":[{"Subnet":"172.18.0.0/16"},{"Subnet":"nonsense"}]}}`)
		},
		"GET /networks/odd":  func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `[1]`) },
		"GET /networks/none": fail(404, "network none not found"),
	}).open(t)
	n, err := c.Network(t.Context(), "azure-iot-edge")
	if err != nil || !n.Internal || len(n.Subnets) != 1 || n.Subnets[0].String() != "172.18.0.0/16" {
		t.Errorf("%+v, %v", n, err)
	}
	if _, err := c.Network(t.Context(), "none"); !IsNotFound(err) {
		t.Errorf("%v", err)
	}
	if _, err := c.Network(t.Context(), "odd"); err == nil || IsNotFound(err) {
		t.Errorf("%v", err)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("x", 1<<20)
	write := func(w io.Writer) error { _, err := io.WriteString(w, body); return err }
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"good": {func(w http.ResponseWriter, r *http.Request) {
			if b, err := io.ReadAll(r.Body); err != nil || string(b) != body {
				w.WriteHeader(400)
			}
			_, _ = io.WriteString(w, `{"stream":"Loaded image: x"}`+"\r\n")
		}, ""},
		"good, in words": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "Loaded image: x") },
			""},
		"refused": {fail(500, "no space left on device"), "no space left on device"},
		"refused within progress": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"stream":"a"}{"error":"bad tar"}`)
		}, "bad tar"},
		"broken off": {func(w http.ResponseWriter, _ *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			_ = c.Close()
		}, "loading the image"},
	} {
		err := serve(t, map[string]http.HandlerFunc{"POST /images/load": c.answer}).open(t).Load(t.Context(), write)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	failing := errors.New("the disk is gone")
	err := serve(t, map[string]http.HandlerFunc{"POST /images/load": func(_ http.ResponseWriter, r *http.Request) {
		_,
			_ = io.Copy(io.Discard, r.Body)
	}}).open(t).
		Load(t.Context(), func(io.Writer) error { return failing })
	if !errors.Is(err, failing) {
		t.Errorf("a writer that fails: %v", err)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	var create map[string]any
	s := whole(t, func(c net.Conn, in io.Reader) {
		b, _ := io.ReadAll(in) // to the end: stdin was closed
		_, _ = io.WriteString(c, frame(1, "out ")+frame(2, "err")+frame(1, string(b)))
	}, map[string]http.HandlerFunc{"POST /containers/create": func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewDecoder(r.Body).Decode(&create)
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"Id":"abc"}`)
	}})
	r, err := s.open(t).Start(t.Context(), Spec{Name: "n", Image: "i", Network: "azure-iot-edge",
		Args: []string{"check"}, Stdin: []byte("secret")})
	if err != nil {
		t.Fatal(err)
	}
	out, err := r.Wait(t.Context())
	if err != nil || string(out.Stdout) != "out secret" || string(out.Stderr) != "err" || out.ExitCode != 3 {
		t.Errorf("%q %q %d, %v", out.Stdout, out.Stderr, out.ExitCode, err)
	}
	if err := r.Remove(t.Context()); err != nil || !s.was("DELETE /containers/n") {
		t.Errorf("not removed: %v", err)
	}
	text, _ := json.Marshal(create)
	for _, want := range []string{`"ReadonlyRootfs":true`, `"CapDrop":["ALL"]`, `"NetworkMode":"azure-iot-edge"`,
		`"LogConfig":{"Type":"none"}`, `no-new-privileges`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("created with %s, without %s", text, want)
		}
	}
	if strings.Contains(string(text), "secret") {
		t.Errorf("the engine was told the secret: %s", text)
	}
}

// TestStartLeavesNothing: whatever step fails, the container goes.
func TestStartLeavesNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pattern string
		h       http.HandlerFunc
		want    string
	}{
		"create": {"POST /containers/create", fail(500, "no such image"), "creating the container: no such image"},
		"attach": {"POST /containers/{id}/attach", fail(409, "cannot attach"),
			"attaching to the container: cannot attach"},
		"garbage": {"POST /containers/{id}/attach", func(w http.ResponseWriter, _ *http.Request) {
			c, _, _ := w.(http.Hijacker).Hijack()
			_, _ = io.WriteString(c, "SSH-2.0-what\r\n")
			_ = c.Close()
		}, "attaching to the container"},
		"start": {"POST /containers/{id}/start", fail(500, "OCI runtime error"),
			"starting the container: OCI runtime error"},
	} {
		s := whole(t, func(net.Conn, io.Reader) {}, map[string]http.HandlerFunc{c.pattern: c.h})
		_, err := s.open(t).Start(t.Context(), Spec{Name: "n", Image: "i"})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want …%s…", name, err, c.want)
		}
		if !s.was("DELETE /containers/n") {
			t.Errorf("%s: the container was left", name)
		}
	}
}

// TestWaitIsBounded: neither a silent, nor an endless, nor a garbled container gets away.
func TestWaitIsBounded(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	for name, c := range map[string]struct {
		run  func(net.Conn, io.Reader)
		want string
	}{
		"silent": {func(net.Conn, io.Reader) { <-over }, "did not end within"},
		"endless": {func(c net.Conn, _ io.Reader) {
			for {
				if _, err := io.WriteString(c, frame(1, strings.Repeat("x", 1<<16))); err != nil {
					return
				}
			}
		}, "more than"},
		"no frames": {func(c net.Conn, _ io.Reader) { _, _ = io.WriteString(c, "plain text of a terminal") },
			"none of an attached container"},
		"huge length": {func(c net.Conn, _ io.Reader) { _, _ = io.WriteString(c, "\x01\x00\x00\x00\xff\xff\xff\xff") },
			"more than"},
		"broken off":  {func(c net.Conn, _ io.Reader) { _, _ = io.WriteString(c, frame(1, "abc")[:9]) }, "broke off"},
		"in the head": {func(c net.Conn, _ io.Reader) { _, _ = io.WriteString(c, "\x01\x00") }, "broke off"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			limit := time.Minute
			if name == "silent" {
				limit = 300 * time.Millisecond
			}
			r, err := whole(t, c.run, nil).open(t).Start(t.Context(), Spec{Name: "n", Image: "i", Limit: limit})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.Wait(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want …%s…", err, c.want)
			}
			if err := r.Remove(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestErrorsBeyondTheirRoomAreLetGo: a chatty container's report is taken all the same.
func TestErrorsBeyondTheirRoomAreLetGo(t *testing.T) {
	t.Parallel()
	out, err := demultiplex(strings.NewReader(frame(2, strings.Repeat("e", maxStderr)) + frame(2, "more") +
		frame(1, "report")))
	if err != nil || string(out.Stdout) != "report" || len(out.Stderr) != maxStderr {
		t.Errorf("%q, %d bytes of errors, %v", out.Stdout, len(out.Stderr), err)
	}
}

// TestInterrupt: Ctrl-C reaches the container, and its last words are taken.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	signal := make(chan string, 1)
	s := whole(t, func(c net.Conn, _ io.Reader) {
		_, _ = io.WriteString(c, frame(1, "partial after "+<-signal))
	}, map[string]http.HandlerFunc{"POST /containers/{id}/kill": func(w http.ResponseWriter, r *http.Request) {
		signal <- r.URL.Query().Get("signal")
		w.WriteHeader(http.StatusNoContent)
	}})
	r, err := s.open(t).Start(t.Context(), Spec{Name: "n", Image: "i"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out, err := r.Wait(ctx)
	if err != nil || string(out.Stdout) != "partial after SIGINT" {
		t.Errorf("%q, %v", out.Stdout, err)
	}
	if err := r.Remove(ctx); err != nil || !s.was("DELETE /containers/n") {
		t.Errorf("not removed after the interrupt: %v", err)
	}
}

// TestSweep: what a killed run left goes; what is in use, or not ours, stays.
func TestSweep(t *testing.T) {
	t.Parallel()
	now := time.Unix(2_000_000_000, 0)
	oldBox, oldImage := Names(now.Add(-time.Hour), time.Minute, "a")
	newBox, newImage := Names(now, time.Minute, "b")
	s := serve(t, map[string]http.HandlerFunc{
		"GET /containers/json": func(w http.ResponseWriter, r *http.Request) {
			if !strings.Contains(r.URL.Query().Get("filters"), label) {
				w.WriteHeader(400)
			}
			_ = json.NewEncoder(w).Encode([]map[string]any{{"Names": []string{"/" + oldBox}},
				{"Names": []string{"/" + newBox}}, {"Names": []string{"/edgeHub", "/edgenet-check-",
					"/edgenet-check-1"}}})
		},
		"GET /images/json": func(w http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(w).Encode([]map[string]any{{"RepoTags": []string{oldImage, newImage}},
				{"RepoTags": nil}, {"RepoTags": []string{"contoso.azurecr.io/edgenet:1-1"}}})
		},
		"DELETE /": func(http.ResponseWriter, *http.Request) {},
	})
	if err := s.open(t).Sweep(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var gone []string
	for _, call := range s.asked {
		if strings.HasPrefix(call, "DELETE ") {
			gone = append(gone, call)
		}
	}
	if want := []string{"DELETE /containers/" + oldBox, "DELETE /images/" + oldImage}; !slices.Equal(gone, want) {
		t.Errorf("removed %v, want %v", gone, want)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		toml, yaml, host string
		want             Settings
		unread           int
	}{
		"nothing": {"", "", "", Settings{sockets, "", DefaultNetwork, "default"}, 0},
		"DOCKER_HOST": {"", "", "unix:///x.sock", Settings{[]string{"unix:///x.sock"}, "DOCKER_HOST", DefaultNetwork,
			"default"}, 0},
		"config.toml": {"[moby_runtime]\nuri = \"unix:///m.sock\"\nnetwork = \"lan\"\n", "", "unix:///x.sock",
			Settings{[]string{"unix:///m.sock"}, "config.toml", "lan", "config.toml"}, 0},
		"a network's table": {"[moby_runtime.network]\nname = \"lan\"\nipv6 = true\n", "", "",
			Settings{sockets, "", "lan", "config.toml"}, 0},
		"config.yaml": {"", "moby_runtime:\n  uri: \"unix:///y.sock\"\n  network:\n    name: lan\n", "",
			Settings{[]string{"unix:///y.sock"}, "config.yaml", "lan", "config.yaml"}, 0},
		"not TOML": {"password = \"hunter2\nx", "", "", Settings{sockets, "", DefaultNetwork, "default"}, 1},
	} {
		root := t.TempDir()
		for path, text := range map[string]string{"etc/aziot/config.toml": c.toml, "etc/iotedge/config.yaml": c.yaml} {
			if text == "" {
				continue
			}
			full := filepath.Join(root, path)
			if err := errors.Join(os.MkdirAll(filepath.Dir(full), 0o750),
				os.WriteFile(full, []byte(text), 0o600)); err != nil {
				t.Fatal(err)
			}
		}
		got, unread := Find(root, func(string) string { return c.host })
		if fmt.Sprint(got) != fmt.Sprint(c.want) || len(unread) != c.unread {
			t.Errorf("%s: %+v (%v), want %+v", name, got, unread, c.want)
		}
		if strings.Contains(fmt.Sprint(unread), "hunter2") {
			t.Errorf("%s: a secret in %v", name, unread)
		}
	}
}

func FuzzDemultiplex(f *testing.F) {
	f.Add([]byte(frame(1, "a") + frame(2, "b")))
	f.Add([]byte("\x01\x00\x00\x00\xff\xff\xff\xff"))
	f.Add([]byte("HTTP/1.1 200 OK\r\n\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		out, _ := demultiplex(strings.NewReader(string(b)))
		if len(out.Stdout)+len(out.Stderr) > len(b) {
			t.Errorf("%d bytes out of %d", len(out.Stdout)+len(out.Stderr), len(b))
		}
	})
}

func FuzzFind(f *testing.F) {
	f.Add([]byte("[moby_runtime]\nuri=\"unix:///x\"\nnetwork={name=\"n\"}\n"))
	f.Add([]byte("moby_runtime:\n  network: {name: n}\n"))
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = fromTOML(b)
		_, _ = fromYAML(b)
		_ = loaded(b)
	})
}
