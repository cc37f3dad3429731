package judge

import (
	"fmt"

	"edgenet/report"
)

// Front is who answers connections in the target's place: a modem's or satellite terminal's accelerator, or a
// transparent proxy. That a connection stands says nothing of the target then.
type Front struct {
	ttl     int    // how far the SYNs went that were answered; 0 where nobody is known to stand in front
	gateway string // that answered; empty where it was another hop, or is not known
	every   int    // the port that nobody uses, and that is answered too; 0 where it is not
}

// FrontOf reads the travels of an experiment: of SYNs to the port in question, and to one that nobody uses.
func FrontOf(travels []report.Travel) Front {
	if len(travels) < 2 {
		return Front{}
	}
	own, other := answeredAt(travels[0]), answeredAt(travels[1])
	f := Front{ttl: own}
	if other > 0 {
		f.every = travels[1].Port
	}
	if own == 1 {
		f.gateway = travels[0].Gateway
	}
	if own == 0 || f.every == 0 && f.gateway == "" { // the target itself may answer there
		return Front{}
	}
	return f
}

// answeredAt is the least hop limit with which a SYN was answered, 0 for none.
func answeredAt(t report.Travel) int {
	for _, h := range t.Hops {
		if h.Answer == report.HitOpen {
			return h.TTL
		}
	}
	return 0
}

func (f Front) String() string {
	if f.ttl == 0 {
		return "nothing shows that somebody else answers in the target's place"
	}
	who := fmt.Sprintf("something at hop %d, or nearer,", f.ttl)
	if f.gateway != "" {
		who = fmt.Sprintf("the first hop (%s)", f.gateway)
	}
	s := who + " answers in the target's place"
	if f.every > 0 {
		s += fmt.Sprintf(", on port %d too, which nobody uses", f.every)
	}
	return s
}

// frontOf is who took a path's connection, where TLS got no answer over it.
func frontOf(r *report.Result) Front {
	if r.Cause != report.TLSTimeout || r.Hop != report.HopTarget || !direct(r) {
		return Front{}
	}
	e, _ := r.Experiment(report.Where)
	return FrontOf(e.Travels)
}

// blameFront: nobody knows whether the target was reached, and no rule for TLS is at fault before the way behind
// whoever answers is known to be up.
func blameFront(r *report.Result) {
	f := frontOf(r)
	if f.ttl == 0 {
		return
	}
	where := fmt.Sprintf("hop %d", f.ttl)
	if f.gateway != "" {
		where = "the gateway " + f.gateway
	}
	r.Summary += "; " + f.String() + ", so that the connection stands does not show that the target was reached"
	r.Actor = report.ActorNetwork
	r.Remedy = fmt.Sprintf("See first whether the link behind %s is up: an accelerator (modem, satellite terminal) "+
		"or a transparent proxy there accepts connections to %s by itself, and nothing comes back through it. If the "+
		"link is up, exempt %s from that device, or see in it what becomes of these connections.", where, r.Host,
		r.Host)
}
