package twin_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"edgenet/internal/lab"
	"edgenet/internal/twin"
)

func workload(t *testing.T, uri, version string) *twin.Workload {
	t.Helper()
	w, err := twin.NewWorkload(uri, version)
	if err != nil {
		t.Fatal(err)
	}
	w.SetBackoff(func(int) time.Duration { return time.Millisecond })
	return w
}

// The lab's workload API over its socket, well and with each of its refusals.
func TestWorkload(t *testing.T) {
	t.Parallel()
	l := startLab(t)
	id := config(t, l).Identity
	w := workload(t, l.Info().WorkloadURI, "2022-08-03")
	ctx := within(t)
	if digest, err := w.Sign(ctx, id, "text"); err != nil || len(digest) != 32 {
		t.Errorf("sign: %d bytes, %v", len(digest), err)
	}
	if pool, err := w.Roots(ctx); err != nil || pool == nil {
		t.Errorf("roots: %v", err)
	}
	for fault, want := range map[string]struct {
		err    error
		status int
		roots  bool // the trust bundle suffers, else signing
	}{
		"deny": {twin.ErrNotOurs, 403, false}, "no-trust-bundle": {twin.ErrNotFound, 404, true},
		"workload-error:503": {nil, 503, false}, "workload-error:400": {nil, 400, true},
	} {
		f, err := lab.ParseFault(lab.PlaceWorkload + "=" + fault)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.SetFault(f); err != nil {
			t.Fatal(err)
		}
		if want.roots {
			_, err = w.Roots(ctx)
		} else {
			_, err = w.Sign(ctx, id, "text")
		}
		var refused *twin.WorkloadError
		if !errors.As(err, &refused) || refused.Status != want.status || want.err != nil && !errors.Is(err, want.err) ||
			refused.Message == "" {
			t.Errorf("%s: %v", fault, err)
		}
		if err := l.ClearFault(lab.PlaceWorkload); err != nil {
			t.Fatal(err)
		}
	}
	stranger := id
	stranger.Module = "stranger"
	if _, err := w.Sign(ctx, stranger, "text"); !errors.Is(err, twin.ErrNotFound) {
		t.Errorf("a module that is not there: %v", err)
	}
	c := config(t, l)
	if err := l.SetFault(lab.Fault{Place: lab.PlaceWorkload, Name: "deny"}); err != nil {
		t.Fatal(err)
	}
	if _, err := twin.Open(ctx, c, ""); !errors.Is(err, twin.ErrNotOurs) {
		t.Errorf("Open: %v", err)
	}
}

// serve is a workload API of one answer, over TCP.
func serve(t *testing.T, f http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return s.URL
}

// Answers that come right after failures are taken; refusals are not asked again.
func TestWorkloadRetries(t *testing.T) {
	t.Parallel()
	digest := base64.StdEncoding.EncodeToString(make([]byte, 32))
	for name, tt := range map[string]struct {
		failures int32
		status   int
		asked    int32
		ok       bool
	}{
		"two failures": {2, 500, 3, true}, "three failures": {3, 503, 4, true}, "four failures": {4, 500, 4, false},
		"refused": {1, 403, 1, false}, "cut off": {1, 0, 2, true},
	} {
		var asked atomic.Int32
		uri := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if asked.Add(1) > tt.failures {
				_, _ = fmt.Fprintf(w, `{"digest":%q}`, digest)
				return
			}
			if tt.status == 0 {
				panic(http.ErrAbortHandler)
			}
			w.WriteHeader(tt.status)
		})
		_, err := workload(t, uri, "").Sign(within(t), twin.Identity{Module: "m", Generation: "1"}, "text")
		if (err == nil) != tt.ok || asked.Load() != tt.asked {
			t.Errorf("%s: asked %d times, %v", name, asked.Load(), err)
		}
	}
}

// An unknown version of the API falls back to the one that all daemons speak.
func TestWorkloadVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{"": "2018-06-28", "2030-01-01": "2018-06-28",
		"2020-07-07": "2020-07-07", "2022-08-03": "2022-08-03"} {
		var got atomic.Value
		uri := serve(t, func(w http.ResponseWriter, r *http.Request) { got.Store(r.URL.RawQuery); w.WriteHeader(404) })
		if _, err := workload(t, uri, version).Roots(within(t)); !errors.Is(err, twin.ErrNotFound) {
			t.Errorf("%s: %v", version, err)
		}
		if got.Load() != "api-version="+want {
			t.Errorf("%q asks with %v", version, got.Load())
		}
	}
}

// Answers that are long, endless, or not what they should be.
func TestWorkloadHostile(t *testing.T) {
	t.Parallel()
	id := twin.Identity{Module: "m", Generation: "1"}
	for name, f := range map[string]http.HandlerFunc{
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		},
		"empty":   func(http.ResponseWriter, *http.Request) {},
		"no JSON": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"no digest": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"digest":"AAAA","certificate":"x"}`))
		},
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		},
		"long headers": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X",
				strings.Repeat("x", 1<<20))
		},
		"terminal": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(403)
			_, _ = w.Write([]byte("{\"message\":\"\\u001b[31mred\"}"))
		},
	} {
		w := workload(t, serve(t, f), "")
		_, err := w.Sign(within(t), id, "text")
		_, err2 := w.Roots(within(t))
		for _, err := range []error{err, err2} {
			var bad *twin.WorkloadError
			if !errors.As(err, &bad) || strings.Contains(err.Error(), "\x1b") || len(err.Error()) > 700 {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// No socket, and one that nobody answers on, end with the caller's time.
func TestWorkloadSilent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, err := workload(t, "unix://"+filepath.Join(dir, "none.sock"), "").Roots(ctx)
	var bad *twin.WorkloadError
	if !errors.As(err, &bad) || !strings.Contains(err.Error(), "is the socket mounted") {
		t.Errorf("no socket: %v", err)
	}
	path := filepath.Join(dir, "silent.sock")
	silent, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	if _, err := workload(t, "unix://"+path, "").Roots(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("silent: %v", err)
	}
}
