package hop

import (
	"bufio"
	"io"
	"net/netip"
	"os"
	"runtime"
	"strings"
)

// hostsFile gives the addresses that the hosts file has for a name (hosts(5)); the
// system asks it before any resolver; and the line of the first.
func (r *Resolver) hostsFile(host string) (addrs []netip.Addr, line int) {
	path := r.Hosts
	switch {
	case path == "-":
		return nil, 0
	case path == "" && runtime.GOOS == "windows":
		path = os.Getenv("SystemRoot") + `\System32\drivers\etc\hosts`
	case path == "":
		path = "/etc/hosts"
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0 // a container from nothing has none
	}
	defer func() { _ = f.Close() }()
	return readHosts(f, host)
}

const maxHosts = 4 << 20 // bytes of a hosts file that are read

// readHosts reads the lines "ADDRESS NAME…" that name the host, and the number of the first.
func readHosts(f io.Reader, host string) (out []netip.Addr, first int) {
	lines := bufio.NewScanner(io.LimitReader(f, maxHosts))
	lines.Buffer(nil, maxHosts+1) // blocklists have long lines
	for n := 1; lines.Scan(); n++ {
		line, _, _ := strings.Cut(lines.Text(), "#")
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		a, err := netip.ParseAddr(fields[0])
		if err != nil {
			continue
		}
		for _, name := range fields[1:] {
			if fqdnEqual(name, host) {
				if out = append(out, a.Unmap()); first == 0 {
					first = n
				}
				break
			}
		}
	}
	return out, first
}
