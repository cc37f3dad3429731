package outputs

import (
	"encoding/json"
	"io"
	"testing"

	"edgenet/internal/inputs"
	"edgenet/internal/verify/sample"
	"edgenet/report/diff"
	"edgenet/report/render"
)

// FuzzReadReport: whatever somebody sends as a report is refused, or told in every
// format and compared, without harm.
func FuzzReadReport(f *testing.F) {
	for _, r := range sample.Reports() {
		p, err := json.Marshal(r)
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
	f.Fuzz(func(t *testing.T, p []byte) {
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
	})
}
