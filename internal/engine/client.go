package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"edgenet/report"
)

// Limits of what an engine may answer, and how long it may take.
const (
	maxAnswer   = 1 << 20
	callTimeout = 30 * time.Second
	pingTimeout = 5 * time.Second
	loadTimeout = 3 * time.Minute // a slow SD card writes some 15 MB
)

// Client is one engine.
type Client struct {
	Socket string // the path
	http   *http.Client
}

// Open finds the first engine that answers. Its error says what to do.
func Open(ctx context.Context, s Settings) (*Client, error) {
	var missing []string
	for _, uri := range s.URIs {
		path, ok := strings.CutPrefix(uri, "unix://")
		if !ok || !strings.HasPrefix(path, "/") {
			return nil, fmt.Errorf("the engine's address %q (%s): expected a Unix socket, such as "+
				"unix:///var/run/docker.sock", report.Clean(uri, 100), s.URISource)
		}
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			missing = append(missing, path)
			continue
		}
		c := newClient(path)
		if err := c.ping(ctx); err != nil {
			c.Close()
			return nil, err
		}
		return c, nil
	}
	return nil, fmt.Errorf("no container engine: there is no %s; start it (systemctl start docker), or name its "+
		"socket with DOCKER_HOST=unix:///PATH", strings.Join(missing, ", "))
}

func newClient(path string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}
	return &Client{path, &http.Client{Transport: &http.Transport{DialContext: dial, MaxResponseHeaderBytes: 64 << 10}}}
}

// Close lets go of the connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

func (c *Client) ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	err := c.call(ctx, http.MethodGet, "/_ping", nil, nil)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%s: permission denied: run as root (sudo), or as a member of the group that owns the socket",
			c.Socket)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("%s: nobody listens on the socket: start the container engine (systemctl start docker)",
			c.Socket)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s: the container engine does not answer within %s", c.Socket, pingTimeout)
	}
	return fmt.Errorf("%s is no container engine that answers: %w", c.Socket, err)
}

// APIError is an engine's refusal.
type APIError struct {
	Status  int
	Message string
}

func (e *APIError) Error() string {
	if e.Message == "" {
		return fmt.Sprintf("the engine answers status %d", e.Status)
	}
	return fmt.Sprintf("%s (status %d)", e.Message, e.Status)
}

// call makes one request with JSON in and out, nil for none.
func (c *Client) call(ctx context.Context, method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	answer, err := c.send(ctx, method, path, "application/json", body)
	if err != nil || out == nil {
		return err
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("%s %s: the engine's answer is not what was expected: %w", method, path, err)
	}
	return nil
}

// send makes one request and gives the answer's body, bounded; a refusal is an
// *APIError.
func (c *Client) send(ctx context.Context, method, path, mediaType string, body io.Reader) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://engine"+path, body)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", mediaType)
	}
	res, err := c.http.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // the URL is made up
		}
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	switch {
	case res.StatusCode >= 300: // 304: started, stopped or removed already
		return nil, refusal(res.StatusCode, answer)
	case err != nil:
		return nil, err
	}
	return answer, nil
}

func refusal(status int, body []byte) error {
	var m struct{ Message string }
	if json.Unmarshal(body, &m) != nil {
		m.Message = string(body)
	}
	return &APIError{status, report.Clean(strings.TrimSpace(m.Message), 300)}
}

// IsNotFound tells that the engine does not know what was named.
func IsNotFound(err error) bool {
	var a *APIError
	return errors.As(err, &a) && a.Status == http.StatusNotFound
}
