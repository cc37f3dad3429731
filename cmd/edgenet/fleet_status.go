package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"edgenet/internal/exit"
	"edgenet/internal/fleet"
	"edgenet/internal/fleet/show"
	"edgenet/internal/fleet/survey"
	"edgenet/internal/iothub/service"
	"edgenet/internal/outfile"
	"edgenet/internal/suggest"
	"edgenet/report"
	"edgenet/report/render"
	"edgenet/report/render/html"
)

// statusFlags are the flags of `edgenet fleet status`.
type statusFlags struct {
	hubFlags
	from, by, where string
	stale           time.Duration
	summaryOut
}

// summaryOut is how a summary is written.
type summaryOut struct {
	format  string
	outputs []string
	quiet   bool
}

// summaryFormats are the formats of a summary, by name and ending.
var summaryFormats = []struct{ name, ext string }{
	{"text", ".txt"}, {"json", ".json"}, {"csv", ".csv"}, {"markdown", ".md"}, {"html", ".html"}, {"prom", ".prom"},
}

const defaultStale = 13 * time.Hour // two heartbeats and their jitter

func (a *app) fleetStatusCommand() *cobra.Command {
	f := &statusFlags{}
	cmd := &cobra.Command{Use: "status", Short: "What the fleet says, who is silent, and who acts",
		Long: `Status counts what the modules of all devices report: how many are silent and since when, what
works, what is set, what is in the way and who can act on it.

A device that has no way out cannot write its twin, so that its last word is no news: whose
last check is older than --stale counts as silent, and what it said last is not counted.

With --from it reads what az iot hub query printed (a JSON array, JSON lines, - is standard
input), contacts nothing and needs no right on the hub:
  az iot hub query -n HUB -q "SELECT * FROM devices.modules WHERE moduleId='edgenet'"
Rows of SELECT * FROM devices in the same file add the devices that have no module, and
their tags for --by.

Exit codes: 0 counted, whatever the numbers; 1 the hub refused, or what it said is cut;
2 wrong usage or a file that cannot be read; 130 interrupted, with what was counted.`,
		Example: `  edgenet fleet status --from twins.json
  edgenet fleet status --from twins.json --by site -f markdown
  edgenet fleet status --from twins.json -o fleet.json -o fleet.html -o fleet.prom`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.fleetStatus(cmd.Context(), f) }}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.from, "from", "", "read rows from `FILE` in place of the hub (- is standard input)")
	fl.StringVar(&f.by, "by", "", "also count by the values of a `TAG` of the devices, such as site")
	fl.StringVar(&f.where, "where", "", "only modules that meet the condition `EXPR`, in the hub's query language, "+
		"such as \"tags.edgenet.class = 'amqpws'\"")
	fl.DurationVar(&f.stale, "stale", defaultStale, "a device is silent whose last check is older than this")
	f.summaryOut.add(cmd)
	f.hubFlags.add(fl)
	return cmd
}

func (o *summaryOut) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVarP(&o.format, "format", "f", "text",
		"`FORMAT` of standard output: "+suggest.Alternatives(summaryNames(false)))
	fl.StringArrayVarP(&o.outputs, "output", "o", nil,
		"write `FILE` too, its format by its ending: "+suggest.Alternatives(summaryNames(true))+"; repeatable")
	fl.BoolVarP(&o.quiet, "quiet", "q", false, "one sentence alone")
	oneOf(cmd, "format", summaryNames(false)...)
}

func summaryNames(endings bool) []string {
	var out []string
	for _, f := range summaryFormats {
		if endings {
			out = append(out, f.ext)
		} else {
			out = append(out, f.name)
		}
	}
	return out
}

// check refuses formats that are none.
func (o *summaryOut) check() error {
	if !slices.Contains(summaryNames(false), o.format) {
		return exit.Usagef("--format %q: expected %s%s", report.Clean(o.format, 40),
			suggest.Alternatives(summaryNames(false)),
			suggest.DidYouMean(o.format, summaryNames(false)))
	}
	for _, path := range o.outputs {
		if !slices.Contains(summaryNames(true), strings.ToLower(filepath.Ext(path))) {
			return exit.Usagef("--output %q: expected a name that ends in %s", report.Clean(path, 100),
				suggest.Alternatives(summaryNames(true)))
		}
	}
	return nil
}

