package hop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"

	"edgenet/internal/neterr"
	"edgenet/report"
)

// code is what came of a lookup.
type code int

const (
	codeOK code = iota
	codeNXDomain
	codeNoData
	codeServfail
	codeRefused
	codeOther
	codeMalformed
	codeUnreachable
	codeTimeout
	codeNoName // nothing that could be asked for
	codeLimit  // this host has run out of what a question needs
)

// answer is the outcome of a lookup for the path.
type answer struct {
	code   code
	reason string
	addrs  []netip.Addr
	local  bool   // from the hosts file: never a sinkhole
	tcp    string // the resolver that answers over TCP, where UDP failed
	long   bool   // the answer over UDP said that it is too long for UDP, and TCP failed
	detail *report.DNSDetail
}

// Resolver asks every configured resolver by itself and at once. The path goes by the
// system's order: the first resolver in it that gives a usable answer decides; the
// others' answers are evidence. Concurrent lookups of one name share one round of
// questions. The zero value reads the system's configuration at first use.
type Resolver struct {
	Servers []netip.AddrPort // zero means the system's (resolv.conf); where given, no hosts file is read
	Hosts   string           // path of the hosts file; zero means the system's, "-" none
	Config  string           // path of resolv.conf; zero means the system's

	once    sync.Once
	conf    *dns.ClientConfig
	servers []netip.AddrPort
	rotate  bool  // they are asked in turn
	tcp     bool  // they are asked over TCP alone
	short   error // what this host had run out of when the configuration was to be read

	mu    sync.Mutex
	calls map[string]*call
	udp   sockets
}

type call struct {
	done chan struct{}
	a    answer
	lead *Patience // of who asks; nil where it has none
}

func (e *Env) resolver() *Resolver {
	if e.DNS == nil {
		return &Resolver{}
	}
	return e.DNS
}

// sharedGrace is how long a waiter's time may be over before it goes without the answer that
// another path is waiting for.
const sharedGrace = 200 * time.Millisecond

func (r *Resolver) lookup(ctx context.Context, env *Env, host string) answer {
	r.mu.Lock()
	if c, ok := r.calls[host]; ok {
		r.mu.Unlock()
		defer c.lead.with(patienceOf(ctx))()
		select {
		case <-c.done:
			return c.a
		case <-ctx.Done():
		}
		select { // who asked has about the same time, and comes to its end right now
		case <-c.done:
			return c.a
		case <-time.After(sharedGrace):
			return r.silence(host)
		}
	}
	c := &call{done: make(chan struct{}), lead: patienceOf(ctx)}
	if r.calls == nil {
		r.calls = map[string]*call{}
	}
	r.calls[host] = c
	r.mu.Unlock()
	c.a = r.ask(ctx, env, host)
	c.a.absent()
	r.mu.Lock()
	delete(r.calls, host)
	r.mu.Unlock()
	close(c.done)
	return c.a
}

// ask goes by the hosts file, then by the configured resolvers, and where the system
// has no configuration that can be read (Windows), by the system itself.
func (r *Resolver) ask(ctx context.Context, env *Env, host string) answer {
	r.once.Do(r.configure)
	if len(r.Servers) == 0 {
		if addrs, line := r.hostsFile(host); len(addrs) > 0 {
			return answer{addrs: addrs, local: true, detail: &report.DNSDetail{Name: host, Addresses: texts(addrs),
				Resolver: "hosts file", Line: line}}
		}
	}
	if len(r.servers) == 0 {
		if r.conf == nil && runtime.GOOS == "windows" {
			return system(ctx, host)
		}
		if r.short != nil {
			return answer{code: codeLimit, reason: neterr.ErrnoName(r.short), detail: &report.DNSDetail{Name: host,
				Errno: neterr.ErrnoName(r.short)}}
		}
		return answer{code: codeUnreachable, reason: "none configured", detail: &report.DNSDetail{Name: host}}
	}
	if _, ok := dns.IsDomainName(host); !ok {
		return answer{code: codeNoName, detail: &report.DNSDetail{Name: host}}
	}
	return r.search(ctx, env, host)
}

// search asks for the names that the system would try, until one has an address. What was
// said of a name with dots as it stands is not overruled by a search domain's failure.
func (r *Resolver) search(ctx context.Context, env *Env, host string) answer {
	var best, itself answer
	names := r.names(host)
	asItStands := names[0] == dns.Fqdn(host)
	for i, name := range names {
		a := r.askServers(ctx, env, name)
		a.detail.Name, a.detail.Rotate = host, r.rotate
		if a.code == codeOK && !fqdnEqual(name, host) {
			a.detail.Answered = name
			if dots := strings.Count(strings.Trim(host, "."), "."); r.conf != nil && dots > 0 && dots < r.conf.Ndots {
				a.detail.Ndots = r.conf.Ndots
			}
		}
		if i == 0 || a.code == codeOK || !asItStands && a.code != codeNXDomain {
			best = a
		}
		own := fqdnEqual(name, host)
		if own {
			itself = a
		}
		// Like the C library: the failure of a search domain ends nothing.
		if a.code != codeNXDomain && a.code != codeNoData && (own || a.code != codeServfail) {
			break
		}
	}
	return r.confirmed(ctx, env, host, best, itself)
}

