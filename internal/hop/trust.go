package hop

import (
	"crypto/x509"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/crypto/x509roots/fallback/bundle"

	"edgenet/internal/neterr"
	"edgenet/report"
)

// Consumer is the component that a path stands for; its trust decides.
type Consumer string

// The daemon on the host trusts the host's store and does HTTPS; the containers
// (edgeAgent, edgeHub) trust their image's public roots and the trust bundle, and do
// AMQP, MQTT and their WebSocket forms.
const (
	Daemon     Consumer = "daemon"
	Containers Consumer = "containers"
)

// The names of the three pools in TLSDetail.Trust.
const (
	PoolPublic = report.PoolPublic
	PoolOS     = report.PoolOS
	PoolBundle = report.PoolBundle
)

// Trust holds the three pools. The zero value is a host without a trust bundle.
type Trust struct {
	Extra  []*x509.Certificate // --ca-file: installed in the OS store and the bundle
	Bundle []*x509.Certificate // roots that only the containers have
	NoOS   bool                // the host's store is not read: inside the lab
	Module bool                // inside a module both consumers trust public and bundle

	once               sync.Once
	public, os, bundle *pool
	host               *osRoots // nil where the host's store is not read
	seen               chainCache
}

// Prepare reads the pools, so far as it takes to know their roots' names. It costs a millisecond, so
// a run starts it beside its first packets.
func (t *Trust) Prepare() { t.once.Do(t.load) }

// private are the roots that somebody gave, beside those that everybody has.
func (t *Trust) private() []*x509.Certificate {
	return append(t.Extra[:len(t.Extra):len(t.Extra)], t.Bundle...)
}

func (t *Trust) load() {
	t.public, t.os, t.bundle = &pool{}, &pool{}, &pool{}
	for root := range bundle.Roots() {
		t.public.addLater(root)
	}
	for _, c := range t.Extra {
		t.os.add(c)
		t.bundle.add(c)
	}
	if !t.NoOS && !t.Module { // a container's own store is nobody's
		t.host = &osRoots{extra: t.Extra}
		if t.os = t.host.first(); t.os == nil {
			t.os = t.host.everything()
		}
	}
	for _, c := range t.Bundle {
		t.bundle.add(c)
	}
}

// pools gives the pools whose consent is enough for a consumer.
func (t *Trust) pools(c Consumer) []string {
	if c == Daemon && !t.Module {
		return []string{PoolOS}
	}
	return []string{PoolPublic, PoolBundle}
}

// flaw is what verification found, worst last: the further verification got before
// it failed, the smaller.
type flaw int

const (
	flawNone flaw = iota
	flawName
	flawExpired
	flawEarly
	flawUnfit // leads to a CA of the pool, and is not acceptable
	flawUntrusted
)

// opinion is one pool's view of a chain.
type opinion struct {
	flaw   flaw
	root   string // clean, as opinions gives it, and so is reason
	reason string
	path   []*x509.Certificate // to the root; nil where there is none
	// unfit says that a chain of an installed CA is refused by all for what is in it, weak that OpenSSL
	// does not; renewed is the installed CA that has its issuer's name and another key, ends when a CA
	// of the pool ended.
	unfit   bool
	weak    *report.Weakness
	renewed string
	ends    time.Time
	// unlisted says that the pool may have more than what path was looked for in.
	unlisted bool
}

// opinions asks every pool that somebody here trusts by, and tells what the chain shows.
func (t *Trust) opinions(chain []*x509.Certificate, name string, now time.Time) (map[string]opinion,
	[]report.Certificate) {
	known := t.verdictOf(chain, now)
	ops := make(map[string]opinion, len(known.ops))
	for pool, o := range known.ops {
		ops[pool] = o.named(chain[0], name)
	}
	return ops, slices.Clone(known.shown)
}

// hostOpinion asks the host's bundle file, and the whole store where that knows no root.
func (t *Trust) hostOpinion(chain []*x509.Certificate, now time.Time) opinion {
	o := verify(t.os, chain, now)
	if o.flaw >= flawUnfit && t.host != nil {
		whole := verify(t.host.everything(), chain, now)
		if whole.flaw < o.flaw || o.flaw == flawUntrusted && o.renewed == "" {
			return whole
		}
	}
	return o
}

