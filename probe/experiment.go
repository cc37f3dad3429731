package probe

import (
	"context"
	"fmt"
	"net"
	"slices"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/neterr"
	"edgenet/proxy"
	"edgenet/report"
)

// experiment is a question that separates causes which look alike from a path's own line.
type experiment struct {
	name report.ExperimentName
	// after are the failures that call for it. A silence calls for it half-way through,
	// beside the waiting original; everything else does when it has happened.
	after []report.Cause
	// here tells whether the question makes sense on this path. Zero means always.
	here func(*trial) bool
	// wide means that one answer serves all ports of a route.
	wide bool
	ask  func(context.Context, *trial) (report.Outcome, string)
}

// experiments are all there are, in the order of a report.
func experiments() []experiment {
	hello := []report.Cause{report.TLSReset, report.TLSTimeout}
	unconnected := []report.Cause{report.TCPTimeout, report.TCPRefused, report.TCPUnreachable}
	return []experiment{
		{name: report.Again, after: hello, ask: helloOf(hop.Hello{}, "the same handshake once more")},
		{name: report.SmallSegments, after: []report.Cause{report.TLSTimeout}, ask: smallSegments},
		{name: report.OtherName, after: hello, here: atTarget, ask: helloOf(hop.Hello{Name: otherName},
			"a hello with another server name ("+otherName+")")},
		{name: report.NoName, after: hello, here: atTarget, ask: helloOf(hop.Hello{NoName: true},
			"a hello without a server name")},
		{name: report.SmallHello, after: hello, here: atTarget, ask: helloOf(hop.Hello{Size: hop.Small},
			"a hello of TLS 1.2 alone")},
		{name: report.LargeHello, after: hello, here: atTarget, ask: helloOf(hop.Hello{Size: hop.Large},
			"a hello with post-quantum key shares")},
		{name: report.NewHello, after: hello, here: atTarget, ask: helloOf(hop.Hello{Size: hop.New},
			"a hello of TLS 1.3 alone")},
		{name: report.FirstByte, after: hello, here: unproxied, ask: firstByte},
		{name: report.OtherPort, after: unconnected, here: aloneOnItsPort, ask: otherPort},
		{name: report.ProxyAlive, after: []report.Cause{report.ConnectTimeout}, wide: true, ask: proxyAlive},
		{name: report.Port443, after: []report.Cause{report.ConnectForbidden}, here: without443, wide: true,
			ask: port443},
		{name: report.WithUserAgent, after: refusals(), here: refusedAlone,
			ask: unlike(proxy.Manner{Bare: true, UserAgent: true}, "with a User-Agent")},
		{name: report.CredentialsAtOnce, after: refusals(), here: bareRefused,
			ask: unlike(proxy.Manner{}, "with the credentials at once")},
		{name: report.Suites, after: []report.Cause{report.TLSAlert}, ask: suites},
		{name: report.Resolvers, after: misleading(), here: lookedUp, wide: true, ask: askResolvers},
		{name: report.AnyName, after: misleading(), here: resolved, wide: true, ask: askAnyName},
		{name: report.OtherRoute, after: offRoute(), here: severalWays, ask: otherRoute},
		{name: report.Where, after: []report.Cause{report.TLSTimeout}, here: beyond, ask: whoAnswers},
		{name: report.Where, after: []report.Cause{report.TCPRefused},
			ask: func(ctx context.Context, t *trial) (report.Outcome, string) { return onceMoreOrWhere(ctx, t, true) }},
		{name: report.Where, after: []report.Cause{report.TCPTimeout, report.TCPUnreachable},
			ask: func(ctx context.Context, t *trial) (report.Outcome, string) {
				return onceMoreOrWhere(ctx,
					t, false)
			}},
	}
}

// bytes is about what an experiment costs, in both directions.
func (e experiment) bytes() int {
	switch e.name {
	case report.Where, report.ProxyAlive, report.Port443, report.WithUserAgent, report.CredentialsAtOnce,
		report.Resolvers, report.AnyName:
		return 1500
	}
	return 6000 // a handshake with its certificates
}

// otherName is reserved for examples (RFC 2606), so that no filter has it on a list.
const otherName = "www.example.com"

