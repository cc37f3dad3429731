package judge

import (
	"slices"
	"strings"
	"testing"

	"edgenet/report"
)

// both are two reports of the same paths, concluded as one.
func both(t *testing.T, q Question, host, inside []report.Result, change func(*report.Report)) *report.Report {
	t.Helper()
	r := &report.Report{Results: host, Container: &report.Container{Network: "azure-iot-edge",
		Report: &report.Report{Results: inside,
			Vantage: &report.Vantage{Interfaces: []report.Interface{{Name: "eth0",
				Addresses: []string{"172.18.0.2/16"}}}}}}}
	if change != nil {
		change(r)
	}
	Conclude(r, q, false)
	ConcludeBoth(r, q, false, func(h *report.Report, c *report.Container) []report.Difference {
		var out []report.Difference
		for i, x := range h.Results {
			if in := c.Report.Results[i]; in.Status != x.Status {
				out = append(out, report.Difference{Result: x.ID, Host: string(x.Status), Container: string(in.Status),
					Why: "W", Remedy: "Repair the bridge.", Actor: report.ActorHost})
			}
		}
		return out
	})
	return r
}

// TestBothPlaces: each path counts from where its user stands, and verdict, findings and
// advice are of the same mixture.
func TestBothPlaces(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name         string
		host, inside []string
		want         string   // the verdict
		codes        []string // the findings
		needed       string   // of the container's results, then of the host's: errors
	}{
		{"both well", every("direct", "ok"), every("direct", "ok"), "AMQP@direct, https direct, exit 0", nil, ""},
		{"the container reaches nothing", every("direct", "ok"), every("direct", "tcp.timeout"),
			"none, https direct, exit 1", []string{"protocol.none"}, "r1 r2 r3 r4 |"},
		{"the host reaches nothing", every("direct", "tls.alert"), every("direct", "ok"),
			"AMQP@direct, https no, exit 1", []string{"https.required"}, "| r5"},
		{"the host's AMQP is nobody's", with(every("direct", "ok"), "AMQP@direct tls.alert"), every("direct", "ok"),
			"AMQP@direct, https direct, exit 0", nil, ""},
		{"the container's HTTPS is nobody's", every("direct", "ok"),
			with(every("direct", "ok"), "HTTPS@direct tls.alert"), "AMQP@direct, https direct, exit 0", nil, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			q := asking(t, "direct")
			r := both(t, q, pathLines(t, q, row.host...), pathLines(t, q, row.inside...), nil)
			if got := said(r.Verdict); got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
			var codes, errs []string
			for _, f := range r.Findings {
				codes = append(codes, string(f.Code))
			}
			if !slices.Equal(codes, row.codes) {
				t.Errorf("findings %q, want %q", codes, row.codes)
			}
			for _, of := range [][]report.Result{r.Container.Report.Results, nil, r.Results} {
				for _, x := range of {
					if x.Severity == report.SeverityError {
						errs = append(errs, x.ID)
					}
				}
				if of == nil {
					errs = append(errs, "|")
				}
			}
			if got := strings.Trim(strings.Join(errs, " "), " "); got != row.needed && got != "|"+row.needed {
				t.Errorf("errors %q, want %q", got, row.needed)
			}
			if (r.Verdict.ExitCode == 0) != (len(r.Advice) == 0) {
				t.Errorf("exit %d and advice\n%s", r.Verdict.ExitCode, told(r))
			}
		})
	}
}

// TestOnePlaceUnfinished: what one place did not finish leaves the whole unfinished.
func TestOnePlaceUnfinished(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	r := both(t, q, pathLines(t, q, every("direct", "ok")...),
		pathLines(t, q, with(every("direct", "ok"), "MQTT@direct skipped")...), nil)
	if !r.Partial || r.Verdict.ExitCode != 0 {
		t.Errorf("partial %v, exit %d", r.Partial, r.Verdict.ExitCode)
	}
	ConcludeBoth(r, q, true, func(*report.Report, *report.Container) []report.Difference { return nil })
	if r.Verdict.ExitCode != 130 {
		t.Errorf("interrupted: exit %d", r.Verdict.ExitCode)
	}
}

// TestWhatFailsInTheContainerAlone is repaired by what the difference names.
func TestWhatFailsInTheContainerAlone(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	r := both(t, q, pathLines(t, q, every("direct", "ok")...), pathLines(t, q, every("direct", "dns.timeout")...), nil)
	if got := told(r); !strings.HasPrefix(got, "error host r1,r2,r3,r4 [A] (protocol.none): Repair the bridge.") {
		t.Error(got)
	}
	if !strings.Contains(r.Findings[0].Summary, "in the container: ") || r.Results[4].Needed == nil ||
		!*r.Results[4].Needed {
		t.Errorf("%+v %+v", r.Findings[0], r.Results[4])
	}
	if x := r.Container.Report.Results[0]; x.Remedy == "Repair the bridge." {
		t.Error("the container's own evidence was changed")
	}
}

