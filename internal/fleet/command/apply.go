package command

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/fleet"
	"edgenet/internal/fleet/rollout"
	"edgenet/internal/fleet/show"
	"edgenet/internal/secret"
)

// ApplyOptions are those of `edgenet fleet apply`.
type ApplyOptions struct {
	Hub          HubOptions
	Canary, Wave int           // how many devices are moved first, and then at a time
	Window       time.Duration // within which a device has to come back
	Journal      string        // a file; empty means the plan's name with .journal
	Yes          bool          // do not ask
}

func (o ApplyOptions) check() error {
	switch {
	case o.Canary < 0:
		return exit.Usagef("--canary %d: expected 0 or more devices", o.Canary)
	case o.Wave < 1:
		return exit.Usagef("--wave %d: expected 1 or more devices", o.Wave)
	case o.Hub.onStdin() && !o.Yes:
		return exit.Usagef("the credentials are on standard input, where the question would be answered: give --yes")
	}
	return positive("window", o.Window)
}

// Apply is `edgenet fleet apply`.
func Apply(ctx context.Context, con *console.Console, path string, o ApplyOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	plan, hash, err := readPlan(ctx, con, path)
	if err != nil {
		return err
	}
	if o.Journal == "" {
		if path == "-" {
			return exit.Usagef("the plan is on standard input: name the journal with --journal FILE")
		}
		o.Journal = path + ".journal"
	}
	p := newProgress(con, false)
	client, err := o.Hub.client(ctx, con, plan.Hub, p)
	if err != nil {
		return err
	}
	if !strings.EqualFold(client.Hub(), plan.Hub) {
		return exit.Usagef("the plan is for the hub %s, and this is %s", secret.Name(plan.Hub, 120), client.Hub())
	}
	made, err := contents(ctx, con, client, plan)
	if err != nil {
		return hubOrUsage(err)
	}
	if len(plan.Moves) == 0 {
		_, err := fmt.Fprintln(con.Stdout, "The plan moves nothing: nothing was written.")
		return exit.Result(err)
	}
	if err := o.agree(con, plan); err != nil {
		return err
	}
	return o.rollOut(ctx, con, p, rollout.Options{
		Hub: client, HubName: client.Hub(), Plan: plan, PlanHash: hash, Contents: made,
		Canary: o.Canary, Wave: o.Wave, Window: o.Window, Progress: p.rollout,
	})
}

// readPlan reads a plan, and what tells it from others.
func readPlan(ctx context.Context, con *console.Console, path string) (*fleet.Plan, string, error) {
	text, err := bounded(ctx, con, path, fleet.MaxPlan)
	if err != nil {
		return nil, "", exit.Input(err)
	}
	plan, err := fleet.ReadPlan(text)
	if err != nil {
		return nil, "", exit.Inputf("%s: %w", secret.Name(path, 200), err)
	}
	sum := sha256.Sum256(text)
	return plan, hex.EncodeToString(sum[:8]), nil
}

// agree asks on a terminal; elsewhere --yes has to be there.
func (o ApplyOptions) agree(con *console.Console, plan *fleet.Plan) error {
	if o.Yes {
		return nil
	}
	if con.ErrorWidth() == 0 || con.OutWidth() == 0 || con.Stdin == nil {
		return exit.Usagef("apply writes to the hub, and nobody is there to ask: look at the plan, and give --yes")
	}
	fmt.Fprintf(con.Stderr, "%s of %s move, %d first, then %d at a time. Type yes to go on: ",
		show.Count(len(plan.Moves), "device"), secret.Name(plan.Hub, 120), min(o.Canary, len(plan.Moves)), o.Wave)
	line, _ := bufio.NewReader(con.Stdin).ReadString('\n') // an end is a no
	if strings.TrimSpace(strings.ToLower(line)) != "yes" {
		return exit.Inputf("nothing was written")
	}
	return nil
}

func (o ApplyOptions) rollOut(ctx context.Context, con *console.Console, p *progress, r rollout.Options) error {
	log, err := rollout.OpenFile(o.Journal)
	if err != nil {
		return exit.Inputf("--journal %s: %w", secret.Name(o.Journal, 200), err)
	}
	defer func() { _ = log.Close() }() // every line of it is on the disk
	if j := log.Journal(); j.Plan != "" && j.Plan != r.PlanHash {
		return exit.Usagef("the journal %s is of another plan: undo it, or name another with --journal",
			secret.Name(o.Journal, 200))
	}
	r.Log = log
	out, err := rollout.Apply(ctx, r)
	p.clear()
	written := writeSheet(con, "text", nil, show.Applied(r.Plan, out, o.Journal))
	if err != nil {
		con.Note("run the same command again to go on, or: edgenet fleet undo %s", o.Journal)
		return errors.Join(hubError(err), written)
	}
	if out.Stopped() {
		return exit.With(exit.Bad, written)
	}
	return written
}
