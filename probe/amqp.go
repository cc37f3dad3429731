package probe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"edgenet/internal/amqpwire"
	"edgenet/internal/hop"
	"edgenet/internal/neterr"
	"edgenet/report"
)

// greeting is an AMQP greeting under way: what was reached tells who cut it.
type greeting struct {
	a *attempt
	s *stream
	m *hop.Move
	d *report.AMQPDetail
}

// amqp greets: SASL ANONYMOUS and OPEN, then CLOSE. The service answers them without
// any credential, and nothing but an AMQP 1.0 service does.
func (a *attempt) amqp(ctx context.Context, s *stream) *hop.Fault {
	g := &greeting{a, s, a.trace.Begin(report.HopTarget, report.StageAMQP), &report.AMQPDetail{Reached: "tls"}}
	for _, step := range []func() *hop.Fault{g.sasl, g.open} {
		if fault := step(); fault != nil {
			return fault
		}
	}
	a.prove()
	if fault := g.goodbye(ctx); fault != nil {
		return fault
	}
	g.m.OK(g.d)
	if a.Depth == DepthAuth {
		return a.authAMQP(ctx)
	}
	return nil
}

// sasl exchanges the SASL header and chooses ANONYMOUS. Both go out together, which saves a round
// trip: what the peer offers still comes first, and is read before the outcome. The AMQP header has
// to wait for that, since one server hung with all four at once.
func (g *greeting) sasl() *hop.Fault {
	if fault := g.header(amqpwire.HeaderSASL, amqpwire.SASLInit()); fault != nil {
		return fault
	}
	g.d.Reached = "header"
	f, err := amqpwire.Read(g.s)
	if err != nil {
		return g.broken(err)
	}
	if f.Code != amqpwire.CodeSASLMechanisms {
		return g.unexpected(f, "sasl-mechanisms")
	}
	g.d.Mechanisms = f.Mechanisms()
	if !slices.Contains(g.d.Mechanisms, "ANONYMOUS") {
		return g.fail(hop.Fault{Cause: report.AMQPSASL, Summary: fmt.Sprintf("%s offers no SASL ANONYMOUS, only %s",
			g.a.Host, orNothing(g.d.Mechanisms))})
	}
	if f, err = amqpwire.Read(g.s); err != nil {
		return g.broken(err)
	}
	if f.Code != amqpwire.CodeSASLOutcome {
		return g.unexpected(f, "sasl-outcome")
	}
	if code, ok := f.Number(0); !ok || code != 0 {
		return g.fail(hop.Fault{Cause: report.AMQPSASL,
			Summary: fmt.Sprintf("%s refuses SASL ANONYMOUS with outcome %v", g.a.Host, f.Field(0))})
	}
	g.d.Reached = "sasl"
	return nil
}

// open exchanges the AMQP header and OPEN. They go out together, which saves a round trip
// and is what the runtime's Java SDK does (by Qpid Proton); the answers are read apart, so
// that what was reached is known all the same.
func (g *greeting) open() *hop.Fault {
	if fault := g.header(amqpwire.HeaderAMQP, amqpwire.Open(madeUpDevice, g.a.Host)); fault != nil {
		return fault
	}
	f, err := amqpwire.Read(g.s)
	if err != nil {
		return g.broken(err)
	}
	if f.Code == amqpwire.CodeClose {
		return g.refused(f)
	}
	if f.Code != amqpwire.CodeOpen {
		return g.unexpected(f, "open")
	}
	g.d.Reached, g.d.ContainerID = "open", f.Text(0)
	if n, ok := f.Number(2); ok {
		g.d.MaxFrame = uint32(min(n, 1<<32-1))
	}
	if n, ok := f.Number(4); ok {
		ms := report.Millis(n)
		g.d.IdleTimeMs = &ms
	}
	return nil
}

