package story

import (
	"strings"

	"edgenet/internal/logs/pattern"
	"edgenet/report"
)

// eitherAnswered: before .NET 5 (the images up to 1.3) a WebSocket through a proxy throws the proxy's answer to CONNECT
// in the words in which it throws the server's answer to the upgrade. Only the status is told, not whose it is.
func (t *teller) eitherAnswered(f *pattern.Failure, p report.Protocol) {
	if t.s.Proxy == "" && t.s.NoProxy || !p.WebSocket() || f.Status < 400 || f.Status == 407 || !t.oldNET() ||
		f.Row != "ws.status" && f.Row != "http.status" {
		return
	}
	if t.s.Proxy == "" && t.s.Version == "" && f.Cause == report.WSStatus { // neither is told: the usual case
		f.Certainty = pattern.Weaker(f.Certainty, pattern.Suggests)
	} else {
		f.Cause, f.Finding, f.Hop, f.Certainty = "", "", "", pattern.Narrows
	}
	f.Candidates = []report.Cause{report.WSStatus, proxyAnswers(f.Status)}
}

// proxyAnswers is what a proxy's status means.
func proxyAnswers(status int) report.Cause {
	switch status {
	case 401, 403, 451:
		return report.ConnectForbidden
	case 400, 405, 501:
		return report.ConnectUnsupported
	case 500, 502, 503, 504:
		return report.ConnectUpstream
	}
	return report.ConnectStatus
}

// oldNET tells whether the process may be of an edition whose .NET is before 5.
func (t *teller) oldNET() bool {
	for _, old := range [...]string{"1.0", "1.1", "1.2", "1.3"} {
		if t.s.Version == "" || strings.HasPrefix(t.s.Version, old+".") || t.s.Version == old {
			return true
		}
	}
	return false
}

// answerLimit is how long identityd may take for a module's identity, in ms: two tries of
// half a minute, and the pauses between them.
const answerLimit = 90_000

// answered: an answer that stands behind a request for which the hub is asked shows that the
// hub was reached; others are given from what is known.
func (t *teller) answered(e *pattern.Event) {
	if t.asked && e.At-t.askedAt <= answerLimit {
		t.protocol, t.s.HTTPSOK = report.HTTPS, e
		t.up(e)
	}
	t.asked = false
}
