package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"edgenet/internal/exit"
	"edgenet/internal/fleet"
	"edgenet/internal/fleet/show"
	"edgenet/internal/fleet/survey"
	"edgenet/internal/iothub/service"
	"edgenet/report"
	"edgenet/report/render"
)

func (a *app) fleetSelftestCommand() *cobra.Command {
	f := &hubFlags{}
	format := "text"
	cmd := &cobra.Command{Use: "selftest", Short: "What this hub's query language and your rights allow; reads only",
		Long: `Selftest asks the hub one small question of every kind that the other commands ask, and says
which it takes: which way status can count, and which rights are there for which command. It
writes nothing.

Exit codes: 0 the reading commands work; 1 they do not; 2 wrong usage.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.fleetSelftest(cmd.Context(), f, format) }}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVarP(&format, "format", "f", "text", "`FORMAT`: text, json or markdown")
	oneOf(cmd, "format", "text", "json", "markdown")
	f.add(fl)
	return cmd
}

// answerOf is what came of one question.
type answerOf struct {
	Question string `json:"question"`
	For      string `json:"for"`
	OK       bool   `json:"ok"`
	Needed   bool   `json:"needed"` // without it the command does not work
	Code     string `json:"code,omitempty"`
	Status   int    `json:"status,omitempty"`
	Says     string `json:"says"`
}

func (a *app) fleetSelftest(ctx context.Context, f *hubFlags, format string) error {
	if format != "text" && format != "json" && format != "markdown" {
		return exit.Usagef("--format %q: expected text, json or markdown", report.Clean(format, 40))
	}
	p := a.fleetProgress(false)
	client, err := a.fleetHub(ctx, f, p)
	if err != nil {
		return err
	}
	list := []answerOf{}
	for _, q := range survey.Questions(client) {
		p.say("asking: " + q.Text)
		err := q.Ask(ctx)
		if ctx.Err() != nil {
			p.clear()
			return exit.CodeError(exit.Interrupted)
		}
		list = append(list, answered(q, err))
		if errors.As(err, new(*service.Error)) && service.Status(err) == http.StatusUnauthorized {
			break // everything else would say the same
		}
	}
	p.clear()
	return a.writeSelftest(client.Hub(), list, format)
}

func answered(q survey.Question, err error) answerOf {
	x := answerOf{Question: q.Text, For: q.For, Needed: q.Needed, OK: err == nil, Says: q.Yes}
	if err != nil {
		x.Says = report.Clean(err.Error(), 400)
	}
	var refused *service.Error
	if errors.As(err, &refused) {
		x.Code, x.Status = refused.Code, refused.Status
		if refused.Status == http.StatusBadRequest && q.No != "" {
			x.Says = q.No
		}
	}
	return x
}

func (a *app) writeSelftest(hub string, list []answerOf, format string) error {
	bad := 0
	s := &render.Sheet{Title: "fleet selftest of " + hub}
	b := render.Block{Columns: []string{"QUESTION", "FOR", "ANSWER"}}
	for _, x := range list {
		mark := render.MarkGood
		switch {
		case !x.OK && x.Needed:
			mark = render.MarkBad
			bad++
		case !x.OK:
			mark = render.MarkOdd
		}
		b.Rows = append(b.Rows, render.SheetRow{Mark: mark, Cells: []string{x.Question, x.For, x.Says}})
	}
	s.Blocks, s.Failed = []render.Block{b}, bad > 0
	s.Verdict = fmt.Sprintf("%d of %s answered well.", len(list)-notOK(list), show.Count(len(list), "question"))
	var err error
	switch format {
	case "json":
		err = render.Value(a.Stdout, struct {
			Schema  string     `json:"schema"`
			Tool    fleet.Tool `json:"tool"`
			Hub     string     `json:"hub"`
			Answers []answerOf `json:"answers"`
		}{"edgenet.fleet-selftest/1", fleetTool(), hub, list})
	case "markdown":
		err = render.SheetMarkdown(a.Stdout, s)
	default:
		err = render.SheetText(a.Stdout, s, a.TextOptions(false, false))
	}
	if err != nil {
		return exit.Run(fmt.Errorf("writing the result: %w", err))
	}
	if bad > 0 {
		return exit.CodeError(exit.Bad)
	}
	return nil
}

func notOK(list []answerOf) int {
	n := 0
	for _, x := range list {
		if !x.OK {
			n++
		}
	}
	return n
}
