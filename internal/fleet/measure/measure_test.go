package measure

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"edgenet/deploy/module"
	"edgenet/internal/fleet"
	"edgenet/internal/fleet/rollout"
	"edgenet/internal/fleet/survey"
	"edgenet/internal/iothub/service"
	labfleet "edgenet/internal/lab/fleet"
	lab "edgenet/internal/lab/rollout"
	"edgenet/internal/secret"
	"edgenet/report"
)

var (
	seeds  = flag.Int("seeds", 2, "how many fleets")
	update = flag.Bool("update", false, "measure 100 fleets, and rewrite the table")
)

type clock struct{ h *lab.Hub }

func (c clock) Now() time.Time { return c.h.Now() }

func (c clock) Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	return c.h.Wait(ctx, d)
}

// byPlan is plan and apply, once a day.
func byPlan(t *testing.T, name string, days, canary, wave int, prefer ...report.Protocol) lab.Strategy {
	return lab.Strategy{Name: name, Run: func(ctx context.Context, h *lab.Hub) error {
		auth, err := service.Fixed(secret.New("token"), "test")
		if err != nil {
			return err
		}
		c := service.New(service.Options{Hub: "lab.azure-devices.test", Base: h.URL, Auth: auth, HTTP: h.Client,
			Clock: clock{h}})
		text := "[proxies.a]\nurl=\"" + labfleet.ProxyURL("a") + "\"\n[proxies.b]\nurl=\"" +
			labfleet.ProxyURL("b") + "\"\n"
		classes, err := fleet.ParseClasses([]byte(text), nil)
		if err != nil {
			return err
		}
		for day := range days {
			if day > 0 {
				if err := h.Wait(ctx, 24*time.Hour); err != nil {
					return err
				}
			}
			if err := once(ctx, t, c, classes, canary, wave, prefer); err != nil {
				return err
			}
		}
		return nil
	}}
}

func once(ctx context.Context, t *testing.T, c *service.Client, classes *fleet.Classes, canary, wave int,
	prefer []report.Protocol) error {
	rules := fleet.Rules{Fresh: 24 * time.Hour, Steady: 24 * time.Hour, Prefer: prefer}
	in := fleet.PlanInput{Hub: c.Hub(), Base: "base.json", Template: module.Base(), Classes: classes, Rules: rules}
	plan, err := survey.Plan(ctx, survey.Options{Hub: c, Name: c.Hub()}, c, in)
	if err != nil {
		return err
	}
	contents := map[string]json.RawMessage{}
	for _, x := range plan.Classes {
		r, err := fleet.Render("base.json", module.Base(), fleet.Class{Protocol: x.Protocol, Proxy: x.Proxy}, classes)
		if err != nil {
			return err
		}
		contents[r.ID()] = r.Content
	}
	log, err := rollout.OpenFile(filepath.Join(t.TempDir(), "journal"))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	out, err := rollout.Apply(ctx, rollout.Options{Hub: c, Log: log, HubName: c.Hub(), Plan: plan, Contents: contents,
		Canary: canary, Wave: wave, Window: 30 * time.Minute, Poll: time.Minute, Workers: 1})
	if err == nil && out.Stopped() {
		t.Logf("%d moves, %d held, %d refused: moved %d, skipped %d, failed %d, back %d, kept %d", len(plan.Moves),
			len(plan.Held), len(plan.Refused), len(out.Moved), len(out.Skipped), len(out.Failed), len(out.TakenBack),
			len(out.Kept))
	}
	return err
}

// TestMeasure: no strategy of edgenet's strands a device that evidence could have saved, or
// calls more than the hub takes; one base for all does.
func TestMeasure(t *testing.T) {
	t.Parallel()
	n := *seeds
	if *update {
		n = 100
	}
	naive := lab.OneBase("one base: AmqpWs", "AmqpWs", "")
	var rows []lab.Row
	for _, s := range []lab.Strategy{lab.Nothing(), naive, byPlan(t, "plan, apply --canary 0", 1, 0, 2000), byPlan(t,
		"plan, apply --canary 5", 1, 5, 100)} {
		outcomes, err := lab.Run(t.Context(), s, lab.Setting{Seeds: n})
		if err != nil {
			t.Fatal(s.Name, err)
		}
		moved := 0
		for _, o := range outcomes {
			moved += o.Moved
			if s.Name == naive.Name && o.Saveable == 0 || s.Name != naive.Name && (o.Saveable > 0 || o.Over > 0) {
				o.IDs = nil
				t.Errorf("%s, seed %d: %+v", s.Name, o.Seed, o)
			}
		}
		if moved == 0 && s.Name != lab.Nothing().Name {
			t.Errorf("%s moved nobody", s.Name)
		}
		rows = append(rows, lab.Row{Name: s.Name, Outcomes: outcomes})
	}
	table := lab.Table(rows)
	t.Log("\n" + table)
	if *update {
		if err := os.WriteFile("testdata/table.md", []byte(table), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTableInDocs: the page shows the table as it was measured.
func TestTableInDocs(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("testdata/table.md")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../../docs/fleet.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), string(table)) {
		t.Error("docs/fleet.md shows another table than testdata/table.md")
	}
}
