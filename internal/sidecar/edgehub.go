package sidecar

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"edgenet/internal/sidecar/machine"
	"edgenet/proxy"
)

// Bounds of reading edgeHub's metrics.
const (
	edgeHubWait  = 5 * time.Second
	maxMetrics   = 4 << 20 // bytes; a busy edgeHub has some hundred KiB
	maxMetricRow = 64 << 10
)

// The metrics that tell (edgeHub documentation, "Access built-in metrics"): how often its
// connection to the hub went away, and a summary of how long it was away each time, whose
// count grows when it is back.
const (
	metricOffline  = "edgehub_offline_count_total"
	metricDuration = "edgehub_offline_duration_seconds_count"
)

// edgeHubReader reads edgeHub's own metrics.
type edgeHubReader struct {
	url string
	mu  sync.Mutex
}

// reading is what they say, summed over identities.
type reading struct {
	offline, back float64
	counted       bool // there was a line of metricOffline
}

// isOffline: it went away once more than it came back.
func (r reading) isOffline() bool { return r.counted && r.offline > r.back }

// readEdgeHub asks, and tells the machine. Where the metrics cannot be read, an edgeHub
// that has a session with this module is taken to be online.
func (l *loop) readEdgeHub() {
	if l.edge.url == "-" || l.ctx.Err() != nil {
		return
	}
	l.edge.mu.Lock()
	defer l.edge.mu.Unlock()
	r, err := l.edge.read(l.ctx)
	state := machine.EdgeHubOnline
	switch {
	case err == nil && r.isOffline():
		state = machine.EdgeHubOffline
	case err != nil && !l.hub.linked():
		return // nothing is known, and nothing can be told
	}
	l.post(machine.EdgeHubSeen{EdgeHub: state})
}

func (e *edgeHubReader) read(ctx context.Context) (reading, error) {
	ctx, cancel := context.WithTimeout(ctx, edgeHubWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.url, nil)
	if err != nil {
		return reading{}, err
	}
	req.Header.Set("User-Agent", proxy.UserAgent)
	// No proxy: edgeHub is a neighbour. No kept connection: the next question is minutes away.
	t := &http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: 16 << 10}
	defer t.CloseIdleConnections()
	resp, err := (&http.Client{Transport: t, CheckRedirect: func(*http.Request,
		[]*http.Request) error {
		return http.ErrUseLastResponse
	}}).Do(req)
	if err != nil {
		return reading{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return reading{}, errNoMetrics
	}
	return parseMetrics(io.LimitReader(resp.Body, maxMetrics))
}

type metricsError string

func (e metricsError) Error() string { return string(e) }

const errNoMetrics = metricsError("edgeHub gives no metrics")

// parseMetrics sums the two metrics of a text in Prometheus' exposition format.
func parseMetrics(r io.Reader) (reading, error) {
	var out reading
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 4096), maxMetricRow)
	for lines.Scan() {
		line := lines.Text()
		name, rest := line, ""
		if i := strings.IndexAny(line, "{ "); i >= 0 {
			name, rest = line[:i], line[i:]
		}
		if name != metricOffline && name != metricDuration {
			continue
		}
		if i := strings.LastIndexByte(rest, '}'); i >= 0 { // labels may hold spaces
			rest = rest[i+1:]
		}
		fields := strings.Fields(rest)
		if len(fields) == 0 {
			continue
		}
		v, err := strconv.ParseFloat(fields[0], 64)
		if err != nil || v != v || v < 0 || v > 1e15 {
			continue
		}
		if name == metricOffline {
			out.offline, out.counted = out.offline+v, true
		} else {
			out.back += v
		}
	}
	return out, lines.Err()
}
