package live_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"edgenet/internal/logs"
	"edgenet/internal/logs/live"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// engine answers as a container engine does, and counts what is asked of it that changes
// something.
func engine(t *testing.T, changes *int) string {
	t.Helper()
	frame := func(s string) string {
		head := make([]byte, 8)
		head[0] = 1
		binary.BigEndian.PutUint32(head[4:], uint32(len(s))) //nolint:gosec // short
		return string(head) + s
	}
	id := strings.Repeat("ab12", 16)
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			*changes++
		}
		switch r.URL.Path {
		case "/_ping":
			_, _ = w.Write([]byte("OK"))
		case "/containers/json":
			_, _ = fmt.Fprintf(w, `[{"Id":%q,"Names":["/edgeHub"],"Image":"x"},{"Id":"../../x","Names":["/edgeAgent"]},{"Id":"cd34","Names":["/other"]}]`, id)
		case "/containers/" + id + "/json":
			_, _ = w.Write([]byte(`{"Name":"/edgeHub","Config":{"Env":["UpstreamProtocol=Amqp"]}}`))
		case "/containers/" + id + "/logs":
			_, _ = w.Write([]byte(frame("<6> 2024-11-05 10:30:42.000 +00:00 [INF] - Created cloud proxy for client " +
				"dev1/$edgeHub via AMQP, with client operation timeout 20 seconds.\n")))
		default:
			http.NotFound(w, r)
		}
	})
	socket := filepath.Join(t.TempDir(), "e.sock")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: mux, ReadHeaderTimeout: time.Second}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close(); <-done })
	return socket
}

// TestHost reads the journal and the containers of a host, and changes nothing.
func TestHost(t *testing.T) {
	t.Parallel()
	changes := 0
	socket := engine(t, &changes)
	program := filepath.Join(t.TempDir(), "journalctl")
	script := "#!/bin/sh\n" + `printf '%s\n' '{"__REALTIME_TIMESTAMP":"1730802642000000","_SYSTEMD_UNIT":"aziot-identityd.service","_PID":"7","MESSAGE":"2024-11-05T10:30:42Z [INFO] - Identity reconciliation complete."}'` + "\n"
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil { //nolint:gosec // a program of the test
		t.Fatal(err)
	}
	getenv := func(name string) string {
		if name == "DOCKER_HOST" {
			return "unix://" + socket
		}
		return ""
	}
	set, err := live.Open(context.Background(), live.Options{Root: t.TempDir(), Getenv: getenv, Journalctl: program})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = set.Close() }()
	r, err := logs.Read(context.Background(), set, logs.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Conclusion.State != logs.StateConnected || len(r.Upstream) != 2 ||
		r.Upstream[0].Configured.Source != "inspect" || changes != 0 {
		t.Errorf("%+v, %+v, %d changes", r.Conclusion, r.Upstream, changes)
	}
}

// TestNothingThere says what was looked for.
func TestNothingThere(t *testing.T) {
	t.Parallel()
	set, err := live.Open(context.Background(),
		live.Options{Root: t.TempDir(), Getenv: func(string) string { return "" }, Journalctl: "no-such-journalctl"})
	_ = set.Close()
	if _, there := os.Stat("/var/run/docker.sock"); there == nil {
		t.Skip("there is an engine here")
	}
	if err == nil || !strings.Contains(err.Error(), "journalctl") {
		t.Errorf("%v", err)
	}
}