func TestContainerWithoutIPv6(t *testing.T) {
	t.Parallel()
	six, four := &report.TCPDetail{Remote: "[2001:db8::9]:5671"}, &report.TCPDetail{Remote: "203.0.113.9:5671"}
	for _, row := range []struct {
		name, inside string
		by           *report.TCPDetail
		change       func(*report.Report)
		want         report.Severity // empty: it is not said
	}{
		{"no route", "tcp.no-route", six, nil, report.SeverityError},
		{"no address", "dns.no-address", six, nil, report.SeverityError},
		{"nothing needs it", "tcp.no-route", six,
			func(r *report.Report) { settle(&r.Container.Report.Results[1], "ok") }, report.SeverityInfo},
		{"by IPv4", "tcp.timeout", four, nil, ""},
		{"the container has IPv6", "tcp.timeout", six, func(r *report.Report) {
			v := r.Container.Report.Vantage
			v.Interfaces = append(v.Interfaces, report.Interface{Addresses: []string{"fd00::2/64"}})
		}, ""},
		{"where it stands is not known", "tcp.timeout", six,
			func(r *report.Report) { r.Container.Report.Vantage = nil }, ""},
		{"the host fails as well", "tcp.timeout", six, func(r *report.Report) { settle(&r.Results[0], "tcp.timeout") },
			""},
		{"it broke later", "tls.reset", six, nil, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			q := asking(t, "direct")
			host, inside := pathLines(t, q, every("direct", "ok")...),
				pathLines(t, q, with(every("direct", "tls.alert"), "AMQP@direct "+row.inside)...)
			target(&host[0], report.StageTCP, row.by)
			r := both(t, q, host, inside, row.change)
			got := report.Severity("")
			for _, f := range r.Findings {
				if f.Code == report.ContainerNoIPv6 {
					got = f.Severity
					if !slices.Equal(f.Results, []string{"r1"}) ||
						!strings.Contains(f.Summary, "by IPv6 (2001:db8::9)") {
						t.Errorf("%+v", f)
					}
				}
			}
			if got != row.want {
				t.Errorf("%q, want %q", got, row.want)
			}
		})
	}
	q := asking(t, "direct")
	for _, f := range Findings(pathLines(t, q, every("direct", "tcp.no-route")...), q, report.Verdict{}) {
		if f.Code == report.ContainerNoIPv6 {
			t.Error("said of one place")
		}
	}
}

// TestOnlyTheContainersOwnFailureIsExplained: a difference words the remedy of what fails in
// the container and works on the host, and of nothing else.
func TestOnlyTheContainersOwnFailureIsExplained(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	host := &report.Report{Results: pathLines(t, q, "AMQP@direct ok", "MQTT@direct tls.alert",
		"AMQPWS@direct tls.alert", "HTTPS@direct tls.alert")}
	inside := &report.Report{Results: pathLines(t, q, "AMQP@direct tcp.timeout", "MQTT@direct tcp.timeout",
		"AMQPWS@direct ok", "HTTPS@direct ok")}
	host.Container = &report.Container{Report: inside}
	for _, r := range host.Results {
		host.Container.Differences = append(host.Container.Differences,
			report.Difference{Result: r.ID, Remedy: "Repair the bridge.", Actor: report.ActorHost})
	}
	var got []string
	for _, r := range mix(host, inside) {
		if r.Remedy == "Repair the bridge." {
			got = append(got, r.ID)
		}
	}
	if !slices.Equal(got, []string{"r1"}) {
		t.Error(got)
	}
}

// TestSeverityIsThatOfBothPlaces: an inspection that stops the container's HTTPS, which
// nobody uses, is no error, and its AMQP, which is not needed, rests on that warning.
func TestSeverityIsThatOfBothPlaces(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	inside := with(every("direct", "ok"), "AMQP@direct tls.intercepted", "HTTPS@direct tls.intercepted")
	alone := &report.Report{Results: pathLines(t, q, inside...)}
	Conclude(alone, q, false)
	r := both(t, q, pathLines(t, q, every("direct", "ok")...), pathLines(t, q, inside...), nil)
	own, mixed := at(t, alone.Results, "AMQP@direct").Severity,
		at(t, r.Container.Report.Results, "AMQP@direct").Severity
	if own != report.SeverityInfo || mixed != report.SeverityWarning {
		t.Errorf("the container by itself says %q, both say %q", own, mixed)
	}
}
