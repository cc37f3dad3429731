//go:build linux

package engine

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAnswer: what is told instead is told over the socket, and all else is the engine's.
func TestAnswer(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "eng") // short enough for a socket's name
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	s := &Server{Answer: func(_ *http.Request, path string) any {
		return map[string]any{
			"/containers/edgeHub/logs": "plain",
			"/info":                    map[string]string{"Driver": "vfs"},
			"/events":                  http.NotFoundHandler(),
		}[path]
	}}
	stop, err := s.Serve(socket)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}
	for path, want := range map[string]string{"/v1.41/containers/edgeHub/logs": "plain", "/info": `{"Driver":"vfs"}`,
		"/events": "404", "/version": `"ApiVersion":"1.44"`} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://engine"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := transport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		if _ = response.Body.Close(); err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %q %v, want %q", path, text, err, want)
		}
	}
	transport.CloseIdleConnections()
	if err := stop(); err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("unix", socket); err == nil { //nolint:noctx // it answers at once
		t.Error("the socket is still served")
	}
}
