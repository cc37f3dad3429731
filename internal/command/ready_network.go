//go:build !device

package command

import (
	"context"
	"io"
	"slices"
	"time"

	"edgenet/internal/check"
	"edgenet/internal/console"
	"edgenet/internal/device"
	"edgenet/internal/endpoints"
	"edgenet/internal/hop"
	"edgenet/internal/inputs"
	"edgenet/internal/ready"
	"edgenet/internal/ready/gather"
	"edgenet/report"
)

// How long what leaves this host may take.
const (
	readyTimeout  = 8 * time.Second
	readyDeadline = 25 * time.Second
)

// network adds what leaves this host: the check of the way to the hub, and the registries.
// No credential is sent.
func (o ReadyOptions) network(con *console.Console, g *gather.Options) {
	silent := *con
	silent.Stdout, silent.Stderr, silent.Stdin = io.Discard, io.Discard, nil
	g.Check = func(ctx context.Context, _ *device.Device) (*report.Report, error) {
		return check.Report(
			ctx,
			&silent,
			check.Options{Manifest: o.file(), Timeout: readyTimeout, Deadline: readyDeadline},
		)
	}
	g.Registries = func(ctx context.Context, d *device.Device) ([]ready.Registry, error) {
		return registries(ctx, &silent, o.file(), d)
	}
}

// file is the manifest where it can be read twice.
func (o ReadyOptions) file() string {
	if o.Manifest == "-" {
		return ""
	}
	return o.Manifest
}

// registries tries where the images of the device come from.
func registries(ctx context.Context, con *console.Console, file string, d *device.Device) ([]ready.Registry, error) {
	in := endpoints.Input{Device: d}
	var err error
	if in.Manifest, err = inputs.Manifest(ctx, con, file); err != nil {
		return nil, err
	}
	list, err := endpoints.List(in)
	if err != nil {
		return nil, err
	}
	list.Endpoints = slices.DeleteFunc(list.Endpoints, func(e endpoints.Endpoint) bool {
		return e.Pattern || e.Role != report.EndpointRegistry && e.Role != report.EndpointRegistryData
	})
	ctx, cancel := context.WithTimeout(ctx, readyDeadline)
	defer cancel()
	roots, _ := inputs.Bundle(con, d)
	env := &hop.Env{Trust: &hop.Trust{Bundle: roots}}
	endpoints.Test(
		ctx,
		list,
		endpoints.TestOptions{Env: env, Timeout: readyTimeout, Proxies: in.Proxies(), Parent: in.Parent()},
	)
	out := []ready.Registry{}
	for _, e := range list.Endpoints {
		if e.Test == nil {
			continue
		}
		out = append(out, ready.Registry{
			Host: e.Host, Reached: e.Test.Status == report.OK, Cause: report.Cause(e.Test.Cause), Why: e.Test.Summary,
			Actor: e.Test.Actor,
		})
	}
	return out, nil
}
