package probe_test

import (
	"context"
	"crypto/tls"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"edgenet/probe"
	"edgenet/report"
)

func TestHealthy(t *testing.T) {
	t.Parallel()
	s := start(t, nil, "basic")
	var mu sync.Mutex
	seen := map[string]int{}
	r := probe.Check(context.Background(), s.plan, s.env, func(x report.Result) {
		mu.Lock()
		defer mu.Unlock()
		seen[x.ID]++
	})
	inspect(t, r, s.plan)
	hold(t, r, nil)
	v := r.Verdict
	if v.UpstreamProtocol == nil || *v.UpstreamProtocol != report.AMQP || v.Route != "direct" || v.HTTPSOK == nil ||
		!*v.HTTPSOK || v.HTTPSRoute != "proxy" || v.ExitCode != 0 || r.Partial || len(v.Working) != 4 {
		t.Errorf("verdict %+v", v)
	}
	for _, f := range r.Findings { // what works through a proxy and is of no use is all there is to say
		if f.Code != report.ProxyRuntimeLimits {
			t.Errorf("finding %s: %s", f.Code, f.Summary)
		}
	}
	if len(seen) != 10 || slices.Max(values(seen)) != 1 {
		t.Errorf("observed %v", seen)
	}
	stages := map[string][]report.Stage{
		"AMQP@direct":   {report.StageDNS, report.StageTCP, report.StageTLS, report.StageAMQP},
		"MQTTWS@direct": {report.StageDNS, report.StageTCP, report.StageTLS, report.StageWebSocket, report.StageMQTT},
		"HTTPS@direct":  {report.StageDNS, report.StageTCP, report.StageTLS, report.StageHTTP},
		"MQTT@proxy":    {report.StageTCP, report.StageConnect, report.StageTLS, report.StageMQTT},
		"AMQPWS@proxy": {report.StageTCP, report.StageConnect, report.StageTLS, report.StageWebSocket,
			report.StageAMQP},
	}
	for path, want := range stages {
		var got []report.Stage
		for _, st := range result(t, r, path).Steps {
			got = append(got, st.Stage)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s passes %v, want %v", path, got, want)
		}
	}
}

func values(m map[string]int) []int {
	var out []int
	for _, n := range m {
		out = append(out, n)
	}
	return out
}

// TestNoFindings: a healthy site without a proxy leaves nothing to say.
func TestNoFindings(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	if r := s.check(t); len(r.Findings) != 0 || r.Verdict.ExitCode != 0 {
		t.Errorf("findings %+v, exit %d", r.Findings, r.Verdict.ExitCode)
	}
}

func TestDetailsOfTheGreeting(t *testing.T) {
	t.Parallel()
	r := start(t, nil).check(t)
	st, _ := result(t, r, "AMQP@direct").Step(report.HopTarget, report.StageAMQP)
	amqp := st.Detail.(*report.AMQPDetail)
	if !slices.Equal(amqp.Mechanisms, []string{"EXTERNAL", "MSSBCBS", "ANONYMOUS", "PLAIN"}) ||
		len(amqp.ContainerID) != len("DeviceGateway_")+32 ||
		amqp.MaxFrame != 65536 || amqp.IdleTimeMs == nil || *amqp.IdleTimeMs != 240000 || amqp.Reached != "open" {
		t.Errorf("AMQP %+v", amqp)
	}
	st, _ = result(t, r, "MQTT@direct").Step(report.HopTarget, report.StageMQTT)
	if mqtt := st.Detail.(*report.MQTTDetail); mqtt.ReturnCode == nil || *mqtt.ReturnCode != 5 ||
		mqtt.Meaning != "not authorized" {
		t.Errorf("MQTT %+v", mqtt)
	}
	st, _ = result(t, r, "AMQPWS@direct").Step(report.HopTarget, report.StageWebSocket)
	if ws := st.Detail.(*report.WebSocketDetail); ws.Status != 101 || ws.Subprotocol != "AMQPWSB10" ||
		ws.URL != "wss://lab.azure-devices.test/$iothub/websocket?iothub-no-client-cert=true" {
		t.Errorf("WebSocket %+v", ws)
	}
	st, _ = result(t, r, "HTTPS@direct").Step(report.HopTarget, report.StageHTTP)
	http := st.Detail.(*report.HTTPDetail)
	if http.Status != 401 || len(http.HubHeaders) != 2 || http.ErrorCode != "IotHubUnauthorizedAccess" ||
		http.Request != "GET /devices/edgenet-probe/modules?api-version=2021-04-12" ||
		http.SkewMs == nil || http.SkewMs.Duration().Abs() > 2*time.Second || http.Date == nil {
		t.Errorf("HTTP %+v", http)
	}
}

