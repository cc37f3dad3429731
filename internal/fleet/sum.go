package fleet

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"edgenet/internal/secret"
	"edgenet/report"
)

// Sum adds up report files. A device counts once, by its latest report; a report that
// names no device counts by itself, as nothing tells whose it is.
type Sum struct {
	tally   *Tally
	devices map[string]*added
	loose   []*added // of no device
	reports int
	other   int // lines that are no reports
	hubs    map[string]bool
	partial int
}

// added is what is kept of a report.
type added struct {
	at  time.Time
	row Row
}

// NewSum makes one.
func NewSum(now time.Time) *Sum {
	return &Sum{tally: NewTally(TallyOptions{Now: now, Stale: 1 << 62}), devices: map[string]*added{},
		hubs: map[string]bool{}}
}

// sumReport is what of a report counts.
type sumReport struct {
	Schema    string    `json:"schema"`
	StartedAt time.Time `json:"startedAt"`
	Partial   bool      `json:"partial"`
	Target    struct {
		Hub string `json:"hub"`
	} `json:"target"`
	Device struct {
		Host string `json:"host"`
		ID   string `json:"id"`
	} `json:"device"`
	Verdict struct {
		Protocol   *string `json:"upstreamProtocol"`
		Route      string  `json:"route"`
		HTTPS      *bool   `json:"httpsOk"`
		Expected   string  `json:"expected"`
		Consistent *bool   `json:"consistent"`
	} `json:"verdict"`
	Results []struct {
		Status   report.Status   `json:"status"`
		Cause    report.Cause    `json:"cause"`
		Hop      report.Hop      `json:"hop"`
		Route    string          `json:"route"`
		Protocol report.Protocol `json:"protocol"`
		Usable   *bool           `json:"runtimeUsable"`
	} `json:"results"`
	Findings []struct {
		Code     string          `json:"code"`
		Severity report.Severity `json:"severity"`
	} `json:"findings"`
}

// ErrNoReport tells of a document that is none.
var ErrNoReport = errors.New("no report: expected the schema " + report.Schema)

// Add takes in one document of a file. Documents of edgenet that are no reports (beats,
// errors of a fleet check) are left out and counted.
func (s *Sum) Add(file string, text []byte) error {
	var r sumReport
	if err := json.Unmarshal(text, &r); err != nil {
		return fmt.Errorf("not a JSON report: %s", report.Clean(secret.Within(err.Error()), 120))
	}
	switch r.Schema {
	case report.Schema:
	case BeatSchema, CheckSchema:
		s.other++
		return nil
	default:
		return fmt.Errorf("%w, found %q", ErrNoReport, secret.Name(r.Schema, 60))
	}
	s.reports++
	if r.Partial {
		s.partial++
	}
	if r.Target.Hub != "" {
		s.hubs[secret.Name(r.Target.Hub, 120)] = true
	}
	a := &added{r.StartedAt, Row{Device: r.Device.ID, Module: Module, Reported: r.twin()}}
	name := r.Device.ID
	if name == "" {
		name = r.Device.Host
	}
	if name == "" {
		s.loose = append(s.loose, a)
		return nil
	}
	key := r.Target.Hub + "\x00" + name
	if old := s.devices[key]; old == nil || !old.at.After(a.at) {
		s.devices[key] = a
	}
	return nil
}

// The schemas of lines that stand among reports.
const (
	BeatSchema  = report.BeatSchema
	CheckSchema = "edgenet.fleet-check/1"
)

// twin is a report in the words of a twin, so that both are counted alike.
func (r *sumReport) twin() *Report {
	t := &Report{Schema: Schema, Status: "down", Consistent: r.Verdict.Consistent, HTTPS: r.Verdict.HTTPS,
		Configured: r.Verdict.Expected,
		CheckedAt:  r.StartedAt.UTC().Format(time.RFC3339)}
	if r.Verdict.Protocol != nil {
		t.Status, t.Recommended, t.Route = "ok", *r.Verdict.Protocol, r.Verdict.Route
		if r.Verdict.Route != report.RouteDirect && t.Route != "" {
			t.Route = "proxy" // further ones are numbered
		}
		if r.Verdict.HTTPS != nil && !*r.Verdict.HTTPS || r.Verdict.Consistent != nil && !*r.Verdict.Consistent {
			t.Status = "degraded"
		}
	}
	if t.Status != "ok" {
		t.Cause = r.dominant()
	}
	for _, want := range []report.Severity{report.SeverityError, report.SeverityWarning} {
		for _, f := range r.Findings {
			if f.Severity == want && t.Finding == "" {
				t.Finding = f.Code
			}
		}
	}
	return t
}

// dominant is the failure that most of the paths have in common: those by a proxy weigh
// more, as it is the way that was meant, and those where the hub itself answered.
func (r *sumReport) dominant() string {
	weight := map[string]int{}
	for _, x := range r.Results {
		if x.Status != report.Failed || x.Usable != nil && !*x.Usable || x.Protocol == report.HTTPS &&
			r.Verdict.Protocol == nil {
			continue
		}
		w := 1
		if x.Cause == report.HTTPStatus || x.Cause == report.AMQPError || x.Cause == report.MQTTRefused {
			w += 3
		}
		if x.Route != report.RouteDirect {
			w += 4
		}
		weight[x.Cause.Label(x.Hop)] += w
	}
	best := ""
	for _, label := range sortedKeys(weight) {
		if best == "" || weight[label] > weight[best] {
			best = label
		}
	}
	return best
}

// Summary gives the numbers.
func (s *Sum) Summary() *Summary {
	for _, a := range s.devices {
		s.tally.Add(a.row)
	}
	for _, a := range s.loose {
		s.tally.Add(a.row)
	}
	out := s.tally.Summary()
	out.Counted, out.StaleAfterSec, out.SilentSince = CountedFile, 0, nil
	if len(s.hubs) == 1 {
		out.Hub = sortedKeys(s.hubs)[0]
	}
	note := func(n int, text string) {
		if n > 0 {
			out.Notes = append(out.Notes, strconv.Itoa(n)+text)
		}
	}
	note(s.reports-len(s.devices)-len(s.loose), " reports are older ones of a device that has a later one, and do "+
		"not count.")
	note(len(s.loose), " reports name no device, and count one by one: several of the same device count as several.")
	note(s.partial, " reports are incomplete: they were stopped before every path was through.")
	if len(s.hubs) > 1 {
		note(len(s.hubs), " hubs are in these reports.")
	}
	return out
}

// Reports is how many were read.
func (s *Sum) Reports() int { return s.reports }
