package hop

import (
	"context"
	"net/netip"
	"time"

	"github.com/miekg/dns"
)

// overTCPWait bounds the question over TCP after UDP failed in another way than silence.
const overTCPWait = time.Second

// besideUDP asks a resolver over TCP as well: when UDP has been silent for half of the
// time, or has failed. It tells a closed UDP port from a dead resolver; the path does not
// go by it, as the system's resolver does not. The answer is worded as
// report.ResolverAnswer.Answer, empty where there was no reason to ask.
//
// What passes over TCP by then may pass over UDP by then, too: it is asked once more, and its answer goes to udp.
func besideUDP(ctx context.Context, env *Env, server netip.AddrPort, name string, failed <-chan struct{},
	udp chan<- serverAnswer) string {
	wait := exchangeLimit
	var half <-chan time.Time
	if left, ok := Until(ctx); ok {
		t := time.NewTimer(left / 2)
		defer t.Stop()
		half = t.C
	}
	select {
	case <-ctx.Done():
		return ""
	case <-failed:
		wait = overTCPWait
	case <-half:
	}
	q := new(dns.Msg)
	q.SetQuestion(name, dns.TypeA)
	a := serverAnswer{transport: "tcp"}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	m, err := exchange(ctx, env, "tcp", server, q)
	if err != nil {
		a.code = queryFailure(err)
		return a.public().Answer
	}
	select {
	case <-failed:
	default:
		asked := time.Now()
		if late := question(ctx, env, server, name, dns.TypeA); late.code != codeTimeout {
			late.asked = asked
			udp <- late
		}
	}
	return read(m, q, a).public().Answer
}

// answered tells whether a word of besideUDP is a resolver's own.
func answered(word string) bool {
	switch word {
	case "", "timeout", "unreachable", "malformed", notAsked:
		return false
	}
	return true
}