// header sends a protocol header, and the frame that goes with it, and expects the same
// header back.
func (g *greeting) header(h [8]byte, frame []byte) *hop.Fault {
	if _, err := g.s.Write(slices.Concat(h[:], frame)); err != nil {
		return g.broken(err)
	}
	var got [8]byte
	n, err := io.ReadFull(g.s, got[:])
	if got == h && err == nil {
		return nil
	}
	first := got[:n]
	g.d.FirstBytes = report.CleanBytes(first, 8)
	switch {
	case n > 0 && !strings.HasPrefix("AMQP", string(first[:min(n, 4)])):
		return g.fail(hop.Fault{Cause: report.AMQPNotAMQP, Summary: fmt.Sprintf("what answers at %s is not AMQP: %s",
			g.a.Host, g.d.FirstBytes)})
	case n == 8:
		return g.fail(hop.Fault{Cause: report.AMQPVersion,
			Summary: fmt.Sprintf("%s speaks AMQP with protocol id %d, version %d.%d.%d in place of id %d, version "+
				"1.0.0", g.a.Host, got[4], got[5], got[6], got[7], h[4])})
	}
	return g.broken(err)
}

// broken is the classifier of a greeting that ended without the peer's frame.
func (g *greeting) broken(err error) *hop.Fault {
	if g.d.Reached == "tls" && g.d.FirstBytes == "" {
		if f := g.s.session.ClientRefusal(err); f != nil {
			return f
		}
	}
	g.d.Error = neterr.Text(err)
	host := g.a.Host
	if errors.Is(err, amqpwire.ErrMalformed) {
		return g.fail(hop.Fault{Cause: report.AMQPNotAMQP,
			Summary: fmt.Sprintf("what %s sends after %s is not AMQP: %s", host, reachedWords[g.d.Reached], g.d.Error)})
	}
	switch silenceOf(err, g.s) {
	case timedOut:
		return g.fail(hop.Fault{Cause: report.AMQPTimeout,
			Summary: fmt.Sprintf("%s with %s, and then no AMQP answer within %s", reachedWords[g.d.Reached], host,
				hop.Seconds(g.m.Elapsed()))})
	case garbled:
		return g.a.wsGarbled(err)
	case cut:
		if g.d.Reached == "tls" && g.d.FirstBytes == "" {
			return g.a.wsCut(err)
		}
		fallthrough
	case closed:
		return g.fail(hop.Fault{Cause: report.AMQPClosed,
			Summary: fmt.Sprintf("%s with %s, and then the connection was closed before OPEN came back",
				reachedWords[g.d.Reached], host)})
	}
	return g.fail(hop.Fault{Cause: report.Unknown, Summary: fmt.Sprintf("AMQP with %s failed: %s", host, g.d.Error)})
}

var reachedWords = map[string]string{"tls": "TLS is up", "header": "the AMQP header came back", "sasl": "SASL is done",
	"open": "OPEN came back"}

// refused reads a CLOSE that the peer sent by itself.
func (g *greeting) refused(f amqpwire.Performative) *hop.Fault {
	condition, description, ok := f.Problem()
	if !ok {
		return g.fail(hop.Fault{Cause: report.AMQPClosed,
			Summary: fmt.Sprintf("%s sent CLOSE before OPEN, without an error", g.a.Host)})
	}
	g.d.Condition, g.d.Description = condition, description
	return g.fail(hop.Fault{Cause: report.AMQPError,
		Summary: strings.TrimSpace(fmt.Sprintf("%s is reached and refuses with %s %s", g.a.Host, condition,
			description))})
}

func (g *greeting) unexpected(f amqpwire.Performative, wanted string) *hop.Fault {
	if f.Code == amqpwire.CodeClose {
		return g.refused(f)
	}
	return g.fail(hop.Fault{Cause: report.Unknown,
		Summary: fmt.Sprintf("%s sent the performative 0x%02x where %s belongs", g.a.Host, f.Code, wanted)})
}

func (g *greeting) fail(f hop.Fault) *hop.Fault {
	g.d.At = g.a.env.UTC()
	return g.m.Fail(f, g.d)
}

func orNothing(s []string) string {
	if len(s) == 0 {
		return "nothing"
	}
	return strings.Join(s, ", ")
}
