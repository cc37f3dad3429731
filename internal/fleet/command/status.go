package command

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/fleet"
	"edgenet/internal/fleet/show"
	"edgenet/internal/fleet/survey"
	"edgenet/internal/iothub/service"
	"edgenet/internal/secret"
)

// DefaultStale is two heartbeats of a module, and their jitter.
const DefaultStale = 13 * time.Hour

// StatusOptions are those of `edgenet fleet status`.
type StatusOptions struct {
	Hub   HubOptions
	From  string // a file with rows, in place of the hub
	By    string // a tag
	Where string
	Stale time.Duration
	SummaryOptions
}

func (o StatusOptions) check() error {
	if err := o.SummaryOptions.check(); err != nil {
		return err
	}
	if err := positive("stale", o.Stale); err != nil {
		return err
	}
	if err := survey.CheckWhere(o.Where); err != nil {
		return exit.Usagef("--where: %w", err)
	}
	if o.Where != "" && o.From != "" {
		return exit.Usagef("--where asks the hub, and --from reads a file: put the condition into the query " +
			"that makes the file")
	}
	return nil
}

// Status is `edgenet fleet status`.
func Status(ctx context.Context, con *console.Console, o StatusOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	// Little is kept and much is read: memory is worth more than time here.
	defer debug.SetGCPercent(debug.SetGCPercent(40))
	p := newProgress(con, o.Quiet)
	s, err := o.count(ctx, con, p)
	p.clear()
	if s == nil {
		return err
	}
	s.Tool = tool(con)
	code := exit.Good
	if err != nil || ctx.Err() != nil {
		code = exit.Interrupted
	}
	return exit.With(code, o.write(ctx, con, s, show.Status(s)))
}

// count counts from a file or from the hub. A summary with an error is what there was
// until it was interrupted.
func (o StatusOptions) count(ctx context.Context, con *console.Console, p *progress) (*fleet.Summary, error) {
	if o.From != "" {
		return o.countFile(ctx, con, p)
	}
	client, err := o.Hub.client(ctx, con, "", p)
	if err != nil {
		return nil, err
	}
	s, err := survey.Status(ctx, survey.Options{
		Hub: client, Name: client.Hub(), Now: client.Now(), Stale: o.Stale, By: o.By, Where: o.Where, Progress: p.at,
	})
	if err != nil {
		return nil, hubError(err)
	}
	return s, nil
}

// countFile counts rows that somebody kept.
func (o StatusOptions) countFile(ctx context.Context, con *console.Console, p *progress) (*fleet.Summary, error) {
	in, err := open(ctx, con, o.From)
	if err != nil {
		return nil, exit.Inputf("--from %s: %w", secret.Name(o.From, 200), err)
	}
	defer func() { _ = in.Close() }() // it was only read
	t := fleet.NewTally(fleet.TallyOptions{Now: time.Now(), Stale: o.Stale, By: o.By, Join: true})
	err = service.Rows(in, func(raw []byte) error {
		row, err := fleet.ParseRow(raw)
		if err != nil {
			return fmt.Errorf("row %d: %w", t.Rows()+1, err)
		}
		t.Add(row)
		if t.Rows()%1000 == 0 {
			if p.at("reading rows", t.Rows(), 0); ctx.Err() != nil {
				return exit.ErrInterrupted
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, exit.ErrInterrupted) {
		return nil, exit.Inputf("--from %s: %w", secret.Name(o.From, 200), err)
	}
	if t.Rows() == 0 && err == nil {
		return nil, exit.Inputf("--from %s: no rows in it: expected what az iot hub query prints",
			secret.Name(o.From, 200))
	}
	s := t.Summary()
	s.Hub, s.Counted, s.Partial = o.Hub.Host, fleet.CountedFile, err != nil
	return s, err
}
