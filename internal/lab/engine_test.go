package lab

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestEngine asks the lab's engine as the IoT Edge daemon does.
func TestEngine(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]int{"24.0.7": 200, "29.0.1": 400} {
		l := start(t, Options{Engine: version})
		path := strings.TrimPrefix(l.Info().EngineURI, "unix://")
		client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn,
			error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		}}}
		r, err := http.NewRequestWithContext(within(t, 5*time.Second), http.MethodGet, "http://x/v1.41/networks", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		client.CloseIdleConnections()
		if response.StatusCode != want {
			t.Errorf("engine %s: %s", version, response.Status)
		}
	}
	if got := start(t, Options{}).Info().EngineURI; got != "" {
		t.Errorf("an engine that nobody asked for: %s", got)
	}
}
