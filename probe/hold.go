package probe

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/judge"
	"edgenet/internal/sorting"
	"edgenet/report"
)

// holds tells whether the path can be left idle: HTTPS without credentials; AMQP and MQTT
// with, as the service soon ends a connection that nobody logged in on.
func (p *Path) holds() bool {
	return p.Hold > 0 && (p.Depth == "" || p.Depth == DepthProtocol || p.Depth == DepthAuth) &&
		(p.Protocol == report.HTTPS || p.Depth == DepthAuth && p.Identity != nil)
}

// idleTimes are how long connections are left idle, side by side: up to the limit, and
// among the shorter ones the runtime's heartbeats. MQTT has one: see holdAll.
func (p *Path) idleTimes() []time.Duration {
	if p.Protocol == report.MQTT || p.Protocol == report.MQTTWS {
		return []time.Duration{p.Hold}
	}
	times := []time.Duration{p.Hold / 8, p.Hold / 4, p.Hold / 2, p.Hold}
	for _, beat := range []time.Duration{judge.HeartbeatAMQP * time.Second, judge.HeartbeatMQTT * time.Second} {
		if beat < p.Hold {
			times = append(times, beat)
		}
	}
	sorting.By(times, cmp.Compare[time.Duration])
	return slices.CompactFunc(times, func(later, sooner time.Duration) bool { return later-sooner < sooner/16 })
}

// holdAll leaves the working paths' connections idle, all paths at once, and adds the
// steps. One path of MQTT is held, the first: an identity has one such connection.
func holdAll(round context.Context, paths []*Path, results []report.Result, env *hop.Env, base time.Time,
	observe Observer) {
	var wg sync.WaitGroup
	taken := false
	for i, p := range paths {
		if results[i].Status != report.OK || !p.holds() {
			continue
		}
		if p.Protocol == report.MQTT || p.Protocol == report.MQTTWS {
			if taken {
				continue
			}
			taken = true
		}
		own := *env // the address by which the path works
		if d := tcpOf(results[i].Steps); d != nil && len(d.Tried) > 1 {
			own.Only = addrOf(d.Remote)
		}
		wg.Go(func() {
			p.survey.calm(round) // an identity has one connection
			results[i].Steps = append(results[i].Steps, p.hold(round, &own, base))
			if observe != nil {
				observe(results[i])
			}
		})
	}
	wg.Wait()
}

// hold leaves connections of a working path idle, all at once, and gives the step. It
// fails the step and not the path.
func (p *Path) hold(round context.Context, env *hop.Env, base time.Time) report.Step {
	t := hop.NewTrace(round, base)
	m := t.Begin(report.HopTarget, report.StageHold)
	times := p.idleTimes()
	trials := make([]report.HoldTrial, len(times))
	var wg sync.WaitGroup
	for i, idle := range times {
		wg.Go(func() { trials[i] = p.holdOnce(round, env, base, idle) })
	}
	var busy *report.HoldTrial
	if p.Protocol == report.HTTPS && !p.sparing {
		wg.Go(func() { busy = p.holdBusy(round, env, base) })
	}
	wg.Wait()
	d := sumUp(trials, p.Hold)
	if d.Busy = busy; judge.EndsByAge(d) {
		d.KeepAliveSec = 0 // nothing that is sent helps
	}
	f := judgeHold(d, p.Host)
	switch {
	case f == nil && !hop.Ended(round):
		m.OK(d)
	case f == nil:
		m.Fail(hop.Fault{}, d) // the round ended: skipped
	default:
		d.At = env.UTC()
		m.Fail(*f, d)
	}
	return t.Steps()[0]
}

// holdOnce greets on a connection of its own, is silent, and then asks for an answer.
func (p *Path) holdOnce(round context.Context, env *hop.Env, base time.Time, idle time.Duration) report.HoldTrial {
	return p.held(round, env, base, idle, func(ctx context.Context, k keeper) (bool, error) {
		said, err := k.rest(ctx, idle)
		if err == nil && ctx.Err() == nil {
			said, err = k.nudge(ctx, p.Timeout)
		}
		return said, err
	})
}

// beats is how often something is sent on the connection that is kept busy.
const beats = 16

