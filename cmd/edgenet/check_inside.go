package main

import (
	"bufio"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"edgenet/internal/proxyurl"
	"edgenet/probe"
)

// Where roots that flags and configuration name lie in the container.
const (
	insideCA     = "/etc/edgenet/ca.pem"
	insideBundle = "/etc/edgenet/bundle.pem"
)

// asTyped are the flags that the check in the container gets as the host's did; what
// they do not say follows from the plan.
var asTyped = []string{"protocol", "depth", "attempts", "timeout", "deadline", "hold", "resolver", "connect-to", "ipv4", "ipv6"}

// insideArgs is the command line in the container. It holds no secret: engines show it,
// and keep it.
func (f *checkFlags) insideArgs(j *job) []string {
	args := []string{"check", "--inside", "--format=json", "--hub=" + j.plan.Host}
	f.typed.Visit(func(fl *pflag.Flag) {
		if !slices.Contains(asTyped, fl.Name) {
			return
		}
		values := []string{fl.Value.String()}
		if list, ok := fl.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, v := range values {
			args = append(args, "--"+fl.Name+"="+v)
		}
	})
	direct := slices.ContainsFunc(j.plan.Routes, func(r probe.Route) bool { return r.Proxy == nil })
	switch {
	case !direct:
		args = append(args, "--route=proxy")
	case len(j.plan.Routes) == 1:
		args = append(args, "--route=direct")
	}
	if len(j.env.Trust.Extra) > 0 {
		args = append(args, "--ca-file="+insideCA)
	}
	if len(j.env.Trust.Bundle) > 0 {
		args = append(args, "--trust-bundle="+insideBundle)
	}
	return args
}

// proxyURLs are the proxies of the routes with their passwords, one a line: the input of
// the check in the container.
func proxyURLs(routes []probe.Route) []byte {
	var b strings.Builder
	for _, r := range routes {
		if r.Proxy == nil {
			continue
		}
		u := url.URL{Scheme: r.Proxy.Scheme, Host: r.Proxy.Address()}
		if r.Proxy.HasAuth {
			u.User = url.UserPassword(r.Proxy.User, r.Proxy.Password.Reveal())
		}
		b.WriteString(u.String() + "\n")
	}
	return []byte(b.String())
}

// insideProxies reads them back.
func (a *app) insideProxies() ([]*proxyurl.Proxy, error) {
	var out []*proxyurl.Proxy
	lines := bufio.NewScanner(io.LimitReader(a.stdin, 1<<20))
	for lines.Scan() {
		p, err := proxyurl.Parse(lines.Text(), "flag")
		if err != nil {
			return nil, fmt.Errorf("--inside: %w", err)
		}
		out = append(out, p)
	}
	return out, lines.Err()
}
