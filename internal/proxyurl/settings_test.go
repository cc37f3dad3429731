package proxyurl_test

import (
	"strings"
	"testing"

	"edgenet/internal/proxyurl"
	"edgenet/internal/verify/testkit"
)

func TestReadCredentials(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, one, two string }{ // users and passwords of p1:1 and [::1]:2
		{"each its own", "p1:1 u1:pw:1\n# a comment\n\n  [::1]:2\tu2:p w2  \r\n", "u1:pw:1", "u2:p w2"},
		{"one of them", "P1:1   u:pw", "u:pw", ""},
		{"from Windows", "\ufeffp1:1 u:pw\r\n", "u:pw", ""},
		{"percent signs stay", "p1:1 u:p%40", "u:p%40", ""},
		{"an empty password", "p1:1 u:", "u:", ""},
	} {
		one, two := testkit.Proxy(t, "http://p1:1"), testkit.Proxy(t, "http://[::1]:2")
		err := proxyurl.ReadCredentials(strings.NewReader(tt.text), []*proxyurl.Proxy{one, two})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		for p, want := range map[*proxyurl.Proxy]string{one: tt.one, two: tt.two} {
			got := ""
			if p.HasAuth {
				got = p.User + ":" + p.Password.Reveal()
			}
			if got != want {
				t.Errorf("%s: %s has %q, want %q", tt.name, p.Address(), got, want)
			}
		}
	}
	for _, text := range []string{"u:pw", "u:pass word", "u:pass  word and more"} {
		one := testkit.Proxy(t, "http://old:x@p1:1")
		if err := proxyurl.ReadCredentials(strings.NewReader(text+"\n"), []*proxyurl.Proxy{one}); err != nil ||
			one.User+":"+one.Password.Reveal() != text {
			t.Errorf("%q for a single proxy: %+v, %v", text, one, err)
		}
	}
}

func TestReadCredentialsErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text    string
		proxies int
		want    string
	}{
		{"", 1, "no credentials"}, {"# u:S3cret\n", 1, "no credentials"}, {"S3cret", 1, "line 1: expected"},
		{"\n\n:S3cret", 1, "line 3: expected"},
		{"u:S3cret", 2, "several proxies"}, {"u:S3cret", 0, "no proxy"}, {"p9:9 u:S3cret", 1, "p1:1"},
		{"p9:9 u:S3cret", 0, "none"},
		{"u:S3cret x:y", 1, "none of this run's proxies"}, {"p1:1 S3cret", 2, "several proxies"},
		{"u:" + strings.Repeat("S3cret", 20000), 1, "too long"},
	} {
		proxies := []*proxyurl.Proxy{testkit.Proxy(t, "http://p1:1"), testkit.Proxy(t, "http://p2:2")}[:tt.proxies]
		err := proxyurl.ReadCredentials(strings.NewReader(tt.text), proxies)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "S3cret") {
			t.Errorf("%.20q: %v, want %q", tt.text, err, tt.want)
		}
	}
}

func TestFromEnvironment(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		lower, upper string
		want         string // URL and source of each
	}{
		{"", "", ""},
		{"http://a:1", "", "http://a:1 env:https_proxy"}, {"", "a:1", "http://a:1 env:HTTPS_PROXY"},
		{"http://a:1", "http://A:1/", "http://a:1 env:https_proxy"},
		{"http://a:1", "http://b:1", "http://a:1 env:https_proxy, http://b:1 env:HTTPS_PROXY"},
		{"http://u:x@a:1", "http://u:y@a:1", "http://u:****@a:1 env:https_proxy, http://u:****@a:1 env:HTTPS_PROXY"},
		{"http://u:x@a:1", "http://u:x@a:1", "http://u:****@a:1 env:https_proxy"},
		{"http://a:1", "https://a:1", "http://a:1 env:https_proxy, https://a:1 env:HTTPS_PROXY"},
		{"http://a:1", "http://a:2", "http://a:1 env:https_proxy, http://a:2 env:HTTPS_PROXY"},
	} {
		env := map[string]string{"https_proxy": tt.lower, "HTTPS_PROXY": tt.upper, "http_proxy": "http://no:1",
			"ALL_PROXY": "http://no:2"}
		found, err := proxyurl.FromEnvironment(func(k string) string { return env[k] })
		var got []string
		for _, p := range found {
			got = append(got, p.String()+" "+p.Source)
		}
		if err != nil || strings.Join(got, ", ") != tt.want {
			t.Errorf("%q and %q: got %q, %v", tt.lower, tt.upper, got, err)
		}
	}
	_, err := proxyurl.FromEnvironment(func(
		k string) string {
		return map[string]string{"HTTPS_PROXY": "http://u:S3cret#@a:1"}[k]
	})
	if err == nil || !strings.Contains(err.Error(), "HTTPS_PROXY") || strings.Contains(err.Error(), "S3cret") {
		t.Errorf("got %v", err)
	}
}

// TestExcluded: the rules of no_proxy that Go and curl share. Loopback is the trap: the
// library never proxies it, whatever the list says.
func TestExcluded(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		list, host string
		want       bool
	}{
		{"", "hub.test", false}, {"hub.test", "hub.test", true}, {"HUB.test", "hub.TEST", true},
		{"test", "hub.test", true}, {".test", "hub.test", true}, {".hub.test", "hub.test", false},
		{"ub.test", "hub.test", false}, {"a.test, hub.test", "hub.test", true}, {"*", "hub.test", true},
		{"*.test", "hub.test", true}, {"other.test", "hub.test", false},
		{"hub.test:443", "hub.test", true}, {"hub.test:8883", "hub.test", false}, {"10.0.0.0/8", "10.1.2.3", true},
		{"10.0.0.0/8", "11.1.2.3", false}, {"10.1.2.3", "10.1.2.3", true},
		{"fd00::/8", "fd00::1", true}, {"fd00::/8", "fe00::1", false},
		{"localhost", "localhost", false}, {"*", "127.0.0.1", false}, {"*", "::1", false},
	} {
		if got := proxyurl.Excluded(tt.list, tt.host); got != tt.want {
			t.Errorf("no_proxy=%q for %s: %v", tt.list, tt.host, got)
		}
	}
}
