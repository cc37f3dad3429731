package sidecar

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/proxyurl"
	"edgenet/internal/sidecar/fence"
	"edgenet/internal/sidecar/machine"
	"edgenet/internal/twin"
	"edgenet/report"
)

// Options say how the module runs. Module is needed; the zero value of the rest works.
type Options struct {
	Module  twin.Settings // who it is, and what proves it
	Version string        // of the program

	// Upstream is the host whose paths are watched. Zero means the hub; a nested device's
	// upstream is its parent.
	Upstream   string
	Configured report.Protocol   // the environment's UpstreamProtocol; zero means not said
	Proxies    []*proxyurl.Proxy // the environment's, with their credentials
	NoProxy    string            // the environment's no_proxy list, for findings
	Bound      []proxyurl.Bound  // credentials of proxies that the twin may name
	// Allow is what the twin may point at. Zero means nothing.
	Allow *fence.Fence
	// ConnectTo dials other addresses, keyed by hop.HostPort; it is the manifest's own and
	// not fenced. Zero means none.
	ConnectTo map[string]netip.AddrPort
	// Resolver asks for names. Zero means the system's configuration, read at every check.
	Resolver *hop.Resolver

	// StateDir keeps the state. Zero means that nothing outlives the process.
	StateDir string
	// Listener is where the HTTP side answers; Run closes it. Zero means nowhere.
	Listener net.Listener
	// HTTPAll serves the report and the page too, which name hub, device and proxies.
	HTTPAll bool
	// HTTPHosts are names by which the HTTP side may be called, beside the module's own,
	// the container's, localhost, and the address itself.
	HTTPHosts []string
	// Page writes the HTML page. Zero means that there is none.
	Page func(w io.Writer, r *report.Report, s *machine.State) error
	// PagePolicy is the page's Content-Security-Policy. Zero means that nothing is loaded.
	PagePolicy string
	// EdgeHubMetrics is where edgeHub's own metrics are read. Zero means
	// http://edgeHub:9600/metrics, "-" nowhere.
	EdgeHubMetrics string
	// Log gets the module's lines. Zero means nobody.
	Log *slog.Logger

	// Timeout is the silence that a probed path tolerates. Zero means the prober's own.
	Timeout time.Duration
	// Spread lets a full check have all processors until the function that it gives is called. Zero means
	// that it has those that the process has.
	Spread func() (done func())
	// Open opens a session with edgeHub. Zero means twin.Open.
	Open func(ctx context.Context, h twin.Handler, first twin.Transport) (Session, error)
}

// Session is what is used of a twin.Session.
type Session interface {
	Transport() twin.Transport
	Twin(ctx context.Context) (twin.Twin, error)
	Report(ctx context.Context, patch json.RawMessage) error
	Send(ctx context.Context, m twin.Message) error
	Done() <-chan struct{}
	Err() error
	Close() error
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Allow == nil {
		o.Allow = &fence.Fence{}
	}
	if o.Upstream == "" {
		o.Upstream = o.Module.Hub
	}
	o.Upstream = strings.TrimSuffix(o.Upstream, ".")
	if o.EdgeHubMetrics == "" {
		o.EdgeHubMetrics = "http://edgeHub:9600/metrics"
	}
	return o
}
