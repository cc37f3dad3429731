package hop

import (
	"context"
	"net/netip"
	"time"

	"github.com/miekg/dns"
)

// askAgain asks more often for the family that has not answered, beside the first question,
// for the rest of the grace. A family is silent where none was answered in a time in which
// the other one was: of a link that loses one packet in five nine get lost together once in 10,000 times.
func askAgain(ctx context.Context, env *Env, server netip.AddrPort, name string, got serverAnswer, took time.Duration,
	first <-chan serverAnswer) serverAnswer {
	qtype := dns.TypeAAAA
	if got.qtype == dns.TypeAAAA {
		qtype = dns.TypeA
	}
	const wait, times = grace/2 - grace/10, 8
	short, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	again := make(chan serverAnswer, times)
	for i := range times {
		go func() {
			timer := time.NewTimer(time.Duration(i) * wait / (3 * (times - 1)))
			defer timer.Stop()
			select {
			case <-timer.C:
				again <- question(short, env, server, name, qtype)
			case <-short.Done():
				again <- serverAnswer{code: codeTimeout}
			}
		}()
	}
	var heard *serverAnswer
	for left := times; left > 0; {
		select {
		case other := <-first:
			heard, first = &other, nil
			cancel()
		case other := <-again:
			if left--; other.code != codeTimeout && heard == nil {
				heard = &other
				cancel()
			}
		}
	}
	switch {
	case heard != nil:
		return merge(got, *heard)
	case !Ended(ctx) && took < wait/2: // the last question had as long
		got.silent = dns.TypeToString[qtype]
	}
	return got
}

// merge puts the two families' answers together: addresses of both; else the one
// that says more, where a definite "no such name" says more than a failure.
func merge(a, b serverAnswer) serverAnswer {
	if a.code == codeOK && b.code == codeOK {
		if len(b.addrs) > 0 && b.addrs[0].Is4() { // IPv4 first, as IoT Hub has no other
			a, b = b, a
		}
		a.addrs = append(a.addrs, b.addrs...)
		return a
	}
	if a.code == codeNoData && (b.code > codeNoData || b.code == a.code && len(b.cname) > 0) {
		return b // half an answer is none, and one family's may name nothing
	}
	if b.code < a.code && b.code != codeNoData {
		return b
	}
	return a
}
