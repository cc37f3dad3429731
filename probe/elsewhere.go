package probe

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/sorting"
	"edgenet/report"
)

// oftenThere is how often a failure at one address is met until it is that address'.
const oftenThere = 4

// mostAddresses bounds by how many further addresses of a name a path is walked.
const mostAddresses = 3

// elsewhere walks a path by the other addresses of a name, where the first one fails above
// TCP: after the failure, or beside a silence, so that both cost one timeout.
type elsewhere struct {
	path  *Path
	round context.Context //nolint:containedctx // of the walks
	env   *hop.Env
	base  time.Time

	wg    sync.WaitGroup
	mu    sync.Mutex
	began bool
	walks []*attempt
}

// once walks the path one time. Where an address of several fails above TCP, the path is that
// of the address that gets furthest.
func (p *Path) once(round context.Context, env *hop.Env, base time.Time) *attempt {
	ctx, cancel := context.WithCancelCause(round)
	defer cancel(nil)
	e := &elsewhere{path: p, round: ctx, env: env, base: base}
	first := p.walkBy(round, env, base, netip.Addr{}, e)
	if first.fault == nil || first.stopped() || !dependsOnAddress(first) {
		cancel(errNotNeeded)
		e.wg.Wait()
		if d := first.tcp(); d != nil && len(d.Tried) > 1 && first.fault == nil {
			note(d.Tried, first)
		}
		return first
	}
	e.start(answered(first), p.Timeout)
	e.wg.Wait()
	return furthest(first, e.walks)
}

// start begins the walks, once. They wait so long for an answer.
func (e *elsewhere) start(r hop.Reached, quiet time.Duration) {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.began || r.Hop == "" {
		return
	}
	e.began = true
	own := *e.path
	own.Timeout = quiet
	for _, ip := range r.Others[:min(len(r.Others), mostAddresses)] {
		e.wg.Go(func() {
			a := own.walkBy(e.round, e.env, e.base, ip, nil)
			e.mu.Lock()
			defer e.mu.Unlock()
			if !a.stopped() {
				e.walks = append(e.walks, a)
			}
		})
	}
}

// dependsOnAddress tells whether another address may fare otherwise. Nobody logs in twice for
// this, and a hub counts MQTT's CONNECTs.
func dependsOnAddress(a *attempt) bool {
	c := a.fault.Cause
	last := a.steps[len(a.steps)-1]
	return c.Proves() && c != report.MQTTRefused && last.Stage != report.StageAuth && len(answered(a).Others) > 0
}

// answered are the addresses that a walk reached, without those that are known not to answer.
func answered(a *attempt) hop.Reached {
	r := a.trace.Reached()
	d := a.tcp()
	if d == nil || r.Hop == "" {
		return hop.Reached{}
	}
	r.Others = slices.DeleteFunc(slices.Clone(r.Others), func(ip netip.Addr) bool {
		return slices.ContainsFunc(d.Tried, func(t report.TCPAttempt) bool {
			return addrOf(t.Remote) == ip && t.Status == report.Failed
		})
	})
	return r
}

// failedAt is the one of several addresses to which the experiments about a hop have to go;
// the zero address is none in particular.
func (a *attempt) failedAt(h report.Hop) netip.Addr {
	r := a.trace.Reached()
	ours := h == r.Hop || r.Hop == report.HopProxy // what is behind a proxy is seen by this one
	switch {
	case a.env.Only.IsValid():
		return a.env.Only
	case ours && len(r.Others) > 0:
		return r.At
	}
	last, _ := a.trace.Last()
	if last.Status != report.Failed || last.Hop != h {
		return netip.Addr{} // of what stands, other addresses may still be on their way into the detail
	}
	if d, is := last.Detail.(*report.TCPDetail); is && len(d.Tried) > 1 {
		return addrOf(d.Remote)
	}
	return netip.Addr{}
}

// tcp is the evidence of a walk's own connection, nil where it has none.
func (a *attempt) tcp() *report.TCPDetail { return tcpOf(a.steps) }

func tcpOf(steps []report.Step) *report.TCPDetail {
	for _, s := range steps {
		if d, is := s.Detail.(*report.TCPDetail); is && s.Status == report.OK {
			return d
		}
	}
	return nil
}

func addrOf(remote string) netip.Addr {
	ap, _ := netip.ParseAddrPort(remote)
	return ap.Addr().Unmap()
}

