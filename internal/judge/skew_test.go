package judge

import (
	"testing"
	"time"

	"edgenet/report"
)

// TestClockSkew: HTTPS tells before TLS and the proxy, and a Date of whole seconds stands
// for the middle of one.
func TestClockSkew(t *testing.T) {
	t.Parallel()
	date, at := noon.Add(10*time.Second), noon
	proxys := report.Result{Steps: []report.Step{{Detail: &report.ConnectDetail{Date: &date, At: &at}}}}
	tls := report.Result{Steps: []report.Step{{Detail: &report.TLSDetail{SkewMs: skewOf(20 * time.Second)}},
		{Detail: &report.TLSDetail{SkewMs: skewOf(21 * time.Second)}}}}
	https := report.Result{Steps: []report.Step{{Detail: &report.HTTPDetail{SkewMs: skewOf(30 * time.Second)}}}}
	for _, row := range []struct {
		of   []report.Result
		want time.Duration
	}{
		{[]report.Result{proxys, tls, https}, 30 * time.Second}, {[]report.Result{proxys, tls}, 20 * time.Second},
		{[]report.Result{proxys}, 10*time.Second + time.Second/2},
	} {
		if got, ok := clockSkew(row.of); !ok || got != row.want {
			t.Errorf("%s %v, want %s", got, ok, row.want)
		}
	}
	half := report.Result{Steps: []report.Step{{Detail: &report.ConnectDetail{Date: &date}},
		{Detail: &report.ConnectDetail{At: &at}}}}
	if d, ok := clockSkew([]report.Result{{}, half}); ok || d != 0 {
		t.Errorf("nobody told the time: %s %v", d, ok)
	}
}
