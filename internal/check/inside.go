package check

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"edgenet/internal/exit"
	"edgenet/internal/infile"
	"edgenet/internal/proxyurl"
	"edgenet/probe"
)

// Where roots that options and configuration name lie in the container.
const (
	insideCA     = "/etc/edgenet/ca.pem"
	insideBundle = "/etc/edgenet/bundle.pem"
)

// insideArgs is the command line in the container: what the host's says of how to probe,
// and what follows from the plan. It holds no secret: engines show it, and keep it.
func (j *job) insideArgs() []string {
	o := j.o
	args := []string{"check", "--inside", "--format=json", "--hub=" + judged(j.plan.Host)}
	add := func(flag string, values ...string) {
		for _, v := range values {
			if v != "" {
				args = append(args, "--"+flag+"="+v)
			}
		}
	}
	add("protocol", strings.Join(o.Protocols, ","))
	add("depth", o.Depth)
	add("resolver", o.Resolvers...)
	add("connect-to", o.ConnectTo...)
	if o.Attempts > 0 {
		add("attempts", strconv.Itoa(o.Attempts))
	}
	add("timeout", given(o.Timeout))
	add("deadline", given(o.Deadline))
	add("hold", given(o.Hold))
	if o.IPv4 {
		add("ipv4", "true")
	}
	if o.IPv6 {
		add("ipv6", "true")
	}
	direct := slices.ContainsFunc(j.plan.Routes, func(r probe.Route) bool { return r.Proxy == nil })
	switch {
	case !direct:
		add("route", "proxy")
	case len(j.plan.Routes) == 1:
		add("route", "direct")
	}
	if len(j.env.Trust.Extra) > 0 {
		add("ca-file", insideCA)
	}
	if len(j.env.Trust.Bundle) > 0 {
		add("trust-bundle", insideBundle)
	}
	return args
}

// given is a duration as a flag takes it, nothing where there is none.
func given(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return d.String()
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

// proxiesFromHost reads them back.
func (j *job) proxiesFromHost(ctx context.Context) ([]*proxyurl.Proxy, error) {
	text, err := infile.Reader{Stdin: j.con.Stdin, Limit: 1 << 20}.Read(ctx, "-")
	if err != nil {
		return nil, exit.Inputf("--inside: %w", err)
	}
	var out []*proxyurl.Proxy
	for line := range strings.Lines(string(text)) {
		p, err := proxyurl.Parse(strings.TrimSpace(line), "flag")
		if err != nil {
			return nil, exit.Inputf("--inside: %w", err)
		}
		out = append(out, p)
	}
	return out, nil
}
