package render

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

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
	_, err := io.WriteString(w, e.text())
	return err
}

// exposition gathers the samples of each metric, since the format wants them together.
type exposition struct{ metrics []*metric }

type metric struct {
	name, help string
	samples    []string
}

// add notes a sample; labels are pairs of name and value.
func (e *exposition) add(name, help string, value float64, labels ...string) {
	i := slices.IndexFunc(e.metrics, func(m *metric) bool { return m.name == name })
	if i < 0 {
		i, e.metrics = len(e.metrics), append(e.metrics, &metric{name: name, help: help})
	}
	pairs := make([]string, 0, len(labels)/2)
	for l := 0; l+1 < len(labels); l += 2 {
		pairs = append(pairs, labels[l]+`="`+labelValue.Replace(Clean(labels[l+1]))+`"`)
	}
	sample := name + "{" + strings.Join(pairs, ",") + "} " + strconv.FormatFloat(value, 'f', -1, 64)
	head, _, _ := strings.Cut(sample, "} ")
	if !slices.ContainsFunc(e.metrics[i].samples, func(s string) bool { return strings.HasPrefix(s, head+"} ") }) { // a series twice makes the whole file unreadable
		e.metrics[i].samples = append(e.metrics[i].samples, sample)
	}
}

var labelValue = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func (e *exposition) text() string {
	var b strings.Builder
	for _, m := range e.metrics {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s gauge\n%s\n", m.name, m.help, m.name, strings.Join(m.samples, "\n"))
	}
	return b.String()
}

func (e *exposition) report(r *report.Report) {
	hub, v := r.Target.Hub, r.Verdict
	e.add("edgenet_upstream_up", "Whether an UpstreamProtocol works.", bit(v.UpstreamProtocol != nil), "hub", hub)
	if v.UpstreamProtocol != nil {
		e.add("edgenet_upstream_info", "The UpstreamProtocol that works, and by which route.", 1, "hub", hub, "protocol", string(*v.UpstreamProtocol), "route", v.Route)
	}
	if v.HTTPSOK != nil {
		e.add("edgenet_https_up", "Whether HTTPS 443 works, which the daemon needs whatever the protocol.", bit(*v.HTTPSOK), "hub", hub)
	}
	if v.Consistent != nil {
		e.add("edgenet_expected_up", "Whether the expected UpstreamProtocol works.", bit(*v.Consistent), "hub", hub, "protocol", string(v.Expected))
	}
	e.add("edgenet_exit_code", "The exit code of the check: 0 good, 1 bad, 3 another protocol than the expected one works, 130 interrupted.", float64(v.ExitCode), "hub", hub)
	e.add("edgenet_check_partial", "Whether the check was stopped before every path was through.", bit(r.Partial), "hub", hub)
	e.add("edgenet_check_duration_seconds", "How long the check took.", unit(r.DurationMs), "hub", hub)
	if !r.StartedAt.IsZero() {
		e.add("edgenet_check_timestamp_seconds", "When the check began, in seconds since 1970.", float64(r.StartedAt.UnixMilli())/1000, "hub", hub)
	}
	if r.Device != nil {
		e.add("edgenet_device_info", "The device that the check was made on.", 1, append([]string{"hub", hub}, deviceLabels(r.Device)...)...)
	}
	for i := range r.Results {
		e.path(r, r.Results[i])
	}
	for _, f := range r.Findings {
		e.add("edgenet_finding_info", "A conclusion of the check.", 1, "hub", hub, "code", string(f.Code), "severity", string(f.Severity), "actor", string(f.Actor))
	}
}

func (e *exposition) path(r *report.Report, res report.Result) {
	if res.Status != report.OK && res.Status != report.Failed {
		return
	}
	labels := []string{"hub", r.Target.Hub, "host", res.Host, "port", strconv.Itoa(res.Port), "protocol", string(res.Protocol), "route", res.Route}
	with := func(more ...string) []string { return append(slices.Clone(labels), more...) }
	e.add("edgenet_path_up", "Whether the protocol's service answers by the route.", bit(res.Status == report.OK), labels...)
	e.add("edgenet_path_duration_seconds", "How long the path took, to its end or its failure.", unit(res.DurationMs), labels...)
	if res.Status == report.Failed {
		e.add("edgenet_path_failed_info", "Where and why the path failed.", 1, with("hop", string(res.Hop), "stage", string(res.Stage), "cause", string(res.Cause), "actor", string(res.Actor))...)
	}
	if res.Latency != nil {
		e.add("edgenet_path_latency_seconds", "Median time to the first proof that the protocol answered.", unit(res.Latency.MedianMs), labels...)
	}
	if res.Attempts > 1 {
		e.add("edgenet_path_attempts", "How often the path was tried in the check.", float64(res.Attempts), labels...)
		e.add("edgenet_path_failures", "How often it failed.", float64(res.Failures), labels...)
	}
	for _, s := range res.Steps {
		d, ok := s.Detail.(*report.TLSDetail)
		if ok && len(d.Chain) > 0 && !d.Chain[0].NotAfter.IsZero() {
			e.add("edgenet_path_certificate_expiry_timestamp_seconds", "When the certificate that was shown ends, in seconds since 1970.", float64(d.Chain[0].NotAfter.Unix()), with("hop", string(s.Hop))...)
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
