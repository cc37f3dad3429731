package sidecar

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"edgenet/report"
)

// TestCutReport: whatever a report's size, the answer fits, says what it lacks, and keeps
// verdict and causes; the report itself stays whole.
func TestCutReport(t *testing.T) {
	t.Parallel()
	amqp := report.AMQP
	r := &report.Report{Schema: report.Schema, Verdict: report.Verdict{UpstreamProtocol: &amqp, Route: "direct",
		Reason: "AMQP works."}}
	for i := range 40 {
		chain := []report.Certificate{{Subject: strings.Repeat("s", 500)}, {Subject: strings.Repeat("i", 500)}}
		x := report.Result{ID: fmt.Sprintf("r%d", i), Protocol: report.AMQP, Status: report.OK, Steps: []report.Step{
			{Stage: report.StageDNS, Status: report.OK, Detail: &report.DNSDetail{Name: strings.Repeat("n", 300)}},
			{Stage: report.StageTLS, Status: report.OK, Detail: &report.TLSDetail{ServerName: "hub.test",
				Chain: chain}},
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
		if err := json.Unmarshal(c.Report, &back); err != nil || back.Verdict.Reason != "AMQP works." ||
			len(back.Results) != 40 || back.Results[0].Cause != report.TLSTimeout {
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

// TestAnyReportFits: with every field filled and every list long, an answer of the hub's
// size is made, says what it lacks, and keeps the verdict and the first path's cause.
func TestAnyReportFits(t *testing.T) {
	t.Parallel()
	for _, n := range []struct{ items, text int }{{1, 10}, {2, 3000}, {3, 40}, {4, 200}, {6, 20}} {
		r := &report.Report{}
		fill(reflect.ValueOf(r).Elem(), n.items, strings.Repeat("x", n.text), 0)
		amqp := report.AMQP
		r.Verdict.UpstreamProtocol, r.Verdict.ExitCode = &amqp, 1
		for i := range r.Results {
			r.Results[i].Cause, r.Results[i].Status = report.TLSTimeout, report.Failed
		}
		c, err := cutReport(r, maxAnswer)
		if err != nil || len(c.Report) > maxAnswer {
			t.Errorf("%+v: %d bytes, %q, %v", n, len(c.Report), c.Cut, err)
			continue
		}
		whole, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if (len(whole) > maxAnswer) != (len(c.Cut) > 0) {
			t.Errorf("%+v: of %d bytes is said to be cut: %q", n, len(whole), c.Cut)
		}
		var back report.Report
		if err := json.Unmarshal(c.Report, &back); err != nil || back.Verdict.ExitCode != 1 || len(back.Results) == 0 ||
			back.Results[0].Cause != report.TLSTimeout {
			t.Errorf("%+v: %v %+v", n, err, back.Verdict)
		}
	}
}

// TestManyPathsAndExperimentsFit: what a real site can bring.
func TestManyPathsAndExperimentsFit(t *testing.T) {
	t.Parallel()
	r := &report.Report{Schema: report.Schema}
	for i := range 3000 {
		x := report.Result{ID: fmt.Sprintf("r%d", i), Status: report.Failed, Cause: report.TCPTimeout,
			Summary: strings.Repeat("s", 300), Remedy: strings.Repeat("r", 300)}
		for range 8 {
			x.Experiments = append(x.Experiments, report.Experiment{Name: report.Where, Outcome: report.Answered,
				Summary: "w", Travels: []report.Travel{{Hops: make([]report.Hit, 16)}}})
		}
		r.Results = append(r.Results, x)
	}
	c, err := cutReport(r, maxAnswer)
	if err != nil || len(c.Report) > maxAnswer || len(c.Cut) == 0 {
		t.Fatalf("%d bytes, %q, %v", len(c.Report), c.Cut, err)
	}
}

// fill gives every field a value and every list so many elements.
func fill(v reflect.Value, items int, text string, depth int) {
	if depth > 14 {
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Pointer:
		if v.Type() == reflect.TypeFor[*report.Report]() && depth > 3 {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), items, text, depth+1)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), items, text, depth+1)
		}
		if s, ok := v.Addr().Interface().(*report.Step); ok {
			s.Stage = report.StageTLS
			d := &report.TLSDetail{}
			fill(reflect.ValueOf(d).Elem(), items, text, depth+1)
			s.Detail = d
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), items, items))
		for i := range items {
			fill(v.Index(i), items, text, depth+1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for i := range items {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			key.SetString(fmt.Sprint(text, i))
			fill(value, items, text, depth+1)
			v.SetMapIndex(key, value)
		}
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Uint32:
		v.SetUint(1)
	case reflect.Float64:
		v.SetFloat(1.5)
	case reflect.Bool:
		v.SetBool(true)
	}
}
