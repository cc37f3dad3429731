package check

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"edgenet/internal/consistency"
	"edgenet/internal/console"
	"edgenet/internal/device"
	"edgenet/internal/endpoints"
	"edgenet/internal/exit"
	"edgenet/internal/hop"
	"edgenet/internal/inputs"
	"edgenet/internal/secret"
	"edgenet/internal/suggest"
	"edgenet/probe"
	"edgenet/report"
)

// job is a check that is ready to run.
type job struct {
	con    *console.Console
	o      Options
	plan   probe.Plan
	env    *hop.Env
	device *device.Device // what this host says of itself; nil for the lab
	users  []*consistency.User
	named  *report.Device // for the report; nil means that nobody is to know
	labels map[string]string
	keep   int64                // bytes of history; zero means outputs.DefaultKeep
	list   *endpoints.Allowlist // what was tried beside the hub; nil unless it was asked for
	// round stands in for a check of this host alone; zero means that.
	round func(context.Context, probe.Observer) *report.Report
}

// newJob turns options, environment and files into a job. Every error says what was
// wrong and what was expected; nothing has been contacted then.
func newJob(ctx context.Context, con *console.Console, o Options) (*job, error) {
	j := &job{con: con, o: o, env: &hop.Env{Trust: &hop.Trust{}}}
	j.plan = probe.Plan{Attempts: o.Attempts, Timeout: o.Timeout, Deadline: o.Deadline, Hold: o.Hold,
		Version: con.Version}
	steps := []func(context.Context) error{
		j.numbers, j.history, j.outputs, j.readLabels, j.protocols, j.depth, j.host, j.target, j.identity,
		j.routes, j.network,
		j.trust, j.from, j.nameDevice,
	}
	for _, s := range steps {
		if err := s(ctx); err != nil {
			return nil, err
		}
	}
	return j, nil
}

// numbers refuses values that mean nothing, and options that exclude each other.
func (j *job) numbers(context.Context) error {
	o := j.o
	switch {
	case o.Attempts < 0 || o.Attempts > 1000:
		return exit.Usagef("--attempts %d: expected 1 to 1000", o.Attempts)
	case o.Hold < 0 || o.Hold > 24*time.Hour:
		return exit.Usagef("--hold %s: expected more than 0 and at most 24h, such as 5m", o.Hold)
	case o.Parallel < 0 || o.Parallel > maxParallel:
		return exit.Usagef("--parallel %d: expected 1 to %d connections", o.Parallel, maxParallel)
	case o.Timeout < 0 || o.Deadline < 0 || o.Wait < 0:
		return exit.Usagef("--timeout, --deadline and --wait: expected more than 0, such as 10s")
	case o.Every != 0 && o.Every < shortestEvery:
		return exit.Usagef("--every %s: expected at least %s, such as 5m", o.Every, shortestEvery)
	case o.Every > 0 && o.Wait > 0:
		return exit.Usagef("--every and --wait exclude each other: --wait ends when the answer is good, --every " +
			"goes on")
	case o.Verbose && o.Quiet:
		return exit.Usagef("-v and -q exclude each other")
	}
	return nil
}

// shortestKeep holds a few reports at least.
const shortestKeep = 200_000

func (j *job) history(context.Context) error {
	if j.o.Keep == "" {
		return nil
	}
	if j.o.Every == 0 {
		return exit.Usagef("--keep needs --every: it bounds the history of a watch")
	}
	n, err := sizeOf(j.o.Keep)
	if err != nil || n < shortestKeep || n > 1e12 {
		return exit.Usagef("--keep %q: expected a size of at least 200kB, such as 20MB", report.Clean(j.o.Keep, 40))
	}
	j.keep = n
	return nil
}

func (j *job) outputs(context.Context) error {
	return j.o.Options.Check(j.o.holds())
}

func (j *job) protocols(context.Context) (err error) {
	p, o := &j.plan, j.o
	if p.Protocols, err = inputs.Protocols(o.Protocols); err != nil {
		return err
	}
	for _, s := range o.Prefer {
		proto, err := inputs.Upstream("--prefer", s)
		if err != nil {
			return err
		}
		p.Prefer = append(p.Prefer, proto)
	}
	if o.Expect == "" {
		return nil
	}
	proto, err := inputs.Upstream("--expect", o.Expect)
	if err != nil {
		return err
	}
	if len(p.Protocols) > 0 && !slices.Contains(p.Protocols, proto) {
		return exit.Usagef("--expect %s is not among the protocols of --protocol", proto)
	}
	p.Expect, p.ExpectSource = proto, "flag"
	return nil
}

func (j *job) depth(context.Context) error {
	if j.o.Depth == "" {
		return nil
	}
	j.plan.Depth = probe.Depth(strings.ToLower(strings.TrimSpace(j.o.Depth)))
	if !slices.Contains(probe.Depths(), j.plan.Depth) {
		return exit.Usagef(
			"--depth %q: expected tcp, tls, protocol or auth%s",
			report.Clean(j.o.Depth, 40),
			suggest.DidYouMean(j.o.Depth, []string{"tcp", "tls", "protocol", "auth"}),
		)
	}
	return nil
}

