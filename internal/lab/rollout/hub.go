package rollout

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"edgenet/internal/lab/fleet"
)

// Hub is all that a strategy has of a fleet: the service API, with every right, and a
// clock that stands still unless somebody waits.
type Hub struct {
	// URL is where the service API is, for Client.
	URL string
	// Client reaches it. No socket is opened.
	Client *http.Client
	fleet  *fleet.Fleet
}

// newHub wraps a fleet whose clock only Advance moves.
func newHub(f *fleet.Fleet, latency time.Duration) *Hub {
	return &Hub{URL: "https://lab.azure-devices.test",
		Client: &http.Client{Transport: direct{f.Handler(), func() { f.Advance(latency) }}}, fleet: f}
}

// Now is the moment by the fleet's clock.
func (h *Hub) Now() time.Time { return h.fleet.Now() }

// Wait lets time pass for the whole fleet.
func (h *Hub) Wait(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	h.fleet.Advance(d)
	return nil
}

// direct is a transport that calls a handler, after a moment that every call takes.
type direct struct {
	handler http.Handler
	moment  func()
}

// RoundTrip implements http.RoundTripper.
func (d direct) RoundTrip(r *http.Request) (a *http.Response, err error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if r.Body == nil {
		r = r.Clone(r.Context())
		r.Body = http.NoBody
	}
	d.moment()
	w := &recorder{header: http.Header{}}
	defer func() {
		switch x := recover(); x {
		case nil:
		case http.ErrAbortHandler:
			a, err = nil, io.ErrUnexpectedEOF // the connection ended without an answer
		default:
			panic(x)
		}
	}()
	d.handler.ServeHTTP(w, r)
	_ = r.Body.Close() // as a transport has to
	return &http.Response{
		StatusCode: w.status, Status: http.StatusText(w.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: w.header, Body: io.NopCloser(&w.body), ContentLength: int64(w.body.Len()), Request: r,
	}, nil
}

// recorder keeps an answer.
type recorder struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *recorder) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}
