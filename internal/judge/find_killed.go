package judge

import (
	"fmt"

	"edgenet/report"
)

// killedBy is what kills the hellos of a path, as far as other things that were sent to the same port tell.
type killedBy int

// The reasons. ByTLS is all that is left to say where nothing tells more.
const (
	byTLS      killedBy = iota // any hello; where it was tried, a byte that is no TLS passes
	byNewTLS                   // hellos that offer TLS 1.3
	byBothTLS                  // hellos that offer TLS 1.2 and 1.3
	byOldTLS                   // hellos that offer TLS 1.2
	byAnswer                   // the answer that has the certificate, while a refusal comes back
	byAnything                 // whatever is sent
	byWayBack                  // what is sent arrives, and nothing comes back
)

// whatKills reads the experiments of a path whose hellos die whatever the name.
func whatKills(r *report.Result) killedBy {
	is := func(n report.ExperimentName, o report.Outcome) bool {
		e, asked := r.Experiment(n)
		return asked && e.Outcome == o
	}
	dies := func(n report.ExperimentName) bool { return is(n, report.Killed) || is(n, report.Silent) }
	acked := (*bool)(nil)
	if d := tlsDetail(r); d != nil {
		acked = d.Acknowledged
	}
	once := dies(report.LargeHello)
	switch {
	case once && is(report.SmallHello, report.Answered) && dies(report.NewHello):
		return byNewTLS
	case once && is(report.SmallHello, report.Answered) && is(report.NewHello, report.Answered):
		return byBothTLS
	case once && dies(report.SmallHello) && is(report.NewHello, report.Answered):
		if known(acked, false) || !refusedNew(r) {
			return byOldTLS
		}
		return byAnswer
	case is(report.FirstByte, report.Killed), is(report.FirstByte, report.Silent) && !known(acked, true):
		return byAnything
	case is(report.FirstByte, report.Answered) && known(acked, true):
		return byWayBack
	}
	return byTLS
}

// refusedNew tells whether the hello of TLS 1.3 alone was answered by a refusal, which is a few bytes.
func refusedNew(r *report.Result) bool {
	e, _ := r.Experiment(report.NewHello)
	for _, s := range e.Steps {
		if d, is := s.Detail.(*report.TLSDetail); is && len(d.Chain) > 0 {
			return false
		}
	}
	return true
}

// words are what is said of it, and what to do.
func (k killedBy) words(r *report.Result, ports string) (summary, remedy string) {
	at := fmt.Sprintf("TCP %s to %s", ports, r.Host)
	offers := func(this, other string) (string, string) {
		return fmt.Sprintf("%s connects, and a TLS hello that offers TLS %s, as the runtime's does, %s, while %s gets "+
				"an answer", at, this, howKilled(r), other),
			fmt.Sprintf("Find the rule (application control, inspection, a policy of TLS versions) that stops hellos "+
				"with TLS %s on %s, and let them pass.", this, at)
	}
	switch k {
	case byNewTLS:
		return offers("1.3", "one of TLS 1.2 alone, which is shorter,")
	case byBothTLS:
		return offers("1.2 and 1.3", "one of either alone")
	case byOldTLS:
		return offers("1.2", "one of TLS 1.3 alone")
	case byAnswer:
		what := "hellos that offer TLS 1.2, or the answer that has the certificate"
		if r.Cause == report.TLSTimeout { // they were acknowledged
			what = "the answer that has the certificate"
		}
		return fmt.Sprintf("%s connects, and a TLS hello %s whatever the server name, while the refusal of one of "+
				"TLS 1.3 alone comes back: what is stopped is %s", at, howKilled(r), what),
			fmt.Sprintf("Find what stops, on %s, %s: a rule about TLS versions, certificates or sizes (inspection, "+
				"application control). A trace on both sides of the firewall tells.", at, what)
	case byAnything:
		return anything(r, at)
	case byWayBack:
		return at + " connects, what is sent is acknowledged, and not a byte comes back, whatever the server name",
			fmt.Sprintf("See on the firewall whether answers of %s get lost on the way back, or whether something "+
				"(inspection, application control) takes the hello and does not pass it on. A trace on both sides "+
				"of it tells.", at)
	}
	return fmt.Sprintf("%s connects, and the TLS hello %s whatever the server name", at, howKilled(r)),
		fmt.Sprintf("Find the rule (application control, protocol filter) that stops TLS on %s, and let it pass.", at)
}

// anything is said where whatever is sent dies.
func anything(r *report.Result, at string) (summary, remedy string) {
	if r.Cause == report.TLSReset {
		return at + " connects, and a TLS hello is cut whatever the server name, as is a single byte that is no TLS",
			fmt.Sprintf("Find what cuts what is sent to %s: a rule that lets TCP connect and nothing more, "+
				"application control, or something in front of the service that reaches nothing behind it.", at)
	}
	return at + " connects, and nothing that is sent after that is acknowledged, neither a TLS hello nor a single " +
			"byte: TLS alone is not what decides",
		fmt.Sprintf("Find what lets the SYN for %s and its answer pass and loses all that follows: a firewall that "+
			"sees one direction alone (another way back), or one that answers SYNs in place of a host that it does "+
			"not reach.", at)
}
