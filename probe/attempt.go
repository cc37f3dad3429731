package probe

import (
	"context"
	"net"
	"time"

	"github.com/coder/websocket"

	"edgenet/internal/hop"
	"edgenet/report"
)

// attempt is one walk along a path.
type attempt struct {
	*Path
	env   *hop.Env
	trace *hop.Trace
	start time.Time
	proof time.Duration // from start to the first proof that the protocol answered
	fault *hop.Fault
	steps []report.Step
	// waited is how long the path waits; nil where a context alone says so.
	waited *hop.Patience
	pace   *report.Pace  // nil where nothing was sent
	gave   time.Duration // how long the path gave way to others
	leave  func()        // lets others go; nil where it need not

	byes   []func() // what is left when the walk is over, the last first
	single bool     // the first walk of its path, and the only one if it comes through

	experiments []report.Experiment // what its failure called for
	padding     *report.Experiment  // what a silence after a padded request called for; nil where none came
}

// stopped tells whether the round ended before the attempt did.
func (a *attempt) stopped() bool { return a.fault != nil && a.fault.Stopped }

// prove notes when the protocol, or at a lesser depth the layer asked for, had answered.
func (a *attempt) prove() {
	if a.proof == 0 {
		a.proof = time.Since(a.start) - a.gave
	}
}

// walk is the straight line: reach, TLS, then what is spoken inside.
func (a *attempt) walk(ctx context.Context) *hop.Fault {
	defer a.goOn()
	conn, fault := a.reach(ctx)
	if fault != nil {
		return fault
	}
	a.after(func() { _ = conn.Close() })
	if a.Depth == DepthTCP {
		a.prove()
		return nil
	}
	session, fault := a.handshake(ctx, conn, a.tlsOptions())
	if session != nil {
		a.after(func() { _ = session.Close() }) // close_notify, then conn
	}
	if fault != nil {
		a.askDate(ctx, session)
		return fault
	}
	if a.Depth == DepthTLS {
		a.prove()
		return nil
	}
	return a.speak(ctx, session)
}

// reach gets a connection to the target, directly or through the route's proxy.
func (a *attempt) reach(ctx context.Context) (net.Conn, *hop.Fault) {
	if p := a.Route.Proxy; p != nil {
		return a.through(ctx, p)
	}
	return hop.Dial(ctx, a.env, a.trace, report.HopTarget, a.Host, a.Protocol.Port())
}

func (a *attempt) tlsOptions() hop.TLSOptions {
	o := hop.TLSOptions{ServerName: a.Host, Consumer: a.consumer(), Proxied: a.Route.Proxy != nil,
		HTTP: a.Protocol.Port() == 443}
	if a.Identity != nil {
		o.Certificate = a.Identity.Certificate
	}
	return o
}

// speak does the protocol's greeting, and at DepthAuth a login.
func (a *attempt) speak(ctx context.Context, session *hop.Session) *hop.Fault {
	if a.Protocol == report.HTTPS {
		return a.http(ctx, session)
	}
	s, fault := a.layer(ctx, session)
	if fault != nil {
		return fault
	}
	a.after(s.drop)
	if a.Protocol == report.AMQP || a.Protocol == report.AMQPWS {
		return a.amqp(ctx, s)
	}
	if a.quiet {
		a.prove()
		a.after(func() { s.leave(ctx) })
		return nil
	}
	return a.mqtt(ctx, s)
}

// stream is what AMQP and MQTT are spoken over: TLS, or a WebSocket inside it.
type stream struct {
	net.Conn
	ctx     context.Context //nolint:containedctx // of the attempt: tells silence from a cut
	session *hop.Session
	ws      *websocket.Conn // nil without a WebSocket
}

// layer puts a WebSocket on the session where the protocol wants one.
func (a *attempt) layer(ctx context.Context, session *hop.Session) (*stream, *hop.Fault) {
	if !a.Protocol.WebSocket() {
		return &stream{Conn: session, ctx: ctx, session: session}, nil
	}
	ws, fault := a.upgrade(ctx, session)
	if fault != nil {
		return nil, fault
	}
	return &stream{websocket.NetConn(ctx, ws, websocket.MessageBinary), ctx, session, ws}, nil
}

// goodbyeWait bounds the wait for the peer's part of a goodbye.
const goodbyeWait = time.Second

// patience limits the reads of a goodbye.
func (s *stream) patience(ctx context.Context) {
	until := time.Now().Add(goodbyeWait)
	if left, ok := hop.Until(ctx); ok && left < goodbyeWait {
		until = time.Now().Add(left)
	}
	_ = s.session.SetReadDeadline(until)
}

// leave says goodbye: a WebSocket's closing handshake, then TLS's close_notify.
func (s *stream) leave(ctx context.Context) {
	s.patience(ctx)
	_ = s.Close()
}

// part says every goodbye in one packet, where the protocol's own has been heard: nothing is awaited.
func (s *stream) part(ctx context.Context) {
	if s.ws != nil {
		s.session.JoinEnd()
		_ = s.session.SetReadDeadline(time.Now())
		_ = s.Close()
		return
	}
	s.leave(ctx)
}

// drop ends a stream without a word, where leave was not reached.
func (s *stream) drop() {
	if s.ws != nil {
		_ = s.ws.CloseNow()
	}
}
