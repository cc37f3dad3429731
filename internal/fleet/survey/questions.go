package survey

import (
	"context"
	"errors"
	"net/http"

	"edgenet/internal/fleet"
	"edgenet/internal/iothub/service"
	"edgenet/internal/secret"
	"edgenet/report"
)

// Question is one small question about what a hub takes.
type Question struct {
	Text, For string
	Yes, No   string // what follows; No where the hub refuses the form
	Needed    bool   // what it is for does not work without
	Ask       func(context.Context) error
}

// Tester is what the questions are asked of.
type Tester interface {
	Hub
	TestQueries(ctx context.Context, condition string) (*service.Tested, error)
}

// errFirst ends a query after its first row: the form is taken.
var errFirst = errors.New("one row is enough")

// Questions are one of every kind. All of them read.
func Questions(h Tester) []Question {
	query := func(text string) func(context.Context) error {
		return func(ctx context.Context) error {
			err := h.Query(ctx, text, func([]byte) error { return errFirst }, nil)
			if errors.Is(err, errFirst) {
				return nil
			}
			return err
		}
	}
	condition := func(text string) func(context.Context) error {
		return func(ctx context.Context) error {
			t, err := h.TestQueries(ctx, text)
			if err == nil && t.Condition != "" {
				err = &service.Error{Doing: "test a target condition", Status: http.StatusBadRequest,
					Message: report.Clean(secret.Within(t.Condition), 200)}
			}
			return err
		}
	}
	modules := "FROM devices.modules WHERE moduleId = '" + fleet.Module + "'"
	return []Question{
		{Text: "query modules", For: "status, devices, plan", Yes: "right twins/read is there", Needed: true,
			Ask: query("SELECT * " + modules)},
		{Text: "single properties of modules", For: "status", Yes: "pages are small",
			No: "refused: whole twins are read, which is slower and as exact",
			Ask: query("SELECT deviceId, " + reported +
				" AS edgenet " + modules)},
		{Text: "COUNT of modules", For: "status", Yes: "the hub counts", No: "refused: devices are counted here",
			Ask: query("SELECT COUNT() AS n " + modules)},
		{Text: "GROUP BY on modules", For: "status", Yes: "large fleets are counted by the hub",
			No: "refused: large fleets are read page by page", Ask: query("SELECT " + reported +
				".status AS v, COUNT() AS n " + modules + " GROUP BY " + reported + ".status")},
		{Text: "COUNT of devices of IoT Edge", For: "who is silent", Yes: "the hub counts",
			No: "refused: devices are counted here", Ask: query("SELECT COUNT() AS n FROM devices WHERE " +
				edgeDevices)},
		{Text: "statistics", For: "the hub's clock", Yes: "right statistics/read is there",
			Ask: func(ctx context.Context) error { _, err := h.Statistics(ctx); return err }},
		{Text: "list deployments", For: "plan, apply, undo", Yes: "right configurations/read is there", Needed: true,
			Ask: func(ctx context.Context) error { _, err := h.Configurations(ctx); return err }},
		{Text: "test a condition over tags", For: "plan", Yes: "right configurations/testQueries is there",
			Needed: true,
			Ask:    condition("tags.edgenet.class='amqp' AND tags.edgenet.base='00000000'")},
		{Text: "reported properties in conditions", For: "nothing yet", Yes: "taken", No: "refused: classes stay tags",
			Ask: condition("properties.reported.edgenet.recommended='AMQPWS'")},
	}
}
