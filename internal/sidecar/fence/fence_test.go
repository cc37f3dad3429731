package fence_test

import (
	"net/netip"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"edgenet/internal/sidecar/fence"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestHost(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		list, host string
		port       int
		want       bool
	}{
		{"", "contoso.azure-devices.net", 8883, true},
		{"", "r.azurecr.io", 443, true},
		{"", "R.AzureCR.io.", 443, true},
		{"", "r.azurecr.io", 80, false},
		{"", "azurecr.io", 443, false},
		{"", "evilazurecr.io", 443, false},
		{"", "r.azurecr.io.evil.example", 443, false},
		{"", "10.0.0.1", 443, false},
		{"proxy.corp:3128", "proxy.corp", 3128, true},
		{"proxy.corp:3128", "proxy.corp", 443, false},
		{"proxy.corp:3128", "r.azurecr.io", 443, false},
		{"azure, proxy.corp:3128", "r.azurecr.io", 443, true},
		{"azure,proxy.corp:3128", "PROXY.corp", 3128, true},
		{"proxy.corp", "proxy.corp", 443, true},
		{"*.corp:3128", "a.b.corp", 3128, true},
		{"*.corp:3128", "corp", 3128, false},
		{"10.0.0.0/8:3128", "10.1.2.3", 3128, true},
		{"10.0.0.0/8:3128", "10.1.2.3", 443, false},
		{"10.0.0.0/8:3128", "::ffff:10.1.2.3", 3128, true},
		{"[fd00::/8]:3128", "fd00::1", 3128, true},
		{"[fd00::1]", "fd00::1", 443, true},
		{"fd00::1", "fd00::1", 443, true},
		{"127.0.0.1:8080,x.test", "127.0.0.1", 8080, true},
		{",, x.test ,", "x.test", 5671, true},
		{",, x.test ,", "r.azurecr.io", 443, false},
		{"::ffff:10.0.0.1", "10.0.0.1", 8883, true},
		{"x.test:1", "x.test", 1, true},
		{"x.test:65535", "x.test", 65535, true},
		{long[:253], long[:253], 443, true},
	} {
		f, err := fence.Parse(row.list)
		if err != nil {
			t.Errorf("%q: %v", row.list, err)
			continue
		}
		if got := f.Host(row.host, row.port); got != row.want {
			t.Errorf("%q: %s:%d is %t", row.list, row.host, row.port, got)
		}
	}
	if (&fence.Fence{}).Host("r.azurecr.io", 443) {
		t.Error("the zero fence lets something through")
	}
}

// long is a name of labels of 63 characters.
var long = strings.Repeat(strings.Repeat("a", 63)+".", 4)

func TestAddress(t *testing.T) {
	t.Parallel()
	f, err := fence.Parse("hub.test,10.0.0.0/8:3128,[fd00::/8]:3128")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{
		"20.1.2.3": true, "2603:1000::1": true, "10.9.9.9": true, "fd00::5": true,
		"127.0.0.1": false, "::1": false, "169.254.169.254": false, "192.168.1.1": false, "172.17.0.1": false,
		"100.64.0.1": false, "0.0.0.0": false,
		"0.1.2.3": false, "fe80::1": false, "fc00::1": false, "224.0.0.1": false, "255.255.255.255": false,
		"::ffff:127.0.0.1": false, "::ffff:192.168.1.1": false,
		"::127.0.0.1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false, "::": false, "198.18.0.1": false,
		"fe80::1%eth0": false,
	} {
		if got := f.Address(netip.MustParseAddr(text), 3128); got != want {
			t.Errorf("%s is %t", text, got)
		}
	}
	if f.Address(netip.MustParseAddr("10.9.9.9"), 443) {
		t.Error("an address was let through at another port")
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, list := range []string{"http://proxy.corp:3128", "proxy.corp:0", "proxy.corp:99999", "proxy.corp:", "*corp",
		"a b", "[fd00::1", "[fd00::1]x", "[fd00::1]:", "10.0.0.0/99", "a..b", "pröxy.corp", "x.test:65536", long[:254],
		strings.Repeat("a", 64) + ".test", strings.Repeat("a.test,", 65)} {
		if f, err := fence.Parse(list); err == nil {
			t.Errorf("%q was read as %v", list, f)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("azure,proxy.corp:3128,[fd00::/8]:1", "proxy.corp")
	f.Fuzz(func(t *testing.T, list, host string) {
		x, err := fence.Parse(list)
		if err != nil {
			return
		}
		if a, err := netip.ParseAddr(host); err == nil && x.Host(host, 443) && !x.Address(a, 443) {
			t.Errorf("%q names %s and refuses it", list, host)
		}
	})
}
