package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"edgenet/internal/hop"
	"edgenet/probe"
	"edgenet/proxy"
	"edgenet/report"
)

// job is a check that is ready to run.
type job struct {
	plan probe.Plan
	env  *hop.Env
}

// checkJob turns flags, environment and files into a job. Every error says what was
// wrong and what was expected; nothing has been contacted then.
func (a *app) checkJob(f *checkFlags, changed func(string) bool) (*job, error) {
	j := &job{env: &hop.Env{Trust: &hop.Trust{}}}
	j.plan = probe.Plan{Attempts: f.attempts, Timeout: f.timeout, Version: versionText()}
	if changed("deadline") {
		j.plan.Deadline = f.deadline
	}
	steps := []func() error{
		func() error { return f.checkNumbers() },
		func() error { return f.checkOutputs() },
		func() error { return f.parseProtocols(&j.plan) },
		func() error { return f.parseDepth(&j.plan) },
		func() error { return a.target(f, j) },
		func() error { return a.identity(f, j) },
		func() error { return a.routes(f, j) },
		func() error { return f.network(j.env) },
		func() error { return f.trust(j.env) },
		func() error { return f.closed(&j.plan) },
	}
	for _, s := range steps {
		if err := s(); err != nil {
			return nil, err
		}
	}
	return j, nil
}

func (f *checkFlags) checkNumbers() error {
	switch {
	case f.attempts < 1 || f.attempts > 1000:
		return fmt.Errorf("--attempts %d: expected 1 to 1000", f.attempts)
	case f.timeout <= 0:
		return fmt.Errorf("--timeout %s: expected more than 0, such as 10s", f.timeout)
	case f.deadline <= 0:
		return fmt.Errorf("--deadline %s: expected more than 0, such as 60s", f.deadline)
	case f.wait < 0:
		return fmt.Errorf("--wait %s: expected more than 0, such as 30m", f.wait)
	case f.four && f.six:
		return errors.New("-4 and -6 exclude each other: without both, both families are used")
	case f.verbose && f.quiet:
		return errors.New("-v and -q exclude each other")
	}
	return nil
}

// formats of standard output and, by their endings, of files.
var formats = []string{"text", "json", "jsonl"}

func (f *checkFlags) checkOutputs() error {
	if !slices.Contains(formats, f.format) {
		return fmt.Errorf("--format %q: expected %s", report.Clean(f.format, 40), strings.Join(formats, ", "))
	}
	for _, o := range f.outputs {
		if e := filepath.Ext(o); e != ".json" && e != ".jsonl" {
			return fmt.Errorf("--output %q: expected a name that ends in .json or .jsonl", report.Clean(o, 100))
		}
	}
	return nil
}

func (f *checkFlags) parseProtocols(p *probe.Plan) error {
	for _, s := range f.protocols {
		proto, err := report.ParseProtocol(s)
		if err != nil {
			return fmt.Errorf("--protocol: %w", err)
		}
		if !slices.Contains(p.Protocols, proto) {
			p.Protocols = append(p.Protocols, proto)
		}
	}
	slices.SortFunc(p.Protocols, func(x, y report.Protocol) int {
		return slices.Index(report.Protocols(), x) - slices.Index(report.Protocols(), y)
	})
	for _, s := range f.prefer {
		proto, err := upstream("--prefer", s)
		if err != nil {
			return err
		}
		p.Prefer = append(p.Prefer, proto)
	}
	if f.expect == "" {
		return nil
	}
	proto, err := upstream("--expect", f.expect)
	if err != nil {
		return err
	}
	if len(p.Protocols) > 0 && !slices.Contains(p.Protocols, proto) {
		return fmt.Errorf("--expect %s is not among the protocols of --protocol", proto)
	}
	p.Expect, p.ExpectSource = proto, "flag"
	return nil
}

// upstream reads a value of UpstreamProtocol.
func upstream(flag, s string) (report.Protocol, error) {
	proto, err := report.ParseProtocol(s)
	if err != nil || proto == report.HTTPS {
		return "", fmt.Errorf("%s %q: expected AMQP, MQTT, AMQPWS or MQTTWS", flag, report.Clean(s, 40))
	}
	return proto, nil
}

