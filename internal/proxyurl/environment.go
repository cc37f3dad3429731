package proxyurl

import (
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpproxy"
)

// FromEnvironment gives the proxies that the environment names for HTTPS: https_proxy
// and HTTPS_PROXY, both where they differ. A value that cannot be read is an error that
// names its variable, never ignored.
func FromEnvironment(getenv func(string) string) ([]*Proxy, error) {
	var out []*Proxy
	for _, name := range []string{"https_proxy", "HTTPS_PROXY"} {
		value := getenv(name)
		if value == "" {
			continue
		}
		p, err := Assume(value, "env:"+name)
		if err != nil {
			return nil, fmt.Errorf("environment variable %s: %w", name, err)
		}
		if len(out) == 0 || !out[0].same(p) {
			out = append(out, p)
		}
	}
	return out, nil
}

func (p *Proxy) same(o *Proxy) bool {
	return p.Scheme == o.Scheme && strings.EqualFold(p.Host, o.Host) && p.Port == o.Port && p.User == o.User &&
		p.Password.Equal(o.Password)
}

// Excluded tells whether a no_proxy list takes the host out by the rules that Go and
// curl share. No component of IoT Edge on the way to the hub honours such a list. The
// library never proxies loopback, which says nothing about the list: such hosts are
// not excluded.
func Excluded(noProxy, host string) bool {
	if noProxy == "" {
		return false
	}
	target := &url.URL{Scheme: "https", Host: host}
	if strings.Contains(host, ":") {
		target.Host = "[" + host + "]"
	}
	ask := func(list string) bool {
		u, err := (&httpproxy.Config{HTTPSProxy: "http://proxy.invalid:1", NoProxy: list}).ProxyFunc()(target)
		return err == nil && u != nil
	}
	return ask("") && !ask(noProxy)
}