// furthest is the walk that the path is judged by; what became of the others is noted with
// its connection. At the same stage IPv4 decides, and the smaller address.
func furthest(first *attempt, others []*attempt) *attempt {
	all := append([]*attempt{first}, others...)
	sorting.By(all, func(a, b *attempt) int {
		x, y := a.trace.Reached().At, b.trace.Reached().At
		return cmp.Or(cmp.Compare(b.distance(), a.distance()), cmp.Compare(y.BitLen(), x.BitLen())*-1, x.Compare(y))
	})
	best := all[0]
	d, was := best.tcp(), first.tcp()
	if d == nil || was == nil {
		return best
	}
	tried := slices.Clone(was.Tried)
	for _, a := range all {
		note(tried, a)
	}
	d.Tried = tried
	return best
}

// distance is how far a walk got: the number of its steps that went well, and beyond all for
// one that came through.
func (a *attempt) distance() int {
	if a.fault == nil {
		return len(report.Stages()) * 2
	}
	n := 0
	for _, s := range a.steps {
		if s.Status == report.OK {
			n++
		}
	}
	return n
}

// note keeps with an address what became of a walk by it.
func note(tried []report.TCPAttempt, a *attempt) {
	ip := a.trace.Reached().At
	i := slices.IndexFunc(tried, func(t report.TCPAttempt) bool { return ip.IsValid() && addrOf(t.Remote) == ip })
	if i < 0 || a.stopped() || a.fault != nil && !a.fault.Cause.Proves() {
		return // it did not get beyond TCP, or says nothing
	}
	t := &tried[i]
	t.Walked = true
	t.Status, t.Hop, t.Stage, t.Cause, t.Summary = report.OK, "", "", "", ""
	if a.fault == nil {
		return
	}
	last := a.steps[len(a.steps)-1]
	t.Status, t.Hop, t.Stage = report.Failed, last.Hop, last.Stage
	t.Cause, t.Summary = a.fault.Cause, report.Clean(a.fault.Summary, 300)
}

// lookAgain walks by the addresses of which nothing is known above TCP, where a path has shown
// that those of the name differ: another path may have been led past the bad one. The path that the
// verdict may go by is walked by all of them, since it may be the only one to its port. What was cut
// or refused there is tried once more alone, since that may have been chance.
func lookAgain(round context.Context, paths []*Path, results []report.Result, env *hop.Env, base time.Time) {
	bad, unknown := map[netip.Addr]bool{}, map[netip.Addr]bool{}
	for i := range results {
		for _, t := range triedAt(&results[i]) {
			if t.Stage != "" {
				bad[addrOf(t.Remote)] = true
			}
		}
	}
	best := decisive(paths, results)
	if best >= 0 && !paths[best].sparing && !paths[best].survey.brake.slow() {
		for _, t := range triedAt(&results[best])[:min(len(triedAt(&results[best])), 1+mostAddresses)] {
			unknown[addrOf(t.Remote)] = true
		}
	}
	if len(bad) == 0 && len(unknown) < 2 || hop.Ended(round) {
		return
	}
	paths[0].survey.calm(round)
	var wg sync.WaitGroup
	for i, p := range paths {
		doubted := bad
		if i == best && len(unknown) > 1 {
			doubted = unknown
		}
		wg.Go(func() {
			d := tcpOf(results[i].Steps)
			if d == nil || len(d.Tried) < 2 || results[i].Status == report.Skipped {
				return
			}
			for j := range d.Tried {
				p.lookAt(round, env, base, &results[i], d.Tried[j:j+1], doubted)
			}
		})
	}
	wg.Wait()
}

func triedAt(r *report.Result) []report.TCPAttempt {
	if d := tcpOf(r.Steps); d != nil {
		return d.Tried
	}
	return nil
}

// lookAt completes what is known of one address of a path.
func (p *Path) lookAt(round context.Context, env *hop.Env, base time.Time, r *report.Result, t []report.TCPAttempt,
	bad map[netip.Addr]bool) {
	ip, own := addrOf(t[0].Remote), *p
	own.Timeout = min(p.Timeout, max(p.Timeout/5, 2*time.Second)) // the silence at a bad address is known
	chance := t[0].Stage != "" && p.confirmations(t[0].Cause) > 1
	unknown := bad[ip] && t[0].Status == report.OK && !t[0].Walked && ip != addrOf(tcpOf(r.Steps).Remote)
	switch {
	case unknown && r.Status == report.OK:
		for try := 0; try < 2 && !t[0].Walked; try++ { // a busy host may need another try
			note(t, own.walkBy(round, env, base, ip, nil))
		}
	case !chance:
		return
	}
	own.alone = true
	for n := 1; t[0].Stage != "" && n < min(p.confirmations(t[0].Cause), oftenThere); n++ {
		p.survey.alone(round, func() bool {
			if a := own.walkBy(round, env, base, ip, nil); !a.stopped() {
				note(t, a)
			}
			return true
		})
	}
}
