package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"time"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/fleet"
	"edgenet/internal/fleet/survey"
	"edgenet/internal/iothub/service"
	"edgenet/internal/secret"
)

// DevicesOptions are those of `edgenet fleet devices`.
type DevicesOptions struct {
	Hub    HubOptions
	From   string // a file with rows, in place of the hub
	Where  string
	Format string
	Silent bool
	Stale  time.Duration
	Limit  int // zero means all
}

// DeviceFormats are the names for --format of a list.
func DeviceFormats() []string { return []string{"text", "csv", "jsonl"} }

func (o DevicesOptions) check() error {
	if err := checkFormat(o.Format, DeviceFormats()); err != nil {
		return err
	}
	if err := positive("stale", o.Stale); err != nil {
		return err
	}
	if err := survey.CheckWhere(o.Where); err != nil {
		return exit.Usagef("--where: %w", err)
	}
	switch {
	case o.Where != "" && (o.From != "" || o.Silent):
		return exit.Usagef("--where asks the hub about modules that report: leave it out with --from and --silent")
	case o.Limit < 0:
		return exit.Usagef("--limit %d: expected 0 (all) or more devices", o.Limit)
	}
	return nil
}

// errEnough ends a listing at its limit.
var errEnough = errors.New("enough")

// Devices is `edgenet fleet devices`.
func Devices(ctx context.Context, con *console.Console, o DevicesOptions) error {
	if err := o.check(); err != nil {
		return err
	}
	out := bufio.NewWriter(con.Stdout)
	l := newListing(out, o.Format)
	p := newProgress(con, false)
	now := time.Now()
	err := o.list(ctx, con, p, func(row fleet.Row) error {
		if o.Silent && o.From != "" && row.Reported != nil && row.Reported.Fresh(now, o.Stale) {
			return nil
		}
		p.clear()
		if l.row(row, now, o.Stale) != nil {
			return errEnough // nobody reads on, which the last writing says
		}
		if o.Limit > 0 && l.n >= o.Limit {
			return errEnough
		}
		return nil
	})
	p.clear()
	if errors.Is(err, errEnough) {
		err = nil
	}
	written := l.end(err == nil)
	if written == nil {
		written = out.Flush()
	}
	if err != nil {
		return hubOrUsage(err)
	}
	return exit.Result(written)
}

func (o DevicesOptions) list(
	ctx context.Context, con *console.Console, p *progress, each func(fleet.Row) error,
) error {
	if o.From != "" {
		return o.listFile(ctx, con, each)
	}
	client, err := o.Hub.client(ctx, con, "", p)
	if err != nil {
		return err
	}
	s := survey.Options{
		Hub: client, Name: client.Hub(), Now: client.Now(), Stale: o.Stale, Where: o.Where, Progress: p.at,
	}
	if o.Silent {
		return survey.Silent(ctx, s, each)
	}
	return survey.Devices(ctx, s, each)
}

// listFile lists rows that somebody kept. Devices that never said a word come last: a
// later row of theirs may hold one.
func (o DevicesOptions) listFile(ctx context.Context, con *console.Console, each func(fleet.Row) error) error {
	in, err := open(ctx, con, o.From)
	if err != nil {
		return exit.Inputf("--from %s: %w", secret.Name(o.From, 200), err)
	}
	defer func() { _ = in.Close() }() // it was only read
	n := 0
	var dumb []fleet.Row
	speaks := map[string]bool{}
	err = service.Rows(in, func(raw []byte) error {
		if n++; ctx.Err() != nil {
			return exit.ErrInterrupted
		}
		row, err := fleet.ParseRow(raw)
		switch {
		case err != nil:
			return fmt.Errorf("row %d: %w", n, err)
		case row.Reported != nil:
			speaks[row.Device] = o.Silent
			return each(row)
		case o.Silent && row.Module == "" && (row.Edge == nil || *row.Edge), o.Silent && row.Module == fleet.Module:
			dumb = append(dumb, fleet.Row{Device: row.Device, Tags: row.Tags})
		}
		return nil
	})
	for _, row := range dumb {
		if err == nil && !speaks[row.Device] {
			speaks[row.Device] = true
			err = each(row)
		}
	}
	if err == nil || errors.Is(err, errEnough) || errors.Is(err, exit.ErrInterrupted) {
		return err
	}
	return exit.Inputf("--from %s: %w", secret.Name(o.From, 200), err)
}
