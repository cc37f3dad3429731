package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"edgenet/internal/exit"
	"edgenet/internal/fleet"
	"edgenet/internal/fleet/rollout"
	"edgenet/internal/fleet/show"
	"edgenet/internal/iothub/service"
	"edgenet/report"
	"edgenet/report/render"
)

// applyFlags are the flags of `edgenet fleet apply` and `undo`.
type applyFlags struct {
	hubFlags
	canary, wave int
	window       time.Duration
	journal      string
	yes          bool
}

func (a *app) fleetApplyCommand() *cobra.Command {
	f := &applyFlags{}
	cmd := &cobra.Command{Use: "apply PLAN.json", Short: "Carry a plan out: deployments, then tags, wave by wave, " +
		"each device verified",
		Long: `Apply creates the plan's deployments, reads each back, and then moves the devices by their tags:
first --canary devices of every class, then --wave at a time. Before a device is moved its
twin is read again: what is no longer proven is left. Every device of a wave has to come back
within --window: its deployment applied, edgeAgent's status 200, and edgenet's own check made
after the change, ok, with the protocol that was meant. The first that does not stops the run,
and its wave is taken back, but for devices that are back and whose own report says that the
way they came from is closed.

Every write stands in the journal (PLAN.json.journal) before it is sent. A run that was ended
in any way goes on with the same command; edgenet fleet undo takes everything back.

Exit codes: 0 all moved; 1 stopped, or an error; 2 wrong usage; 130 interrupted.`,
		Args: arguments(1, 1, "one plan, as edgenet fleet plan -o plan.json makes it"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.fleetApply(cmd.Context(), args[0], f) }}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.IntVar(&f.canary, "canary", 5, "move `N` devices first, of every class some")
	fl.IntVar(&f.wave, "wave", 100, "then at most `N` devices at a time")
	fl.DurationVar(&f.window, "window", 30*time.Minute, "within which a device has to come back")
	fl.StringVar(&f.journal, "journal", "", "the journal's `FILE` (default: the plan's name with .journal)")
	fl.BoolVarP(&f.yes, "yes", "y", false, "do not ask")
	f.hubFlags.add(fl)
	return cmd
}

func (f *applyFlags) check() error {
	switch {
	case f.canary < 0:
		return exit.Usagef("--canary %d: expected 0 or more devices", f.canary)
	case f.wave < 1:
		return exit.Usagef("--wave %d: expected 1 or more devices", f.wave)
	}
	return age("window", f.window)
}

func (a *app) fleetApply(ctx context.Context, path string, f *applyFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	text, err := a.bounded(path, fleet.MaxPlan)
	if err != nil {
		return exit.UsageError{Err: err}
	}
	plan, err := fleet.ReadPlan(text)
	if err != nil {
		return exit.Usagef("%s: %w", report.Clean(path, 200), err)
	}
	if f.journal == "" {
		f.journal = path + ".journal"
	}
	p := a.fleetProgress(false)
	f.known = plan.Hub
	client, err := a.fleetHub(ctx, &f.hubFlags, p)
	if err != nil {
		return err
	}
	if !strings.EqualFold(client.Hub(), plan.Hub) {
		return exit.Usagef("the plan is for the hub %s, and this is %s", report.Clean(plan.Hub, 120), client.Hub())
	}
	contents, err := a.contents(ctx, client, plan)
	if err != nil {
		return hubOrUsage(err)
	}
	if len(plan.Moves) == 0 {
		fmt.Fprintln(a.Stdout, "The plan moves nothing: nothing was written.")
		return nil
	}
	if err := a.agree(plan, f); err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	return a.rollOut(ctx, client, plan, f, hex.EncodeToString(sum[:8]), contents, p)
}

// contents renders the deployments again, which have to be those that were planned.
func (a *app) contents(ctx context.Context, client *service.Client, plan *fleet.Plan) (map[string]json.RawMessage,
	error) {
	var template []byte
	var err error
	if plan.BaseFile != "" {
		template, err = a.bounded(plan.BaseFile, maxTemplate)
		if err != nil {
			err = exit.Usagef("the plan's template: %w", err)
		}
	} else {
		template, err = hubTemplate(ctx, client, plan.Base)
	}
	if err != nil {
		return nil, err
	}
	classes, err := a.readClasses(plan.ClassesFile)
	if err != nil {
		return nil, err
	}
	out := map[string]json.RawMessage{}
	for _, c := range plan.Classes {
		r, err := fleet.Render(plan.Base, template, fleet.Class{Protocol: c.Protocol, Proxy: c.Proxy}, classes)
		if err != nil {
			return nil, exit.Usagef("class %s: %w", report.Clean(c.Name, 60), err)
		}
		if r.ID() != c.Deployment {
			return nil, exit.Usagef("the template or the classes file changed since the plan was made (class %s): plan again",
				report.Clean(c.Name, 60))
		}
		out[r.ID()] = r.Content
	}
	return out, nil
}

