package gather

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/miekg/dns"

	"edgenet/internal/device"
	"edgenet/internal/ready"
	"edgenet/internal/secret"
)

const insideTimeout = 3 * time.Second

// insideDNS looks names up on the host and inside the network of a running module, which
// takes root.
func (g *gatherer) insideDNS(ctx context.Context) ready.Fact[[]ready.Lookup] {
	names := g.namesOutside()
	if len(names) == 0 {
		return ready.Unseen[[]ready.Lookup]("name servers", "the hub's name, which this device does not tell")
	}
	pid := 0
	for _, in := range g.raw {
		if in.State.Status == "running" && in.State.Pid > 1 && in.HostConfig.NetworkMode != "host" {
			pid = in.State.Pid
		}
	}
	if pid == 0 {
		return ready.Unseen[[]ready.Lookup]("the modules' network", "a module that runs on the modules' network")
	}
	source := fmt.Sprintf("/proc/%d/ns/net", pid)
	ctx, cancel := context.WithTimeout(ctx, insideTimeout)
	defer cancel()
	list, errs := make([]ready.Lookup, len(names)), make([]error, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() {
			found, err := g.resolver().LookupHost(ctx, name)
			list[i] = ready.Lookup{Name: secret.Show(name, 120), Host: err == nil && len(found) > 0}
			list[i].Inside, errs[i] = g.lookInside(ctx, pid, name)
		})
	}
	all.Wait()
	switch err := errors.Join(errs...); {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, errors.ErrUnsupported):
		return ready.Unseen[[]ready.Lookup](source, "root, to look into the modules' network")
	case err != nil:
		return ready.Unseen[[]ready.Lookup](source, "a module that goes on running, with a name server of its own")
	}
	return ready.Seen(list, source)
}

// mostNames bounds the names that are looked up.
const mostNames = 8

// namesOutside are those that modules have to find: the hub or the parent, and the proxies
// that they are given. Registries are none of them: the engine pulls on the host.
func (g *gatherer) namesOutside() []string {
	var out []string
	add := func(name string) {
		_, err := netip.ParseAddr(name)
		if err != nil && name != "" && name != "localhost" && len(out) < mostNames && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	proxy := func(text string) {
		if u, err := url.Parse(text); err == nil {
			add(u.Hostname())
		}
	}
	if s, ok := g.device.Upstream(); ok {
		add(s.Value.Reveal())
	}
	for _, s := range g.device.Of(device.Proxy) {
		if slices.Contains([]device.Place{device.ConfigTOML, device.ConfigD, device.ConfigYAML}, s.Place) {
			proxy(s.Value.Reveal())
		}
	}
	for _, in := range g.raw {
		if v, ok := lookup(in.Config.Env, "https_proxy"); ok {
			proxy(v)
		}
	}
	return out
}

// mostServers are those that a resolver asks (resolv.conf(5)).
const mostServers = 3

// lookInside asks the name servers of another process' network. The sockets are made in a
// thread that ends afterwards, so that no other code ever runs there.
func (g *gatherer) lookInside(ctx context.Context, pid int, name string) (bool, error) {
	servers := nameServers(g.system(fmt.Sprintf("/proc/%d/root/etc/resolv.conf", pid)))
	ns, err := os.Open(g.system(fmt.Sprintf("/proc/%d/ns/net", pid)))
	if err != nil {
		return false, err
	}
	defer func() { _ = ns.Close() }()
	if len(servers) == 0 {
		return false, errors.New("no name server can be read")
	}
	type answer struct {
		conns []net.Conn
		err   error
	}
	made := make(chan answer, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with this goroutine
		if err := enterNetwork(ns); err != nil {
			made <- answer{nil, err}
			return
		}
		var a answer
		for _, s := range servers[:min(len(servers), mostServers)] {
			var d net.Dialer
			if c, err := d.DialContext(ctx, "udp", net.JoinHostPort(s.String(), "53")); err == nil {
				a.conns = append(a.conns, c)
			}
		}
		made <- a
	}()
	a := <-made
	defer func() {
		for _, c := range a.conns {
			_ = c.Close()
		}
	}()
	return anyKnows(ctx, a.conns, name), a.err
}

// anyKnows asks each server for both kinds of address, again where a packet may have been
// lost, until one has an answer or the time is up.
func anyKnows(ctx context.Context, conns []net.Conn, name string) bool {
	found := make(chan bool, len(conns))
	for _, c := range conns {
		go func() { found <- knows(ctx, c, name) }()
	}
	for range conns {
		if <-found {
			return true // the others end with their sockets
		}
	}
	return false
}

// patience is how long one packet waits for its answer.
const patience = 800 * time.Millisecond

func knows(ctx context.Context, c net.Conn, name string) bool {
	for _, kind := range []uint16{dns.TypeA, dns.TypeAAAA} {
		for answered := false; !answered && ctx.Err() == nil; {
			q := new(dns.Msg).SetQuestion(dns.Fqdn(name), kind)
			r, _, err := (&dns.Client{Timeout: patience}).ExchangeWithConnContext(ctx, q, &dns.Conn{Conn: c})
			if errors.Is(err, net.ErrClosed) {
				return false
			}
			if answered = err == nil; answered && len(r.Answer) > 0 {
				return true
			}
			if refused := (*net.OpError)(nil); errors.As(err, &refused) && !refused.Timeout() {
				return false // nobody listens there
			}
		}
	}
	return false
}
