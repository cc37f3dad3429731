package gather

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"edgenet/internal/device"
	"edgenet/internal/engine"
	"edgenet/internal/ready"
	"edgenet/report"
)

const usualMTU = 1500

// networks compares the engine's networks with what lies around this host.
func (g *gatherer) networks(ctx context.Context, c *engine.Client, runtime string) {
	e := &g.facts.Engine
	list, err := c.Networks(ctx)
	source := c.Socket + " GET /networks"
	if err != nil {
		e.Networks, e.MTU = ready.Unseen[[]ready.Network](
			source,
			failed(err),
		), ready.Unseen[ready.MTU](
			source,
			failed(err),
		)
		return
	}
	around := g.surroundings(ctx)
	var out []ready.Network
	for _, n := range list {
		if n.Name != runtime && n.Name != "bridge" {
			continue
		}
		x := network(n)
		x.Overlaps = overlaps(x.Subnets, around)
		if n.Name == runtime {
			g.facts.Config.IPv6 = g.wantsIPv6()
			x.Modules = true
			g.mtu(n, source)
		}
		out = append(out, x)
	}
	e.Networks = ready.Seen(out, source)
	e.DNS = g.insideDNS(ctx)
}

func network(n engine.NetworkInfo) ready.Network {
	x := ready.Network{Name: report.Clean(n.Name, 80), IPv6: n.EnableIPv6}
	for _, s := range n.IPAM.Config {
		if p, err := netip.ParsePrefix(s.Subnet); err == nil {
			x.Subnets = append(x.Subnets, p.Masked().String())
		}
	}
	x.MTU, _ = strconv.Atoi(n.Options["com.docker.network.driver.mtu"])
	return x
}

func (g *gatherer) mtu(n engine.NetworkInfo, source string) {
	inside := network(n).MTU
	name := n.Options["com.docker.network.bridge.name"]
	if name == "" && len(n.ID) >= 12 {
		name = "br-" + n.ID[:12]
	}
	if m, ok := g.linkMTU(name); ok {
		inside = m
	}
	if inside == 0 {
		inside = usualMTU
	}
	for _, r := range g.routes() {
		if r.prefix.Bits() == 0 {
			if out, ok := g.linkMTU(r.link); ok {
				g.facts.Engine.MTU = ready.Seen(
					ready.MTU{Network: inside, Egress: out},
					source+", /sys/class/net/"+r.link+"/mtu",
				)
				return
			}
		}
	}
	g.facts.Engine.MTU = ready.Unseen[ready.MTU](source, "a default route of IPv4")
}

func (g *gatherer) linkMTU(name string) (int, bool) {
	if name == "" || strings.ContainsAny(name, "/.") {
		return 0, false
	}
	text, err := os.ReadFile(g.system("/sys/class/net/" + name + "/mtu"))
	if err != nil {
		return 0, false
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	return n, err == nil
}

// place is something outside that containers may have to reach.
type place struct {
	what   string
	prefix netip.Prefix
}

// surroundings are the routes, name servers, proxies and the hub of this host, but for
// what is the host itself.
func (g *gatherer) surroundings(ctx context.Context) []place {
	var out []place
	own := ownAddresses().Value
	add := func(what string, a netip.Addr) {
		if a = a.Unmap(); !a.IsLoopback() && !slices.Contains(own, a.String()) {
			out = append(out, place{what + " " + a.String(), netip.PrefixFrom(a, a.BitLen())})
		}
	}
	for _, r := range g.routes() {
		if r.prefix.Bits() > 0 && !containerLink(r.link) {
			out = append(out, place{fmt.Sprintf("the route to %s by %s", r.prefix, r.link), r.prefix})
		}
	}
	for _, a := range nameServers(g.system("/etc/resolv.conf")) {
		add("name server", a)
	}
	names := map[string]string{}
	for _, s := range g.device.Of(device.Proxy) {
		if u, err := url.Parse(s.Value.Reveal()); err == nil && u.Hostname() != "" && len(names) < 8 {
			names[u.Hostname()] = "proxy"
		}
	}
	if s, ok := g.device.Upstream(); ok {
		names[s.Value.Reveal()] = "hub"
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	for name, what := range names {
		if a, err := netip.ParseAddr(name); err == nil {
			add(what, a)
			continue
		}
		list, _ := g.resolver().LookupNetIP(ctx, "ip", name)
		for _, a := range list {
			add(what, a)
		}
	}
	return out
}

// containerLink tells the links that engines make.
func containerLink(name string) bool {
	return slices.ContainsFunc(
		[]string{"br-", "docker", "veth", "podman", "cni"},
		func(p string) bool { return strings.HasPrefix(name, p) },
	)
}

func overlaps(subnets []string, around []place) []string {
	var out []string
	for _, s := range subnets {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			continue
		}
		for _, x := range around {
			if p.Overlaps(x.prefix) && !slices.Contains(out, x.what) {
				out = append(out, x.what)
			}
		}
	}
	slices.Sort(out)
	return out
}

// nameServers reads a resolv.conf.
func nameServers(file string) []netip.Addr {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	var out []netip.Addr
	for l := range strings.SplitSeq(string(text), "\n") {
		if w := strings.Fields(l); len(w) > 1 && w[0] == "nameserver" {
			if a, err := netip.ParseAddr(w[1]); err == nil {
				out = append(out, a)
			}
		}
	}
	return out
}

type route struct {
	prefix netip.Prefix
	link   string
}

// routes reads the kernel's table of IPv4.
func (g *gatherer) routes() []route {
	text, err := os.ReadFile(g.system("/proc/net/route"))
	if err != nil {
		return nil
	}
	return parseRoutes(string(text))
}

func parseRoutes(text string) []route {
	var out []route
	for i, l := range strings.Split(text, "\n") {
		f := strings.Fields(l)
		if i == 0 || len(f) < 8 {
			continue
		}
		to, ok := kernelAddr(f[1])
		mask, ok2 := kernelAddr(f[7])
		if !ok || !ok2 {
			continue
		}
		m := mask.As4()
		ones, _ := net.IPMask(m[:]).Size()
		out = append(out, route{netip.PrefixFrom(to, ones), f[0]})
	}
	return out
}

// kernelAddr reads an address as /proc/net prints it: in the machine's own order.
func kernelAddr(s string) (netip.Addr, bool) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 4 {
		return netip.Addr{}, false
	}
	var a [4]byte
	binary.NativeEndian.PutUint32(a[:], binary.BigEndian.Uint32(b))
	return netip.AddrFrom4(a), true
}
