package probe

import (
	"context"
	"strings"
	"time"

	"edgenet/internal/hop"
	"edgenet/report"
)

// misleading are the failures that a wrong address may be the reason of.
func misleading() []report.Cause {
	return []report.Cause{report.TCPTimeout, report.TCPRefused, report.TCPUnreachable, report.TCPNoRoute,
		report.TCPNoNeighbour, report.TLSReset, report.TLSTimeout, report.TLSNotTLS, report.TLSUntrusted,
		report.TLSIntercepted, report.TLSNameMismatch, report.TLSExpired, report.TLSAlert}
}

// pinned tells whether the address that a path goes to comes from the hosts file.
func pinned(t *trial) bool {
	host, port, own := t.named()
	return own && hop.Pinned(t.env, host, port)
}

// named is whose name a path looks up by itself, and whether it failed there: the proxy's, or the
// target's where there is none.
func (t *trial) named() (host string, port int, own bool) {
	if p := t.Route.Proxy; p != nil {
		return p.Host, p.Port, t.hop == report.HopProxy
	}
	return t.Host, t.Protocol.Port(), t.hop == report.HopTarget
}

// resolved tells whether the address that a path goes to came from a name server.
func resolved(t *trial) bool {
	host, port, own := t.named()
	return own && hop.Looked(t.env, host, port)
}

// resolversTime is how long DNS is waited for beside a path.
const resolversTime = 2 * time.Second

// askResolvers asks DNS for a name that the hosts file pins.
func askResolvers(ctx context.Context, t *trial) (report.Outcome, string) {
	waited, cancel := hop.WithPatience(ctx, resolversTime)
	defer cancel()
	host, _, _ := t.named()
	t.said = hop.AskDNS(waited, t.env, host)
	if len(t.said) == 0 {
		return report.Unavailable, "no resolver gives an address to compare with"
	}
	return report.Answered, report.Clean("the resolvers say "+strings.Join(t.said, " "), 400)
}

// noName is a name that cannot exist (RFC 2606): whoever gives it an address answers for anything.
const noName = "edgenet-probe.invalid"

// askAnyName asks DNS for it.
func askAnyName(ctx context.Context, t *trial) (report.Outcome, string) {
	waited, cancel := hop.WithPatience(ctx, resolversTime)
	defer cancel()
	t.said = hop.AskDNS(waited, t.env, noName)
	if len(t.said) == 0 {
		return report.Unavailable, "no name server gives an address for a name that cannot exist, as it should be"
	}
	return report.Answered, report.Clean("a name that cannot exist ("+noName+") has the address "+
		strings.Join(t.said, " "), 400)
}
