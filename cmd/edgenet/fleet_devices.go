package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"edgenet/internal/exit"
	"edgenet/internal/fleet"
	"edgenet/internal/fleet/survey"
	"edgenet/internal/iothub/service"
	"edgenet/internal/suggest"
	"edgenet/report"
)

// devicesFlags are the flags of `edgenet fleet devices`.
type devicesFlags struct {
	hubFlags
	from, where, format string
	silent              bool
	stale               time.Duration
	limit               int
}

func (a *app) fleetDevicesCommand() *cobra.Command {
	f := &devicesFlags{}
	formats := []string{"text", "csv", "jsonl"}
	cmd := &cobra.Command{Use: "devices", Short: "The devices behind a figure, one a line",
		Long: `Devices lists the devices whose module meets the condition, as they come from the hub, page by
page: device, status, what works by which route, what is configured, cause, class, and when it
was last checked.

--silent lists who does not report: whose last check is older than --stale, and devices of
IoT Edge that never reported. No question about the status finds these: who has no way out
cannot write that down.`,
		Example: `  edgenet fleet devices --from twins.json --silent
  edgenet fleet devices --from twins.json -f csv`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.fleetDevices(cmd.Context(), f) }}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.from, "from", "", "read rows from `FILE` in place of the hub (- is standard input)")
	fl.StringVar(&f.where, "where", "", "the condition `EXPR` on the module's twin, such as "+
		"\"properties.reported.edgenet.status = 'down'\"")
	fl.BoolVar(&f.silent, "silent", false, "who does not report")
	fl.DurationVar(&f.stale, "stale", defaultStale, "a device is silent whose last check is older than this")
	fl.IntVar(&f.limit, "limit", 0, "at most `N` devices (default: all)")
	fl.StringVarP(&f.format, "format", "f", "text", "`FORMAT`: "+suggest.Alternatives(formats))
	oneOf(cmd, "format", formats...)
	f.hubFlags.add(fl)
	return cmd
}

// errEnough ends a listing at its limit.
var errEnough = errors.New("enough")

func (a *app) fleetDevices(ctx context.Context, f *devicesFlags) error {
	if err := age("stale", f.stale); err != nil {
		return err
	}
	if err := survey.CheckWhere(f.where); err != nil {
		return exit.Usagef("--where: %w", err)
	}
	if f.where != "" && (f.from != "" || f.silent) {
		return exit.Usagef("--where asks the hub about modules that report: leave it out with --from and --silent")
	}
	out := bufio.NewWriter(a.Stdout)
	list, err := newListing(out, f.format)
	if err != nil {
		return err
	}
	p := a.fleetProgress(false)
	now, n := time.Now(), 0
	each := func(row fleet.Row) error {
		if f.silent && f.from != "" && row.Reported != nil && row.Reported.Fresh(now, f.stale) {
			return nil
		}
		p.clear()
		if n++; list.row(row, now, f.stale) != nil {
			return errEnough // nobody reads on
		}
		if f.limit > 0 && n >= f.limit {
			return errEnough
		}
		return nil
	}
	err = a.listDevices(ctx, f, p, each)
	p.clear()
	list.end()
	if werr := out.Flush(); werr != nil && err == nil {
		err = exit.Run(fmt.Errorf("writing the result: %w", werr))
	}
	if errors.Is(err, errEnough) {
		err = nil
	}
	return hubOrUsage(err)
}

func hubOrUsage(err error) error {
	var usage exit.UsageError
	if errors.As(err, &usage) {
		return usage
	}
	return hubError(err)
}

func (a *app) listDevices(ctx context.Context, f *devicesFlags, p *fleetProgress, each func(fleet.Row) error) error {
	if f.from != "" {
		return a.listFile(f.from, f.silent, each)
	}
	client, err := a.fleetHub(ctx, &f.hubFlags, p)
	if err != nil {
		return err
	}
	o := survey.Options{Hub: client, Name: client.Hub(), Now: client.Now(), Stale: f.stale, Where: f.where,
		Progress: p.at}
	if f.silent {
		return survey.Silent(ctx, o, each)
	}
	return survey.Devices(ctx, o, each)
}

