package command

import (
	"bytes"
	"context"
	"errors"
	"io/fs"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/inputs"
	"edgenet/internal/outputs"
	"edgenet/report"
	"edgenet/report/render"
	"edgenet/report/render/html"
	"edgenet/report/watch"
)

// explainLines tells a file of JSON lines: a watch as a timeline, the reports of a list as
// a table. The older half of a history that was put aside is told with it.
func explainLines(ctx context.Context, con *console.Console, what string, text []byte, o ExplainOptions,
	format outputs.Format, to outputs.Options) error {
	if what != "-" {
		older, err := inputs.ReadReports(ctx, con, outputs.Previous(what))
		switch {
		case err == nil:
			text = bytes.Join([][]byte{bytes.TrimSpace(older), text}, []byte("\n"))
		case !errors.Is(err, fs.ErrNotExist):
			con.Note("the older half of this history is left out: %s", err)
		}
	}
	list, err := inputs.ParseLines(text)
	if err != nil {
		return exit.Inputf("%s: %w", report.Clean(what, 200), err)
	}
	watched, reports := []render.Watched{}, []*report.Report{}
	rounds := 0
	for _, w := range list {
		rounds = max(rounds, len(w.Points))
		watched = append(watched, render.Watched{Timeline: watch.Of(w.Points), Last: w.Last})
		if w.Last != nil {
			reports = append(reports, w.Last)
		}
	}
	switch {
	case rounds > 1 && format.Name == "text" && o.For == "":
		return exit.Result(render.Watch(con.Stdout, watched, con.TextOptions(o.Verbose, o.Quiet)))
	case rounds > 1 && format.Name == "html" && o.For == "" && len(reports) == 1:
		return exit.Result(html.Write(con.Stdout, reports[0], html.Options{Watch: watched[0].Timeline}))
	case len(reports) == 0:
		return exit.Inputf("%s: no full report in it, which -f %s would need", report.Clean(what, 200), format.Name)
	case len(reports) > 1 && !format.Many:
		return exit.Usagef("-f %s holds one report, and %s has those of %d hubs: expected text, jsonl, markdown, csv "+
			"or junit", format.Name, report.Clean(what, 200), len(reports))
	}
	return exit.Result(to.Addressed(format, con.TextOptions(o.Verbose, o.Quiet)).Write(con.Stdout, reports...))
}
