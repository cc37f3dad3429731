package command

import (
	"strings"
	"testing"
	"time"

	"edgenet/internal/sidecar/machine"
	"edgenet/internal/verify/sample"
	"edgenet/report/watch"
)

// The module's page shows what its transitions tell, up to the last check, and edgeHub.
func TestModulePage(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	s := &machine.State{Linked: true, EdgeHub: machine.EdgeHubOnline, CheckedAt: at.Add(time.Hour),
		Log: []machine.Transition{
			{At: at, From: machine.StatusOK, To: machine.StatusDown, Cause: "tcp.timeout", DurationSec: 3600},
			{At: at.Add(6 * time.Minute), From: machine.StatusDown, To: machine.StatusOK, DurationSec: 360},
		}}
	tl := moduleTimeline(s)
	share := tl.Share(tl.Begin(), tl.End())
	if share.Down != 6*time.Minute || share.OK != 114*time.Minute || len(tl.Outages()) != 1 ||
		!tl.End().Equal(s.CheckedAt) {
		t.Errorf("got %+v", share)
	}
	var b strings.Builder
	if err := modulePage(&b, sample.AllOK(), s); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"connected to this module; online at the hub", "95.00 % available, 1 outage of 6 min",
		"tcp.timeout", `data-reload="60"`, `id="history"`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	calm := &machine.State{CheckedAt: at}
	calm.Status, calm.ChangedAt = machine.StatusOK, at.Add(-time.Hour)
	if spans := moduleTimeline(calm).Spans(); len(spans) != 1 || spans[0].For() != time.Hour ||
		spans[0].Status != watch.OK {
		t.Errorf("got %+v", spans)
	}
}