// holdBusy is the control to those that are idle: a connection as long under way, on which
// something is asked all the time. Nil where it never was up.
func (p *Path) holdBusy(round context.Context, env *hop.Env, base time.Time) *report.HoldTrial {
	beat := max(p.Hold/beats, time.Second)
	t := p.held(round, env, base, p.Hold, func(ctx context.Context, k keeper) (bool, error) {
		l, can := k.(*listener)
		if !can {
			return false, errNoChat
		}
		return l.chat(ctx, p.Hold, beat, p.Timeout)
	})
	t.IdleSec = seconds(beat)
	return &t
}

// held keeps a connection that was greeted on, does something with it, and says how it ended.
func (p *Path) held(round context.Context, env *hop.Env, base time.Time, length time.Duration,
	do func(context.Context, keeper) (said bool, err error)) (t report.HoldTrial) {
	t = report.HoldTrial{IdleSec: seconds(length), Outcome: report.HoldFailed}
	defer func() {
		if v := recover(); v != nil {
			t.Outcome, t.Error = report.HoldFailed, hop.PanicText(v)
		}
	}()
	ctx, cancel := context.WithTimeout(round, 2*p.Timeout+length)
	defer cancel()
	late := time.AfterFunc(p.Timeout, cancel) // greeting may take as long as a path may
	defer late.Stop()
	path := *p
	if p.Identity != nil { // a token that ends would end the connection
		id := *p.Identity
		id.Life = tokenLife + length
		path.Identity = &id
	}
	a := &attempt{Path: &path, env: env, trace: hop.NewTrace(round, base), start: time.Now()}
	defer a.trace.Steps() // waits for what runs beside
	k, local, err := a.keep(ctx)
	t.Local = local
	if err != nil || !late.Stop() {
		t.Error = errorWords(err)
		return t
	}
	defer k.leave()
	start := time.Now()
	said, err := do(ctx, k)
	t.EndSec = seconds(time.Since(start))
	t.Outcome, t.Error = endOf(said, err), errorWords(err)
	if hop.Ended(round) {
		t.Outcome = report.HoldFailed
	}
	return t
}

func seconds(d time.Duration) float64 { return math.Round(d.Seconds()*100) / 100 }

// sumUp gives the longest idle time that a connection outlived and the shortest that one
// did not.
func sumUp(trials []report.HoldTrial, limit time.Duration) *report.HoldDetail {
	sorting.By(trials, func(a, b report.HoldTrial) int { return cmp.Compare(a.IdleSec, b.IdleSec) })
	d := &report.HoldDetail{LimitSec: seconds(limit), Trials: trials}
	for _, t := range trials {
		lost := 0.0
		switch t.Outcome {
		case report.HoldLost:
			lost = t.IdleSec
		case report.HoldCut:
			lost = min(t.EndSec, t.IdleSec)
		case report.HoldServerIdle:
			d.ServerIdle = true
		}
		if lost > 0 && (d.LostSec == 0 || lost < d.LostSec) {
			d.LostSec = lost
		}
	}
	for _, t := range trials {
		if t.Outcome == report.HoldAlive && (d.LostSec == 0 || t.IdleSec < d.LostSec) {
			d.HeldSec = t.IdleSec
		}
	}
	if d.LostSec > 0 {
		d.KeepAliveSec = d.HeldSec
		if d.HeldSec == 0 || d.HeldSec >= d.LostSec {
			d.KeepAliveSec = math.Round(d.LostSec*50) / 100
		}
	}
	return d
}

// judgeHold is the classifier of the stage hold: how the connection ended that was lost
// first. Nil means that none was lost.
func judgeHold(d *report.HoldDetail, host string) *hop.Fault {
	if d.LostSec == 0 {
		return nil
	}
	f := &hop.Fault{Cause: report.HoldReset, Summary: fmt.Sprintf("an idle connection to %s was cut after %s", host,
		judge.IdleWords(d))}
	for _, t := range d.Trials {
		if t.Outcome == report.HoldLost && t.IdleSec <= d.LostSec {
			f = &hop.Fault{Cause: report.HoldDropped,
				Summary: fmt.Sprintf("an idle connection to %s was silently lost after %s", host, judge.IdleWords(d))}
		}
	}
	if judge.EndsByAge(d) {
		f.Summary += fmt.Sprintf("; one on which something was sent every %.3g s ended after %.3g s as well, so it "+
			"is its age that ends it", d.Busy.IdleSec, d.Busy.EndSec)
		return f
	}
	f.Summary += fmt.Sprintf("; something sent every %.3g s keeps it alive", d.KeepAliveSec)
	return f
}
