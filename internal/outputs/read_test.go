package outputs

import (
	"encoding/json"
	"io"
	"testing"

	"edgenet/internal/inputs"
	"edgenet/internal/verify/sample"
	"edgenet/report"
	"edgenet/report/diff"
	"edgenet/report/render"
)

// FuzzReadReport: whatever somebody sends as a report is refused, or told in every
// format and compared, without harm.
func FuzzReadReport(f *testing.F) {
	for _, r := range sample.Reports() {
		p, err := json.Marshal(cut(*r))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(p)
	}
	f.Add(
		[]byte(
			`{"schema":"edgenet.report/1","results":[{"steps":[{"stage":"tls","detail":{"chain":[{}],"trust":{"":{}}}},{"stage":"hold","detail":{}}],"durationMs":-1e300}],"verdict":{"upstreamProtocol":""},"findings":[{}],"routes":[{},{}]}`,
		),
	)
	f.Add(
		[]byte(
			`{"schema":"edgenet.report/1","results":[{"status":"failed","steps":[{"stage":"tcp","status":"failed","startMs":1e308,"durationMs":1e308,"detail":{"tried":[{"status":"failed"}]}}]}]}`,
		),
	)
	f.Fuzz(tell)
}

// cut leaves a seed of a report: one path with one step, one finding. The engine spends its
// time on making large seeds smaller.
func cut(r report.Report) *report.Report {
	r.Results = r.Results[:min(1, len(r.Results))]
	for i := range r.Results {
		x := &r.Results[i]
		x.Experiments, x.Steps = nil, x.Steps[max(0, len(x.Steps)-1):]
	}
	r.Findings, r.Advice, r.Container = r.Findings[:min(1, len(r.Findings))], nil, nil
	return &r
}

// TestSamplesAreTold holds the whole reports to the same.
func TestSamplesAreTold(t *testing.T) {
	for _, r := range sample.Reports() {
		p, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		tell(t, p)
	}
}

func tell(t *testing.T, p []byte) {
	r, err := inputs.ParseReport(p)
	if err != nil {
		return
	}
	for _, e := range Formats(render.TextOptions{Width: 60, Verbose: true, Unicode: true}) {
		if err := e.Write(io.Discard, r); err != nil && e.Name != "json" && e.Name != "jsonl" {
			t.Errorf("%s%v: %v", e.Name, e.Ends, err)
		}
	}
	if d := diff.Compare(r, r); !d.Same {
		t.Errorf("differs from itself: %+v", d.Changes)
	}
}
