package hop

import (
	"net"
	"net/netip"
	"testing"
)

// TestInterfacesAgree: the table says of each address what the standard library says.
func TestInterfacesAgree(t *testing.T) {
	t.Parallel()
	links, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	table, n := &Interfaces{}, 0
	for _, l := range links {
		addrs, err := l.Addrs()
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range addrs {
			a, ok := netip.AddrFromSlice(x.(*net.IPNet).IP)
			if !ok {
				t.Fatal(x)
			}
			n++
			if got := table.Of(a); got != l.Name {
				t.Errorf("%s: %q, want %q", a, got, l.Name)
			}
			if got := (*Interfaces)(nil).Of(a); got != l.Name {
				t.Errorf("%s without a table: %q, want %q", a, got, l.Name)
			}
		}
	}
	if n == 0 {
		t.Skip("no address at all")
	}
	if got := table.Of(netip.MustParseAddr("192.0.2.77")); got != "" {
		t.Errorf("nobody's address is held by %q", got)
	}
}

func BenchmarkInterfaceTable(b *testing.B) {
	for b.Loop() {
		interfaceTable()
	}
}
