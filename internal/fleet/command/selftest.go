package command

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/fleet"
	"edgenet/internal/fleet/show"
	"edgenet/internal/fleet/survey"
	"edgenet/internal/iothub/service"
	"edgenet/internal/secret"
	"edgenet/report"
	"edgenet/report/render"
)

// SelftestOptions are those of `edgenet fleet selftest`.
type SelftestOptions struct {
	Hub    HubOptions
	Format string
}

// Selftest is `edgenet fleet selftest`.
func Selftest(ctx context.Context, con *console.Console, o SelftestOptions) error {
	if err := checkFormat(o.Format, SheetFormats()); err != nil {
		return err
	}
	p := newProgress(con, false)
	client, err := o.Hub.client(ctx, con, "", p)
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
	return writeSelftest(con, client.Hub(), list, o.Format)
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

func answered(q survey.Question, err error) answerOf {
	x := answerOf{Question: q.Text, For: q.For, Needed: q.Needed, OK: err == nil, Says: q.Yes}
	if err != nil {
		x.Says = report.Clean(secret.Within(err.Error()), 400)
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

func writeSelftest(con *console.Console, hub string, list []answerOf, format string) error {
	good, code := 0, exit.Good
	b := render.Block{Columns: []string{"QUESTION", "FOR", "ANSWER"}}
	for _, x := range list {
		mark := render.MarkGood
		switch {
		case x.OK:
			good++
		case x.Needed:
			mark, code = render.MarkBad, exit.Bad
		default:
			mark = render.MarkOdd
		}
		b.Rows = append(b.Rows, render.SheetRow{Mark: mark, Cells: []string{x.Question, x.For, x.Says}})
	}
	s := &render.Sheet{
		Title: "fleet selftest of " + hub, Blocks: []render.Block{b}, Failed: code != exit.Good,
		Verdict: fmt.Sprintf("%d of %s answered well.", good, show.Count(len(list), "question")),
	}
	return exit.With(code, writeSheet(con, format, struct {
		Schema  string     `json:"schema"`
		Tool    fleet.Tool `json:"tool"`
		Hub     string     `json:"hub"`
		Answers []answerOf `json:"answers"`
	}{"edgenet.fleet-selftest/1", tool(con), hub, list}, s))
}
