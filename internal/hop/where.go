package hop

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"edgenet/report"
)

// MaxHops is how many hop limits Travel tries, all at once: the boxes of a site and its
// provider's first are nearer than that, and eight SYNs look like no scan.
const MaxHops = 8

// ErrNoTravel means that this system does not tell which hop answered.
var ErrNoTravel = errors.New("only Linux tells an unprivileged program which hop answered")

// Travel finds out how far SYNs to an address travel: one with each hop limit, for as
// long as wait at most. It needs no privileges. LocalFailures given before tells what
// this host itself failed to send since.
func Travel(ctx context.Context, env *Env, to netip.AddrPort, wait time.Duration, before LocalFailures) (report.Travel,
	error) {
	t := report.Travel{Address: to.Addr().String(), Port: int(to.Port())}
	if !before.known { // what was sent again since is not known then, and what is filtered from now on is
		before.filtered = CountLocalFailures(time.Now().Add(-countAge)).filtered
	}
	hits, err := travel(ctx, env, to, wait)
	if err != nil {
		return t, err
	}
	t.Hops = hits
	if via := gatewayTo(to.Addr()); via.IsValid() {
		t.Gateway = via.String()
	}
	now := CountLocalFailures(time.Now().Add(-countAge))
	t.LocalDrops = before.Fewer(now)
	if now.filtered > before.filtered && now.known && SeveralWays(env) {
		t.Filtered = int(min(now.filtered-before.filtered, 1<<20)) //nolint:gosec // bounded
	}
	for _, h := range hits {
		if a, err := netip.ParseAddr(h.From); err == nil && env.Interfaces.Of(a) != "" {
			t.LocalDrops = true // it refuses by itself
		}
	}
	return t, nil
}

// countAge is how old the count after a journey may be: a SYN is sent again after a second, and a
// journey that sees that lasts for one and a half.
const countAge = 200 * time.Millisecond

// lastCount is one for all who count at about the same time: the process has one network.
var lastCount struct {
	sync.Mutex
	at time.Time
	n  LocalFailures
}

// CountLocalFailures is what this host's own failures were at some moment after since.
func CountLocalFailures(since time.Time) LocalFailures {
	c := &lastCount
	c.Lock()
	defer c.Unlock()
	if !c.at.After(since) {
		c.at, c.n = time.Now(), countLocalFailures()
	}
	return c.n
}

// LocalFailures counts the TCP segments that this host failed to send again, as its own
// firewall makes it fail. The zero value is unknown.
type LocalFailures struct {
	n     uint64
	known bool
	// filtered counts the packets that the reverse path filter dropped: they came in by another link than that by
	// which this host would answer.
	filtered uint64
}

// Fewer tells whether there were surely fewer of them than later.
func (f LocalFailures) Fewer(later LocalFailures) bool {
	return f.known && later.known && f.n < later.n
}
