package fence

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"edgenet/internal/secret"
)

// maxEntries bounds the list; a longer one is refused as a mistake.
const maxEntries = 64

// azure are the names that the IoT services, their registries and their blobs live under
// (Azure documentation: "Understand Azure IoT Edge production checklist", allowlist; the
// sovereign clouds' suffixes).
var azure = []string{
	"*.azure-devices.net", "*.azure-devices.us", "*.azure-devices.cn",
	"*.azure-devices-provisioning.net", "*.azure-devices-provisioning.us", "*.azure-devices-provisioning.cn",
	"mcr.microsoft.com", "*.mcr.microsoft.com", "*.azurecr.io", "*.azurecr.us", "*.azurecr.cn",
	"*.blob.core.windows.net", "*.blob.core.usgovcloudapi.net", "*.blob.core.chinacloudapi.cn",
}

// Ports are what an entry without one allows.
func Ports() []int { return []int{443, 5671, 8883} }

// Fence is a list of allowed places. The zero value allows nothing.
type Fence struct{ entries []entry }

// entry is a name, names under a suffix, or addresses, with their ports.
type entry struct {
	name   string       // lower case; zero for addresses
	suffix bool         // name begins with a dot and stands for all that ends so
	prefix netip.Prefix // zero for names
	ports  []int
}

// Parse reads a comma-separated list: NAME, *.SUFFIX, ADDRESS or ADDRESS/BITS (IPv6 in
// brackets), each with :PORT or without, which means 443, 5671 and 8883; "azure" stands
// for Azure's own suffixes. An empty list means "azure".
func Parse(list string) (*Fence, error) {
	if strings.TrimSpace(list) == "" {
		list = "azure"
	}
	f := &Fence{}
	for word := range strings.SplitSeq(list, ",") {
		word = strings.ToLower(strings.TrimSpace(word))
		if word == "" {
			continue
		}
		more := []string{word}
		if word == "azure" {
			more = azure
		}
		for _, w := range more {
			e, err := parseEntry(w)
			if err != nil {
				return nil, err
			}
			f.entries = append(f.entries, e)
		}
		if len(f.entries) > maxEntries {
			return nil, fmt.Errorf("more than %d entries", maxEntries)
		}
	}
	return f, nil
}

func parseEntry(word string) (entry, error) {
	host, ports, err := splitPort(word)
	if err != nil {
		return entry{}, err
	}
	if p, ok := parsePrefix(host); ok {
		return entry{prefix: p, ports: ports}, nil
	}
	name, suffix := strings.CutPrefix(strings.TrimSuffix(host, "."), "*")
	if suffix && !strings.HasPrefix(name, ".") || !isName(strings.TrimPrefix(name, ".")) {
		return entry{}, wrong(word)
	}
	return entry{name: name, suffix: suffix, ports: ports}, nil
}

func wrong(word string) error {
	return fmt.Errorf("%q: expected NAME, *.SUFFIX, ADDRESS or ADDRESS/BITS (IPv6 in brackets), each with :PORT or "+
		"without; or azure", secret.Show(word, 80))
}

// splitPort takes :PORT off an entry.
func splitPort(word string) (string, []int, error) {
	host, port := word, ""
	if strings.HasPrefix(word, "[") {
		end := strings.Index(word, "]")
		if end < 0 {
			return "", nil, wrong(word)
		}
		host, port = word[1:end], word[end+1:]
		if port != "" && !strings.HasPrefix(port, ":") {
			return "", nil, wrong(word)
		}
		port = strings.TrimPrefix(port, ":")
		if port == "" && strings.HasSuffix(word, ":") {
			return "", nil, wrong(word)
		}
	} else if strings.Count(word, ":") == 1 {
		host, port, _ = strings.Cut(word, ":")
		if port == "" {
			return "", nil, wrong(word)
		}
	}
	if port == "" {
		return host, Ports(), nil
	}
	n, err := strconv.Atoi(port)
	if err != nil || n < 1 || n > 65535 {
		return "", nil, wrong(word)
	}
	return host, []int{n}, nil
}

func parsePrefix(s string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(s); err == nil {
		return p.Masked(), true
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, false
	}
	a = a.Unmap()
	return netip.PrefixFrom(a, a.BitLen()), true
}

// isName tells whether s could be a host's name: labels of letters, digits, hyphens and
// underscores.
func isName(s string) bool {
	if s == "" || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 {
			return false
		}
		for _, r := range label {
			if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' {
				return false
			}
		}
	}
	return true
}

// Host tells whether the twin may name this host and port. An address is a host too.
func (f *Fence) Host(host string, port int) bool {
	if a, err := netip.ParseAddr(host); err == nil {
		return f.named(a, port)
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return slices.ContainsFunc(f.entries, func(e entry) bool {
		if e.name == "" || !slices.Contains(e.ports, port) {
			return false
		}
		return e.name == host || e.suffix && strings.HasSuffix(host, e.name) && len(host) > len(e.name)
	})
}

// Address tells whether a name that Host allows may be dialled at this address: a public
// one always, any other only where the list names it as an address. Otherwise whoever
// answers for a name could point the module at the device's own services.
func (f *Fence) Address(a netip.Addr, port int) bool {
	return public(a.Unmap()) || f.named(a, port)
}

func (f *Fence) named(a netip.Addr, port int) bool {
	a = a.Unmap().WithZone("")
	return slices.ContainsFunc(f.entries, func(e entry) bool {
		return e.prefix.IsValid() && e.prefix.Contains(a) && slices.Contains(e.ports, port)
	})
}

// notPublic are the ranges that netip has no word for: "this network" (RFC 791), shared
// address space (RFC 6598), protocol assignments (RFC 6890), benchmarking (RFC 2544),
// reserved (RFC 1112), and the IPv6 forms in which an IPv4 address can hide: mapped,
// translated (RFC 6052, RFC 8215), 6to4 (RFC 3056), Teredo (RFC 4380).
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("::/96"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/32"), netip.MustParsePrefix("fec0::/10"),
}

func public(a netip.Addr) bool {
	if !a.IsGlobalUnicast() || a.IsPrivate() { // global unicast leaves out loopback, link-local, multicast, unspecified
		return false
	}
	return !slices.ContainsFunc(notPublic, func(p netip.Prefix) bool { return p.Contains(a) })
}
