package judge

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"edgenet/report"
)

// heartbeats of the runtime: edgeAgent and edgeHub send one every 60 s by AMQP; the
// .NET client pings every 75 s by MQTT (a quarter of its keep-alive of 300 s).
const (
	HeartbeatAMQP = 60
	HeartbeatMQTT = 75
)

// heartbeat is how often the runtime says something on such a connection, in seconds. The
// daemon's HTTPS has none: what it shows of the way is held against the WebSocket
// protocols on the same port, of which AMQP's is the smaller.
func heartbeat(p report.Protocol) float64 {
	if p == report.MQTT || p == report.MQTTWS {
		return HeartbeatMQTT
	}
	return HeartbeatAMQP
}

// holdDetail is what keeping a path's connections idle showed, nil where none was.
func holdDetail(r *report.Result) *report.HoldDetail {
	st, _ := r.Step(report.HopTarget, report.StageHold)
	d, _ := st.Detail.(*report.HoldDetail)
	return d
}

// holdShort: an idle connection lives shorter than the runtime's own heartbeat.
func holdShort(v *view) []conclusion {
	short := v.matching(func(r *report.Result) bool {
		d := holdDetail(r)
		return d != nil && d.LostSec > 0 && !v.agesByProxy(r) && d.HeldSec < heartbeat(r.Protocol) &&
			d.LostSec <= heartbeat(r.Protocol)
	})
	if i := slices.IndexFunc(short, func(r *report.Result) bool { return EndsByAge(holdDetail(r)) }); i >= 0 {
		d := holdDetail(short[i])
		return one(conclusion{results: short, summary: agesWords(short[i].Route, d), remedy: ageRemedy(short[i].Host)})
	}
	var out []conclusion
	for len(short) > 0 {
		var limit []*report.Result
		limit, short = oneLimit(short)
		out = append(out, v.heldShort(limit))
	}
	return out
}

// oneLimit takes out of paths those that the limit of the first may cut as well: of its route, or lost
// within the same time on another one, as by a NAT before both.
func oneLimit(short []*report.Result) (limit, rest []*report.Result) {
	a := holdDetail(short[0])
	for _, r := range short {
		if d := holdDetail(r); r.Route == short[0].Route || d.HeldSec < a.LostSec && a.HeldSec < d.LostSec {
			limit = append(limit, r)
		} else {
			rest = append(rest, r)
		}
	}
	return limit, rest
}

// heldShort is about the paths that one limit cuts. What a proxy ends by itself, and nobody does directly,
// is the proxy's.
func (v *view) heldShort(short []*report.Result) conclusion {
	least := slices.MinFunc(short, func(a, b *report.Result) int {
		return cmp.Compare(holdDetail(a).LostSec, holdDetail(b).LostSec)
	})
	d := holdDetail(least)
	c := conclusion{results: short, remedy: holdRemedy(d)}
	if p, _ := v.q.route(least.Route); p.Proxied() && !slices.ContainsFunc(short, direct) {
		if !slices.ContainsFunc(d.Trials, func(t report.HoldTrial) bool { return t.Outcome == report.HoldLost }) {
			c.actor, c.remedy = report.ActorProxy, proxyHold(p.Address, d)
		}
	}
	c.summary = fmt.Sprintf("an idle connection is lost after %s by the route %s, and the runtime is silent for up to "+
		"%.0f s", IdleWords(d), least.Route, heartbeat(least.Protocol))
	return c
}

// EndsByAge tells whether a connection ends however much is sent on it: one that was kept busy
// ended, at about the age at which an idle one did, and silences as short as those on it harm
// nobody.
func EndsByAge(d *report.HoldDetail) bool {
	b := d.Busy
	if b == nil || b.Outcome != report.HoldCut && b.Outcome != report.HoldLost || d.HeldSec < b.IdleSec ||
		d.HeldSec > b.EndSec {
		return false
	}
	for _, t := range d.Trials {
		age := t.EndSec
		if t.Outcome == report.HoldLost {
			age = t.IdleSec // that it was over is known only then
		}
		if (t.Outcome == report.HoldCut && math.Abs(age-b.EndSec) <= b.IdleSec+1) ||
			t.Outcome == report.HoldLost && b.Outcome == report.HoldLost && age >= b.EndSec-b.IdleSec {
			return true
		}
	}
	return false
}

// agesByProxy tells whether it is by a proxy that a path's connections end by their age.
func (v *view) agesByProxy(r *report.Result) bool {
	d := holdDetail(r)
	p, found := v.q.route(r.Route)
	return d != nil && found && p.Proxied() && EndsByAge(d)
}

// proxyLifetime: by a proxy a connection is ended by its age.
func proxyLifetime(v *view) []conclusion {
	var out []conclusion
	seen := map[string]bool{}
	for _, r := range v.matching(v.agesByProxy) {
		if seen[r.Route] {
			continue
		}
		seen[r.Route] = true
		out = append(out, conclusion{results: []*report.Result{r}, summary: agesWords(r.Route, holdDetail(r)),
			remedy: ageRemedy(r.Host)})
	}
	return out
}

// agesWords says that a connection ends however much is sent on it.
func agesWords(route string, d *report.HoldDetail) string {
	return fmt.Sprintf("a connection by the route %s is ended %.3g s after it began, though something was sent on it "+
		"every %.3g s: its age is what ends it, and no keep-alive helps", route, d.Busy.EndSec, d.Busy.IdleSec)
}

// ageRemedy names the limit that is in the way.
func ageRemedy(host string) string {
	return fmt.Sprintf("Raise or remove the limit on how long a connection to %s may last (the absolute or session "+
		"lifetime, not the idle timeout): the runtime keeps its connection for days.", host)
}

// IdleWords says between which idle times a connection is lost.
func IdleWords(d *report.HoldDetail) string {
	if d.HeldSec == 0 || d.HeldSec >= d.LostSec {
		return fmt.Sprintf("%.3g s or less", d.LostSec)
	}
	return fmt.Sprintf("%.3g to %.3g s", d.HeldSec, d.LostSec)
}

// holdRemedy names the keep-alive that would do.
func holdRemedy(d *report.HoldDetail) string {
	s := "Raise the idle timeout of the NAT, firewall or proxy above the runtime's heartbeat (AMQP 60 s, MQTT 75 s)"
	if d.KeepAliveSec > 0 {
		s += fmt.Sprintf("; until then let something be sent every %.3g s: TCP keep-alives "+
			"(net.ipv4.tcp_keepalive_time=%.0f, where programs turn them on), or a module that sends a message "+
			"that often", d.KeepAliveSec, math.Max(1, math.Floor(d.KeepAliveSec)))
	}
	return s + "."
}

// proxyHold is for a proxy that ends idle tunnels: a TCP keep-alive goes as far as the proxy, and counts for
// nothing there.
func proxyHold(address string, d *report.HoldDetail) string {
	s := fmt.Sprintf("Raise the idle timeout of the proxy %s for tunnels above the runtime's heartbeat (AMQP 60 s, "+
		"MQTT 75 s)", address)
	if d.KeepAliveSec > 0 {
		s += fmt.Sprintf("; until then a module that sends a message every %.3g s keeps the connection, and TCP "+
			"keep-alives, which end at the proxy, do not", d.KeepAliveSec)
	}
	return s + "."
}