// silences are the causes by which a stage that waits would end.
var silences = map[report.Stage]report.Cause{report.StageTCP: report.TCPTimeout, report.StageTLS: report.TLSTimeout,
	report.StageConnect: report.ConnectTimeout}

// trial is an experiment under way: an attempt of its own on the same path, at a hop.
type trial struct {
	*attempt
	hop     report.Hop
	survey  *survey
	travels []report.Travel
	said    []string      // addresses that the resolvers gave
	taken   hop.Taken     // what the peer took
	source  string        // that was answered where the path's own was not
	steps   []report.Step // of one of several lines; nil: the trial's own
}

func atTarget(t *trial) bool { return t.hop == report.HopTarget }

// spokenTo says what became of a trial that ended with fault.
func spokenTo(fault *hop.Fault) report.Outcome {
	switch {
	case fault == nil:
		return report.Answered
	case fault.Stopped, !fault.Cause.Proves():
		return report.Unavailable
	}
	switch fault.Cause {
	case report.TLSReset, report.ConnectClosed:
		return report.Killed
	case report.TLSTimeout, report.ConnectTimeout:
		return report.Silent
	}
	if st := stageOf(fault.Cause); st == report.StageDNS || st == report.StageTCP {
		return report.Blocked
	}
	return report.Answered
}

// stageOf is the stage that a cause's prefix names.
func stageOf(c report.Cause) report.Stage {
	for _, s := range report.Stages() {
		if len(c) > len(s) && string(c[:len(s)]) == string(s) && c[len(s)] == '.' {
			return s
		}
	}
	return ""
}

// outcomeWords end the sentence about an experiment.
var outcomeWords = map[report.Outcome]string{report.Answered: "gets an answer", report.Killed: "is cut as well",
	report.Silent:  "gets no answer either",
	report.Blocked: "could not be sent", report.Unavailable: "was not finished"}

func told(what string, o report.Outcome, fault *hop.Fault) string {
	s := what + " " + outcomeWords[o]
	if fault != nil && fault.Summary != "" && (o == report.Answered || o == report.Blocked) {
		s += " (" + fault.Summary + ")"
	}
	return report.Clean(s, 400)
}

// handshake reaches the hop again and shakes hands with another hello. Nothing is
// written after it.
func (t *trial) handshake(ctx context.Context, h hop.Hello) *hop.Fault {
	o := t.tlsOptions()
	if t.hop == report.HopProxy {
		o = hop.TLSOptions{ServerName: t.Route.Proxy.Host, Consumer: hop.Daemon}
	}
	o.Hello = h
	c, fault := t.reachHop(ctx)
	if fault != nil {
		return fault
	}
	defer func() { _ = c.Close() }()
	s, fault := hop.Handshake(ctx, t.env, t.trace, t.hop, c, o)
	if s != nil {
		_ = s.Close()
	}
	return fault
}

// reachHop is a connection to the hop that the trial is about.
func (t *trial) reachHop(ctx context.Context) (net.Conn, *hop.Fault) {
	if p := t.Route.Proxy; t.hop == report.HopProxy {
		return hop.Dial(ctx, t.env, t.trace, report.HopProxy, p.Host, p.Port)
	}
	return t.reach(ctx)
}

// unproxied: what a proxy's tunnel is given, the proxy's own system acknowledges.
func unproxied(t *trial) bool { return t.hop == report.HopProxy || t.Route.Proxy == nil }

// firstByte asks whether a byte that is no TLS gets through.
func firstByte(ctx context.Context, t *trial) (report.Outcome, string) {
	const what = "a single byte that is no TLS"
	c, fault := t.reachHop(ctx)
	if fault != nil {
		o := spokenTo(fault)
		return o, told(what, o, fault)
	}
	defer hop.Reset(c)
	switch acked, known, err := hop.OneByte(ctx, c); {
	case !known:
		return report.Unavailable, "this system does not tell what was acknowledged"
	case acked:
		return report.Answered, what + " is acknowledged"
	case err != nil && neterr.Of(err) != neterr.Timeout && neterr.Of(err) != neterr.Canceled:
		return report.Killed, what + " is cut as well"
	}
	return report.Silent, what + " is not acknowledged either"
}

// helloOf asks with a hello whether anybody answers it, with whatever.
func helloOf(h hop.Hello, what string) func(context.Context, *trial) (report.Outcome, string) {
	return func(ctx context.Context, t *trial) (report.Outcome, string) {
		fault := t.handshake(ctx, h)
		o := spokenTo(fault)
		return o, told(what, o, fault)
	}
}