func (a *app) listFile(path string, silent bool, each func(fleet.Row) error) error {
	in, err := a.open(path)
	if err != nil {
		return exit.Usagef("--from: %w", err)
	}
	defer func() { _ = in.Close() }()
	n := 0
	var dumb []fleet.Row // devices without a word of their module so far
	speaks := map[string]bool{}
	err = service.Rows(in, func(raw []byte) error {
		n++
		row, err := fleet.ParseRow(raw)
		switch {
		case err != nil:
			return fmt.Errorf("row %d: %w", n, err)
		case row.Reported != nil:
			speaks[row.Device] = silent
			return each(row)
		case silent && row.Module == "" && (row.Edge == nil || *row.Edge), silent && row.Module == fleet.Module:
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
	if err != nil && !errors.Is(err, errEnough) {
		return exit.Usagef("--from %s: %w", report.Clean(path, 200), err)
	}
	return err
}

// listing writes rows as they come.
type listing struct {
	w      io.Writer
	format string
	csv    *csv.Writer
	n      int
}

var deviceColumns = []string{"device", "status", "works", "route", "configured", "consistent", "cause", "class",
	"checkedAt"}

func newListing(w io.Writer, format string) (*listing, error) {
	l := &listing{w: w, format: format}
	switch format {
	case "csv":
		l.csv = csv.NewWriter(w)
		return l, l.csv.Write(deviceColumns)
	case "text", "jsonl":
		return l, nil
	}
	return nil, exit.Usagef("--format %q: expected text, csv or jsonl", report.Clean(format, 40))
}

// deviceLine is a device as JSON has it.
type deviceLine struct {
	Device      string `json:"device"`
	Status      string `json:"status"`
	Recommended string `json:"recommended"`
	Route       string `json:"route"`
	Configured  string `json:"configured"`
	Consistent  *bool  `json:"consistent"`
	Cause       string `json:"cause"`
	Class       string `json:"class"`
	CheckedAt   string `json:"checkedAt"`
	Silent      bool   `json:"silent"`
}

func (l *listing) row(row fleet.Row, now time.Time, stale time.Duration) error {
	d := deviceLine{Device: report.Clean(row.Device, 128), Class: report.Clean(row.Class(), 60), Silent: true}
	if r := row.Reported; r != nil {
		d.Status, d.Recommended, d.Route = report.Clean(r.Status, 20), report.Clean(r.Recommended, 20),
			report.Clean(r.Route, 20)
		d.Configured, d.Consistent, d.Cause, d.CheckedAt = report.Clean(r.Configured, 20), r.Consistent,
			report.Clean(r.Cause, 60), report.Clean(r.CheckedAt, 40)
		d.Silent = !r.Fresh(now, stale)
	}
	l.n++
	if l.format == "jsonl" {
		line, err := json.Marshal(d)
		if err == nil {
			_, err = l.w.Write(append(line, '\n'))
		}
		return err
	}
	consistent := ""
	if d.Consistent != nil {
		consistent = strconv.FormatBool(*d.Consistent)
	}
	status := d.Status
	if d.Silent {
		status = "silent"
	}
	cells := []string{d.Device, status, d.Recommended, d.Route, d.Configured, consistent, d.Cause, d.Class, d.CheckedAt}
	if l.csv != nil {
		return l.csv.Write(cells)
	}
	if l.n == 1 {
		fmt.Fprintf(l.w, deviceForm, "DEVICE", "STATUS", "WORKS", "ROUTE", "SET", "CAUSE", "CLASS", "CHECKED")
	}
	_, err := fmt.Fprintf(l.w, deviceForm, d.Device, status, dash(d.Recommended), dash(d.Route), dash(d.Configured),
		dash(d.Cause), dash(d.Class), dash(d.CheckedAt))
	return err
}

const deviceForm = "%-28s %-9s %-7s %-7s %-7s %-24s %-20s %s\n"

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func (l *listing) end() {
	if l.csv != nil {
		l.csv.Flush()
	}
	if l.format == "text" && l.n == 0 {
		fmt.Fprintln(l.w, "No device meets this.")
	}
}
