package probe

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
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

// lookedUp tells whether the address that a path goes to is that of a name, from wherever.
func lookedUp(t *trial) bool { return pinned(t) || resolved(t) }

// askResolvers asks DNS for a name that the hosts file pins, or once more for one that it gave, as it stands: an
// answer may be another's, or another one the next time. An address that was not tried is tried.
func askResolvers(ctx context.Context, t *trial) (report.Outcome, string) {
	waited, cancel := hop.WithPatience(ctx, resolversTime)
	defer cancel()
	host, port, _ := t.named()
	whole, again := strings.TrimSuffix(host, ".")+".", !pinned(t)
	if again {
		t.said = hop.AskDNS(waited, t.env, whole)
	} else {
		t.said = hop.AskDNS(waited, t.env, host)
	}
	if len(t.said) == 0 {
		return report.Unavailable, "no resolver gives an address to compare with"
	}
	summary := "the resolvers say " + strings.Join(t.said, " ")
	if again {
		summary = "asked once more for " + whole + ", " + summary
		for _, other := range t.said {
			if a, err := netip.ParseAddr(other); err == nil && !slices.Contains(t.env.Known[host], a) &&
				t.env.Family.Allows(a) {
				summary += t.reaches(waited, a, port)
				break
			}
		}
	}
	return report.Answered, report.Clean(summary, 400)
}

// reaches connects to another address that a name has.
func (t *trial) reaches(ctx context.Context, a netip.Addr, port int) string {
	c, fault := hop.Dial(ctx, t.env, t.trace, t.hop, a.String(), port)
	if fault != nil {
		return "; " + fault.Summary
	}
	hop.Reset(c)
	return fmt.Sprintf("; %s, which was not among the addresses before, answers on port %d", a, port)
}

// hosted are names that the hosts file of this host knows, and what DNS says of them: containers read no
// hosts file of their host, so that it is all that they have.
type hosted struct {
	wg   sync.WaitGroup
	mu   sync.Mutex
	said map[string][]report.ResolverAnswer
}

// askHosted asks DNS beside the paths for the names by which they go, where the hosts file has them. A host
// without such lines asks nothing.
func askHosted(ctx context.Context, plan Plan, env *hop.Env, paths []*Path) *hosted {
	h := &hosted{said: map[string][]report.ResolverAnswer{}}
	var asked []string
	for _, p := range paths {
		_, host, port := p.dials()
		if !plan.OnHost || slices.Contains(asked, host) || slices.Contains(plan.Inside, host) {
			continue
		}
		if asked = append(asked, host); !hop.Pinned(env, host, port) {
			continue
		}
		h.wg.Go(func() {
			waited, cancel := hop.WithPatience(ctx, resolversTime)
			defer cancel()
			d := hop.DNSBeside(waited, env, host)
			h.mu.Lock()
			defer h.mu.Unlock()
			h.said[host] = d.Resolvers
		})
	}
	return h
}

// note puts the answers beside the hosts file's.
func (h *hosted) note(results []report.Result) {
	h.wg.Wait()
	for i := range results {
		for n := range results[i].Steps {
			st := &results[i].Steps[n]
			d, is := st.Detail.(*report.DNSDetail)
			if is && d.Line > 0 && len(h.said[d.Name]) > 0 {
				own := *d // paths that asked at once share it
				own.Resolvers, st.Detail = h.said[d.Name], &own
			}
		}
	}
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
