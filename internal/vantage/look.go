package vantage

import (
	"encoding/binary"
	"encoding/hex"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"github.com/miekg/dns"

	"edgenet/report"
)

// Look describes this place. What the system does not tell stays empty. Root is where
// its files are, / for the system itself.
func Look(root string) *report.Vantage {
	v := &report.Vantage{Resolvers: []string{}, Interfaces: interfaces(), Gateways: []string{}}
	if conf, err := dns.ClientConfigFromFile(filepath.Join(root, "etc/resolv.conf")); err == nil {
		v.Resolvers = append(v.Resolvers, conf.Servers...)
	}
	v.Gateways = append(v.Gateways, gateways(file(root, "proc/net/route"))...)
	v.Gateways = append(v.Gateways, gateways6(file(root, "proc/net/ipv6_route"))...)
	for i := range v.Interfaces {
		text := strings.TrimSpace(file(root, "proc/sys/net/ipv4/conf/"+v.Interfaces[i].Name+"/forwarding"))
		if on := text == "1"; text != "" {
			v.Interfaces[i].Forwarding = &on
		}
	}
	return v
}

func file(root, name string) string {
	text, err := os.ReadFile(filepath.Join(root, name)) //nolint:gosec // a fixed name of the system's
	if err != nil {
		return "" // not Linux, or not allowed: not known
	}
	return string(text)
}

func interfaces() []report.Interface {
	out := []report.Interface{}
	all, err := net.Interfaces()
	if err != nil {
		return out
	}
	for _, i := range all {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		x := report.Interface{Name: i.Name, MTU: i.MTU, Addresses: []string{}}
		addrs, _ := i.Addrs() // none, where it has gone
		for _, a := range addrs {
			if p, err := netip.ParsePrefix(a.String()); err == nil && !p.Addr().IsLinkLocalUnicast() {
				x.Addresses = append(x.Addresses, p.String())
			}
		}
		if len(x.Addresses) > 0 {
			out = append(out, x)
		}
	}
	return out
}

// gateways reads the default routes of /proc/net/route (proc(5): hexadecimal, in the
// machine's byte order).
func gateways(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 8 || f[1] != "00000000" || f[7] != "00000000" {
			continue
		}
		b, err := hex.DecodeString(f[2])
		if err != nil || len(b) != 4 {
			continue
		}
		var native [4]byte
		binary.NativeEndian.PutUint32(native[:], binary.BigEndian.Uint32(b))
		out = append(out, via(netip.AddrFrom4(native), f[0]))
	}
	return out
}

// gateways6 reads those of /proc/net/ipv6_route; the ones that lead nowhere (lo) are
// the kernel's own.
func gateways6(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 10 || f[0] != strings.Repeat("0", 32) || f[1] != "00" || f[9] == "lo" {
			continue
		}
		b, err := hex.DecodeString(f[4])
		if a, ok := netip.AddrFromSlice(b); err == nil && ok {
			out = append(out, via(a, f[9]))
		}
	}
	return out
}

func via(a netip.Addr, ifc string) string {
	if a.IsUnspecified() {
		return ifc
	}
	return a.String() + " " + ifc
}
