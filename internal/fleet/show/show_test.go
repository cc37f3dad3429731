package show

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"edgenet/internal/fleet"
	"edgenet/report/render"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// counted is a fleet of some size, with what strangers may write in it.
func counted(t *testing.T) *fleet.Summary {
	t.Helper()
	tally := fleet.NewTally(fleet.TallyOptions{Now: noon, Stale: 13 * time.Hour, By: "site", Join: true})
	add := func(n int, r fleet.Report) {
		r.CheckedAt = noon.Add(-time.Hour).Format(time.RFC3339)
		for range n {
			tally.Add(fleet.Row{Device: strings.Repeat("d", tally.Rows()+1), Module: fleet.Module, Reported: &r})
		}
	}
	add(40, fleet.Report{Status: "ok", Recommended: "AMQP", Route: "direct", Configured: "AMQP"})
	add(3, fleet.Report{Status: "down", Cause: "tcp.timeout", Configured: "=cmd()"})
	add(1, fleet.Report{Status: "down", Cause: "connect.forbidden"})
	add(2, fleet.Report{Status: "\x1b[31m\"quoted\"\n", Cause: `back\slash`})
	return tally.Summary()
}

// TestNumber groups digits as people do.
func TestNumber(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 4812: "4,812", 1234567: "1,234,567",
		-1000: "-1,000", -999: "-999"} {
		if got := Number(n); got != want {
			t.Errorf("%d: %s", n, got)
		}
	}
}

// TestSilentFirst: the first row is who is silent, also where nobody is.
func TestSilentFirst(t *testing.T) {
	t.Parallel()
	for _, s := range []*fleet.Summary{counted(t),
		fleet.NewTally(fleet.TallyOptions{Now: noon, Stale: time.Hour}).Summary()} {
		if rows := Status(s).Blocks[0].Rows; rows[0].Cells[0] != "silent" {
			t.Errorf("the first row is %v", rows[0].Cells)
		}
	}
	big := counted(t)
	big.Of(100_000)
	sheet := Status(big)
	if got := sheet.Blocks[0].Rows[0]; got.Mark != render.MarkBad || got.Cells[1] != "99,954" {
		t.Errorf("%v", got)
	}
	if want := "40 of 100,000 devices are ok; 99,954 are silent; 4 are down, most by tcp.timeout (firewall)."; sheet.Verdict != want {
		t.Errorf("%q, want %q", sheet.Verdict, want)
	}
}

// TestOneScreen: whatever a fleet holds, the text fits on a screen of 60 lines, and nothing
// in it moves the cursor.
func TestOneScreen(t *testing.T) {
	t.Parallel()
	tally := fleet.NewTally(fleet.TallyOptions{Now: noon, Stale: 13 * time.Hour, By: "site", Join: true})
	for i := range 500 {
		id := strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/26)
		tally.Add(fleet.Row{Device: id, Module: fleet.Module, Reported: &fleet.Report{Status: "down", Cause: id +
			"\x1b[2J", CheckedAt: noon.Format(time.RFC3339)}})
	}
	var b bytes.Buffer
	if err := render.SheetText(&b, Status(tally.Summary()), render.TextOptions{Width: 100, Unicode: true}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "\n"); n > 60 || strings.Contains(b.String(), "\x1b") {
		t.Errorf("%d lines", n)
	}
}

// TestCSV: a spreadsheet reads it, and takes nothing for a formula.
func TestCSV(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := CSV(&b, counted(t)); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) < 10 {
		t.Fatal(err, rows)
	}
	for _, r := range rows {
		if strings.HasPrefix(r[1], "=") {
			t.Errorf("%v", r)
		}
	}
}

// TestPrometheus: every line is a comment or a sample with the hub's label, and each series
// is there once.
func TestPrometheus(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := Prometheus(&b, counted(t)); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(b.String()) {
		series, _, _ := strings.Cut(line, "} ")
		if !strings.HasPrefix(line, "#") && (!strings.Contains(line, `{iothub="`) || seen[series]) {
			t.Errorf("%q", line)
		}
		seen[series] = true
	}
}

// TestSumSentence is how a sum reads.
func TestSumSentence(t *testing.T) {
	t.Parallel()
	if got, want := SumSentence(counted(t)),
		"40 AMQP; 6 none (3 tcp.timeout firewall, 1 connect.forbidden proxy)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestDownIsNamedBehindMoreThatWork: what stops those that are down is named, whatever
// stands in the way of more that still work; and a route's figures are of all protocols.
func TestDownIsNamedBehindMoreThatWork(t *testing.T) {
	t.Parallel()
	s := &fleet.Summary{
		Devices: 10, By: fleet.By{
			Status:      fleet.Counts{"degraded": 7, "down": 3},
			Recommended: fleet.Counts{"AMQPWS": 4, "MQTT": 3, fleet.None: 3},
			Route:       fleet.Counts{"direct": 3, "proxy": 4},
		},
		Trouble: []fleet.Cause{
			{Cause: "tcp.timeout", Status: "degraded", Actor: "firewall-admin", Devices: 7},
			{Cause: "dns.nxdomain", Status: "down", Actor: "dns-admin", Devices: 3},
		},
	}
	if text, bad := verdict(s); !bad || !strings.Contains(text, "3 are down, most by dns.nxdomain (dns)") {
		t.Errorf("got %q, %v", text, bad)
	}
	rows := ways(s).Rows
	for i, row := range rows {
		if last := i == len(rows)-1; strings.Contains(row.Cells[3], "proxy 4") != last || last && row.Cells[1] != "7" {
			t.Errorf("row %d: %q", i, row.Cells)
		}
	}
}
