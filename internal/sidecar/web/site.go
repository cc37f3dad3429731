package web

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"edgenet/internal/sidecar/machine"
	"edgenet/report"
)

// Bounds of the server.
const (
	maxHeader     = 8 << 10 // bytes
	headerTimeout = 5 * time.Second
	readTimeout   = 10 * time.Second
	writeTimeout  = 30 * time.Second
	idleTimeout   = 60 * time.Second
	stuckAfter    = 30 * time.Second // that long on one event, and the loop does not live
	goodbye       = 2 * time.Second
)

// Labels are the fixed labels of IoT Edge metrics.
type Labels struct{ Hub, Device, Module string }

// View is what there is to show. State and Report are not changed by anybody.
type View struct {
	State       *machine.State
	Report      *report.Report // nil before the first check
	BusySince   time.Time      // zero where the loop waits for something to happen
	Connections uint64         // made by probing since the start
	Sent        uint64         // bytes in them
	Received    uint64
}

// Site is the HTTP side. View and Labels are needed; the zero value of the rest works.
type Site struct {
	View    func() View
	Labels  Labels
	Version string
	// Hosts are the names that the site may be called by, beside the very address.
	Hosts []string
	// All serves the report and the page.
	All bool
	// Page writes the HTML page. Zero means that there is none.
	Page func(w io.Writer, r *report.Report, s *machine.State) error
	// PagePolicy is the page's Content-Security-Policy. Zero means that nothing is loaded.
	PagePolicy string
}

// Serve serves until the context ends, and closes the listener. It returns when all of
// its connections are done.
func (s *Site) Serve(ctx context.Context, l net.Listener) error {
	shared := shareOut(l)
	server := &http.Server{
		Handler: s.Handler(), ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, ErrorLog: log.New(io.Discard, "", 0),
		ConnState: shared.state,
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	defer func() { cancel(); <-ended }()
	go func() {
		defer close(ended)
		<-ctx.Done()
		wait, cancel := context.WithTimeout(context.Background(), goodbye)
		defer cancel()
		if server.Shutdown(wait) != nil {
			_ = server.Close() // who has not finished by now is cut off
		}
	}()
	err := server.Serve(shared)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err // the listener failed by itself
}

// named tells whether a request calls the site by one of its names: a page elsewhere that
// makes a browser ask here comes with a name of its own.
func (s *Site) named(r *http.Request) bool {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	for _, name := range s.Hosts {
		if strings.EqualFold(host, name) && name != "" {
			return true
		}
	}
	a, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if local == nil {
		return false
	}
	own, err := netip.ParseAddrPort(local.String())
	return err == nil && own.Addr().Unmap().WithZone("") == a.Unmap().WithZone("")
}