// silence is the answer for who waited for another's questions until its own time ended.
func (r *Resolver) silence(host string) answer {
	r.once.Do(r.configure)
	if len(r.servers) == 0 {
		return answer{code: codeTimeout, detail: &report.DNSDetail{Name: host, Resolver: "system"}}
	}
	none := make([]serverAnswer, len(r.servers))
	for i, s := range r.servers {
		none[i] = serverAnswer{server: s, code: codeTimeout}
	}
	a := choose(none)
	a.detail.Name = host
	return a
}

// names lists what the system would try: the name itself, and for short names the
// search domains.
func (r *Resolver) names(host string) []string {
	if r.conf == nil {
		return []string{dns.Fqdn(host)}
	}
	return r.conf.NameList(host)
}

// grace is how long a resolver earlier in the order, or the other address family, may
// still take once a later one has answered.
const grace = 500 * time.Millisecond

// askServers asks all at once and picks by the system's order. Who is late is cut off and
// counts as silent.
func (r *Resolver) askServers(ctx context.Context, env *Env, name string) answer {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make([]serverAnswer, len(r.servers))
	type numbered struct {
		i int
		a serverAnswer
	}
	ch := make(chan numbered, len(r.servers))
	var wg sync.WaitGroup
	defer wg.Wait()
	for i, s := range r.servers {
		wg.Go(func() { ch <- numbered{i, askOne(ctx, env, s, name)} })
	}
	decided := false
	for range r.servers {
		n := <-ch // soon after ctx ends at the latest
		answers[n.i] = n.a
		if n.a.decides() && !decided {
			decided = true
			defer time.AfterFunc(grace, cancel).Stop()
		}
	}
	return choose(answers)
}

// choose goes by the system's order: the first that decides; where none does, the
// first's failure, an explicit one before silence.
func choose(answers []serverAnswer) answer {
	best := -1
	for i, a := range answers {
		if a.decides() {
			best = i
			break
		}
		if best < 0 || (answers[best].code == codeTimeout && a.code != codeTimeout) {
			best = i
		}
	}
	w := answers[best]
	d := &report.DNSDetail{Resolver: w.server.String(), Addresses: texts(w.addrs), CNAME: w.cname, TTLSec: w.ttl,
		Errno: w.errno}
	for _, a := range answers {
		d.Resolvers = append(d.Resolvers, a.public())
	}
	if w.code == codeTimeout && len(answers) > 1 {
		d.Resolver = fmt.Sprintf("any of %d resolvers", len(answers))
	}
	out := answer{code: w.code, reason: w.reason, addrs: w.addrs, detail: d, long: w.long}
	for _, a := range answers {
		if answered(a.tcp) && out.tcp == "" {
			out.tcp = a.server.String()
		}
	}
	return out
}

// configure reads the system's configuration once.
func (r *Resolver) configure() {
	path := r.Config
	if path == "" {
		path = "/etc/resolv.conf"
	}
	text, err := os.ReadFile(path) //nolint:gosec // the system's own
	var conf *dns.ClientConfig
	if err == nil {
		conf, err = dns.ClientConfigFromReader(bytes.NewReader(text))
	}
	if err == nil {
		r.conf, r.rotate, r.tcp = conf, option(text, "rotate"), option(text, "use-vc")
	}
	if neterr.Of(err) == neterr.HostLimit {
		r.short = err
	}
	if len(r.Servers) > 0 {
		r.servers = r.Servers
		return
	}
	if conf == nil {
		return
	}
	for _, s := range conf.Servers {
		if a, err := netip.ParseAddr(s); err == nil {
			r.servers = append(r.servers, netip.AddrPortFrom(a, 53))
		}
	}
}

// system asks the operating system, where there is no resolv.conf to read.
func system(ctx context.Context, host string) answer {
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	d := &report.DNSDetail{Name: host, Resolver: "system"}
	if err == nil {
		for i := range ips {
			ips[i] = ips[i].Unmap()
		}
		d.Addresses = texts(ips)
		return answer{addrs: ips, detail: d}
	}
	a := answer{code: codeOther, reason: neterr.Text(err), detail: d}
	var de *net.DNSError
	if errors.As(err, &de) {
		switch {
		case de.IsNotFound:
			a.code = codeNXDomain
		case de.IsTimeout:
			a.code = codeTimeout
		}
	}
	return a
}

func texts(addrs []netip.Addr) []string {
	var s []string
	for _, a := range addrs {
		s = append(s, a.String())
	}
	return s
}

// fqdnEqual compares names as DNS does.
func fqdnEqual(a, b string) bool { return strings.EqualFold(dns.Fqdn(a), dns.Fqdn(b)) }