// agree asks on a terminal; elsewhere --yes has to be there.
func (a *app) agree(plan *fleet.Plan, f *applyFlags) error {
	if f.yes {
		return nil
	}
	if a.ErrorWidth() == 0 || a.OutWidth() == 0 {
		return exit.Usagef("apply writes to the hub, and nobody is there to ask: look at the plan, and give --yes")
	}
	fmt.Fprintf(a.Stderr, "%s of %s move, %d first, then %d at a time. Type yes to go on: ",
		show.Count(len(plan.Moves), "device"), report.Clean(plan.Hub, 120), min(f.canary, len(plan.Moves)), f.wave)
	line, _ := bufio.NewReader(a.Stdin).ReadString('\n') // an end is a no
	if strings.TrimSpace(strings.ToLower(line)) != "yes" {
		return exit.Usagef("nothing was written")
	}
	return nil
}

func (a *app) rollOut(ctx context.Context, client *service.Client, plan *fleet.Plan, f *applyFlags, hash string,
	contents map[string]json.RawMessage, p *fleetProgress) error {
	log, err := rollout.OpenFile(f.journal)
	if err != nil {
		return exit.Usagef("--journal %s: %w", report.Clean(f.journal, 200), err)
	}
	defer func() { _ = log.Close() }()
	if j := log.Journal(); j.Plan != "" && j.Plan != hash {
		return exit.Usagef("the journal %s is of another plan: undo it, or name another with --journal",
			report.Clean(f.journal,
				200))
	}
	out, err := rollout.Apply(ctx, rollout.Options{
		Hub: client, Log: log, HubName: client.Hub(), Plan: plan, PlanHash: hash, Contents: contents,
		Canary: f.canary, Wave: f.wave, Window: f.window, Progress: p.rollout,
	})
	p.clear()
	if werr := render.SheetText(a.Stdout, show.Applied(plan, out, f.journal),
		a.TextOptions(false, false)); werr != nil {
		return exit.Run(fmt.Errorf("writing the result: %w", werr))
	}
	switch {
	case err != nil:
		fmt.Fprintln(a.Stderr,
			"edgenet: run the same command again to go on, or: edgenet fleet undo "+report.Clean(f.journal, 200))
		return hubError(err)
	case out.Stopped():
		return exit.CodeError(exit.Bad)
	}
	return nil
}

// rollout shows how far a rollout is.
func (p *fleetProgress) rollout(x rollout.Progress) {
	text := x.Doing
	if x.Waves > 0 {
		text = fmt.Sprintf("wave %d of %d: %s", x.Wave, x.Waves, text)
	}
	if x.Total > 0 {
		text += fmt.Sprintf(", %s of %s", show.Number(x.Done), show.Number(x.Total))
	}
	if x.Left > 0 {
		text += ", " + render.Span(x.Left.Round(time.Second)) + " left of the window"
	}
	p.say(text)
}

func (a *app) fleetUndoCommand() *cobra.Command {
	f := &applyFlags{}
	cmd := &cobra.Command{Use: "undo JOURNAL", Short: "Every tag and deployment as it was before",
		Long: `Undo takes back what apply wrote: every device's tags as the journal says they were, and then
the deployments, unless a device is still under one. What somebody else changed since is left,
and named. It may be run again after a kill.

A device that was moved because its old way is closed goes back to that way: it is cut off if
nothing else reaches it.

Exit codes: 0 all is as before; 1 something was left, or an error; 2 wrong usage.`,
		Args: arguments(1, 1, "one journal, as edgenet fleet apply makes it"),
		RunE: func(cmd *cobra.Command, args []string) error { return a.fleetUndo(cmd.Context(), args[0], f) }}
	fl := cmd.Flags()
	fl.SortFlags = false
	f.hubFlags.add(fl)
	return cmd
}

func (a *app) fleetUndo(ctx context.Context, path string, f *applyFlags) error {
	if _, err := os.Stat(path); err != nil {
		return exit.UsageError{Err: err}
	}
	log, err := rollout.OpenFile(path)
	if err != nil {
		return exit.Usagef("%s: %w", report.Clean(path, 200), err)
	}
	defer func() { _ = log.Close() }()
	j := log.Journal()
	if len(j.Writes) == 0 {
		fmt.Fprintln(a.Stdout, "Nothing was written: there is nothing to undo.")
		return nil
	}
	p := a.fleetProgress(false)
	f.known = j.Hub
	client, err := a.fleetHub(ctx, &f.hubFlags, p)
	if err != nil {
		return err
	}
	if j.Hub != "" && !strings.EqualFold(client.Hub(), j.Hub) {
		return exit.Usagef("the journal is of the hub %s, and this is %s", report.Clean(j.Hub, 120), client.Hub())
	}
	out, err := rollout.Undo(ctx, rollout.Options{Hub: client, Log: log, HubName: client.Hub(), PlanHash: j.Plan,
		Plan: &fleet.Plan{}, Progress: p.rollout})
	p.clear()
	if werr := render.SheetText(a.Stdout, show.TakenBack(out), a.TextOptions(false, false)); werr != nil {
		return exit.Run(fmt.Errorf("writing the result: %w", werr))
	}
	switch {
	case errors.Is(err, context.Canceled):
		return exit.CodeError(exit.Interrupted)
	case err != nil:
		fmt.Fprintln(a.Stderr, "edgenet: run the same command again to go on")
		return hubError(err)
	case len(out.Left) > 0:
		return exit.CodeError(exit.Bad)
	}
	return nil
}
