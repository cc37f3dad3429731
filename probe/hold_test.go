package probe_test

import (
	"testing"
	"time"

	"edgenet/report"
)

// heldAt is the hold step of a path with its evidence.
func heldAt(t *testing.T, r *report.Report, path string) (report.Step, *report.HoldDetail) {
	t.Helper()
	x := result(t, r, path)
	st, ok := x.Step(report.HopTarget, report.StageHold)
	d, is := st.Detail.(*report.HoldDetail)
	if !ok || !is {
		t.Fatalf("%s was not held: %s", path, words(x))
	}
	if x.Status != report.OK {
		t.Errorf("%s: %s: a hold fails its step alone", path, words(x))
	}
	return st, d
}

// TestHold leaves connections idle in a lab that forgets or cuts idle ones after 3 s.
func TestHold(t *testing.T) {
	t.Parallel()
	const limit = 4 * time.Second // 0.5, 1, 2 and 4 s
	every := []string{"AMQP@direct", "MQTT@direct", "AMQPWS@direct", "HTTPS@direct"}
	for _, row := range []struct {
		name, fault string
		status      report.Status
		cause       report.Cause
	}{
		{"nothing idles out", "", report.OK, ""},
		{"forgotten", "idle-drop:3", report.Failed, report.HoldDropped},
		{"cut", "idle-cut:3", report.Failed, report.HoldReset},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var faults []string
			if row.fault != "" {
				faults = on(row.fault, "amqps", "mqtts", "https")
			}
			s := start(t, faults)
			s.plan.Hold, s.plan.Timeout = limit, patient/2
			s.identity(t, s.info.Device)
			r := s.check(t)
			for _, path := range every {
				st, d := heldAt(t, r, path)
				if st.Status != row.status || st.Cause != row.cause || d.LimitSec != 4 {
					t.Errorf("%s: %s %s %+v", path, st.Status, st.Cause, d)
				}
				one := path[:2] == "MQ"
				switch {
				case row.cause == "" && (d.HeldSec != 4 || d.LostSec != 0 || d.KeepAliveSec != 0):
					t.Errorf("%s: held %v, lost %v", path, d.HeldSec, d.LostSec)
				// a busy machine may take an idle time for a longer one
				case row.cause == report.HoldDropped &&
					(!one && (d.HeldSec < 0.5 || d.HeldSec > 2 || d.LostSec < 2 || d.KeepAliveSec != d.HeldSec) ||
						one && d.LostSec != 4):
					t.Errorf("%s: held %v, lost %v, keep-alive %v, want 2, 4, 2", path, d.HeldSec, d.LostSec,
						d.KeepAliveSec)
				case row.cause == report.HoldReset && (d.LostSec < 1.5 || d.LostSec > 4 || !one &&
					(d.HeldSec < 0.5 || d.HeldSec > 2)):
					t.Errorf("%s: held %v, lost %v, want 2 and about 3", path, d.HeldSec, d.LostSec)
				}
				want := 4
				if one {
					want = 1
				}
				if len(d.Trials) != want {
					t.Errorf("%s: %d trials, want %d", path, len(d.Trials), want)
				}
			}
			if _, held := result(t, r, "MQTTWS@direct").Step(report.HopTarget, report.StageHold); held {
				t.Error("an identity was held by MQTT twice")
			}
			short := false
			for _, f := range r.Findings {
				short = short || f.Code == report.HoldShort
			}
			if short != (row.cause != "") {
				t.Errorf("hold.short is there: %v", short)
			}
		})
	}
}

// TestHoldNeedsAnIdentity: without credentials HTTPS alone is held.
func TestHoldNeedsAnIdentity(t *testing.T) {
	t.Parallel()
	s := start(t, nil)
	s.plan.Hold = time.Second
	r := s.check(t)
	for _, x := range r.Results {
		if _, held := x.Step(report.HopTarget, report.StageHold); held != (x.Protocol == report.HTTPS) {
			t.Errorf("%s held: %v", x.Protocol, held)
		}
	}
}
