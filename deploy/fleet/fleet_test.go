package fleet

import (
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"edgenet/deploy/module"
	counted "edgenet/internal/fleet"
	"edgenet/internal/fleet/show"
)

func file(t *testing.T, name string) string {
	t.Helper()
	text, err := Files.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestClasses: the example is what plan reads, commented lines included.
func TestClasses(t *testing.T) {
	t.Parallel()
	text := file(t, "classes.toml")
	for _, text := range []string{text, regexp.MustCompile(`(?m)^# ([a-z]+ = )`).ReplaceAllString(text, "$1")} {
		c, err := counted.ParseClasses([]byte(text), func(string) (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader("edge:word\n")), nil
		})
		if err != nil || len(c.Proxies) != 2 || c.OfSite("plant-4") == nil || c.OfSite("plant-4").Name != "plant3" {
			t.Errorf("%v %+v", err, c)
		}
	}
}

var metric = regexp.MustCompile(`\bedgenet_[a-z0-9_]+`)

// TestMetricsExist: rules, dashboard and queries ask for metrics that are written.
func TestMetricsExist(t *testing.T) {
	t.Parallel()
	tally := counted.NewTally(counted.TallyOptions{Now: time.Now(), Stale: time.Hour, By: "site", Join: true})
	tally.Add(counted.Row{Device: "d", Module: "edgenet", Reported: &counted.Report{Status: "ok",
		CheckedAt: time.Now().UTC().Format(time.RFC3339)}})
	var b strings.Builder
	if err := show.Prometheus(&b, tally.Summary()); err != nil {
		t.Fatal(err)
	}
	written := map[string]bool{}
	for _, m := range metric.FindAllString(b.String()+string(module.Alerts()), -1) {
		written[m] = true
	}
	for _, name := range []string{"alerts.yaml", "dashboard.json", "queries.kql"} {
		all := metric.FindAllString(file(t, name), -1)
		if len(all) < 4 {
			t.Errorf("%s asks for %d metrics", name, len(all))
		}
		for _, m := range all {
			if !written[m] {
				t.Errorf("%s asks for %s, which nobody writes", name, m)
			}
		}
	}
}

// TestDashboard: what Grafana needs of a dashboard is there, ids once, panels side by side.
func TestDashboard(t *testing.T) {
	t.Parallel()
	var d struct {
		Title, UID    string
		SchemaVersion int
		Panels        []struct {
			ID          int
			Title, Type string
			GridPos     struct{ X, Y, W, H int }
			Targets     []struct{ RefID, Expr string }
		}
	}
	if err := json.Unmarshal([]byte(file(t, "dashboard.json")), &d); err != nil {
		t.Fatal(err)
	}
	if d.Title == "" || d.UID == "" || d.SchemaVersion < 36 || len(d.Panels) < 10 {
		t.Errorf("%+v", d)
	}
	ids, taken := map[int]bool{}, map[[2]int]string{}
	for _, p := range d.Panels {
		if ids[p.ID] || p.Title == "" || len(p.Targets) == 0 || p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("%+v", p)
		}
		ids[p.ID] = true
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if o := taken[[2]int{x, y}]; o != "" {
					t.Fatalf("%s lies on %s", p.Title, o)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
}