// smallSegments shakes hands in segments that no path is too narrow for. An alert, which
// is small anyway, proves nothing about size: the chain has to come.
func smallSegments(ctx context.Context, t *trial) (report.Outcome, string) {
	if !hop.SegmentsLimited {
		return report.Unavailable, "this system does not let a program limit its segments"
	}
	small := *t.env
	small.MaxSegment = hop.SafeSegment
	t.env = &small
	fault := t.handshake(ctx, hop.Hello{})
	o := spokenTo(fault)
	if o == report.Answered && fault != nil && !t.sawChain() {
		o = report.Killed
	}
	return o, told(fmt.Sprintf("a handshake in segments of at most %d bytes", hop.SafeSegment), o, fault)
}

// sawChain tells whether the trial's peer sent its certificates.
func (t *trial) sawChain() bool {
	return slices.ContainsFunc(t.trace.Steps(), func(s report.Step) bool {
		d, ok := s.Detail.(*report.TLSDetail)
		return ok && s.Hop == t.hop && len(d.Chain) > 0
	})
}

// aloneOnItsPort: no other path of the plan would show whether other ports are open.
func aloneOnItsPort(t *trial) bool {
	return t.hop == report.HopTarget && !slices.ContainsFunc(t.ports,
		func(p int) bool { return p != t.Protocol.Port() })
}

// otherPort shakes hands on another port of the same host, to a verified certificate: a
// bare SYN-ACK would prove nothing.
func otherPort(ctx context.Context, t *trial) (report.Outcome, string) {
	ports := []report.Protocol{report.HTTPS}
	if t.Protocol.Port() == report.HTTPS.Port() {
		ports = []report.Protocol{report.AMQP, report.MQTT}
	}
	last, summary := report.Unavailable, ""
	for _, p := range ports {
		path := *t.Path
		path.Protocol = p
		t.Path = &path
		fault := t.handshake(ctx, hop.Hello{})
		if fault == nil {
			return report.Answered, fmt.Sprintf("port %d of the same address answers with a certificate that verifies",
				p.Port())
		}
		last, summary = report.Blocked, fmt.Sprintf("port %d does not work either: %s", p.Port(), fault.Summary)
	}
	return last, report.Clean(summary, 400)
}

// proxyAlive asks the proxy for a tunnel to a name that cannot exist (RFC 2606): one that
// lives refuses quickly.
func proxyAlive(ctx context.Context, t *trial) (report.Outcome, string) {
	start := time.Now()
	c, fault := proxy.Dial(ctx, t.env, t.trace, t.Route.Proxy, "edgenet-probe.invalid", 443)
	if c != nil {
		_ = c.Close()
	}
	o := spokenTo(fault)
	if o == report.Answered {
		return o, report.Clean(fmt.Sprintf("a CONNECT to a name that does not exist is answered after %s%s: the "+
			"proxy lives", time.Since(start).Round(time.Millisecond), statusWords(t.trace.Steps())), 400)
	}
	return o, told("a CONNECT to a name that does not exist", o, fault)
}

func statusWords(steps []report.Step) string {
	for _, s := range steps {
		if d, ok := s.Detail.(*report.ConnectDetail); ok && d.StatusLine != "" {
			return " with " + d.StatusLine
		}
	}
	return ""
}

func without443(t *trial) bool {
	return t.Protocol.Port() != report.HTTPS.Port() && !slices.Contains(t.ports, report.HTTPS.Port())
}

// port443 asks the proxy that forbids a port for 443 of the same host.
func port443(ctx context.Context, t *trial) (report.Outcome, string) {
	c, fault := proxy.Dial(ctx, t.env, t.trace, t.Route.Proxy, t.Host, report.HTTPS.Port())
	if c != nil {
		_ = c.Close()
	}
	switch {
	case fault == nil:
		return report.Answered, "the proxy allows 443 to the same host"
	case fault.Cause == report.ConnectForbidden:
		return report.Blocked, "the proxy forbids 443 to the same host as well"
	}
	return report.Unavailable, report.Clean("CONNECT to 443 of the same host failed otherwise: "+fault.Summary, 400)
}