// TestParent: a gateway is probed as the hub is, and edgeHub shows itself.
func TestParent(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.plan.Host = s.info.Gateway
	r := s.check(t)
	hold(t, r, nil)
	if r.Results[0].Endpoint != report.EndpointParent {
		t.Errorf("endpoint %s", r.Results[0].Endpoint)
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	s := start(t, on("mqtt-silent", "mqtts"), "silent")
	s.plan.Deadline = 3 * time.Second
	begin := time.Now()
	r := s.check(t)
	if took := time.Since(begin); took > 3300*time.Millisecond+busy {
		t.Errorf("took %s", took)
	}
	if !r.Partial || r.Verdict.ExitCode != 1 {
		t.Errorf("partial %v, exit %d", r.Partial, r.Verdict.ExitCode)
	}
	for _, x := range r.Results {
		want := report.OK
		if x.Route == "proxy" || x.Protocol == report.MQTT {
			want = report.Skipped
		}
		if x.Status != want || want == report.Skipped && x.SkipReason != probe.ErrDeadline.Error() {
			t.Errorf("%s@%s: %s %q", x.Protocol, x.Route, x.Status, x.SkipReason)
		}
	}
	if x := result(t, r, "MQTT@direct"); len(x.Steps) != 4 || x.Steps[3].Status != report.Skipped ||
		x.Steps[3].Cause != "" {
		t.Errorf("steps %+v", x.Steps)
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	s := start(t, on("amqp-silent", "amqps"))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var mu sync.Mutex
	n := 0
	r := probe.Check(ctx, s.plan, s.env, func(report.Result) {
		mu.Lock()
		defer mu.Unlock()
		if n++; n == 4 {
			cancel()
		}
	})
	inspect(t, r, s.plan)
	if !r.Partial || r.Verdict.ExitCode != 130 || r.Results[0].Status != report.Skipped ||
		r.Results[0].SkipReason != probe.ErrInterrupted.Error() {
		t.Errorf("partial %v, exit %d, %+v", r.Partial, r.Verdict.ExitCode, r.Results[0])
	}
	for _, x := range r.Results[1:] {
		if x.Status != report.OK {
			t.Errorf("%s: %s", x.Protocol, x.Status)
		}
	}
}

// TestInterruptedAtTheEnd is no interruption: nothing was left.
func TestInterruptedAtTheEnd(t *testing.T) {
	t.Parallel()
	s := start(t, nil).only(report.AMQP)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r := probe.Check(ctx, s.plan, s.env, func(report.Result) { cancel() })
	if r.Partial || r.Verdict.ExitCode != 0 {
		t.Errorf("partial %v, exit %d", r.Partial, r.Verdict.ExitCode)
	}
}

func TestInterruptedBeforeTheStart(t *testing.T) {
	t.Parallel()
	s := start(t, nil, "open")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r := probe.Check(ctx, s.plan, s.env, nil)
	inspect(t, r, s.plan)
	for _, x := range r.Results {
		if x.Status != report.Skipped {
			t.Errorf("%s@%s: %s", x.Protocol, x.Route, x.Status)
		}
	}
	if r.Verdict.ExitCode != 130 || r.Verdict.HTTPSOK != nil {
		t.Errorf("verdict %+v", r.Verdict)
	}
}

func TestRecheck(t *testing.T) {
	t.Parallel()
	s := start(t, append(on("refuse", "amqps"), on("status:503", "https")...))
	s.plan.Expect = report.AMQP
	first := s.check(t)
	if first.Verdict.ExitCode != 3 {
		t.Fatalf("exit %d", first.Verdict.ExitCode)
	}
	if err := s.ClearFault("amqps"); err != nil {
		t.Fatal(err)
	}
	var n atomic.Int32
	second := probe.Recheck(context.Background(), s.plan, s.env, first, func(report.Result) { n.Add(1) })
	inspect(t, second, s.plan)
	hold(t, second, of("target http http.status service", "HTTPS"))
	if n.Load() > 2 || second.Verdict.ExitCode != 0 || second.Results[1].DurationMs != first.Results[1].DurationMs {
		t.Errorf("%d rows were tried again, exit %d", n.Load(), second.Verdict.ExitCode)
	}
	if first.Results[0].Status != report.Failed {
		t.Error("the earlier report was changed")
	}
}

// TestRecheckInterrupted keeps what was known of the paths that it could not finish.
func TestRecheckInterrupted(t *testing.T) {
	t.Parallel()
	s := start(t, on("mqtt-connack:3", "mqtts"))
	first := s.check(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	second := probe.Recheck(ctx, s.plan, s.env, first, nil)
	inspect(t, second, s.plan)
	hold(t, second, of("target mqtt mqtt.refused service", "MQTT"))
	if !second.Partial || second.Verdict.ExitCode != 130 {
		t.Errorf("partial %v, exit %d", second.Partial, second.Verdict.ExitCode)
	}
}

// TestRecheckOfWhatNeverRan has nothing to keep.
func TestRecheckOfWhatNeverRan(t *testing.T) {
	t.Parallel()
	s := start(t, nil).only(report.MQTT)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r := probe.Recheck(ctx, s.plan, s.env, probe.Check(ctx, s.plan, s.env, nil), nil)
	if r.Results[0].Status != report.Skipped || !r.Partial {
		t.Errorf("%+v", r.Results[0])
	}
	r = probe.Recheck(context.Background(), s.plan, s.env, r, nil)
	if r.Results[0].Status != report.OK || r.Partial {
		t.Errorf("%+v", r.Results[0])
	}
}

// TestNoTrustGiven: an environment without pools gets those of this host, and is not
// changed by it.
func TestNoTrustGiven(t *testing.T) {
	t.Parallel()
	s := start(t, nil).only(report.AMQP)
	s.env.Trust = nil
	r := probe.Check(context.Background(), s.plan, s.env, nil)
	hold(t, r, of("target tls tls.untrusted host", "AMQP"))
	r = probe.Recheck(context.Background(), s.plan, s.env, r, nil)
	hold(t, r, of("target tls tls.untrusted host", "AMQP"))
	if s.env.Trust != nil {
		t.Error("the caller's environment was changed")
	}
}

// TestAttempts: loss, latency and causes over several attempts.
func TestAttempts(t *testing.T) {
	t.Parallel()
	answers := []string{"\x20\x02\x00\x05", "", "\x20\x02\x00\x05", "HTTP", "\x20\x02\x00\x05"}
	waits := []time.Duration{0, 0, 150 * time.Millisecond, 0, 400 * time.Millisecond}
	s := serve(t, nil, func(n int, c *tls.Conn) {
		_, _ = c.Read(make([]byte, 4096))
		time.Sleep(waits[n])
		_, _ = io.WriteString(c, answers[n])
		_ = c.CloseWrite()
	}).only(report.MQTT)
	s.plan.Attempts = 5
	r := s.check(t)
	x := r.Results[0]
	if x.Status != report.OK || x.Attempts != 5 || x.Failures != 2 || x.FailureCauses[report.MQTTClosed] != 1 ||
		x.FailureCauses[report.MQTTNotMQTT] != 1 {
		t.Errorf("%s: %d of %d failed, %v", x.Status, x.Failures, x.Attempts, x.FailureCauses)
	}
	if l := x.Latency; l.MaxMs < 400 || l.MedianMs < 150 || l.MedianMs >= l.MaxMs || l.MinMs >= l.MedianMs {
		t.Errorf("latency %+v", *l)
	}
	if !slices.ContainsFunc(r.Findings, func(f report.Finding) bool { return f.Code == report.Loss }) {
		t.Error("loss is not among the findings")
	}
}

func TestAttemptsThatAllFail(t *testing.T) {
	t.Parallel()
	s := serve(t, nil, func(n int, c *tls.Conn) {
		_, _ = c.Read(make([]byte, 4096))
		_, _ = io.WriteString(c, []string{"", "HTTP", "\x20\x02\x00\x02"}[n])
		_ = c.CloseWrite()
	}).only(report.MQTT)
	s.plan.Attempts = 3
	x := s.check(t).Results[0]
	if words(&x) != "target mqtt mqtt.refused service" || x.Attempts != 3 || x.Failures != 3 ||
		len(x.FailureCauses) != 3 {
		t.Errorf("%s: %d of %d failed, %v", words(&x), x.Failures, x.Attempts, x.FailureCauses)
	}
}

// TestDeadlineBetweenAttempts: what was finished counts.
func TestDeadlineBetweenAttempts(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]report.Status{"\x20\x02\x00\x05": report.OK, "HTTP": report.Failed} {
		s := serve(t, nil, func(n int, c *tls.Conn) {
			_, _ = c.Read(make([]byte, 4096))
			if n == 0 {
				_, _ = io.WriteString(c, answer)
			} else {
				_, _ = io.Copy(io.Discard, c)
			}
			_ = c.CloseWrite()
		}).only(report.MQTT)
		s.plan.Attempts, s.plan.Deadline = 3, 2*time.Second
		x := s.check(t).Results[0]
		if x.Status != want || x.Attempts != 1 || (x.Failures == 1) != (want == report.Failed) {
			t.Errorf("%s, %d of %d failed", x.Status, x.Failures, x.Attempts)
		}
	}
}

// TestProxyRemediesNameTheProxy: what is wrong at the proxy is about its address, what
// it refuses about the hub.
func TestProxyRemediesNameTheProxy(t *testing.T) {
	t.Parallel()
	s := start(t, on("refuse", "proxy:open"), "open", "deny").only(report.AMQPWS)
	r := s.check(t)
	x, y := result(t, r, "AMQPWS@proxy"), result(t, r, "AMQPWS@proxy2")
	p, q := s.plan.Routes[1].Proxy, s.plan.Routes[2].Proxy
	if want := report.TCPRefused.RemedyAt(report.HopProxy, p.Host, p.Port, p.Address()); x.Remedy != want {
		t.Errorf("%s, want %s", x.Remedy, want)
	}
	if want := report.ConnectForbidden.RemedyAt(report.HopProxy, s.plan.Host, 443, q.Address()); y.Remedy != want {
		t.Errorf("%s, want %s", y.Remedy, want)
	}
}

func TestStart(t *testing.T) {
	t.Parallel()
	s := start(t, nil, "basic")
	at := time.Date(2026, 1, 2, 4, 4, 5, 0, time.FixedZone("", 3600))
	s.plan.Version, s.plan.Protocols = "v1", nil
	r := probe.Start(s.plan, at)
	if r.Schema != report.Schema || r.Tool.Version != "v1" || !r.StartedAt.Equal(at) ||
		r.StartedAt.Location() != time.UTC || r.Target.Hub != s.info.Hub || r.Target.Source != "lab" ||
		len(r.Routes) != 2 || r.Routes[0].URL != "" || r.Routes[1].Source != "flag" || len(r.Results) != 10 ||
		r.Results[0].Status != "" {
		t.Errorf("%+v", r)
	}
	inspectOrder(t, r, s.plan)
}

// TestManyPaths: more paths than slots.
func TestManyPaths(t *testing.T) {
	t.Parallel()
	s := start(t, on("refuse", "proxy:open"))
	s.plan.Routes = probe.Routes(true, slices.Repeat(s.proxies(t, "open"), 20))
	r := s.check(t)
	if len(r.Results) != 105 || r.Results[104].Route != "proxy20" {
		t.Errorf("%d results", len(r.Results))
	}
}