func (j *job) network(context.Context) error { return j.o.Ways.Network(j.env) }

// trust reads the roots that options add, and the containers' from where the
// configuration says.
func (j *job) trust(ctx context.Context) (err error) {
	t := j.env.Trust
	if t.Extra, t.Bundle, err = j.o.Ways.Roots(ctx, j.con); err != nil || j.o.TrustBundle != "" || j.device == nil {
		return err
	}
	t.Bundle, j.plan.Bundle = inputs.Bundle(j.con, j.device)
	return nil
}

// from reads --from, and refuses what a container cannot do.
func (j *job) from(context.Context) error {
	o := j.o
	j.env.Trust.Module = j.env.Trust.Module || o.Inside
	j.plan.OnHost = !j.env.Trust.Module && !j.rehearses() && !j.device.OnHostNetwork()
	switch o.From {
	case "", "host":
		return nil
	case "container":
	default:
		return exit.Usagef("--from %q: expected host or container", report.Clean(o.From, 40))
	}
	excluded := func(what, why string) error {
		return exit.Usagef("--from container and %s exclude each other: %s", what, why)
	}
	switch {
	case j.plan.Role == report.EndpointDPS:
		return excluded("the provisioning service", "only the daemon on the host talks to it")
	case o.Lab:
		return excluded("--lab", "the lab listens on this host's loopback, which no container reaches")
	case j.plan.Depth == probe.DepthAuth:
		return excluded("--depth auth", "host and container would log in at once, and throw each other out")
	case o.Source != "":
		return excluded("--source", "a container has none of this host's addresses")
	case o.Targets != "":
		return excluded("--targets", "look at one hub at a time")
	case o.Wait > 0:
		return excluded("--wait", "wait on the host, then look from the container")
	case runtime.GOOS != "linux":
		return exit.Usagef("--from container works on Linux alone, where the runtime is")
	}
	return nil
}

// rehearses tells whether the hub itself is on this host's loopback, as the lab's is: then nothing is
// said of containers, which would not reach that either.
func (j *job) rehearses() bool {
	for _, to := range j.env.ConnectTo {
		if to.Addr().IsLoopback() {
			return true
		}
	}
	return j.o.Lab
}

// closed reads --expect-closed against the routes of the plan, the lab's own among them.
func (j *job) closed() error {
	for _, s := range j.o.ExpectClosed {
		name, route, ok := strings.Cut(s, "@")
		proto, err := report.ParseProtocol(name)
		if !ok || err != nil {
			return exit.Usagef("--expect-closed %q: expected PROTOCOL@ROUTE, such as AMQP@direct", report.Clean(s, 60))
		}
		route = strings.ToLower(strings.TrimSpace(route))
		path := probe.PathName{Protocol: proto, Route: route}
		switch {
		case slices.Contains(j.plan.ExpectClosed, path):
			continue
		case !slices.ContainsFunc(j.plan.Routes, func(r probe.Route) bool { return r.ID == route }),
			len(j.plan.Protocols) > 0 && !slices.Contains(j.plan.Protocols, proto):
			return exit.Usagef(
				"--expect-closed %s: that path is not probed in this run (see --route, --proxy, --protocol)",
				report.Clean(s, 60),
			)
		}
		j.plan.ExpectClosed = append(j.plan.ExpectClosed, path)
	}
	return nil
}

// readLabels reads KEY=VALUE.
func (j *job) readLabels(context.Context) error {
	for _, l := range j.o.Labels {
		if err := addLabel(&j.labels, l); err != nil {
			return exit.Usagef("--label %w", err)
		}
	}
	return nil
}

// maxLabels bounds what a report says of its device.
const maxLabels = 20

func addLabel(labels *map[string]string, text string) error {
	if secret.Show(text, 1000) != report.Clean(text, 1000) {
		return errors.New("this may hold a password or a key, and labels stand in every report: expected KEY=VALUE, " +
			"such as site=plant-3")
	}
	key, value, ok := strings.Cut(text, "=")
	key, value = strings.TrimSpace(key), strings.TrimSpace(value)
	if !ok || !labelKey().MatchString(key) || value == "" || value != report.Clean(value, 100) {
		return fmt.Errorf(
			"%q: expected KEY=VALUE, such as site=plant-3, with letters, digits, _, - and . in the key and at most "+
				"100 characters in the value",
			report.Clean(text, 60),
		)
	}
	if *labels == nil {
		*labels = map[string]string{}
	}
	if len(*labels) == maxLabels {
		return fmt.Errorf("%q: expected at most %d labels", report.Clean(text, 60), maxLabels)
	}
	(*labels)[key] = value
	return nil
}
