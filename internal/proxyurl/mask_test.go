package proxyurl_test

import (
	"testing"

	"edgenet/internal/proxyurl"
)

// TestMaskNumber: a number is shown where the text is read as host and port, and hidden where
// it is no port, or where the host is rather a user.
func TestMaskNumber(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"http://squid:13128": "http://squid:13128", "squid:13128": "squid:13128", "http://squid:13128/": "http://squid:13128",
		"http://proxy.corp:31280": "http://proxy.corp:31280", "proxy.corp:31280": "proxy.corp:31280",
		"http://admin:31337/": "http://admin:****/", "admin:31337": "admin:****", "ROOT:31337": "ROOT:****",
		"http://jdoe:73519": "http://jdoe:****", "jdoe:73519": "jdoe:****", "http://admin:3128": "http://admin:3128",
		"http://jdoe:031337": "http://jdoe:****", "http://jdoe:31337:proxy:3128": "http://jdoe:****",
		"c2VjcmV0a2V5c2VjcmV0a2V5c2VjcmV0a2V5MTIzNDU6:443": "****:443",
		"jdoe:pw@squid:13128":                              "****@squid:13128",
	} {
		if got := proxyurl.Mask(raw); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
}
