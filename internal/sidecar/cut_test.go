package sidecar

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"edgenet/report"
)

// TestCutReport: whatever a report's size, the answer fits, says what it lacks, and keeps
// verdict and causes; the report itself stays whole.
func TestCutReport(t *testing.T) {
	t.Parallel()
	amqp := report.AMQP
	r := &report.Report{Schema: report.Schema, Verdict: report.Verdict{UpstreamProtocol: &amqp, Route: "direct", Reason: "AMQP works."}}
	for i := range 40 {
		chain := []report.Certificate{{Subject: strings.Repeat("s", 500)}, {Subject: strings.Repeat("i", 500)}}
		x := report.Result{ID: fmt.Sprintf("r%d", i), Protocol: report.AMQP, Status: report.OK, Steps: []report.Step{
			{Stage: report.StageDNS, Status: report.OK, Detail: &report.DNSDetail{Name: strings.Repeat("n", 300)}},
			{Stage: report.StageTLS, Status: report.OK, Detail: &report.TLSDetail{ServerName: "hub.test", Chain: chain}},
		}}
		if i%2 == 0 {
			x.Status, x.Cause = report.Failed, report.TLSTimeout
		}
		r.Results = append(r.Results, x)
	}
	whole, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for limit, cuts := range map[int]int{len(whole): 0, len(whole) - 1: 1, 36000: 1, 25000: 2, 14000: 3, 9000: 4} {
		c, err := cutReport(r, limit)
		if err != nil || len(c.Report) > limit || len(c.Cut) != cuts {
			t.Errorf("%d: %d bytes, %q, %v", limit, len(c.Report), c.Cut, err)
			continue
		}
		var back report.Report
		if err := json.Unmarshal(c.Report, &back); err != nil || back.Verdict.Reason != "AMQP works." || len(back.Results) != 40 || back.Results[0].Cause != report.TLSTimeout {
			t.Errorf("%d: %v %+v", limit, err, back.Verdict)
		}
	}
	if _, err := cutReport(r, 100); err == nil {
		t.Error("it fits into nothing")
	}
	if after, err := json.Marshal(r); err != nil || string(after) != string(whole) {
		t.Error("the report itself was cut")
	}
}