func (f *checkFlags) parseDepth(p *probe.Plan) error {
	p.Depth = probe.Depth(strings.ToLower(f.depth))
	if !slices.Contains(probe.Depths(), p.Depth) {
		return fmt.Errorf("--depth %q: expected tcp, tls, protocol or auth", report.Clean(f.depth, 40))
	}
	return nil
}

// target finds the hub: the flag, or a module's environment.
func (a *app) target(f *checkFlags, j *job) error {
	if (f.scenario != "" || len(f.faults) > 0) && !f.lab {
		return errors.New("--scenario and --fault belong to --lab")
	}
	if f.lab {
		if f.hub != "" {
			return errors.New("--lab and --hub exclude each other: the lab has a hub of its own")
		}
		return nil // enterLab names it
	}
	host, source := f.hub, "flag"
	if host == "" {
		host, source = a.getenv("IOTEDGE_IOTHUBHOSTNAME"), "module-env"
		j.env.Trust.Module = host != ""
	}
	if host == "" {
		return errors.New("no hub: give it with --hub HOST, such as contoso.azure-devices.net (or try edgenet check --lab)")
	}
	if err := checkHost(host); err != nil {
		return fmt.Errorf("hub %q: %w", report.Clean(host, 100), err)
	}
	j.plan.Host, j.plan.Source = strings.TrimSuffix(host, "."), source
	return nil
}

// checkHost refuses what is no host name, with a hint at what was probably meant.
func checkHost(h string) error {
	switch {
	case strings.Contains(h, "://"):
		return errors.New("expected a host name, not a URL: leave out the part up to ://")
	case strings.ContainsAny(h, "/?#@ ;="):
		return errors.New("expected a host name alone, such as contoso.azure-devices.net")
	case len(h) > 253:
		return errors.New("expected a host name of at most 253 characters")
	}
	if _, err := netip.ParseAddr(h); err == nil {
		return nil
	}
	if strings.Contains(h, ":") {
		return errors.New("expected a host name without a port: the ports follow from the protocols (use --connect-to to dial another one)")
	}
	for label := range strings.SplitSeq(strings.TrimSuffix(h, "."), ".") {
		if label == "" || len(label) > 63 {
			return errors.New("expected labels of 1 to 63 characters between the dots")
		}
	}
	return nil
}

// routes finds the proxies: the flags, else the environment; the lab has its own.
func (a *app) routes(f *checkFlags, j *job) error {
	proxies, err := a.proxies(f)
	if err != nil {
		return err
	}
	if !f.lab {
		j.plan.NoProxy = a.getenv("no_proxy")
		if j.plan.NoProxy == "" {
			j.plan.NoProxy = a.getenv("NO_PROXY")
		}
	}
	for _, r := range f.routes {
		if r = strings.ToLower(strings.TrimSpace(r)); r != "direct" && r != "proxy" {
			return fmt.Errorf("--route %q: expected direct or proxy", report.Clean(r, 40))
		}
	}
	direct, proxied := f.wants("direct"), f.wants("proxy")
	if !direct && len(proxies) == 0 && !f.lab {
		return errors.New("--route proxy: no proxy is known, give one with --proxy URL")
	}
	if !proxied {
		proxies = nil
	}
	j.plan.Routes = probe.Routes(direct, proxies)
	return nil
}

// wants tells whether a kind of route is to be probed.
func (f *checkFlags) wants(route string) bool {
	return len(f.routes) == 0 || slices.ContainsFunc(f.routes, func(r string) bool { return strings.EqualFold(strings.TrimSpace(r), route) })
}

func (a *app) proxies(f *checkFlags) ([]*proxy.Proxy, error) {
	var out []*proxy.Proxy
	for _, raw := range f.proxies {
		p, err := proxy.Parse(raw, "flag")
		if err != nil {
			return nil, fmt.Errorf("--proxy: %w", err)
		}
		out = append(out, p)
	}
	if len(f.proxies) == 0 && !f.lab {
		found, err := proxy.FromEnvironment(a.getenv)
		if err != nil {
			return nil, err
		}
		out = found
	}
	if f.proxyCredentials == "" {
		return out, nil
	}
	file, err := a.open(f.proxyCredentials)
	if err != nil {
		return nil, fmt.Errorf("--proxy-credentials: %w", err)
	}
	defer func() { _ = file.Close() }()
	if err := proxy.ReadCredentials(file, out); err != nil {
		return nil, fmt.Errorf("--proxy-credentials %s: %w", f.proxyCredentials, err)
	}
	return out, nil
}

