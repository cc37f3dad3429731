package judge

import (
	"encoding/json"
	"testing"

	"edgenet/report"
)

// FuzzComplete: whatever a report's file holds, completing it ends, changes neither verdict
// nor findings' severity, and says the same the second time.
func FuzzComplete(f *testing.F) {
	f.Add([]byte(`{"results":[{"id":"r1","status":"failed","cause":"tcp.timeout","protocol":"AMQP","route":"direct","remedy":"x"}],"verdict":{"exitCode":1},
		"findings":[{"code":"protocol.none","severity":"error","results":["r1"]},{"code":"firewall.all-blocked","severity":"error","remedy":"y","results":["r1"]}]}`))
	f.Add([]byte(`{"results":[{"id":"r1"},{"id":"r1","status":"failed"}],"findings":[{"code":"x"}],"container":{"report":{"results":[{"status":"failed"}]}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var r, before report.Report
		if json.Unmarshal(text, &r) != nil || json.Unmarshal(text, &before) != nil {
			return
		}
		Complete(&r)
		for i, x := range r.Findings {
			if x.Severity != before.Findings[i].Severity || x.Remedy != before.Findings[i].Remedy {
				t.Errorf("finding %d was changed", i)
			}
		}
		if r.Verdict.ExitCode != before.Verdict.ExitCode || r.Verdict.Reason != before.Verdict.Reason {
			t.Error("the verdict was changed")
		}
		once := told(&r)
		if Complete(&r); told(&r) != once {
			t.Error("twice is not once")
		}
	})
}

// TestALargeReportIsLeft: nobody's file keeps a reader busy.
func TestALargeReportIsLeft(t *testing.T) {
	t.Parallel()
	r := &report.Report{Results: make([]report.Result, mostRead+1)}
	for i := range r.Results {
		r.Results[i].Status = report.Failed
	}
	if Complete(r); r.Advice != nil || r.Results[0].Severity != "" {
		t.Error("it was judged")
	}
}
