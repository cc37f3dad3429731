package hop

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"edgenet/internal/neterr"
	"edgenet/report"
)

// listened is how long a neighbour has to have been asked for before its silence counts:
// the kernel asks once a second, three times.
const listened = time.Second

// missing gives the neighbour that a failed connection was waiting for: the address itself
// where it is on a link of this host, or the gateway that leads to it. Nil means that
// somebody answers there, or that this system does not tell.
func (a attempt) missing() *report.Neighbour {
	switch neterr.Of(a.err) {
	case neterr.HostUnreachable:
	case neterr.Timeout, neterr.Canceled:
		if a.took < listened {
			return nil
		}
	default:
		return nil
	}
	if a.localErr != nil || a.remote.Addr().IsLoopback() {
		return nil
	}
	return silentNeighbour(a.remote.Addr(), a.local.Addr())
}

// bridges are how container engines and hypervisors name the bridges that they make.
var bridges = []struct{ prefix, of string }{
	{"docker", "Docker or Moby"}, {"br-", "Docker or Moby"}, {"podman", "Podman"}, {"cni", "a container engine"},
	{"nerdctl", "containerd"},
	{"lxcbr", "LXC"}, {"lxdbr", "LXD"}, {"incusbr", "Incus"}, {"virbr", "libvirt"},
}

// bridgeOf says whose bridge a link's name shows it to be, empty where it shows none.
func bridgeOf(link string) string {
	for _, b := range bridges {
		if strings.HasPrefix(link, b.prefix) {
			return b.of
		}
	}
	return ""
}

// noNeighbour says who is missing where.
func noNeighbour(n *report.Neighbour, where string, waited time.Duration) string {
	who := fmt.Sprintf("nobody answers at %s", where)
	if n.Gateway {
		who = fmt.Sprintf("the gateway %s, which leads to %s, is not there", n.Address, where)
	}
	asks := "ARP"
	if a, err := netip.ParseAddr(n.Address); err == nil && a.Is6() {
		asks = "neighbour discovery"
	}
	s := fmt.Sprintf("%s: no answer to %s on %s within %s", who, asks, n.Link, Seconds(waited))
	if n.Bridge != "" {
		s += fmt.Sprintf("; %s is a bridge that %s made on this host, so what goes to this address does not leave it",
			n.Link, n.Bridge)
	}
	return s
}