// verify asks one pool, and tells a chain that is good but for its time from one that
// leads to no root. Whose name is in it is no part of the question.
func verify(p *pool, chain []*x509.Certificate, now time.Time) opinion {
	leaf := chain[0]
	roots, listed := p.named(chain)
	opts := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool(), CurrentTime: now}
	for _, c := range chain[1:] {
		opts.Intermediates.AddCert(c)
	}
	found, err := leaf.Verify(opts)
	if err != nil {
		if o, ok := timeFlaw(listed, chain, opts, now); ok {
			return o
		}
		if o, ok := unfit(listed, chain, err, now); ok {
			return o
		}
		return opinion{flaw: flawUntrusted, reason: untrustedReason(chain, err)}
	}
	path := p.rooted(found)
	return opinion{root: path[len(path)-1].Subject.String(), path: path, unlisted: p.whole != nil}
}

// timeFlaw finds the certificate whose time is not now in a chain that is good
// otherwise. The roots are those that are known one by one.
func timeFlaw(roots, chain []*x509.Certificate, opts x509.VerifyOptions, now time.Time) (opinion, bool) {
	for _, c := range chain {
		if !now.Before(c.NotBefore) && !now.After(c.NotAfter) {
			continue
		}
		root, ok := signed(roots, chain)
		if !ok {
			opts.CurrentTime = c.NotBefore.Add(c.NotAfter.Sub(c.NotBefore) / 2)
			found, err := chain[0].Verify(opts)
			if err != nil {
				continue
			}
			root = found[0][len(found[0])-1]
		}
		if now.Before(c.NotBefore) {
			return opinion{flaw: flawEarly, root: root.Subject.String(), reason: c.Subject.String() +
				" is valid from " + stamp(c.NotBefore)}, true
		}
		return opinion{flaw: flawExpired, root: root.Subject.String(), reason: c.Subject.String() + " expired on " +
			stamp(c.NotAfter)}, true
	}
	return opinion{}, false
}

// signed follows a chain's signatures, whatever the time, to one of these roots: a young root never
// verifies at the time of an old certificate.
func signed(roots, chain []*x509.Certificate) (*x509.Certificate, bool) {
	for i, c := range chain {
		for _, root := range roots {
			if string(root.RawSubject) == string(c.RawIssuer) && c.CheckSignatureFrom(root) == nil {
				return root, true
			}
		}
		if i+1 == len(chain) || c.CheckSignatureFrom(chain[i+1]) != nil {
			return nil, false
		}
	}
	return nil, false
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func untrustedReason(chain []*x509.Certificate, err error) string {
	leaf := chain[0]
	var unknown x509.UnknownAuthorityError
	switch {
	case selfSigned(leaf):
		return "self-signed"
	case errors.As(err, &unknown) && len(chain) == 1:
		return "issued by " + issuerName(leaf) + ", which was not sent and is no known root"
	case errors.As(err, &unknown):
		return "leads to " + issuerName(chain[len(chain)-1]) + ", which is no known root"
	}
	return neterr.Text(err)
}

func selfSigned(c *x509.Certificate) bool {
	return string(c.RawIssuer) == string(c.RawSubject)
}

// trustDetail is the pools' opinions as evidence.
func trustDetail(ops map[string]opinion) map[string]report.Trust {
	out := make(map[string]report.Trust, len(ops))
	for name, o := range ops {
		out[name] = report.Trust{OK: o.flaw == flawNone, Root: o.root, Reason: o.reason}
	}
	return out
}

// decide is the consumer's opinion: any of its pools suffices; where none does, the
// one that got furthest.
func (t *Trust) decide(c Consumer, ops map[string]opinion) opinion {
	names := t.pools(c)
	best := ops[names[0]]
	for _, n := range names[1:] {
		if o := ops[n]; o.flaw < best.flaw || o.flaw == best.flaw && o.renewed != "" {
			best = o
		}
	}
	return best
}

// scarceAfter is what this host had run out of when its store was to be read, nil where it
// was read, or where an opinion does not depend on it.
func (t *Trust) scarceAfter(o opinion) error {
	if t.host == nil || o.flaw != flawUntrusted {
		return nil
	}
	t.host.everything()
	return t.host.short
}
