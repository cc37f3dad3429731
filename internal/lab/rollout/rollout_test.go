package rollout

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"edgenet/internal/lab/fleet"
)

var (
	seeds  = flag.Int("seeds", 4, "of how many fleets the table is made")
	update = flag.Bool("update", false, "write testdata/table.md anew, with 100 fleets unless -seeds says otherwise")
)

// sweep reads edgenet's report of every device.
func sweep(ctx context.Context, h *Hub) (map[string]map[string]any, error) {
	out, next := map[string]map[string]any{}, ""
	for {
		r, err := http.NewRequestWithContext(ctx, "POST", h.URL+"/devices/query",
			strings.NewReader(`{"query":"SELECT deviceId, properties.reported.edgenet AS e FROM devices.modules WHERE moduleId = 'edgenet'"}`))
		if err != nil {
			return nil, err
		}
		r.Header.Set("X-Ms-Max-Item-Count", "1000")
		r.Header.Set("X-Ms-Continuation", next)
		a, err := h.Client.Do(r)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(a.Body)
		if err != nil || a.StatusCode != 200 {
			return nil, fmt.Errorf("%d %s %w", a.StatusCode, body, err)
		}
		var rows []struct {
			DeviceID string         `json:"deviceId"`
			E        map[string]any `json:"e"`
		}
		if err := json.Unmarshal(body, &rows); err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.DeviceID] = r.E
		}
		if next = a.Header.Get("X-Ms-Continuation"); next == "" {
			return out, nil
		}
	}
}

// byEvidence moves to AMQP over WebSocket whoever has proven that directly within a day,
// and nobody else: the least that heeds the reports, to show that the counting tells it
// from what does not.
var byEvidence = Strategy{"only who has proven it (no canary)", func(ctx context.Context, h *Hub) error {
	reports, err := sweep(ctx, h)
	if err != nil {
		return err
	}
	err = h.Put(ctx, "/configurations/amqpws",
		map[string]any{"id": "amqpws", "priority": 100, "targetCondition": "tags.edgenet.class='amqpws'",
			"content": map[string]any{"modulesContent": fleet.BaseContent("AmqpWs", "")}})
	if err != nil {
		return err
	}
	n := 0
	for id, e := range reports {
		direct, _ := e["direct"].(map[string]any)
		checked, err := time.Parse(time.RFC3339, fmt.Sprint(e["checkedAt"]))
		if err != nil || direct["AMQPWS"] != "ok" || h.Now().Sub(checked) > 23*time.Hour {
			continue
		}
		if err := h.Patch(ctx, "/twins/"+id,
			map[string]any{"tags": map[string]any{"edgenet": map[string]string{"class": "amqpws"}}}); err != nil {
			return err
		}
		if n++; n%40 == 0 {
			if err := h.Wait(ctx, time.Second); err != nil {
				return err
			}
		}
	}
	return nil
}}

func strategies() []Strategy {
	return []Strategy{
		Nothing(),
		OneBase("one base: AmqpWs", "AmqpWs", ""),
		OneBase("one base: AmqpWs by proxy a", "AmqpWs", fleet.ProxyURL("a")),
		OneBase("one base: nothing set", "", ""),
		byEvidence,
	}
}

// The counting tells strategies apart that do from those that do not heed the reports.
func TestStrategies(t *testing.T) {
	t.Parallel()
	n := *seeds
	if *update && n == 4 {
		n = 100
	}
	var rows []Row
	for _, s := range strategies() {
		outcomes, err := Run(context.Background(), s, Setting{Seeds: n})
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, Row{s.Name, outcomes})
		for _, o := range outcomes {
			if o.Stranded != o.Saveable+o.Changed || o.Stranded != len(o.IDs) || o.Over > 0 || o.Stranded > o.Moved {
				t.Errorf("%s, seed %d: %+v", s.Name, o.Seed, o)
			}
			naive := strings.HasPrefix(s.Name, "one base: AmqpWs")
			if naive && o.Saveable < 200 || s.Name == "nothing" && o.Moved != 0 || s.Name == byEvidence.Name &&
				(o.Saveable > 0 || o.Moved < 100) {
				t.Errorf("%s, seed %d: %+v", s.Name, o.Seed, o.Stranding)
			}
		}
	}
	table := Table(rows)
	t.Log("\n" + table)
	if *update {
		if err := os.WriteFile("testdata/table.md", []byte(table), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// The page shows the table as it was written.
func TestTableInDocs(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("testdata/table.md")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../../docs/lab-fleet.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), string(table)) {
		t.Error("docs/lab-fleet.md shows another table than testdata/table.md")
	}
}

// A connection that ends without an answer is an error, not a panic.
func TestHiddenAnswer(t *testing.T) {
	t.Parallel()
	f, err := fleet.New(fleet.Options{Devices: 10, Start: began, Switches: fleet.Switches{Hidden: 1}})
	if err != nil {
		t.Fatal(err)
	}
	h := newHub(f, time.Second)
	if err := h.Patch(context.Background(), "/twins/edge-000001",
		map[string]any{"tags": map[string]any{"a": 1}}); err == nil {
		t.Error("an answer came")
	}
	if err := h.Patch(context.Background(), "/twins/edge-000001",
		map[string]any{"tags": map[string]any{"a": 2}}); err != nil {
		t.Error(err)
	}
}
