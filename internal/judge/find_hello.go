package judge

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/report"
)

// helloKilled tells whether a path dies at the TLS hello of the target, again and again.
func helloKilled(r *report.Result) bool {
	again, asked := r.Experiment(report.Again)
	return failed(r) && r.Hop == report.HopTarget && (r.Cause == report.TLSReset || r.Cause == report.TLSTimeout) &&
		asked && (again.Outcome == report.Killed || again.Outcome == report.Silent)
}

// byName tells whether a killed hello is killed for its server name: with another one, or
// with none, the same address answers, and no hello with this one was answered, whatever
// its size, so that loss is not taken for a filter. The second result says that no name
// passes.
func byName(r *report.Result) (yes, whatever bool) {
	other, _ := r.Experiment(report.OtherName)
	none, _ := r.Experiment(report.NoName)
	passes := false
	for _, n := range []report.ExperimentName{report.SmallSegments, report.SmallHello, report.LargeHello} {
		own, _ := r.Experiment(n)
		passes = passes || own.Outcome == report.Answered
	}
	dead := func(e report.Experiment) bool { return e.Outcome == report.Killed || e.Outcome == report.Silent }
	return !passes && (other.Outcome == report.Answered || none.Outcome == report.Answered), dead(other) && dead(none)
}

// hellosComeAndGo tells whether the same hello is cut mostly, and gets through now and then: which one passes
// is chance then, and neither a name that passes nor one that does not proves a rule.
func (v *view) hellosComeAndGo() bool {
	return slices.ContainsFunc(v.results, func(r report.Result) bool {
		return r.FailureCauses[report.TLSReset] > 0 && (comesAndGoes(&r) || ok(&r) && lossy(&r))
	})
}

// firewallSNI: the hello dies with this name alone.
func firewallSNI(v *view) []conclusion {
	bad := v.matching(func(r *report.Result) bool { yes, _ := byName(r); return helloKilled(r) && yes })
	if len(bad) == 0 || v.hellosComeAndGo() {
		return nil
	}
	r := bad[0]
	return one(conclusion{facts: v.matter(bad), results: bad, actor: whoCuts(bad),
		summary: fmt.Sprintf("TLS to %s %s for its name: with another server name, or with none, the same address "+
			"answers",
			r.Host, howKilled(r)),
		remedy: fmt.Sprintf("Find the rule that goes by server name or URL category, and allow %s in it.", r.Host)})
}

// firewallProtocol: the hello dies whatever the name. What else was tried beside it says whether the version
// of TLS decides, or anything that is sent, which is told each by itself.
func firewallProtocol(v *view) []conclusion {
	bad := v.matching(func(r *report.Result) bool {
		_, whatever := byName(r)
		return helloKilled(r) && whatever && frontOf(r).ttl == 0
	})
	if len(bad) == 0 || v.hellosComeAndGo() {
		return nil
	}
	var out []conclusion
	for _, k := range []killedBy{byNewTLS, byBothTLS, byOldTLS, byAnswer, byAnything, byWayBack, byTLS} {
		some := slices.DeleteFunc(slices.Clone(bad), func(r *report.Result) bool { return whatKills(r) != k })
		if len(some) > 0 {
			out = append(out, v.killed(k, some))
		}
	}
	return out
}

// killed is about the paths whose hellos die for one reason. Where no path shows that the service lives, the
// service itself may be the reason, and that is said.
func (v *view) killed(k killedBy, bad []*report.Result) conclusion {
	r := bad[0]
	var ports []string
	for _, x := range bad {
		if p := fmt.Sprint(x.Port); !slices.Contains(ports, p) {
			ports = append(ports, p)
		}
	}
	c := conclusion{facts: v.matter(bad), results: bad, actor: whoCuts(bad)}
	c.summary, c.remedy = k.words(r, strings.Join(ports, ", "))
	if c.actor == report.ActorProxy && k == byTLS { // who may have said so before it reached anything
		on := strings.Join(ports, ", ")
		c.summary = fmt.Sprintf("the proxy says that its tunnels to TCP %s of %s stand, and the TLS hello in them %s "+
			"whatever the server name", on, r.Host, howKilled(r))
		c.remedy = fmt.Sprintf("See on the proxy whether it reaches TCP %s of %s by itself. If it does not, let it: "+
			"what stops it stands behind the proxy. If it does, find the rule (application control, protocol filter) "+
			"that stops TLS in its tunnels.", on, r.Host)
	}
	lives := k == byNewTLS || k == byBothTLS || k == byOldTLS || k == byAnswer
	lives = lives || slices.ContainsFunc(v.results, func(o report.Result) bool {
		st, shook := o.Step(report.HopTarget, report.StageTLS)
		return o.Host == r.Host && shook && st.Status == report.OK
	})
	if !lives {
		c.summary += "; no path shows that the service itself is up, so that may be the reason too"
	}
	return c
}

// whoCuts is the proxy's admin where all that dies does inside a proxy's tunnel; empty leaves it
// to the finding's row.
func whoCuts(bad []*report.Result) report.Actor {
	if slices.ContainsFunc(bad, direct) {
		return ""
	}
	return report.ActorProxy
}

func howKilled(r *report.Result) string {
	if r.Cause == report.TLSTimeout {
		return "gets no answer"
	}
	return "is cut"
}