// closed reads --expect-closed against the routes of the plan.
func (f *checkFlags) closed(p *probe.Plan) error {
	for _, s := range f.expectClosed {
		name, route, ok := strings.Cut(s, "@")
		proto, err := report.ParseProtocol(name)
		if !ok || err != nil {
			return fmt.Errorf("--expect-closed %q: expected PROTOCOL@ROUTE, such as AMQP@direct", report.Clean(s, 60))
		}
		route = strings.ToLower(strings.TrimSpace(route))
		if !slices.ContainsFunc(p.Routes, func(r probe.Route) bool { return r.ID == route }) || len(p.Protocols) > 0 && !slices.Contains(p.Protocols, proto) {
			return fmt.Errorf("--expect-closed %s: that path is not probed in this run (see --route, --proxy, --protocol)", report.Clean(s, 60))
		}
		p.ExpectClosed = append(p.ExpectClosed, probe.PathName{Protocol: proto, Route: route})
	}
	return nil
}

// network reads what changes how connections are made.
func (f *checkFlags) network(env *hop.Env) error {
	if f.four {
		env.Family = hop.IPv4Only
	}
	if f.six {
		env.Family = hop.IPv6Only
	}
	env.DNS = &hop.Resolver{}
	for _, r := range f.resolvers {
		ap, err := resolverAddress(r)
		if err != nil {
			return err
		}
		env.DNS.Servers = append(env.DNS.Servers, ap)
	}
	for _, c := range f.connectTo {
		key, to, err := parseConnectTo(c)
		if err != nil {
			return err
		}
		if env.ConnectTo == nil {
			env.ConnectTo = map[string]netip.AddrPort{}
		}
		env.ConnectTo[key] = to
	}
	if f.source == "" {
		return nil
	}
	return parseSource(f.source, &env.Source)
}

func resolverAddress(s string) (netip.AddrPort, error) {
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return netip.AddrPortFrom(a, 53), nil
	}
	ap, err := netip.ParseAddrPort(s)
	if err != nil || ap.Port() == 0 {
		return netip.AddrPort{}, fmt.Errorf("--resolver %q: expected an IP address, or ADDRESS:PORT with IPv6 in brackets", report.Clean(s, 60))
	}
	return ap, nil
}

var connectToForm = regexp.MustCompile(`^(\[[^\]]+\]|[^:\[\]]+):(\d+):(\[[^\]]+\]:\d+|[^:\[\]]+:\d+)$`)

// parseConnectTo reads HOST:PORT:ADDR:PORT, IPv6 in brackets.
func parseConnectTo(s string) (string, netip.AddrPort, error) {
	m := connectToForm.FindStringSubmatch(s)
	if m != nil {
		port, err := strconv.ParseUint(m[2], 10, 16)
		to, err2 := netip.ParseAddrPort(m[3])
		if err == nil && err2 == nil && port > 0 && to.Port() > 0 {
			return hop.HostPort(strings.Trim(m[1], "[]"), int(port)), to, nil
		}
	}
	return "", netip.AddrPort{}, fmt.Errorf("--connect-to %q: expected HOST:PORT:ADDR:PORT with an IP address as ADDR, such as contoso.azure-devices.net:5671:127.0.0.1:15671, IPv6 in brackets", report.Clean(s, 120))
}

// parseSource reads a local address or an interface's name.
func parseSource(s string, src *hop.Source) error {
	if a, err := netip.ParseAddr(s); err == nil {
		if a = a.Unmap(); a.Is4() {
			src.IPv4 = a
		} else {
			src.IPv6 = a
		}
		return nil
	}
	ifc, err := net.InterfaceByName(s)
	if err != nil {
		return fmt.Errorf("--source %q: neither an IP address nor an interface of this host", report.Clean(s, 60))
	}
	addrs, err := ifc.Addrs()
	if err != nil {
		return fmt.Errorf("--source %s: %w", s, err)
	}
	src.Interface = ifc.Name
	for _, a := range addrs {
		p, err := netip.ParsePrefix(a.String())
		if err != nil || p.Addr().IsLinkLocalUnicast() {
			continue
		}
		if x := p.Addr().Unmap(); x.Is4() && !src.IPv4.IsValid() {
			src.IPv4 = x
		} else if x.Is6() && !src.IPv6.IsValid() {
			src.IPv6 = x
		}
	}
	return nil
}
