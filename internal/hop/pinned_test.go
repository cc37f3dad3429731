package hop_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/verify/testkit"
)

func TestPinnedByTheHostsFile(t *testing.T) {
	t.Parallel()
	hosts := "127.0.0.1 localhost\n10.1.2.3 " + host + "\n"
	for name, row := range map[string]struct {
		hosts string
		led   bool // by --connect-to
		want  bool
	}{
		"it stands there": {hosts, false, true}, "another name does": {"10.1.2.3 other.test\n", false, false},
		"led elsewhere": {hosts, true, false},
	} {
		env := &hop.Env{DNS: &hop.Resolver{Hosts: file(t, row.hosts), Config: file(t, "")}}
		if row.led {
			env.ConnectTo = map[string]netip.AddrPort{hop.HostPort(host, 443): netip.MustParseAddrPort("127.0.0.1:1")}
		}
		if got := hop.Pinned(env, host, 443); got != row.want {
			t.Errorf("%s: %v", name, got)
		}
		if got := hop.AskDNS(testkit.Within(t, time.Second), env, host); got != nil {
			t.Errorf("%s: without a name server DNS says %v", name, got)
		}
	}
	env := asking(nameServer(t, zone(host+". 60 IN A 20.1.2.3")))
	env.DNS.Hosts = file(t, hosts)
	if hop.Pinned(env, host, 443) {
		t.Error("name servers that were given go before the hosts file")
	}
	if got := hop.AskDNS(testkit.Within(t, 5*time.Second), env, host); !slices.Equal(got, []string{"20.1.2.3"}) {
		t.Errorf("DNS says %v", got)
	}
}
