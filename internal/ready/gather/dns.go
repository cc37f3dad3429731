package gather

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"time"

	"github.com/miekg/dns"

	"edgenet/internal/ready"
)

const insideTimeout = 3 * time.Second

// insideDNS looks the hub's name up on the host and inside the network of a running
// module, which takes root.
func (g *gatherer) insideDNS(ctx context.Context) ready.Fact[[]ready.Lookup] {
	s, ok := g.device.Upstream()
	if !ok {
		return ready.Unseen[[]ready.Lookup]("name servers", "the hub's name, which this device does not tell")
	}
	name := s.Value.Reveal()
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
	l := ready.Lookup{Name: name}
	ctx, cancel := context.WithTimeout(ctx, insideTimeout)
	defer cancel()
	list, err := g.resolver().LookupHost(ctx, name)
	l.Host = err == nil && len(list) > 0
	if l.Inside, err = lookInside(ctx, pid, name); err != nil {
		return ready.Unseen[[]ready.Lookup](source, "root, to look into the modules' network")
	}
	return ready.Seen([]ready.Lookup{l}, source)
}

// lookInside asks the name servers of another process' network. The socket is made in a
// thread that ends afterwards, so that no other code ever runs there.
func lookInside(ctx context.Context, pid int, name string) (bool, error) {
	servers := nameServers(fmt.Sprintf("/proc/%d/root/etc/resolv.conf", pid))
	if len(servers) == 0 {
		return false, errors.New("no name server can be read")
	}
	ns, err := os.Open(fmt.Sprintf("/proc/%d/ns/net", pid))
	if err != nil {
		return false, err
	}
	defer func() { _ = ns.Close() }()
	type answer struct {
		conn net.Conn
		err  error
	}
	made := make(chan answer, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with this goroutine
		if err := enterNetwork(ns); err != nil {
			made <- answer{nil, err}
			return
		}
		var d net.Dialer
		c, err := d.DialContext(ctx, "udp", net.JoinHostPort(servers[0].String(), "53"))
		made <- answer{c, err}
	}()
	a := <-made
	if a.err != nil {
		return false, a.err
	}
	defer func() { _ = a.conn.Close() }()
	deadline, _ := ctx.Deadline()
	_ = a.conn.SetDeadline(deadline)
	for _, kind := range []uint16{dns.TypeA, dns.TypeAAAA} {
		q := new(dns.Msg).SetQuestion(dns.Fqdn(name), kind)
		r, _, err := new(dns.Client).ExchangeWithConnContext(ctx, q, &dns.Conn{Conn: a.conn})
		if err == nil && len(r.Answer) > 0 {
			return true, nil
		}
	}
	return false, nil
}
