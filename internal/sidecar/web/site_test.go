package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"edgenet/internal/sidecar/desired"
	"edgenet/internal/sidecar/machine"
	"edgenet/probe"
	"edgenet/report"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// plenty is more time than anything here should need, also on a busy machine.
const plenty = time.Minute

// seen is a state with everything that has a metric.
func seen() *machine.State {
	yes := true
	s := machine.New(machine.Config{Identity: "d/edgenet", Version: "1", Configured: report.AMQP}, machine.Memory{
		Seq: 3, Acked: 2, Dropped: 1, Status: machine.StatusDegraded, Recommended: report.AMQPWS, Route: "proxy",
		UpSince: time.Now().Add(-time.Hour), Transport: "amqp",
		Outages: []machine.Outage{{Start: time.Now().Add(-2 * time.Hour), Sec: 84}},
	}, []machine.Transition{{Seq: 3}}, nil, desired.Defaults(), nil)
	path := func(p report.Protocol, route string) probe.PathName {
		return probe.PathName{Protocol: p, Route: route}
	}
	s.Seen = &machine.Observation{
		HTTPS: &yes, Labels: map[probe.PathName]string{path(report.AMQP, "direct"): "tcp.timeout",
			path(report.AMQPWS, "proxy"): "ok"},
		Latency: map[probe.PathName]report.Millis{path(report.AMQPWS, "proxy"): 210},
	}
	s.CheckedAt, s.Linked, s.Flapping = time.Now(), true, []string{"AMQP@direct"}
	s.Counts.Checks = map[machine.Trigger]uint64{machine.TriggerStart: 1}
	return &s
}

