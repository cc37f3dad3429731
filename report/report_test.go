package report

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestStepRoundTripOfEveryDetail(t *testing.T) {
	details := fullDetails()
	for _, s := range Stages() {
		d := details[s]
		if d == nil {
			t.Errorf("no sample of the detail of stage %s", s)
			continue
		}
		if d.stage() != s {
			t.Errorf("the detail of %s says that it belongs to %s", s, d.stage())
		}
		if v := reflect.ValueOf(d).Elem(); true {
			for i := range v.NumField() {
				if v.Field(i).IsZero() {
					t.Errorf("the sample of %s leaves %s out", s, v.Type().Field(i).Name)
				}
			}
		}
		in := Step{Hop: HopTarget, Stage: s, Status: Failed, StartMs: 1.25, DurationMs: 2, Cause: Unknown,
			Summary: "x", Detail: d}
		p, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		var out Step
		if err := json.Unmarshal(p, &out); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(in, out) {
			t.Errorf("%s:\n in %+v\nout %+v", s, in, out)
		}
	}
}

func TestStepOfALaterVersionStillReads(t *testing.T) {
	var s Step
	if err := json.Unmarshal([]byte(`{"hop":"target","stage":"quic","status":"ok","startMs":1,"durationMs":2,"detail":{"a":1},"new":true}`), &s); err != nil {
		t.Fatal(err)
	}
	if s.Stage != "quic" || s.StartMs != 1 || s.Detail != nil {
		t.Errorf("%+v", s)
	}
	for _, raw := range []string{`{"stage":"tcp"}`, `{"stage":"tcp","detail":null}`} {
		var s Step
		if err := json.Unmarshal([]byte(raw), &s); err != nil || s.Detail != nil {
			t.Errorf("%s: %v %v", raw, s.Detail, err)
		}
	}
	if err := json.Unmarshal([]byte(`{"stage":"tcp","detail":[]}`), &s); err == nil {
		t.Error("a detail that is no object passes")
	}
}

func TestReportRoundTrip(t *testing.T) {
	in := sample()
	in.Results[2].Steps = []Step{}
	p, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out Report
	if err := json.Unmarshal(p, &out); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(*in, out) {
		t.Errorf("\n in %+v\nout %+v", *in, out)
	}
}

func TestMarshalNeverWritesNullLists(t *testing.T) {
	r := Report{StartedAt: time.Date(2026, 1, 2, 4, 0, 0, 0, time.FixedZone("", 3600)), Results: []Result{{}},
		Findings: []Finding{{}}}
	p, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"startedAt":"2026-01-02T03:00:00Z"`, `"routes":[]`, `"steps":[]`, `"results":[]`,
		`"working":[]`, `"upstreamProtocol":null`, `"httpsOk":null`} {
		if !strings.Contains(string(p), want) {
			t.Errorf("no %s in %s", want, p)
		}
	}
	if r.Results[0].Steps != nil || r.Findings[0].Results != nil {
		t.Error("marshalling changed the report")
	}
	p, _ = json.Marshal(&Report{})
	if strings.Count(string(p), "null") != 2 {
		t.Errorf("more nulls than the verdict's two: %s", p)
	}
}

func TestReached(t *testing.T) {
	for _, c := range []struct {
		r    Result
		want bool
	}{
		{Result{Status: OK}, true},
		{Result{Status: Failed, Cause: HTTPStatus}, true},
		{Result{Status: Failed, Cause: AMQPError}, true},
		{Result{Status: Failed, Cause: MQTTRefused}, true},
		{Result{Status: Failed, Cause: HTTPBlockPage}, false},
		{Result{Status: Skipped}, false},
	} {
		if got := c.r.Reached(); got != c.want {
			t.Errorf("%+v: %v", c.r, got)
		}
	}
}

func TestMillis(t *testing.T) {
	if m := MillisOf(1234567 * time.Nanosecond); m != 1.23 || m.Duration() != 1230*time.Microsecond {
		t.Errorf("%v %v", m, m.Duration())
	}
}

func TestResultStep(t *testing.T) {
	r := sample().Results[1]
	if s, ok := r.Step(HopProxy, StageConnect); !ok || s.Cause != ConnectForbidden {
		t.Errorf("%+v %v", s, ok)
	}
	if _, ok := r.Step(HopTarget, StageConnect); ok {
		t.Error("found a step that is not there")
	}
}
