package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"edgenet/internal/secret"
	"edgenet/probe"
	"edgenet/report"
	"edgenet/report/render"
)

// hubsAtOnce bounds how many hubs are probed side by side: each makes up to a dozen
// connections.
const hubsAtOnce = 4

// maxTargets bounds a list: more is a fleet's matter, and a typing error.
const maxTargets = 10000

// targets reads the list of --targets: a host a line, empty lines and # comments aside.
// A host that stands twice is probed once.
func (a *app) targets(f *checkFlags) ([]string, error) {
	switch {
	case f.hub != "" || f.lab:
		return nil, errors.New("--targets excludes --hub and --lab: the list names the hubs")
	case f.wait > 0:
		return nil, errors.New("--targets and --wait exclude each other: wait for one hub with --hub, or repeat the list with --every")
	case f.connectionString != "" || f.cert != "" || f.key != "" || strings.EqualFold(f.depth, string(probe.DepthAuth)):
		return nil, errors.New("--targets and --depth auth exclude each other: an identity belongs to one hub")
	}
	text, err := a.read(f.targets)
	if err != nil {
		return nil, fmt.Errorf("--targets: %w", err)
	}
	var out []string
	seen := map[string]bool{}
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n++
		host, _, _ := strings.Cut(line, "#")
		if host = strings.TrimSuffix(strings.TrimSpace(host), "."); host == "" {
			continue
		}
		if err := checkHost(host); err != nil {
			return nil, fmt.Errorf("--targets %s: line %d, %q: %w", f.targets, n, secret.Show(host, 100), err)
		}
		if key := strings.ToLower(host); !seen[key] {
			seen[key] = true
			out = append(out, host)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("--targets %s: no host in it, expected one a line, such as contoso.azure-devices.net", f.targets)
	}
	if len(out) > maxTargets {
		return nil, fmt.Errorf("--targets %s: %d hosts, expected %d at most: split the list", f.targets, len(out), maxTargets)
	}
	return out, nil
}

// checkTargets probes the hubs of a list, some side by side, and reports in its order.
func (a *app) checkTargets(ctx context.Context, f *checkFlags, changed func(string) bool) error {
	hosts, err := a.targets(f)
	if err != nil {
		return usageError{err}
	}
	one := *f
	one.hub = hosts[0] // what the flags make of one, they make of all
	j, err := a.checkJob(ctx, &one, changed)
	if err != nil {
		return usageError{err}
	}
	j.plan.Source = "targets"
	probeAll := func(ctx context.Context, first bool) ([]*report.Report, error) {
		return a.probeTargets(ctx, f, j, hosts, first)
	}
	if f.every > 0 {
		return a.every(ctx, f, probeAll)
	}
	reports, err := probeAll(ctx, true)
	if err != nil {
		return err
	}
	if err := f.writeFiles(reports...); err != nil {
		return err
	}
	return codeError(reports)
}

// probeTargets is one round. JSON lines go out as the hubs settle, in the list's order;
// everything else at the end.
func (a *app) probeTargets(ctx context.Context, f *checkFlags, j *job, hosts []string, first bool) ([]*report.Report, error) {
	reports := make([]*report.Report, len(hosts))
	settled := make([]chan struct{}, len(hosts))
	for i := range settled {
		settled[i] = make(chan struct{})
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel() // nobody reads the rest
	slots := make(chan struct{}, hubsAtOnce)
	wg.Go(func() {
		for i, host := range hosts {
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				defer close(settled[i])
				plan := j.plan
				plan.Host = host
				reports[i] = probe.Check(ctx, plan, j.env, nil)
			})
		}
	})
	streams := f.format == "jsonl" && f.every == 0
	for i := range hosts {
		<-settled[i]
		if len(hosts) > 1 {
			a.status(f, fmt.Sprintf("%d of %d hubs", i+1, len(hosts)))
		}
		if streams {
			if err := render.JSONL(a.stdout, reports[i]); err != nil {
				return nil, runError{fmt.Errorf("writing the result: %w", err)}
			}
		}
	}
	a.status(f, "")
	if streams || !first {
		return reports, nil
	}
	return reports, a.showTargets(f, reports)
}

// showTargets writes all reports in one document, in text as a table.
func (a *app) showTargets(f *checkFlags, reports []*report.Report) error {
	var err error
	switch {
	case f.format == "text":
		err = render.Summary(a.stdout, reports, a.textOptions(f))
	case f.every == 0:
		e, _ := format(f.format, a.textOptions(f)) // checkOutputs saw it
		err = e.write(a.stdout, reports...)
	}
	if err != nil {
		return runError{fmt.Errorf("writing the result: %w", err)}
	}
	return nil
}
