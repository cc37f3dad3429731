package hop

import (
	"crypto/sha256"
	"crypto/x509"
	"sync"
	"time"

	"edgenet/internal/neterr"
	"edgenet/report"
)

// maxVerdicts bounds how many chains are remembered: a region's hubs share one, and who
// shows another each time gains nothing by it.
const maxVerdicts = 256

// chainCache remembers what the pools said of a chain: the hubs of a region show the same one,
// and each of them several times. A name is no part of it, and is checked each time.
type chainCache struct {
	mu    sync.Mutex
	known map[[sha256.Size]byte]*chainVerdict
}

// chainVerdict is what all pools say of a chain, from a moment on until one of its
// certificates begins or ends, or the day does.
type chainVerdict struct {
	once     sync.Once
	from, to time.Time
	ops      map[string]opinion
	shown    []report.Certificate // the chain as evidence
}

// verdictOf gives the pools' opinions of a chain, whatever name it was asked for, and what it shows.
func (t *Trust) verdictOf(chain []*x509.Certificate, now time.Time) *chainVerdict {
	t.Prepare()
	v := t.seen.find(chainKey(chain), now)
	v.once.Do(func() {
		v.shown = describeChain(chain)
		v.ops = map[string]opinion{PoolPublic: verify(t.public, chain, now), PoolBundle: verify(t.bundle, chain, now)}
		if !t.Module {
			v.ops[PoolOS] = t.hostOpinion(chain, now)
		}
		to := v.to
		for pool, o := range v.ops {
			o.root, o.renewed = report.Clean(o.root, 200), report.Clean(o.renewed, 200)
			o.reason = report.Clean(o.reason, 300)
			v.ops[pool] = o
			to = earliest(to, now, o.path)
		}
		t.seen.bound(v, earliest(to, now, chain))
	})
	return v
}

// find gives the entry of a chain that holds now, a new one where there is none.
func (c *chainCache) find(key [sha256.Size]byte, now time.Time) *chainVerdict {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v := c.known[key]; v != nil && !now.Before(v.from) && now.Before(v.to) {
		return v
	}
	if c.known == nil || len(c.known) >= maxVerdicts {
		c.known = map[[sha256.Size]byte]*chainVerdict{}
	}
	v := &chainVerdict{from: now, to: now.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)}
	c.known[key] = v
	return v
}

// bound sets how long an entry holds, once its certificates are known.
func (c *chainCache) bound(v *chainVerdict, to time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v.to = to
}

// earliest is the first moment after now at which a certificate begins or ends to be valid,
// limit where none does before that.
func earliest(limit, now time.Time, certs []*x509.Certificate) time.Time {
	for _, c := range certs {
		for _, at := range []time.Time{c.NotBefore, c.NotAfter.Add(time.Nanosecond)} { // valid at its last moment
			if at.After(now) && at.Before(limit) {
				limit = at
			}
		}
	}
	return limit
}

// chainKey is the digest of a chain, each certificate by its own.
func chainKey(chain []*x509.Certificate) (key [sha256.Size]byte) {
	sums := make([]byte, 0, len(chain)*sha256.Size)
	for _, c := range chain {
		sum := sha256.Sum256(c.Raw)
		sums = append(sums, sum[:]...)
	}
	return sha256.Sum256(sums)
}

// named is an opinion with the name that was asked for in it.
func (o opinion) named(leaf *x509.Certificate, name string) opinion {
	if o.flaw != flawNone {
		return o
	}
	if err := leaf.VerifyHostname(name); err != nil {
		o.flaw, o.reason = flawName, report.Clean(neterr.Text(err), 300)
	}
	return o
}
