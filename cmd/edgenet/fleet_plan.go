package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"edgenet/internal/exit"
	"edgenet/internal/fleet"
	"edgenet/internal/fleet/show"
	"edgenet/internal/fleet/survey"
	"edgenet/internal/iothub/service"
	"edgenet/internal/outfile"
	"edgenet/report"
	"edgenet/report/render"
)

// planFlags are the flags of `edgenet fleet plan`.
type planFlags struct {
	hubFlags
	deployment, classes, where string
	fresh, steady              time.Duration
	prefer                     []string
	output, format             string
}

func (a *app) fleetPlanCommand() *cobra.Command {
	f := &planFlags{}
	cmd := &cobra.Command{Use: "plan --deployment BASE.json|ID",
		Short: "Which devices move to which protocol and proxy, and what that restarts; writes nothing",
		Long: `Plan gives each device that cannot stay as it is a class (a protocol, and a proxy by its name)
that its own module has proven: said ok of, in a check younger than --fresh, unchanged for
longer than --steady, not flapping, by a clock that is right. What works stays, unless
--prefer says otherwise. Devices that are silent, unproven or contradict themselves are held,
each with the rule (F1 to F4) and the reason.

Every class gets one base deployment, made of the template --deployment (a file, or the id of
a deployment of the hub) with protocol and proxy set for edgeAgent and edgeHub. Refused is
what manifest lint finds an error in, what no twin holds, what shares devices with another
deployment of the same priority, and what exceeds the hub's 100 deployments.

The classes file is TOML:
  site = "site"                              the tag of the devices that says the site
  [proxies.plant3]
  url = "http://proxy.plant3.corp:3128"
  sites = ["plant-3", "plant-4"]             the tag's values
  credentials = "plant3.txt"                 optional: a file with USER:PASSWORD

It only reads. The plan holds no secret; apply reads the template and the classes file again.

Exit codes: 0 planned; 1 something was refused; 2 wrong usage; 130 interrupted.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.fleetPlan(cmd.Context(), f) }}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.deployment, "deployment", "", "the template: a manifest's `FILE`, or the id of a deployment of "+
		"the hub")
	fl.StringVar(&f.classes, "classes", "", "the classes `FILE`: proxies by name, and which sites have which")
	fl.DurationVar(&f.fresh, "fresh", 24*time.Hour, "the last check has to be younger")
	fl.DurationVar(&f.steady, "steady", 24*time.Hour, "the last change has to be older")
	fl.StringSliceVar(&f.prefer, "prefer", nil, "move also what works, to the first of these protocols that is "+
		"proven: `LIST`")
	fl.StringVar(&f.where, "where", "", "only modules that meet the condition `EXPR`")
	fl.StringVarP(&f.output, "output", "o", "", "write the plan to `FILE`, for apply")
	fl.StringVarP(&f.format, "format", "f", "text", "`FORMAT` of standard output: text, json or markdown")
	oneOf(cmd, "format", "text", "json", "markdown")
	f.hubFlags.add(fl)
	return cmd
}

func (f *planFlags) check() error {
	switch {
	case f.deployment == "":
		return exit.Usagef("--deployment is missing: expected a manifest's file, or the id of a deployment of the hub")
	case f.deployment == "-":
		return exit.Usagef("--deployment -: apply has to read the template again; expected a file or an id")
	case f.format != "text" && f.format != "json" && f.format != "markdown":
		return exit.Usagef("--format %q: expected text, json or markdown", report.Clean(f.format, 40))
	}
	if err := age("fresh", f.fresh); err != nil {
		return err
	}
	if f.steady < 0 {
		return exit.Usagef("--steady %s: expected 0 or more", f.steady)
	}
	if err := survey.CheckWhere(f.where); err != nil {
		return exit.Usagef("--where: %w", err)
	}
	return nil
}

func (a *app) fleetPlan(ctx context.Context, f *planFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	prefer, err := protocolList("prefer", f.prefer)
	if err != nil {
		return exit.UsageError{Err: err}
	}
	classes, err := a.readClasses(f.classes)
	if err != nil {
		return err
	}
	p := a.fleetProgress(false)
	client, err := a.fleetHub(ctx, &f.hubFlags, p)
	if err != nil {
		return err
	}
	template, file, err := a.template(ctx, client, f.deployment)
	if err != nil {
		return err
	}
	o := survey.Options{Hub: client, Name: client.Hub(), Where: f.where, Progress: p.at}
	plan, err := survey.Plan(ctx, o, client, fleet.PlanInput{Hub: client.Hub(), Tool: fleetTool(), Base: f.deployment,
		Template: template, Classes: classes,
		Rules: fleet.Rules{Fresh: f.fresh, Steady: f.steady, Prefer: prefer}})
	p.clear()
	if err != nil {
		return hubOrUsage(err)
	}
	if plan.BaseFile = file; f.classes != "" {
		plan.ClassesFile = absolute(f.classes)
	}
	return a.writePlan(ctx, plan, f)
}

func absolute(path string) string {
	full, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return full
}

// readClasses reads the classes file; without one no proxy has a name.
func (a *app) readClasses(path string) (*fleet.Classes, error) {
	if path == "" {
		return &fleet.Classes{}, nil
	}
	text, err := a.bounded(path, fleet.MaxClassesFile)
	if err != nil {
		return nil, exit.Usagef("--classes: %w", err)
	}
	c, err := fleet.ParseClasses(text, func(name string) (io.ReadCloser, error) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(path), name)
		}
		return os.Open(name) //nolint:gosec // the classes file names it
	})
	if err != nil {
		return nil, exit.Usagef("--classes %s: %w", report.Clean(path, 200), err)
	}
	return c, nil
}

// template reads the template from a file, else from the hub's deployment of that id.
func (a *app) template(ctx context.Context, client *service.Client, name string) (text []byte, file string,
	err error) {
	text, err = a.bounded(name, maxTemplate)
	if err == nil {
		return text, absolute(name), nil
	}
	if !errors.Is(err, fs.ErrNotExist) || filepath.Base(name) != name || filepath.Ext(name) == ".json" {
		return nil, "", exit.Usagef("--deployment: %w", err)
	}
	text, err = hubTemplate(ctx, client, name)
	if service.Status(err) == http.StatusNotFound {
		return nil, "", exit.Usagef("--deployment %q: there is no such file, and the hub has no deployment of that id",
			report.Clean(name, 80))
	}
	return text, "", hubError(err)
}

func hubTemplate(ctx context.Context, client *service.Client, id string) ([]byte, error) {
	c, err := client.Configuration(ctx, id)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"modulesContent": c.Content.ModulesContent})
}

func (a *app) writePlan(ctx context.Context, plan *fleet.Plan, f *planFlags) error {
	if f.output != "" {
		if err := outfile.Write(ctx, f.output, outfile.Options{Private: true},
			func(w io.Writer) error { return render.Value(w, plan) }); err != nil {
			return exit.Run(fmt.Errorf("--output %s: %w", report.Clean(f.output, 200), err))
		}
	}
	var err error
	switch f.format {
	case "json":
		err = render.Value(a.Stdout, plan)
	case "markdown":
		err = render.SheetMarkdown(a.Stdout, show.Plan(plan, f.output))
	default:
		err = render.SheetText(a.Stdout, show.Plan(plan, f.output), a.TextOptions(false, false))
	}
	if err != nil {
		return exit.Run(fmt.Errorf("writing the result: %w", err))
	}
	if len(plan.Refused) > 0 {
		return exit.CodeError(exit.Bad)
	}
	return nil
}
