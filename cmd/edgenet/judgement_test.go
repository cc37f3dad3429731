package main

import (
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"html"
	"regexp"
	"strings"
	"testing"
	"time"

	"edgenet/internal/lab"
	"edgenet/internal/sidecar/desired"
	"edgenet/internal/sidecar/machine"
	"edgenet/report"
)

// TestOneJudgement: for every scenario of the lab, severity and remedy of each finding are
// the same in all formats, and in what the module concludes from the same report.
func TestOneJudgement(t *testing.T) {
	t.Parallel()
	for _, s := range lab.Scenarios() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			x := scenarioRuns[s.Name]()
			if x.err != nil {
				t.Fatal(x.err)
			}
			r, file := &x.r, x.files
			wholeJudgement(t, r)
			sameInMetrics(t, r, file["prom"])
			sameInTexts(t, r, map[string]string{"text": flat(file["txt"]),
				"html":     flat(tags.ReplaceAllString(html.UnescapeString(file["html"]), " ")),
				"markdown": flat(strings.ReplaceAll(file["md"], `\`, ""))})
			sameInJUnit(t, r, file["xml"])
			sameInCSV(t, r, file["csv"])
			sameInModule(t, r)
		})
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)

// flat has single spaces alone, as texts are wrapped.
func flat(s string) string { return strings.Join(strings.Fields(s), " ") }

// wholeJudgement: every failure and finding says how bad it is, and what is bad leads to
// something to do.
func wholeJudgement(t *testing.T, r *report.Report) {
	t.Helper()
	for _, x := range r.Results {
		if (x.Status == report.Failed) != (x.Severity != "") || x.Status != report.Skipped && x.Needed == nil &&
			r.Verdict.HTTPSOK != nil {
			t.Errorf("%s: severity %q, needed %v", x.ID, x.Severity, x.Needed)
		}
		if x.Severity == report.SeverityError && x.Needed != nil && !*x.Needed {
			t.Errorf("%s is an error and not needed", x.ID)
		}
	}
	for _, f := range r.Findings {
		told := len(f.FollowsFrom) > 0
		for _, a := range r.Advice {
			for _, code := range a.Findings {
				told = told || code == f.Code
			}
		}
		if f.Severity != report.SeverityInfo && !told {
			t.Errorf("nobody is told what to do about %s", f.Code)
		}
	}
	if r.Verdict.ExitCode != 0 && len(r.Advice) == 0 {
		t.Error("the verdict is bad, and there is no advice")
	}
}

func sameInMetrics(t *testing.T, r *report.Report, prom string) {
	t.Helper()
	for _, f := range r.Findings {
		if want := fmt.Sprintf(`code="%s",severity="%s",actor="%s"`, f.Code, f.Severity,
			f.Actor); !strings.Contains(prom, want) {
			t.Errorf("metrics: %s is missing", want)
		}
	}
	if n := strings.Count(prom, "edgenet_finding_info{"); n > len(r.Findings) {
		t.Errorf("metrics: %d findings, of %d", n, len(r.Findings))
	}
}

// sameInTexts: what somebody has to do stands in each text, worded for its reader, and
// what nobody has to do is told as no more than a fact.
func sameInTexts(t *testing.T, r *report.Report, texts map[string]string) {
	t.Helper()
	for name, text := range texts {
		for _, a := range r.Advice {
			want := a.ForThem
			if name == "text" {
				want = a.Do
			}
			if len(a.Findings) == 0 && a.Severity == report.SeverityInfo {
				continue // the verdict's sentence says it
			}
			if !strings.Contains(text, flat(want)) {
				t.Errorf("%s: %q is missing", name, want)
			}
			if a.OrInstead != "" && a.Way != "A" && !strings.Contains(strings.ToLower(text), "or instead") {
				t.Errorf("%s does not say that %q is an alternative", name, want)
			}
		}
		for _, f := range r.Findings {
			if f.Severity == report.SeverityInfo && len(f.FollowsFrom) == 0 && !strings.Contains(text, string(f.Code)) {
				t.Errorf("%s: %s is missing", name, f.Code)
			}
		}
	}
}

func sameInJUnit(t *testing.T, r *report.Report, text string) {
	t.Helper()
	var doc struct {
		Suites []struct {
			Cases []struct {
				Name    string `xml:"name,attr"`
				Class   string `xml:"classname,attr"`
				Failure *struct {
					Text string `xml:",chardata"`
				} `xml:"failure"`
				Skipped *string `xml:"skipped"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(text), &doc); err != nil || len(doc.Suites) != 1 ||
		len(doc.Suites[0].Cases) != len(r.Results)+1 {
		t.Fatalf("JUnit: %v", err)
	}
	cases := doc.Suites[0].Cases
	if (cases[0].Failure != nil) != (r.Verdict.ExitCode != 0) {
		t.Error("JUnit: the verdict is another")
	}
	if cases[0].Failure != nil && !strings.Contains(flat(cases[0].Failure.Text), flat(r.Advice[0].ForThem)) {
		t.Errorf("JUnit: %q is missing", r.Advice[0].ForThem)
	}
	for i, x := range r.Results {
		c := cases[i+1]
		if (c.Failure != nil) != (x.Severity == report.SeverityError) {
			t.Errorf("JUnit: %s fails: %v, and its severity is %q", c.Name, c.Failure != nil, x.Severity)
		}
		if c.Failure != nil && !strings.Contains(flat(c.Failure.Text), flat(x.Remedy)) {
			t.Errorf("JUnit: %s lacks %q", c.Name, x.Remedy)
		}
	}
}

func sameInCSV(t *testing.T, r *report.Report, text string) {
	t.Helper()
	all, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	col := map[string]int{}
	for i, name := range all[0] {
		col[name] = i
	}
	for _, row := range all[1:] {
		for _, x := range r.Results {
			if string(x.Protocol) != row[col["protocol"]] || x.Route != row[col["route"]] || x.Status != report.Failed {
				continue
			}
			if want := map[bool]string{true: "yes",
				false: "no"}[x.Severity != report.SeverityInfo]; row[col["needed"]] != want {
				t.Errorf("CSV: %s %s is needed: %s, and its severity is %s", x.Protocol, x.Route, row[col["needed"]],
					x.Severity)
			}
		}
	}
}

// sameInModule: the module's machine is degraded for what the report calls bad, and for
// nothing else.
func sameInModule(t *testing.T, r *report.Report) {
	t.Helper()
	seen := machine.Distill(r)
	if len(seen.Findings) != len(r.Findings) {
		t.Fatalf("the module sees %d findings of %d", len(seen.Findings), len(r.Findings))
	}
	for i, f := range seen.Findings {
		if f.Severity != r.Findings[i].Severity || f.Remedy != r.Findings[i].Remedy || f.Actor != r.Findings[i].Actor {
			t.Errorf("the module has %s %s of %s, the report %s", f.Severity, f.Actor, f.Code, r.Findings[i].Severity)
		}
	}
	want := machine.StatusOK
	for _, f := range r.Findings {
		if f.Severity != report.SeverityInfo {
			want = machine.StatusDegraded
		}
	}
	if r.Verdict.UpstreamProtocol == nil {
		want = machine.StatusDown
	}
	if got := moduleStatus(t, seen); got != want {
		t.Errorf("the module is %s, want %s: %+v", got, want, r.Findings)
	}
}

// moduleStatus is what the machine makes of a first check.
func moduleStatus(t *testing.T, seen machine.Observation) machine.Status {
	t.Helper()
	s := machine.New(machine.Config{}, machine.Memory{}, nil, nil, desired.Defaults(), nil)
	now := machine.Now{Mono: time.Second, Wall: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	s, effects := machine.Step(s, machine.Begin{}, now)
	for range 10 { // the first check comes with a tick
		for _, e := range effects {
			if c, ok := e.(machine.StartCheck); ok {
				s, _ = machine.Step(s, machine.CheckDone{Run: c.Run, Found: seen}, now)
				return s.Status
			}
		}
		now.Mono, now.Wall = now.Mono+time.Minute, now.Wall.Add(time.Minute)
		s, effects = machine.Step(s, machine.Tick{}, now)
	}
	t.Fatal("the machine starts no check")
	return ""
}