func site(s *machine.State) *Site {
	return &Site{View: func() View { return View{State: s, Connections: 7} }, Labels: Labels{"hub.test", `de"vice\`,
		"edgenet"}, Hosts: []string{"edgenet", "localhost"}, Version: "1"}
}

// serve serves until the test ends, and gives the address.
func serve(t *testing.T, s *Site) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// get asks by a Host header; the kept connection ends with the test.
func get(t *testing.T, address, host, path, accept string) (int, string, http.Header) {
	t.Helper()
	tr := &http.Transport{DisableKeepAlives: true}
	defer tr.CloseIdleConnections()
	r, err := http.NewRequest(http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	r.Header.Set("Accept", accept)
	resp, err := (&http.Client{Transport: tr, Timeout: plenty}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b), resp.Header
}

func TestHostIsChecked(t *testing.T) {
	t.Parallel()
	address := serve(t, site(seen()))
	_, port, _ := net.SplitHostPort(address)
	for host, want := range map[string]int{
		"edgenet": 200, "edgenet:" + port: 200, "EDGENET": 200, "localhost:9600": 200, address: 200, "127.0.0.1": 200,
		"evil.example": 421, "evil.example:" + port: 421, "127.0.0.2": 421, "edgenet.evil.example": 421,
		"192.168.1.1": 421, "[::1]:9600": 421, "169.254.169.254": 421,
	} {
		if status, body, _ := get(t, address, host, "/metrics", ""); status != want || want == 421 &&
			strings.Contains(body, "edgenet_") {
			t.Errorf("%s: %d", host, status)
		}
	}
}

// TestReadOnly: nothing but GET is answered, and nothing but what is meant to be.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	address := serve(t, site(seen()))
	for _, path := range []string{"/", "/v1/report", "/v1", "/debug/pprof/", "/metrics/x"} {
		if status, _, _ := get(t, address, "edgenet", path, ""); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "TRACE", "CONNECT"} {
		c := dial(t, address)
		fmt.Fprintf(c, "%s /metrics HTTP/1.1\r\nHost: edgenet\r\nContent-Length: 3\r\n\r\nabc", method)
		if line := firstLine(t, c); strings.Contains(line, " 200 ") {
			t.Errorf("%s: %s", method, line)
		}
		_ = c.Close()
	}
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.SetDeadline(time.Now().Add(plenty)); err != nil {
		t.Fatal(err)
	}
	return c
}

func firstLine(t *testing.T, c net.Conn) string {
	t.Helper()
	line, err := bufio.NewReader(c).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		t.Fatal(err)
	}
	return line
}

// healthy tells whether a request on a new connection is served.
func healthy(t *testing.T, address string) bool {
	t.Helper()
	c := dial(t, address)
	defer func() { _ = c.Close() }()
	_, _ = fmt.Fprint(c, "GET /healthz HTTP/1.1\r\nHost: edgenet\r\n\r\n")
	line, _ := bufio.NewReader(c).ReadString('\n')
	return strings.Contains(line, "200")
}

// TestIdleConnectionsShutNobodyOut: a neighbour that keeps more connections than there is
// room for, each after a request, loses the oldest and locks nobody out, itself included.
func TestIdleConnectionsShutNobodyOut(t *testing.T) {
	t.Parallel()
	address := serve(t, site(seen()))
	var held []net.Conn
	for range maxShare + 20 {
		c := dial(t, address)
		fmt.Fprint(c, "GET /healthz HTTP/1.1\r\nHost: edgenet\r\n\r\n")
		if line := firstLine(t, c); !strings.Contains(line, "200") {
			t.Fatal(line)
		}
		held = append(held, c)
	}
	if !healthy(t, address) {
		t.Error("idle connections shut the others out")
	}
	_ = held[0].SetReadDeadline(time.Now().Add(plenty))
	if _, err := io.Copy(io.Discard, held[0]); err != nil && errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the oldest idle connection is still there")
	}
	for _, c := range held {
		_ = c.Close()
	}
}

// TestUnfinishedRequestsShutNobodyOut: nor do headers that never end.
func TestUnfinishedRequestsShutNobodyOut(t *testing.T) {
	t.Parallel()
	address := serve(t, site(seen()))
	var held []net.Conn
	for range maxShare {
		c := dial(t, address)
		fmt.Fprint(c, "GET /healthz HTTP/1.1\r\nHost: ed")
		held = append(held, c)
	}
	time.Sleep(overdue + 200*time.Millisecond)
	if !healthy(t, address) {
		t.Error("unfinished requests shut the others out")
	}
	for _, c := range held {
		_ = c.Close()
	}
}

// TestOneAddressDoesNotTakeAll: whoever has fewer connections gets in, at the cost of
// whoever has the most; and one address gets no more than its share.
func TestOneAddressDoesNotTakeAll(t *testing.T) {
	t.Parallel()
	l := shareOut(nil)
	from := func(ip string, n int) *sharedConn {
		a, b := net.Pipe()
		t.Cleanup(func() { _, _ = a.Close(), b.Close() })
		return l.admit(addressed{a, &net.TCPAddr{IP: net.ParseIP(ip), Port: n}})
	}
	var greedy []*sharedConn
	for i := range maxShare {
		greedy = append(greedy, from("10.0.0.1", i))
	}
	if from("10.0.0.1", 999) != nil {
		t.Error("an address got more than its share while all of its connections are at work")
	}
	for i := range maxConnections - maxShare {
		if from(fmt.Sprintf("10.0.1.%d", i), 1) == nil {
			t.Fatal("there was room, and a connection was refused")
		}
	}
	l.state(greedy[5], http.StateIdle)
	if from("10.0.0.2", 1) == nil || !greedy[5].done || greedy[0].done {
		t.Error("the idle connection of the greediest address has to go first")
	}
	if from("10.0.0.3", 1) == nil || !greedy[0].done {
		t.Error("then its oldest")
	}
	if len(l.open) != maxConnections || l.count[greedy[0].from] != maxShare-2 {
		t.Errorf("%d connections, %d of the greediest", len(l.open), l.count[greedy[0].from])
	}
	for c := range l.open {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		_ = c.Close()
	}
	if len(l.open) != 0 || len(l.count) != 0 {
		t.Errorf("%d connections are left in the books, %v", len(l.open), l.count)
	}
	for ip, want := range map[string]string{"[fd00::1]:5": "fd00::/64", "[fd00::2:1%eth0]:5": "fd00::/64",
		"[::ffff:10.0.0.1]:1": "10.0.0.1/32", "nonsense": "invalid Prefix"} {
		if got := source(text(ip)).String(); got != want {
			t.Errorf("%s belongs to %s, want %s", ip, got, want)
		}
	}
}

type addressed struct {
	net.Conn
	remote net.Addr
}

func (a addressed) RemoteAddr() net.Addr { return a.remote }

type text string

func (t text) Network() string { return "tcp" }
func (t text) String() string  { return string(t) }

// TestHundredScrapes: a hundred scrapers at once are all served.
func TestHundredScrapes(t *testing.T) {
	t.Parallel()
	address := serve(t, site(seen()))
	var wg sync.WaitGroup
	var failed atomic.Int64
	for range 100 {
		wg.Go(func() {
			tr := &http.Transport{DisableKeepAlives: true}
			defer tr.CloseIdleConnections()
			client := &http.Client{Transport: tr, Timeout: plenty}
			for range 20 {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/metrics", nil)
				if err != nil {
					failed.Add(1)
					continue
				}
				r.Host = "edgenet"
				resp, err := client.Do(r)
				if err != nil {
					failed.Add(1)
					continue
				}
				if n, err := io.Copy(io.Discard, resp.Body); err != nil || n < 1000 ||
					resp.StatusCode != http.StatusOK {
					failed.Add(1)
				}
				_ = resp.Body.Close()
			}
		})
	}
	wg.Wait()
	if n := failed.Load(); n > 0 {
		t.Errorf("%d of 2000 scrapes failed", n)
	}
}

// TestNothingRawInMetrics: what the disk or a report says is cleaned before it is a label.
func TestNothingRawInMetrics(t *testing.T) {
	t.Parallel()
	s := seen()
	s.Transport, s.Route = "\x1b[31mEVIL\u202e", "a\nb\x00"
	_, body, _ := get(t, serve(t, site(s)), "edgenet", "/metrics", "")
	if strings.ContainsAny(body, "\x1b\x00\u202e") || !strings.Contains(body, "EVIL") {
		t.Errorf("raw characters in the metrics: %q", body)
	}
}

// TestSlowHeader: a header that does not come ends the connection, and a huge one is
// refused.
func TestSlowHeader(t *testing.T) {
	t.Parallel()
	address := serve(t, site(seen()))
	slow := dial(t, address)
	defer func() { _ = slow.Close() }()
	fmt.Fprint(slow, "GET /metrics HTTP/1.1\r\nHost: ed")
	huge := dial(t, address)
	defer func() { _ = huge.Close() }()
	_, _ = fmt.Fprintf(huge, "GET /metrics HTTP/1.1\r\nHost: edgenet\r\nX: %s\r\n\r\n", strings.Repeat("x", 64<<10))
	if line := firstLine(t, huge); !strings.Contains(line, "431") {
		t.Errorf("%q", line)
	}
	if line := firstLine(t, slow); strings.Contains(line, "200") {
		t.Errorf("%q", line)
	}
}

func TestHealthAndReadiness(t *testing.T) {
	t.Parallel()
	s := seen()
	var busy atomic.Int64
	x := site(s)
	linked, known := true, true
	var mu sync.Mutex
	x.View = func() View {
		mu.Lock()
		defer mu.Unlock()
		v := *s
		v.Linked = linked
		if !known {
			v.Seen = nil
		}
		out := View{State: &v}
		if n := busy.Load(); n > 0 {
			out.BusySince = time.Unix(0, n)
		}
		return out
	}
	address := serve(t, x)
	want := func(path string, status int) {
		t.Helper()
		if got, _, _ := get(t, address, "edgenet", path, ""); got != status {
			t.Errorf("%s: %d, want %d", path, got, status)
		}
	}
	want("/healthz", 200)
	want("/readyz", 200)
	mu.Lock()
	linked = false
	mu.Unlock()
	want("/readyz", 503)
	want("/healthz", 200)
	mu.Lock()
	linked, known = true, false
	mu.Unlock()
	want("/readyz", 503)
	busy.Store(time.Now().Add(-5 * time.Second).UnixNano())
	want("/healthz", 200)
	busy.Store(time.Now().Add(-5 * time.Minute).UnixNano())
	want("/healthz", 503)
}

func TestUpstream(t *testing.T) {
	t.Parallel()
	address := serve(t, site(seen()))
	status, body, h := get(t, address, "edgenet", "/v1/upstream", "")
	if status != 200 || h.Get("Content-Type") != "application/json" ||
		!strings.Contains(body, `{"status":"up","protocol":"AMQPWS","route":"proxy","cause":"tcp.timeout","since":"20`) {
		t.Errorf("%d %s", status, body)
	}
}

func TestAll(t *testing.T) {
	t.Parallel()
	s := seen()
	x := site(s)
	x.All = true
	x.View = func() View { return View{State: s, Report: &report.Report{Schema: report.Schema}} }
	x.Page = func(w io.Writer, r *report.Report, state *machine.State) error {
		_, err := fmt.Fprintf(w, "<title>%s %d</title>", r.Schema, len(state.Log))
		return err
	}
	address := serve(t, x)
	for _, row := range []struct{ path, accept, kind, holds string }{
		{"/", "", "text/html; charset=utf-8", "<title>edgenet.report/1 1"},
		{"/v1/report", "", "application/json", `"schema":"edgenet.report/1"`},
		{"/v1/report", "*/*", "application/json", `"schema"`},
		{"/v1/report", "application/json", "application/json", `"schema"`},
		{"/v1/report", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8", "<title>"},
		{"/v1/report", "text/html;q=0.1, application/json", "application/json", `"schema"`},
	} {
		status, body, h := get(t, address, "edgenet", row.path, row.accept)
		if status != 200 || h.Get("Content-Type") != row.kind || !strings.Contains(body, row.holds) {
			t.Errorf("%s %q: %d %s %.80s", row.path, row.accept, status, h.Get("Content-Type"), body)
		}
		if strings.HasPrefix(row.kind, "text/html") && h.Get("Content-Security-Policy") != "default-src 'none'" {
			t.Errorf("%v", h)
		}
	}
}

// TestMetricsAreWellFormed: Prometheus' own linter has nothing to say; every line has the
// fleet's labels and a value that its collector reads.
func TestMetricsAreWellFormed(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*machine.State{"seen": seen(), "fresh": fresh()} {
		address := serve(t, site(s))
		_, body, _ := get(t, address, "edgenet", "/metrics", "")
		problems, err := promlint.New(strings.NewReader(body)).Lint()
		if err != nil || len(problems) > 0 {
			t.Errorf("%s: %v %v", name, problems, err)
		}
		for line := range strings.SplitSeq(strings.TrimSpace(body), "\n") {
			if strings.HasPrefix(line, "#") {
				continue
			}
			// the collector's own form: NAME{LABELS} VALUE, without infinities
			if !strings.Contains(line, `iothub="hub.test"`) || !strings.Contains(line, `edge_device="de\"vice\\"`) ||
				!strings.Contains(line, `module_name="edgenet"`) || !form.MatchString(line) {
				t.Errorf("%s: %s", name, line)
			}
		}
		if runtime.GOOS == "linux" && (!strings.Contains(body, "\nprocess_resident_memory_bytes{") ||
			!strings.Contains(body, "\nprocess_cpu_seconds_total{") || !strings.Contains(body, "\nprocess_open_fds{")) {
			t.Errorf("%s", body)
		}
		if name == "seen" && (!strings.Contains(body, "\nedgenet_up{") ||
			!strings.Contains(body, `protocol="AMQPWS",route="proxy"} 0.21`)) {
			t.Errorf("%s", body)
		}
	}
}

// TestExposition: what is not finite is left out, what a label holds is escaped, and every
// sample has its metric.
func TestExposition(t *testing.T) {
	t.Parallel()
	x := &Site{Labels: Labels{"h", "d\n", "m"}}
	got := x.exposition([]sample{{"edgenet_up", math.Inf(1), nil}, {"edgenet_outages", math.NaN(), nil},
		{"edgenet_info", 1, []string{"a\"\\\xff"}}})
	const want = "# HELP edgenet_info The module's version; the value is 1.\n# TYPE edgenet_info " +
		"gauge\nedgenet_info{iothub=\"h\",edge_device=\"d\",module_name=\"m\",version=\"a\\\"\\\\·\"} 1\n"
	if got != want {
		t.Errorf("%q\n%q", got, want)
	}
	known := map[string]int{}
	for _, m := range table {
		known[m.name] = len(m.labels) + 1
	}
	for _, s := range site(seen()).samples(View{State: seen()}) {
		if known[s.name] != len(s.labels)+1 {
			t.Errorf("%+v is not in the table as it is", s)
		}
	}
}

func fresh() *machine.State {
	s := machine.New(machine.Config{}, machine.Memory{}, nil, nil, desired.Defaults(), nil)
	return &s
}
