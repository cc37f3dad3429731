package probe

import (
	"context"
	"strings"
	"time"

	"edgenet/internal/hop"
	"edgenet/report"
)

// misleading are the failures that a wrong address in the hosts file may be the reason of.
func misleading() []report.Cause {
	return []report.Cause{report.TCPTimeout, report.TCPRefused, report.TCPUnreachable, report.TCPNoRoute,
		report.TCPNoNeighbour, report.TLSReset, report.TLSTimeout, report.TLSNotTLS, report.TLSUntrusted,
		report.TLSIntercepted, report.TLSNameMismatch, report.TLSExpired, report.TLSAlert}
}

// pinned tells whether the target's address comes from the hosts file.
func pinned(t *trial) bool {
	return t.hop == report.HopTarget && t.Route.Proxy == nil && hop.Pinned(t.env, t.Host, t.Protocol.Port())
}

// resolversTime is how long DNS is waited for beside a path.
const resolversTime = 2 * time.Second

// askResolvers asks DNS for a name that the hosts file pins.
func askResolvers(ctx context.Context, t *trial) (report.Outcome, string) {
	waited, cancel := hop.WithPatience(ctx, resolversTime)
	defer cancel()
	t.said = hop.AskDNS(waited, t.env, t.Host)
	if len(t.said) == 0 {
		return report.Unavailable, "no resolver gives an address to compare with"
	}
	return report.Answered, report.Clean("the resolvers say "+strings.Join(t.said, " "), 400)
}
