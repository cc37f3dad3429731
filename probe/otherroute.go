package probe

import (
	"context"
	"fmt"
	"sync"
	"time"

	"edgenet/internal/hop"
	"edgenet/report"
)

// offRoute are the failures that another way out of this host may not have.
func offRoute() []report.Cause {
	return []report.Cause{report.TCPTimeout, report.TCPRefused, report.TCPUnreachable, report.TCPNoRoute,
		report.TCPNoNeighbour, report.TLSReset, report.TLSTimeout, report.TLSNotTLS}
}

// controlTime is how long the way that failed is given to answer after all.
const controlTime = time.Second

// dialled is the host and port that this machine itself connects to on the trial's path.
func (t *trial) dialled() (host string, port int) {
	if p := t.Route.Proxy; p != nil {
		return p.Host, p.Port
	}
	return t.Host, t.Protocol.Port()
}

// otherWays are the ways that this host has beside the one that the path takes.
func (t *trial) otherWays(ctx context.Context) ([]hop.Source, *hop.Env, string) {
	host, port := t.dialled()
	h := report.HopTarget
	if t.Route.Proxy != nil {
		h = report.HopProxy
	}
	addrs, fault := hop.Resolve(ctx, t.env, t.trace.Aside(), h, host, port)
	if fault != nil {
		return nil, nil, fault.Summary
	}
	to := firstIPv4(addrs)
	return hop.OtherWays(t.env, to), t.env.By(hop.Source{}, host, port, to), ""
}

// severalWays tells whether this host dials the failing hop itself, and has links that could
// lead there in another way.
func severalWays(t *trial) bool {
	return (t.hop == report.HopTarget) == (t.Route.Proxy == nil) && hop.SeveralWays(t.env)
}

// otherRoute shakes hands with the target from this host's other links and addresses, all at
// once. Only a certificate that verifies counts, and only while the path's own way still fails.
func otherRoute(ctx context.Context, t *trial) (report.Outcome, string) {
	ways, env, why := t.otherWays(ctx)
	switch {
	case why != "":
		return report.Unavailable, report.Clean("no address to try from elsewhere: "+why, 400)
	case len(ways) == 0:
		return report.Unavailable, "this host has no other way out"
	}
	faults := make([]*hop.Fault, len(ways))
	tries := make([]*trial, len(ways))
	var wg sync.WaitGroup
	for i, w := range ways {
		own := *env
		own.Source = w
		tries[i] = t.from(&own)
		wg.Go(func() { faults[i] = tries[i].handshake(ctx, hop.Hello{}) })
	}
	wg.Wait()
	t.steps = tries[0].trace.Steps()
	for i, f := range faults {
		if f != nil {
			continue
		}
		again, cancel := context.WithTimeout(ctx, controlTime)
		defer cancel()
		if t.from(env).handshake(again, hop.Hello{}) == nil {
			return report.Unavailable, "the same way answers after all: it comes and goes"
		}
		t.source, t.steps = ways[i].String(), tries[i].trace.Steps()
		return report.Answered, fmt.Sprintf("a handshake from %s gets a certificate that verifies", t.source)
	}
	return report.Blocked, report.Clean(fmt.Sprintf("from %s it does not work either: %s", ways[0], faults[0].Summary),
		400)
}

// from is the same trial in another environment, with a trace of its own.
func (t *trial) from(env *hop.Env) *trial {
	a := *t.attempt
	a.env, a.trace = env, t.trace.Aside()
	return &trial{attempt: &a, hop: report.HopTarget, survey: t.survey}
}
