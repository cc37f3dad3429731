package machine

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/report"
)

func goodMemory() (Memory, []Transition) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return Memory{
			Seq: 7, Acked: 6, Dropped: 1, Status: StatusDegraded, Recommended: report.AMQPWS, Route: "proxy2", Fails: 2,
			ChangedAt: at, UpSince: at, DownSince: at,
			Outages: []Outage{{at, 84}}, Transport: "mqttws", HoldShort: &report.Finding{Code: report.HoldShort,
				Severity: report.SeverityWarning, Actor: report.ActorNetwork, Summary: "s", Remedy: "r"},
		}, []Transition{
			{Seq: 6, At: at, From: StatusUnseen, To: StatusOK, Protocol: report.AMQP, Route: "direct"},
			{Seq: 7, At: at, From: StatusOK, To: StatusDegraded, Cause: "tcp.timeout", Route: "proxy2",
				Protocol: report.AMQPWS, FromProtocol: report.AMQP, FromRoute: "direct", DurationSec: 9},
		}
}

// TestSane: one value of nonsense at a time goes, and everything else stays.
func TestSane(t *testing.T) {
	t.Parallel()
	m, log := goodMemory()
	same, sameLog, dropped := Sane(m, log)
	if len(dropped) > 0 || !reflect.DeepEqual(same, m) || !slices.Equal(sameLog, log) {
		t.Fatalf("a good state was changed: %v, %+v", dropped, same)
	}
	if _, _, dropped := Sane(Memory{}, nil); len(dropped) > 0 {
		t.Errorf("of an empty state %v was dropped", dropped)
	}
	for _, row := range []struct {
		drops string
		spoil func(*Memory, []Transition)
		want  func(*Memory, []Transition) []Transition // what has to come out of the good one
	}{
		{"transport", func(m *Memory, _ []Transition) { m.Transport = "quic" },
			func(m *Memory, l []Transition) []Transition { m.Transport = ""; return l }},
		{"transport", func(m *Memory, _ []Transition) { m.Transport = "\x1b[31mEVIL" },
			func(m *Memory, l []Transition) []Transition { m.Transport = ""; return l }},
		{"seq", func(m *Memory, _ []Transition) { m.Seq = 1 << 62 },
			func(_ *Memory, l []Transition) []Transition { return l }},
		{"seq", func(m *Memory, _ []Transition) { m.Seq, m.Acked = 2, 2 },
			func(m *Memory, l []Transition) []Transition { m.Acked = 2; return l }},
		{"acked", func(m *Memory, _ []Transition) { m.Acked = 1 << 60 },
			func(m *Memory, l []Transition) []Transition { m.Acked = 7; return l }},
		{"dropped", func(m *Memory, _ []Transition) { m.Dropped = 1 << 60 },
			func(m *Memory, l []Transition) []Transition { m.Dropped = 0; return l }},
		{"fails", func(m *Memory, _ []Transition) { m.Fails = -1 },
			func(m *Memory, l []Transition) []Transition { m.Fails = 0; return l }},
		{"status", func(m *Memory, _ []Transition) { m.Status = "splendid" },
			func(m *Memory, l []Transition) []Transition { m.Status = ""; return l }},
		{"recommended status", func(m *Memory, _ []Transition) { m.Recommended = "QUIC" },
			func(m *Memory, l []Transition) []Transition {
				m.Recommended, m.Route, m.Fails, m.Status = "", "", 0, ""
				return l
			}},
		{"recommended status", func(m *Memory, _ []Transition) { m.Route = "../x" },
			func(m *Memory, l []Transition) []Transition {
				m.Recommended, m.Route, m.Fails, m.Status = "", "", 0, ""
				return l
			}},
		{"recommended status", func(m *Memory, _ []Transition) { m.Route = "" },
			func(m *Memory, l []Transition) []Transition {
				m.Recommended, m.Route, m.Fails, m.Status = "", "", 0, ""
				return l
			}},
		{"changedAt", func(m *Memory, _ []Transition) { m.ChangedAt = time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC) },
			func(m *Memory, l []Transition) []Transition { m.ChangedAt = time.Time{}; return l }},
		{"outages", func(m *Memory, _ []Transition) { m.Outages = append(m.Outages, Outage{m.UpSince, -5}, Outage{}) },
			func(_ *Memory, l []Transition) []Transition { return l }},
		{"holdShort", func(m *Memory, _ []Transition) { m.HoldShort = &report.Finding{Code: "x.y"} },
			func(m *Memory, l []Transition) []Transition { m.HoldShort = nil; return l }},
		{"holdShort", func(m *Memory, _ []Transition) {
			m.HoldShort = &report.Finding{Code: report.HoldShort, Severity: "\x1b"}
		}, func(m *Memory, l []Transition) []Transition { m.HoldShort = nil; return l }},
		{"history", func(_ *Memory, l []Transition) { l[0].To = "x" },
			func(_ *Memory, l []Transition) []Transition { return l[1:] }},
		{"history", func(_ *Memory, l []Transition) { l[0].Seq = 1 << 60 },
			func(_ *Memory, l []Transition) []Transition { return l[1:] }},
		{"history", func(_ *Memory, l []Transition) { l[1].Cause = "\x1b[2J" },
			func(_ *Memory, l []Transition) []Transition { l[1].Cause = ""; return l }},
		{"history", func(_ *Memory, l []Transition) { l[1].FromRoute = "x" },
			func(_ *Memory, l []Transition) []Transition { l[1].FromRoute, l[1].FromProtocol = "", ""; return l }},
	} {
		m, log := goodMemory()
		row.spoil(&m, log)
		got, gotLog, dropped := Sane(m, log)
		want, wantLog := goodMemory()
		wantLog = row.want(&want, wantLog)
		if !reflect.DeepEqual(got, want) || !slices.Equal(gotLog, wantLog) ||
			!slices.Equal(dropped, strings.Fields(row.drops)) {
			t.Errorf("%s: dropped %v\n%+v\n%+v\n%+v\n%+v", row.drops, dropped, got, want, gotLog, wantLog)
		}
		if _, err := json.Marshal(Record{Memory: got, New: gotLog}); err != nil {
			t.Errorf("%s: what is left cannot be saved: %v", row.drops, err)
		}
	}
	m, log = goodMemory()
	m.HoldShort.Summary = "a\x1b[2J" + strings.Repeat("x", 9000)
	if got, _, _ := Sane(m, log); strings.Contains(got.HoldShort.Summary, "\x1b") || len(got.HoldShort.Summary) > 400 {
		t.Errorf("a text was not cleaned: %.60q", got.HoldShort.Summary)
	}
}

