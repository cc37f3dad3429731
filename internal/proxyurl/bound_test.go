package proxyurl_test

import (
	"strings"
	"testing"

	"edgenet/internal/proxyurl"
)

func TestReadBound(t *testing.T) {
	t.Parallel()
	bound, err := proxyurl.ReadBound(strings.NewReader("# ours\n\nproxy.corp:3128 edge:s3:cret\n[fd00::1]:8080 a:b\n"))
	if err != nil {
		t.Fatal(err)
	}
	for raw, want := range map[string]string{
		"http://PROXY.corp:3128": "edge:s3:cret", "http://[fd00::1]:8080": "a:b", "http://proxy.corp:3129": ":",
		"http://other.corp:3128": ":", "http://own:x@proxy.corp:3128": "own:x",
	} {
		p, err := proxyurl.Parse(raw, "twin")
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range bound {
			b.Give(p)
		}
		if got := p.User + ":" + p.Password.Reveal(); got != want {
			t.Errorf("%s got %s", raw, got)
		}
	}
}

func TestReadBoundErrors(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "# nothing\n", "edge:s3cret", "proxy.corp edge:s3cret",
		"proxy.corp:x edge:s3cret", "proxy.corp:3128 s3cret", "proxy.corp:3128 :s3cret"} {
		if _, err := proxyurl.ReadBound(strings.NewReader(text)); err == nil ||
			strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
