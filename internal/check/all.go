package check

import (
	"context"
	"fmt"
	"slices"

	"edgenet/internal/endpoints"
	"edgenet/internal/exit"
	"edgenet/internal/inputs"
	"edgenet/internal/proxyurl"
	"edgenet/probe"
	"edgenet/report"
	"edgenet/report/render"
)

// beyond tries what the device needs beside its hub, for --all, before the hub is probed:
// the conclusions are drawn over both. The list is nil where it was not asked for.
func (j *job) beyond(ctx context.Context) (*endpoints.Allowlist, error) {
	o := j.o
	if !o.All {
		return nil, nil
	}
	switch {
	case o.Lab:
		return nil, exit.Usagef("--all and --lab exclude each other: the lab has no registries")
	case o.Every > 0 || o.Wait > 0:
		return nil, exit.Usagef("--all excludes --every and --wait: it tries once")
	case o.From == "container":
		return nil, exit.Usagef("--all and --from container exclude each other: the daemon and the engine run on " +
			"the host")
	}
	in := endpoints.Input{Device: j.device, Protocol: j.plan.Expect}
	if j.plan.Role != report.EndpointDPS {
		in.Hub = j.plan.Host
		if s, ok := j.upstream(); ok && o.Hub == "" && s.Value.Reveal() == j.plan.Host {
			in.Hub = "" // a parent is known as one by the settings
		}
	}
	m, err := inputs.Manifest(ctx, j.con, o.Manifest)
	if err != nil {
		return nil, err
	}
	in.Manifest = m
	for _, r := range j.plan.Routes {
		if r.Proxy != nil && in.Proxy == nil && len(o.Proxies) > 0 {
			in.Proxy = r.Proxy
		}
	}
	list, err := endpoints.List(in)
	if err != nil {
		return nil, exit.UsageError{Err: err}
	}
	list.Endpoints = slices.DeleteFunc(list.Endpoints, func(e endpoints.Endpoint) bool { // the check's own
		return e.Host == j.plan.Host || e.Role == report.EndpointIoTHub || e.Role == report.EndpointParent &&
			e.Port != 443
	})
	j.tryBeyond(ctx, in, list)
	return list, nil
}

// tryBeyond tests the list, and notes for the conclusions what does not answer.
func (j *job) tryBeyond(ctx context.Context, in endpoints.Input, list *endpoints.Allowlist) {
	ctx, cancel := context.WithTimeout(ctx, j.plan.Round())
	defer cancel()
	test := endpoints.TestOptions{Env: j.env, Timeout: j.plan.Timeout, Images: in.Images(), Parent: in.Parent(),
		Proxies: proxiesOf(j.plan.Routes, in)}
	if in.Manifest != nil {
		test.Credentials = in.Manifest.Registries
	}
	endpoints.Test(ctx, list, test)
	for _, e := range endpoints.OnlyFailed(list).Endpoints {
		j.plan.Unreached = append(j.plan.Unreached, e.Address())
	}
	j.plan.Settings = append(j.plan.Settings, list.Unreachable()...)
	j.plan.Untested = list.Untested()
	known := slices.ContainsFunc(list.Endpoints, func(e endpoints.Endpoint) bool {
		return e.Role == report.EndpointDPS
	})
	if !known && j.plan.Role != report.EndpointDPS && (j.device == nil || !j.device.Configured) {
		j.plan.Untested = append(j.plan.Untested, "a provisioning service (nothing here says that there is one; "+
			"check --dps tries it)")
	}
}

// proxiesOf are the proxies with their passwords.
func proxiesOf(routes []probe.Route, in endpoints.Input) []*proxyurl.Proxy {
	out := in.Proxies()
	for _, r := range routes {
		if r.Proxy != nil {
			out = append(out, r.Proxy)
		}
	}
	return out
}

// showBeyond prints the list below the text, and where to go on from an answer that is
// about the hub alone.
func (j *job) showBeyond(code int) error {
	list := j.list
	switch {
	case !j.text() || j.o.Quiet:
		return nil
	case list != nil:
		if _, err := fmt.Fprintln(j.con.Stdout); err != nil {
			return exit.Result(err)
		}
		return exit.Result(render.SheetText(j.con.Stdout, list.Sheet(), j.con.TextOptions(false, false)))
	case code == exit.Good && !j.o.Lab && j.device != nil && j.device.Configured && j.o.From != "container":
		j.con.Note("this was %s alone: edgenet check --all also tries the provisioning service and the registries",
			j.plan.Host)
	}
	return nil
}
