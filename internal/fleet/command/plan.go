package command

import (
	"context"
	"io"
	"path/filepath"
	"time"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/fleet"
	"edgenet/internal/fleet/show"
	"edgenet/internal/fleet/survey"
	"edgenet/internal/outfile"
	"edgenet/internal/secret"
	"edgenet/report"
	"edgenet/report/render"
)

// PlanOptions are those of `edgenet fleet plan`.
type PlanOptions struct {
	Hub           HubOptions
	Deployment    string // the template: a file, or the id of a deployment of the hub
	Classes       string // a file
	Where         string
	Fresh, Steady time.Duration
	Prefer        []string // protocols
	Output        string
	Format        string
}

func (o PlanOptions) check() error {
	switch {
	case o.Deployment == "":
		return exit.Usagef("--deployment is missing: expected a manifest's file, or the id of a deployment of the hub")
	case o.Deployment == "-":
		return exit.Usagef("--deployment -: apply has to read the template again; expected a file or an id")
	case o.Classes == "-":
		return exit.Usagef("--classes -: apply has to read the classes again; expected a file")
	case o.Steady < 0:
		return exit.Usagef("--steady %s: expected 0 or more", o.Steady)
	}
	if err := checkFormat(o.Format, SheetFormats()); err != nil {
		return err
	}
	if err := positive("fresh", o.Fresh); err != nil {
		return err
	}
	if err := survey.CheckWhere(o.Where); err != nil {
		return exit.Usagef("--where: %w", err)
	}
	if o.Output == "" {
		return nil
	}
	if err := outfile.Check(o.Output); err != nil {
		return exit.Inputf("--output: %w", err)
	}
	return nil
}

// Plan is `edgenet fleet plan`.
func Plan(ctx context.Context, con *console.Console, o PlanOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	prefer, err := protocols("prefer", o.Prefer)
	if err != nil {
		return err
	}
	classes, err := readClasses(ctx, con, o.Classes)
	if err != nil {
		return err
	}
	p := newProgress(con, false)
	client, err := o.Hub.client(ctx, con, "", p)
	if err != nil {
		return err
	}
	text, file, err := template(ctx, con, client, o.Deployment)
	if err != nil {
		return err
	}
	s := survey.Options{Hub: client, Name: client.Hub(), Where: o.Where, Progress: p.at}
	plan, err := survey.Plan(ctx, s, client, fleet.PlanInput{
		Hub: client.Hub(), Tool: tool(con), Base: o.Deployment, Template: text, Classes: classes,
		Rules: fleet.Rules{Fresh: o.Fresh, Steady: o.Steady, Prefer: prefer},
	})
	p.clear()
	if err != nil {
		return hubOrUsage(err)
	}
	if plan.BaseFile = file; o.Classes != "" {
		plan.ClassesFile = absolute(o.Classes)
	}
	return o.write(ctx, con, plan)
}

// protocols reads a list of them.
func protocols(flag string, list []string) ([]report.Protocol, error) {
	var out []report.Protocol
	for _, text := range list {
		p, err := report.ParseProtocol(text)
		if err != nil || p == report.HTTPS {
			return nil, exit.Usagef("--%s %q: expected Amqp, AmqpWs, Mqtt or MqttWs, joined with commas", flag,
				report.Clean(secret.Within(text), 40))
		}
		out = append(out, p)
	}
	return out, nil
}

func absolute(path string) string {
	full, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	return full
}

// write writes the file for apply before anybody reads that it is there.
func (o PlanOptions) write(ctx context.Context, con *console.Console, plan *fleet.Plan) error {
	code := exit.Good
	if len(plan.Refused) > 0 {
		code = exit.Bad
	}
	if o.Output != "" {
		err := outfile.Write(ctx, o.Output, outfile.Options{Private: true}, func(w io.Writer) error {
			return render.Value(w, plan)
		})
		if err != nil {
			return exit.With(code, exit.Result(err))
		}
	}
	return exit.With(code, writeSheet(con, o.Format, plan, show.Plan(plan, o.Output)))
}
