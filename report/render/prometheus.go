package render

import (
	"io"
	"slices"
	"strconv"

	"edgenet/internal/metrics"
	"edgenet/report"
)

// Prometheus writes reports in the text format that node_exporter's textfile collector
// reads. A path that was not run has no sample: not run is not failed. Names have base
// units; labels come from a fixed set.
func Prometheus(w io.Writer, reports ...*report.Report) error {
	var e exposition
	for _, r := range reports {
		e.report(r)
	}
	_, err := io.WriteString(w, e.String())
	return err
}

// exposition is that of a check: every series names the hub.
type exposition struct{ metrics.Exposition }

// add notes a sample; labels are pairs of name and value.
func (e *exposition) add(name, help string, value float64, labels ...string) {
	e.Add(metrics.Metric{Name: name, Help: help}, value, labels...)
}

func (e *exposition) report(r *report.Report) {
	hub, v := r.Target.Hub, r.Verdict
	now, before := []string{"iothub", hub},
		[]string{"hub", hub} // the label's name before goes with the metrics' names before
	e.AddBoth(metrics.Up, bit(v.UpstreamProtocol != nil), now, before)
	if v.UpstreamProtocol != nil {
		chosen := []string{"protocol", string(*v.UpstreamProtocol), "route", v.Route}
		e.AddBoth(metrics.Recommended, 1, slices.Concat(now, chosen), slices.Concat(before, chosen))
	}
	if v.HTTPSOK != nil {
		e.Add(metrics.HTTPSUp, bit(*v.HTTPSOK), "iothub", hub, "hub", hub)
	}
	if v.Consistent != nil {
		e.AddBoth(metrics.Consistent, bit(*v.Consistent), now,
			slices.Concat(before, []string{"protocol", string(v.Expected)}))
	}
	e.add("edgenet_exit_code", "The exit code of the check: 0 good, 1 bad, 3 another protocol than the expected one "+
		"works, 130 interrupted.", float64(v.ExitCode), "iothub", hub, "hub", hub)
	e.add("edgenet_check_partial", "Whether the check was stopped before every path was through.", bit(r.Partial),
		"iothub", hub, "hub", hub)
	e.add("edgenet_check_duration_seconds", "How long the check took.", unit(r.DurationMs), "iothub", hub, "hub", hub)
	if !r.StartedAt.IsZero() {
		e.add("edgenet_check_timestamp_seconds", "When the check began, in seconds since 1970.",
			float64(r.StartedAt.UnixMilli())/1000, "hub", hub)
		ended := r.StartedAt.Add(r.DurationMs.Duration())
		e.Add(metrics.LastCheck, float64(ended.UnixMilli())/1000, now...)
	}
	if r.Device != nil {
		e.add("edgenet_device_info", "The device that the check was made on.", 1,
			append([]string{"iothub", hub, "hub", hub}, deviceLabels(r.Device)...)...)
	}
	for i := range r.Results {
		e.path(r, r.Results[i])
	}
	for _, f := range r.Findings {
		e.add("edgenet_finding_info", "A conclusion of the check.", 1, "iothub", hub, "hub", hub, "code",
			string(f.Code), "severity", string(f.Severity), "actor", string(f.Actor))
	}
}

func (e *exposition) path(r *report.Report, res report.Result) {
	if res.Status != report.OK && res.Status != report.Failed {
		return
	}
	labels := []string{"iothub", r.Target.Hub, "hub", r.Target.Hub, "host", res.Host, "port", strconv.Itoa(res.Port),
		"protocol", string(res.Protocol), "route", res.Route}
	with := func(more ...string) []string { return append(slices.Clone(labels), more...) }
	e.Add(metrics.PathUp, bit(res.Status == report.OK), labels...)
	e.add("edgenet_path_duration_seconds", "How long the path took, to its end or its failure.",
		unit(res.DurationMs), labels...)
	if res.Status == report.Failed {
		e.add("edgenet_path_failed_info", "Where and why the path failed.", 1, with("hop", string(res.Hop), "stage",
			string(res.Stage), "cause", string(res.Cause), "actor", string(res.Actor))...)
	}
	if res.Latency != nil {
		e.Add(metrics.PathLatency, unit(res.Latency.MedianMs), labels...)
	}
	if res.Attempts > 1 {
		e.add("edgenet_path_attempts", "How often the path was tried in the check.", float64(res.Attempts), labels...)
		e.add("edgenet_path_failures", "How often it failed.", float64(res.Failures), labels...)
	}
	for _, s := range res.Steps {
		d, ok := s.Detail.(*report.TLSDetail)
		if ok && len(d.Chain) > 0 && !d.Chain[0].NotAfter.IsZero() {
			e.add("edgenet_path_certificate_expiry_timestamp_seconds",
				"When the certificate that was shown ends, in seconds since 1970.", float64(d.Chain[0].NotAfter.Unix()),
				with("hop", string(s.Hop))...)
		}
	}
}

func bit(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// unit is in seconds, to the hundredth of a millisecond that Millis has.
func unit(m report.Millis) float64 {
	f, err := strconv.ParseFloat(strconv.FormatFloat(float64(m)/1000, 'f', 5, 64), 64)
	if err != nil {
		return 0
	}
	return f
}
