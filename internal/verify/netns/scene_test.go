//go:build netns && linux

package netns

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/internal/verify/blackbox"
	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

// scene is one case: what is done to a network, what is asked, what has to come out.
type scene struct {
	name  string
	need  []string // commands beyond those that all need
	setup func(*network)
	// args come after --hub, --ca-file and --timeout, and may give them anew.
	args []string
	// free says that the verdict is not compared: the case is about a cause or finding.
	free     bool
	exit     int
	upstream report.Protocol // the verdict's; zero means none
	route    string          // the verdict's; zero means that it is not compared
	want     []blackbox.Want
	findings []report.FindingCode // that must be there
	not      []report.FindingCode // that must not be there
	// only says that no other finding may be there.
	only bool
	// says are words that a finding's summary or remedy must hold, and actors who must act.
	says   map[report.FindingCode]string
	actors map[report.FindingCode]report.Actor
	// reason are words of the verdict, and steps begin the advice, in order: an actor and what he is asked for.
	reason string
	steps  []string
	// causes are those of steps that fail without failing their path.
	causes []report.Cause
	env    []string // of the command
	// within bounds the round. Zero means no bound.
	within time.Duration
	// strays is how many of TestSameAnswer's runs may differ. Zero means one.
	strays int
}

// line is what edgenet is asked, with the files of this network.
func (s scene) line(n *network) []string {
	args := append([]string{"--hub", hubName, "--timeout", timeout.String()}, s.args...)
	for i, a := range args {
		switch {
		case strings.HasPrefix(a, "DEVICE-"):
			args[i] = n.identity(a)
		case a == "ROOT":
			args[i] = filepath.Join(n.dir, "root")
		case a == "BUNDLE":
			args[i] = filepath.Join(n.dir, "bundle.pem")
		}
	}
	return args
}

func (s scene) run(t *testing.T) {
	t.Helper()
	t.Parallel()
	if bench.why != "" {
		blackbox.Miss(t, bench.why)
	}
	blackbox.Need(t, s.need...)
	n := newNetwork(t)
	n.env = s.env
	s.setup(n)
	o := n.check(testkit.Within(t, 60*time.Second), s.line(n)...)
	if !s.free && (o.Exit != s.exit || o.Report.Verdict.ExitCode != s.exit) {
		t.Errorf("exit %d, verdict's %d, want %d", o.Exit, o.Report.Verdict.ExitCode, s.exit)
	}
	var up report.Protocol
	if p := o.Report.Verdict.UpstreamProtocol; p != nil {
		up = *p
	}
	if !s.free && up != s.upstream {
		t.Errorf("UpstreamProtocol %q, want %q", up, s.upstream)
	}
	if s.route != "" && o.Report.Verdict.Route != s.route {
		t.Errorf("route %q, want %q", o.Report.Verdict.Route, s.route)
	}
	for _, err := range o.Verify(s.want...) {
		t.Error(err)
	}
	for _, c := range s.causes {
		if !slices.ContainsFunc(o.Report.Results, func(r report.Result) bool {
			return slices.ContainsFunc(r.Steps, func(st report.Step) bool { return st.Cause == c })
		}) {
			t.Errorf("no step with the cause %s", c)
		}
	}
	for _, code := range s.findings {
		if !slices.ContainsFunc(o.Report.Findings, func(f report.Finding) bool { return f.Code == code }) {
			t.Errorf("no finding %s among %+v", code, o.Report.Findings)
		}
	}
	s.judge(t, o)
	if took := o.Report.DurationMs.Duration(); s.within > 0 && took > s.within {
		t.Errorf("took %s, want at most %s", took, s.within)
	}
	if t.Failed() {
		t.Log(o.All())
	}
}

// judge holds the findings against the case.
func (s scene) judge(t *testing.T, o *blackbox.Outcome) {
	t.Helper()
	seen := map[report.FindingCode]report.Finding{}
	for _, f := range o.Report.Findings {
		if _, twice := seen[f.Code]; !twice {
			seen[f.Code] = f
		}
		if s.only && !slices.Contains(s.findings, f.Code) {
			t.Errorf("a finding too much: %s: %s", f.Code, f.Summary)
		}
	}
	for _, code := range s.not {
		if f, there := seen[code]; there {
			t.Errorf("the neighbour %s must not be there: %s", code, f.Summary)
		}
	}
	if v := o.Report.Verdict; !strings.Contains(v.Reason, s.reason) {
		t.Errorf("the verdict does not say %q: %s", s.reason, v.Reason)
	}
	for i, want := range s.steps {
		if i >= len(o.Report.Advice) {
			t.Errorf("no step %q", want)
		} else if a := o.Report.Advice[i]; !strings.HasPrefix(string(a.Actor)+": "+a.ForThem, want) {
			t.Errorf("step %d is for %s: %s, want %q", i+1, a.Actor, a.ForThem, want)
		}
	}
	for code, words := range s.says {
		if f := seen[code]; !strings.Contains(f.Summary+"\n"+f.Remedy, words) {
			t.Errorf("%s does not say %q: %s | %s", code, words, f.Summary, f.Remedy)
		}
	}
	for code, actor := range s.actors {
		if f := seen[code]; f.Actor != actor {
			t.Errorf("%s is to be acted on by %s, want %s", code, f.Actor, actor)
		}
	}
}

func runScenes(t *testing.T, scenes []scene) {
	t.Helper()
	t.Parallel()
	for _, s := range scenes {
		t.Run(s.name, s.run)
	}
}
