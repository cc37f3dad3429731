package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"edgenet/internal/device"
	"edgenet/internal/hop"
	"edgenet/internal/iothub"
	"edgenet/internal/secret"
	"edgenet/probe"
	"edgenet/report"
)

// job is a check that is ready to run.
type job struct {
	plan   probe.Plan
	env    *hop.Env
	device *device.Device // what this host says of itself; nil for the lab
	// round stands in for a check of this host alone; zero means that.
	round func(context.Context, probe.Observer) *report.Report
}

// checkJob turns flags, environment and files into a job. Every error says what was
// wrong and what was expected; nothing has been contacted then.
func (a *app) checkJob(ctx context.Context, f *checkFlags, changed func(string) bool) (*job, error) {
	j := &job{env: &hop.Env{Trust: &hop.Trust{}}}
	j.plan = probe.Plan{Attempts: f.attempts, Timeout: f.timeout, Hold: f.hold, Version: versionText()}
	if changed("deadline") {
		j.plan.Deadline = f.deadline
	}
	steps := []func() error{
		func() error { return f.checkNumbers() },
		func() error { return f.checkOutputs() },
		func() error { return f.parseProtocols(&j.plan) },
		func() error { return f.parseDepth(&j.plan) },
		func() error { return a.host(ctx, f, j) },
		func() error { return a.target(f, j) },
		func() error { return a.identity(f, j) },
		func() error { return a.routes(f, j) },
		func() error { return f.network(j.env) },
		func() error { return a.trust(f, j) },
		func() error { return f.closed(&j.plan) },
		func() error { return f.checkFrom(j) },
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
	case f.hold < 0 || f.hold > 24*time.Hour:
		return fmt.Errorf("--hold %s: expected more than 0 and at most 24h, such as 5m", f.hold)
	case f.deadline <= 0:
		return fmt.Errorf("--deadline %s: expected more than 0, such as 60s", f.deadline)
	case f.wait < 0:
		return fmt.Errorf("--wait %s: expected more than 0, such as 30m", f.wait)
	case f.every != 0 && f.every < shortestEvery:
		return fmt.Errorf("--every %s: expected at least %s, such as 5m", f.every, shortestEvery)
	case f.every > 0 && f.wait > 0:
		return errors.New("--every and --wait exclude each other: --wait ends when the answer is good, --every goes on")
	case f.four && f.six:
		return errors.New("-4 and -6 exclude each other: without both, both families are used")
	case f.verbose && f.quiet:
		return errors.New("-v and -q exclude each other")
	}
	return nil
}

func (f *checkFlags) parseProtocols(p *probe.Plan) error {
	for _, s := range f.protocols {
		proto, err := report.ParseProtocol(s)
		if err != nil {
			return fmt.Errorf("--protocol: %w%s", err, nearProtocol(s))
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
		return "", fmt.Errorf("%s %q: expected AMQP, MQTT, AMQPWS or MQTTWS%s", flag, report.Clean(s, 40), nearProtocol(s))
	}
	return proto, nil
}

func nearProtocol(s string) string {
	var names []string
	for _, p := range report.Protocols() {
		names = append(names, string(p))
	}
	return didYouMean(s, names)
}

func (f *checkFlags) parseDepth(p *probe.Plan) error {
	p.Depth = probe.Depth(strings.ToLower(f.depth))
	if !slices.Contains(probe.Depths(), p.Depth) {
		return fmt.Errorf("--depth %q: expected tcp, tls, protocol or auth%s", report.Clean(f.depth, 40), didYouMean(f.depth, []string{"tcp", "tls", "protocol", "auth"}))
	}
	return nil
}

// target finds the hub: the flag, this host's settings, or a module's environment.
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
		host, source = j.upstream()
		j.env.Trust.Module = source == "module-env"
	}
	if host == "" {
		return j.noHub()
	}
	if err := checkHost(host); err != nil {
		return fmt.Errorf("hub %q: %w", secret.Show(host, 100), err)
	}
	j.plan.Host, j.plan.Source = strings.TrimSuffix(host, "."), source
	return nil
}

// checkHost refuses what is no host name, with a hint at what was probably meant.
func checkHost(h string) error {
	switch {
	case iothub.LooksLikeConnectionString(h):
		return errors.New("this is a connection string: give its HostName alone here, and the whole in --connection-string-file FILE where an identity is wanted")
	case strings.Contains(h, "://"):
		return errors.New("expected a host name, not a URL: leave out the part up to ://")
	case strings.ContainsAny(h, "/?#@ ;=%&\\"):
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
