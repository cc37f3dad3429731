package hop

import (
	"context"
	"fmt"
	"net"
	"net/netip"
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
)

// answer is the outcome of a lookup for the path.
type answer struct {
	code   code
	reason string
	addrs  []netip.Addr
	local  bool // from the hosts file: never a sinkhole
	detail *report.DNSDetail
}

// Resolver asks every configured resolver by itself and at once. The path goes by the
// system's order: the first resolver in it that gives a usable answer decides; the
// others' answers are evidence. Concurrent lookups of one name share one round of
// questions. The zero value reads the system's configuration at first use.
type Resolver struct {
	Servers []netip.AddrPort // zero means the system's (resolv.conf)
	Hosts   string           // path of the hosts file; zero means the system's, "-" none
	Config  string           // path of resolv.conf; zero means the system's

	once    sync.Once
	conf    *dns.ClientConfig
	servers []netip.AddrPort

	mu    sync.Mutex
	calls map[string]*call
}

type call struct {
	done chan struct{}
	a    answer
}

func (e *Env) resolver() *Resolver {
	if e.DNS == nil {
		return &Resolver{}
	}
	return e.DNS
}

func (r *Resolver) lookup(ctx context.Context, env *Env, host string) answer {
	r.mu.Lock()
	if c, ok := r.calls[host]; ok {
		r.mu.Unlock()
		select {
		case <-c.done:
			return c.a
		case <-ctx.Done():
			return answer{code: codeTimeout, detail: &report.DNSDetail{Name: host}}
		}
	}
	c := &call{done: make(chan struct{})}
	if r.calls == nil {
		r.calls = map[string]*call{}
	}
	r.calls[host] = c
	r.mu.Unlock()
	c.a = r.ask(ctx, env, host)
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
	if addrs := r.hostsFile(host); len(addrs) > 0 && len(r.Servers) == 0 {
		return answer{addrs: addrs, local: true, detail: &report.DNSDetail{Name: host, Addresses: texts(addrs), Resolver: "hosts file"}}
	}
	if len(r.servers) == 0 {
		if r.conf == nil {
			return system(ctx, host)
		}
		return answer{code: codeUnreachable, reason: "none configured", detail: &report.DNSDetail{Name: host}}
	}
	var last answer
	for i, name := range r.names(host) {
		a := r.askServers(ctx, env, name)
		a.detail.Name = host
		if i == 0 || a.code != codeNXDomain {
			last = a
		}
		if a.code != codeNXDomain && a.code != codeNoData {
			break
		}
	}
	return last
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

// askServers asks all at once and picks by the system's order.
func (r *Resolver) askServers(ctx context.Context, env *Env, name string) answer {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := make([]serverAnswer, len(r.servers))
	for i, s := range r.servers {
		answers[i] = serverAnswer{server: s, code: codeTimeout}
	}
	type numbered struct {
		i int
		a serverAnswer
	}
	ch := make(chan numbered, len(r.servers))
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	for i, s := range r.servers {
		wg.Go(func() { ch <- numbered{i, askOne(ctx, env, s, name)} })
	}
	var late <-chan time.Time
	for range r.servers {
		select {
		case n := <-ch:
			answers[n.i] = n.a
			if n.a.decides() && late == nil {
				late = time.After(grace)
			}
		case <-late:
			return choose(answers)
		case <-ctx.Done():
			return choose(answers)
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
	d := &report.DNSDetail{Resolver: w.server.String(), Addresses: texts(w.addrs), CNAME: w.cname, TTLSec: w.ttl, Errno: w.errno}
	for _, a := range answers {
		d.Resolvers = append(d.Resolvers, a.public())
	}
	if w.code == codeTimeout && len(answers) > 1 {
		d.Resolver = fmt.Sprintf("any of %d resolvers", len(answers))
	}
	return answer{code: w.code, reason: w.reason, addrs: w.addrs, detail: d}
}

// configure reads the system's configuration once.
func (r *Resolver) configure() {
	path := r.Config
	if path == "" {
		path = "/etc/resolv.conf"
	}
	conf, err := dns.ClientConfigFromFile(path)
	if err == nil {
		r.conf = conf
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
	if de, ok := err.(*net.DNSError); ok {
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
