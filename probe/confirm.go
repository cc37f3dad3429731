package probe

import (
	"context"
	"slices"
	"time"

	"edgenet/internal/hop"
	"edgenet/report"
)

// A failure that comes as fast as an answer may be chance, or the price of walking several
// paths at once: it is tried again, alone, before it decides. A policy's answer is no
// chance; a cut may be. Bare refusals are counted (census).
const (
	oftenCut     = 12 // walks in all of a path that is cut now and then
	clearly      = 5  // by how many walks one outcome has to lead
	oftenRefused = 2
)

// confirmations is how many walks a failure needs at most, 1 where it stands as it is.
func (p *Path) confirmations(c report.Cause) int {
	switch c {
	case report.TCPRefused, report.TLSReset, report.WSClosed, report.AMQPClosed, report.HTTPClosed:
		return oftenCut
	case report.MQTTClosed: // a hub counts CONNECTs that nobody may make
		return oftenRefused
	case report.ConnectForbidden, report.ConnectStatus, report.ConnectClosed, report.ConnectUnsupported:
		if p.Protocol.Proxied() { // the runtime sends no other through a proxy
			return oftenRefused
		}
	}
	return 1
}

// pinned ties further walks to the one address that an attempt's name had: the name may have another by now.
func (a *attempt) pinned(env *hop.Env) *hop.Env {
	found := a.trace.Found()[a.Host]
	if len(found) != 1 || env.Only.IsValid() {
		return env
	}
	here := *env
	here.Only = found[0]
	return &here
}

// confirm walks a path that failed again and again, alone, and adds what comes of it to the
// tally. It ends when enough walks agree, or soon: the first walk had its time.
func (p *Path) confirm(round context.Context, env *hop.Env, base time.Time, first *attempt, t *tally) {
	c := first.fault.Cause
	most := p.confirmations(c)
	tunnel := p.Protocol.Proxied() && answersConnect(first) && !p.survey.brake.slow() // the runtime asks for no other
	if last := first.steps[len(first.steps)-1]; most == 1 && !tunnel || last.Stage == report.StageAuth {
		return // nobody logs in twice for this
	}
	if p.survey.brake.slow() {
		most = oftenRefused
	}
	env = first.pinned(env)
	again := *p
	again.alone = true
	again.Timeout = min(p.Timeout, max(3*time.Since(first.start), shortest))
	ctx, cancel := context.WithTimeoutCause(round, p.Timeout, ErrDeadline)
	defer cancel()
	p.survey.calm(ctx)
	if tunnel && p.letIn(ctx, &again, env, base, t) {
		return
	}
	if c == report.TCPRefused {
		n := p.census(ctx, round, env, base, true)
		if t.count(n); !n.mostly() {
			return
		}
	}
	counted, n := c == report.TCPRefused, (*hellos)(nil)
	if c == report.TLSReset && !p.survey.brake.slow() {
		n = p.cuts(ctx, env, base, first)
		t.countHellos(n)
		if counted = true; !n.mostly() {
			return
		}
	}
	p.survey.alone(ctx, func() bool {
		pause(ctx, settling) // the one before has only just left
		for walks := 1; walks < most && ctx.Err() == nil; walks++ {
			a := again.once(round, env, base)
			if a.stopped() {
				return false
			}
			if n != nil && (a.fault == nil || a.fault.Cause == report.TLSReset) {
				n.note(a) // of another trouble the hello is not the reason
			}
			if a.fault != nil && !p.same(a.fault.Cause, c) {
				if c == report.TCPRefused && a.fault.Cause.Proves() { // the port is open, and this is behind it
					*t = tally{}
					t.add(a)
				}
				return false // the second walk's own trouble
			}
			t.add(a)
			// where it was counted, what is left to see is what the port says behind it
			if counted && a.fault == nil || !counted && t.settled(again.alike(first)) {
				return true
			}
		}
		return false
	})
}

// alike is how many walks count as made already: where the same was done once more at once,
// and was cut as well.
func (p *Path) alike(first *attempt) int {
	if slices.ContainsFunc(first.experiments, func(e report.Experiment) bool {
		return e.Name == report.Again && e.Outcome == report.Killed
	}) {
		return 2
	}
	return 0
}

// same tells whether two cuts are of one kind: where a cut shows is chance.
func (p *Path) same(a, b report.Cause) bool {
	return a == b || p.confirmations(a) == oftenCut && p.confirmations(b) == oftenCut
}

// tally is what came of the walks of one path.
type tally struct {
	good, bad *attempt // the last of each
	won, lost int
	causes    map[report.Cause]int
	proofs    []time.Duration
	limit     bool // what was refused is the number of tunnels
	differs   bool // a proxy lets the same in and refuses it
}

// count adds bare connections: nothing was spoken over those that stood.
func (t *tally) count(c *census) {
	t.won += c.open
	if more := c.bad - 1; more > 0 { // the path's own is counted
		t.lost += more
		t.causes[report.TCPRefused] += more
	}
	if !c.mostly() && c.failed != nil && c.comesAndGoes() {
		t.bad = c.failed
	}
}

// countHellos adds handshakes, as count does connections.
func (t *tally) countHellos(n *hellos) {
	t.won, t.lost = t.won+n.good, t.lost+n.bad
	t.causes[report.TLSReset] += n.bad
	if n.good > 0 && !n.mostly() {
		t.bad = n.failed // what experiments said of the first is chance
	}
}

func (t *tally) walks() int { return t.won + t.lost }

func (t *tally) add(a *attempt) {
	if a.fault == nil {
		t.won++
		t.good, t.proofs = a, append(t.proofs, a.proof)
		return
	}
	t.lost++
	t.bad = a
	if t.causes == nil {
		t.causes = map[report.Cause]int{}
	}
	t.causes[a.fault.Cause]++
}

// settled tells whether one outcome leads clearly; more walks were lost that are not in the
// tally.
func (t *tally) settled(more int) bool {
	return max(t.won, t.lost+more)-min(t.won, t.lost+more) >= clearly
}

// sideBySide renames refusals by a proxy that lets the same pass on its own.
func (t *tally) sideBySide() {
	if t.differs {
		return
	}
	for _, c := range []report.Cause{report.ConnectForbidden, report.ConnectStatus, report.ConnectClosed,
		report.ConnectUnsupported} {
		if n := t.causes[c]; n > 0 && t.won > 0 {
			delete(t.causes, c)
			t.causes[report.ConnectLimit] += n
		}
	}
}

// refusedWith is what a proxy answered to a walk that it refused, nil where it did not.
func refusedWith(a *attempt) *report.ConnectFirst {
	for _, s := range a.steps {
		if d, ok := s.Detail.(*report.ConnectDetail); ok && s.Status == report.Failed {
			return &report.ConnectFirst{Status: d.Status, StatusLine: d.StatusLine, Credentials: d.Credentials,
				Headers: d.Headers}
		}
	}
	return nil
}

// noteRefusal keeps in the steps of a walk that passed what another one was answered: while other tunnels
// were open, or just so.
func noteRefusal(good []report.Step, bad *attempt, differs bool) {
	was := refusedWith(bad)
	for _, s := range good {
		if d, ok := s.Detail.(*report.ConnectDetail); ok && was != nil {
			if differs {
				d.Otherwise = was
			} else {
				d.SideBySide = was
			}
		}
	}
}
