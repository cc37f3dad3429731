package web

import (
	"runtime"
	"slices"
	"strings"
	"time"

	"edgenet/internal/metrics"
	"edgenet/internal/sidecar/machine"
	"edgenet/internal/sorting"
	"edgenet/probe"
	"edgenet/report"
)

// series is one metric of the module's own, or one of internal/metrics.
type series struct {
	name, help string
	counter    bool
	labels     []string
}

func (s series) metric() metrics.Metric {
	for _, m := range []metrics.Metric{metrics.Up, metrics.Recommended, metrics.HTTPSUp, metrics.Consistent,
		metrics.LastCheck, metrics.PathUp, metrics.PathLatency} {
		if m.Name == s.name {
			return m
		}
	}
	return metrics.Metric{Name: s.name, Help: s.help, Counter: s.counter}
}

// renamed are the metrics whose name before is told too; the others never had it here.
func (s series) renamed() bool {
	return s.name == metrics.HTTPSUp.Name || s.name == metrics.PathUp.Name
}

// table are the module's metrics and, by the names that every client library gives them, the
// process's own.
var table = []series{
	{"edgenet_info", "The module's version; the value is 1.", false, []string{"version"}},
	{"edgenet_up", "", false, nil},
	{"edgenet_status", "The status that is true now has the value 1: ok, degraded, down, unknown.", false,
		[]string{"status"}},
	{"edgenet_path_up", "", false, []string{"protocol", "route"}},
	{"edgenet_path_latency_seconds", "", false, []string{"protocol", "route"}},
	{"edgenet_path_flapping", "Whether a path changes between working and broken all the time.", false,
		[]string{"protocol", "route"}},
	{"edgenet_recommended", "", false, []string{"protocol", "route"}},
	{"edgenet_consistent", "", false, nil},
	{"edgenet_https_up", "", false, nil},
	{"edgenet_clock_suspect", "Whether this host's clock is off or jumped.", false, nil},
	{"edgenet_edgehub_offline", "Whether edgeHub is offline by its own metrics.", false, nil},
	{"edgenet_session", "Whether there is a session with edgeHub, by its transport.", false, []string{"transport"}},
	{"edgenet_state_on_disk", "Whether the state is kept on the disk.", false, nil},
	{"edgenet_last_check_timestamp_seconds", "", false, nil},
	{"edgenet_outages", "Times without any upstream protocol in the last 24 hours.", false, nil},
	{"edgenet_worst_outage_seconds", "The longest of them.", false, nil},
	{"edgenet_telemetry_pending", "Transitions that edgeHub has not taken yet.", false, nil},
	{"edgenet_checks_total", "Full checks, by what triggered them.", true, []string{"trigger"}},
	{"edgenet_watches_total", "Looks at the path in use, by TCP and TLS.", true, nil},
	{"edgenet_probe_connections_total", "TCP connections that probing made.", true, nil},
	{"edgenet_probe_sent_bytes_total", "Bytes that probing sent, without TCP's and IP's headers.", true, nil},
	{"edgenet_probe_received_bytes_total", "Bytes that probing received, without TCP's and IP's headers.", true, nil},
	{"edgenet_twin_writes_total", "Writes to the module twin that edgeHub took.", true, nil},
	{"edgenet_twin_heartbeats_total", "Of these, heartbeats.", true, nil},
	{"edgenet_transitions_total", "Changes of the status or the recommendation, since the state began.", true, nil},
	{"edgenet_telemetry_sent_total", "Transitions that edgeHub took.", true, nil},
	{"edgenet_telemetry_dropped_total", "Transitions that were lost because edgeHub took none for too long.",
		true, nil},
	{"edgenet_sessions_total", "Sessions with edgeHub.", true, nil},
	{"process_resident_memory_bytes", "Resident memory size in bytes.", false, nil},
	{"process_cpu_seconds_total", "Total user and system CPU time spent in seconds.", true, nil},
	{"go_goroutines", "Number of goroutines that currently exist.", false, nil},
	{"process_open_fds", "Number of open file descriptors.", false, nil},
}

// sample is one value.
type sample struct {
	name   string
	value  float64
	labels []string
}

func truth(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// samples are the values of a view.
func (s *Site) samples(v View) []sample {
	st := v.State
	var out []sample
	add := func(name string, value float64, labels ...string) { out = append(out, sample{name, value, labels}) }
	add("edgenet_info", 1, s.Version)
	for _, status := range []machine.Status{machine.StatusOK, machine.StatusDegraded, machine.StatusDown,
		machine.StatusUnseen} {
		add("edgenet_status", truth(st.Status == status), string(status))
	}
	if st.Status != machine.StatusUnseen {
		add("edgenet_up", truth(st.Status.Up()))
	}
	if st.Recommended != "" {
		add("edgenet_recommended", 1, string(st.Recommended), st.Route)
	}
	out = append(out, paths(st)...)
	n, worst := st.RecentOutages(time.Now())
	add("edgenet_outages", float64(n))
	add("edgenet_worst_outage_seconds", float64(worst))
	add("edgenet_clock_suspect", truth(st.ClockSuspect))
	add("edgenet_edgehub_offline", truth(st.EdgeHub == machine.EdgeHubOffline))
	add("edgenet_session", truth(st.Linked), st.Transport)
	add("edgenet_state_on_disk", truth(st.DiskError == ""))
	add("edgenet_telemetry_pending", float64(st.Pending()))
	for _, t := range machine.Triggers() {
		add("edgenet_checks_total", float64(st.Counts.Checks[t]), string(t))
	}
	for name, n := range map[string]uint64{
		"edgenet_watches_total": st.Counts.Watch, "edgenet_probe_connections_total": v.Connections,
		"edgenet_probe_sent_bytes_total": v.Sent, "edgenet_probe_received_bytes_total": v.Received,
		"edgenet_twin_writes_total": st.Counts.Writes, "edgenet_twin_heartbeats_total": st.Counts.Beats,
		"edgenet_transitions_total":    st.Seq,
		"edgenet_telemetry_sent_total": st.Counts.Sent, "edgenet_telemetry_dropped_total": st.Dropped,
		"edgenet_sessions_total": st.Counts.Links,
	} {
		add(name, float64(n))
	}
	add("go_goroutines", float64(runtime.NumGoroutine()))
	return append(out, process()...)
}

// paths are the values that the last full check gave.
func paths(st *machine.State) []sample {
	if st.Seen == nil {
		return nil
	}
	out := []sample{{"edgenet_last_check_timestamp_seconds", float64(st.CheckedAt.UnixMilli()) / 1000, nil}}
	if st.Seen.HTTPS != nil {
		out = append(out, sample{"edgenet_https_up", truth(*st.Seen.HTTPS), nil})
	}
	if c := st.Consistent(); c != nil {
		out = append(out, sample{"edgenet_consistent", truth(*c), nil})
	}
	names := sorting.Keys(st.Seen.Labels,
		func(a, b probe.PathName) int { return strings.Compare(a.String(), b.String()) })
	for _, p := range names {
		labels := []string{string(p.Protocol), p.Route}
		out = append(out, sample{"edgenet_path_up", truth(st.Seen.Labels[p] == machine.OKLabel), labels},
			sample{"edgenet_path_flapping", truth(slices.Contains(st.Flapping, p.String())), labels})
		if ms, ok := st.Seen.Latency[p]; ok {
			out = append(out, sample{"edgenet_path_latency_seconds", report.Millis.Duration(ms).Seconds(), labels})
		}
	}
	return out
}