func (a *app) fleetStatus(ctx context.Context, f *statusFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	if err := age("stale", f.stale); err != nil {
		return err
	}
	if err := survey.CheckWhere(f.where); err != nil {
		return exit.Usagef("--where: %w", err)
	}
	// Little is kept and much is read: memory is worth more than time here.
	defer debug.SetGCPercent(debug.SetGCPercent(40))
	p := a.fleetProgress(f.quiet)
	s, err := a.countFleet(ctx, f, p)
	p.clear()
	if s == nil {
		return err
	}
	s.Tool = fleetTool()
	if werr := a.writeSummary(ctx, s, show.Status(s), &f.summaryOut); werr != nil {
		return werr
	}
	if err != nil || ctx.Err() != nil {
		return exit.CodeError(exit.Interrupted)
	}
	return nil
}

// countFleet counts from a file or from the hub. A summary with an error is what there
// was until it was interrupted.
func (a *app) countFleet(ctx context.Context, f *statusFlags, p *fleetProgress) (*fleet.Summary, error) {
	if f.from != "" {
		return a.countFile(ctx, f, p)
	}
	client, err := a.fleetHub(ctx, &f.hubFlags, p)
	if err != nil {
		return nil, err
	}
	s, err := survey.Status(ctx, survey.Options{Hub: client, Name: client.Hub(), Now: client.Now(), Stale: f.stale,
		By: f.by, Where: f.where, Progress: p.at})
	if err != nil {
		return nil, hubError(err)
	}
	return s, nil
}

// countFile counts rows that somebody kept.
func (a *app) countFile(ctx context.Context, f *statusFlags, p *fleetProgress) (*fleet.Summary, error) {
	if f.where != "" {
		return nil, exit.Usagef("--where asks the hub, and --from reads a file: put the condition into the query that makes " +
			"the file")
	}
	in, err := a.open(f.from)
	if err != nil {
		return nil, exit.Usagef("--from: %w", err)
	}
	defer func() { _ = in.Close() }()
	t := fleet.NewTally(fleet.TallyOptions{Now: time.Now(), Stale: f.stale, By: f.by, Join: true})
	err = service.Rows(in, func(raw []byte) error {
		row, err := fleet.ParseRow(raw)
		if err != nil {
			return fmt.Errorf("row %d: %w", t.Rows()+1, err)
		}
		t.Add(row)
		if t.Rows()%1000 == 0 {
			if p.at("reading rows", t.Rows(), 0); ctx.Err() != nil {
				return errInterrupted
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, errInterrupted) {
		return nil, exit.Usagef("--from %s: %w", report.Clean(f.from, 200), err)
	}
	if t.Rows() == 0 && err == nil {
		return nil, exit.Usagef("--from %s: no rows in it: expected what az iot hub query prints", report.Clean(f.from,
			200))
	}
	s := t.Summary()
	s.Hub, s.Counted, s.Partial = f.hub, fleet.CountedFile, err != nil
	return s, err
}

// writeSummary writes standard output, and the files beside it.
func (a *app) writeSummary(ctx context.Context, s *fleet.Summary, sheet *render.Sheet, o *summaryOut) error {
	if err := a.encodeSummary(a.Stdout, o.format, s, sheet, o.quiet); err != nil {
		return exit.Run(fmt.Errorf("writing the result: %w", err))
	}
	for _, path := range o.outputs {
		i := slices.IndexFunc(summaryFormats, func(x struct {
			name,
			ext string
		}) bool {
			return x.ext == strings.ToLower(filepath.Ext(path))
		})
		err := outfile.Write(ctx, path, outfile.Options{}, func(w io.Writer) error {
			return a.encodeSummary(w, summaryFormats[i].name, s, sheet,
				false)
		})
		if err != nil {
			return exit.OutputError{Err: fmt.Errorf("--output %s: %w", report.Clean(path, 200), err)}
		}
	}
	return nil
}

func (a *app) encodeSummary(w io.Writer, format string, s *fleet.Summary, sheet *render.Sheet, quiet bool) error {
	switch format {
	case "json":
		return render.Value(w, s)
	case "csv":
		return show.CSV(w, s)
	case "markdown":
		return render.SheetMarkdown(w, sheet)
	case "html":
		return html.Sheet(w, sheet, "edgenet "+s.Tool.Version)
	case "prom":
		return show.Prometheus(w, s)
	}
	o := a.TextOptions(false, quiet)
	if w != a.Stdout {
		o.Color, o.Width = false, 100
	}
	return render.SheetText(w, sheet, o)
}
