package probe

import (
	"cmp"
	"fmt"
	"slices"

	"edgenet/internal/hop"
	"edgenet/internal/judge"
	"edgenet/report"
)

// anyWhole tells whether another handshake than the one in small segments brought the
// peer's certificates: then packets of full size pass, and something else comes and goes.
func anyWhole(of []report.Experiment) bool {
	return slices.ContainsFunc(of, func(e report.Experiment) bool {
		return e.Name != report.SmallSegments && slices.ContainsFunc(e.Steps, func(s report.Step) bool {
			d, ok := s.Detail.(*report.TLSDetail)
			return ok && len(d.Chain) > 0
		})
	})
}

// tell seals an attempt's cause from its own experiments: what they tell apart, and what
// they add to its summary. It is pure; nil means that the first reading stands.
func tell(f hop.Fault, of []report.Experiment) (sealed hop.Fault, how string) {
	got := map[report.ExperimentName]report.Experiment{}
	for _, e := range of {
		got[e.Name] = e
	}
	is := func(n report.ExperimentName, o report.Outcome) bool { return got[n].Outcome == o }
	switch f.Cause {
	case report.TLSTimeout:
		switch {
		case is(report.SmallSegments, report.Answered) && is(report.Again, report.Silent) && !anyWhole(of):
			return hop.Fault{Cause: report.TLSMTU,
					Summary: fmt.Sprintf("%s, while a handshake in segments of at most %d bytes passes: large "+
						"packets get lost on the way", f.Summary, hop.SafeSegment)},
				fmt.Sprintf("a second handshake stalled as well, one in segments of at most %d bytes passed",
					hop.SafeSegment)
		case is(report.Again, report.Answered):
			f.Summary += "; a second try was answered, so it comes and goes"
		case is(report.SmallSegments, report.Silent):
			how = "small segments stall as well, so size is not the reason"
		}
	case report.TLSReset:
		if is(report.Again, report.Answered) {
			f.Summary += "; a second try was answered, so it comes and goes"
		}
	case report.TLSAlert:
		if is(report.Suites, report.Answered) && got[report.Suites].Old == "" {
			return onlyOld(f, got[report.Suites]), got[report.Suites].Summary
		}
	case report.TCPRefused:
		// no reset: errno alone does not tell
		if j := judge.SYNTraceOf(got[report.Where].Travels); j.RefusedBy() != "" {
			f.Summary = cmp.Or(f.ByICMP, f.Summary) + "; " + j.String()
		}
	case report.ConnectForbidden, report.ConnectStatus, report.ConnectUnsupported, report.ConnectClosed,
		report.ConnectRedirect:
		switch {
		case is(report.WithUserAgent, report.Answered):
			f.Summary += "; with a User-Agent it accepts the same CONNECT, and neither the daemon nor the containers " +
				"send one"
		case is(report.CredentialsAtOnce, report.Answered):
			f.Summary += "; when the credentials come without being asked for, it accepts the same CONNECT, and the " +
				"containers send them only to a proxy that asks for them with 407"
		}
	case report.ConnectTimeout:
		switch {
		case is(report.ProxyAlive, report.Answered):
			f.Summary += "; " + got[report.ProxyAlive].Summary + ", so it waits for the network behind it"
		case is(report.ProxyAlive, report.Silent):
			f.Summary += "; nor does it answer a CONNECT to a name that does not exist, so it is the proxy itself " +
				"that is slow or stuck: the runtime may wait longer, and a longer --timeout (60s) tells which"
		}
	}
	return f, how
}