// FuzzSane: whatever the file says, what comes out can be said in the twin and saved.
func FuzzSane(f *testing.F) {
	m, log := goodMemory()
	for _, r := range []Record{{}, {Memory: m, New: log}} {
		b, err := json.Marshal(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var r Record
		if json.Unmarshal(text, &r) != nil {
			return
		}
		m, log, _ := Sane(r.Memory, r.New)
		if _, err := json.Marshal(Record{Memory: m, New: log}); err != nil {
			t.Fatal(err)
		}
		if m.Seq > maxSeq || m.Acked > m.Seq || len(m.Outages) > maxOutages {
			t.Fatalf("%+v", m)
		}
		again, againLog, dropped := Sane(m, log)
		if len(dropped) > 0 || !reflect.DeepEqual(again, m) || len(againLog) != len(log) {
			t.Fatalf("a second look drops %v", dropped)
		}
	})
}

// TestSaneKeepsEveryLabel: what this version can write of a cause, it believes after a
// restart, at the proxy as at the hub.
func TestSaneKeepsEveryLabel(t *testing.T) {
	t.Parallel()
	for _, cause := range report.Causes() {
		for _, hop := range []report.Hop{report.HopProxy, report.HopTarget} {
			_, log := goodMemory()
			log[1].Cause = cause.Code.Label(hop)
			_, got, dropped := Sane(Memory{Seq: 7}, log)
			if len(dropped) > 0 || got[1].Cause != log[1].Cause {
				t.Errorf("%s became %q, and %v was dropped", log[1].Cause, got[1].Cause, dropped)
			}
		}
	}
}
