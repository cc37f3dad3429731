package logs_test

import (
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"edgenet/internal/logs"
	"edgenet/internal/logs/pattern"
	"edgenet/internal/verify/devicelog"
	"edgenet/report"
)

// score counts what was said of one cause.
type score struct {
	named, open, missed int // of the devices that had it: the log tells the cause, and it is named; is left open; is neither
	hidden, rightly     int // the log does not tell it; it was left open then
	wrong, proved       int // named of devices that had another; called proved of them
}

// tally are the scores of a run, by cause.
type tally struct {
	sync.Mutex
	by    map[report.Cause]*score
	finds map[report.FindingCode]*[2]int // was there; was found
}

func (s *tally) of(c report.Cause) *score {
	if s.by[c] == nil {
		s.by[c] = &score{}
	}
	return s.by[c]
}

// run is one log that is read.
type run struct {
	fault   devicelog.Fault
	release devicelog.Release
	course  devicelog.Course
	form    devicelog.Form
	spoil   devicelog.Spoil
	seed    uint64
}

func (r run) String() string {
	return fmt.Sprintf("%s, %s, %s, %s, %s", r.fault.Name, r.release.Name, r.course, r.form.Name, r.spoil.Name)
}

// runs are every fault in every course, in some editions, in a form and a state by lot, so that all of them are met.
// EDGENET_LOGS_ALL=editions in the environment takes all editions, EDGENET_LOGS_ALL=forms all forms and states as well,
// and EDGENET_LOGS_ALL=few a third of what is taken otherwise: the race detector makes each ten times as long.
func runs() (list []run) {
	forms, spoils := devicelog.Forms(), devicelog.Spoils()
	ask := os.Getenv("EDGENET_LOGS_ALL")
	all := ask == "forms"
	each := map[string]int{"": 3, "few": 9}[ask]
	for i, f := range devicelog.Faults() {
		for k, r := range devicelog.Releases() {
			if each > 0 && (i+k)%each != 0 {
				continue
			}
			if f.Not != nil && f.Not(r) {
				continue
			}
			for _, c := range f.Courses() {
				h := fnv.New64a()
				fmt.Fprint(h, f.Name, r.Name, c)
				n := int(h.Sum64() % 1000)
				one := func(form, spoil int) {
					if !fits(forms[form], spoils[spoil]) {
						spoil = 0
					}
					list = append(list, run{f, r, c, forms[form], spoils[spoil], uint64(1 + n%7)})
				}
				if !all {
					one(n%len(forms), n/7%len(spoils))
					continue
				}
				for i := range len(forms) * len(spoils) {
					one(i/len(spoils), i%len(spoils))
				}
			}
		}
	}
	return list
}

// fits leaves out what nobody does: a text put together from three programs is not turned round or printed twice.
func fits(f devicelog.Form, s devicelog.Spoil) bool {
	return f.Name != "aziotctl" || s.Name != "reversed" && s.Name != "doubled"
}

func (r run) read(t *testing.T) (*logs.Report, error) {
	files := map[string]string{}
	for name, text := range r.form.Keep(r.fault.Play(r.release, r.course, r.seed).Lines()) {
		files[name] = r.spoil.Do(text)
	}
	return read(t, files, logs.Options{Year: 2024})
}

// TestDevices reads devices that a simulation let live, counts for every cause what is found and what is said falsely,
// and fails where something false is called proved, or where a cause that the whole log tells is not named.
func TestDevices(t *testing.T) {
	t.Parallel()
	total := &tally{by: map[report.Cause]*score{}, finds: map[report.FindingCode]*[2]int{}}
	list := runs()
	work := make(chan run)
	var done sync.WaitGroup
	for range 4 {
		done.Go(func() {
			for r := range work {
				got, err := r.read(t)
				if err != nil {
					t.Errorf("%s: %v", r, err)
					continue
				}
				total.Lock()
				total.judge(t, r, got)
				total.Unlock()
			}
		})
	}
	for _, r := range list {
		work <- r
	}
	close(work)
	done.Wait()
	total.show(t, len(list))
}

// whole says that nothing of the log is lost, so that what it tells has to be found.
func (r run) whole() bool { return r.spoil.Name != "cut" }

func (s *tally) judge(t *testing.T, r run, got *logs.Report) {
	truth := r.fault.Truth
	c := &got.Conclusion
	s.countCause(r, got)
	for _, e := range got.Events {
		if e.Certainty == pattern.Proves && e.Cause != nil && !truth.Proves(*e.Cause) {
			t.Errorf("%s: %s is called proved by %q", r, *e.Cause, e.Text)
			s.of(*e.Cause).proved++
		}
		if e.Cause != nil && *e.Cause == truth.Cause && e.Hop != "" && e.Hop != truth.At() {
			t.Errorf("%s: %s is laid at the %s by %q", r, *e.Cause, e.Hop, e.Text)
		}
	}
	for _, f := range got.Findings {
		if f.Certainty == pattern.Proves && !mayBe(f.Code, r) {
			t.Errorf("%s: finding %s is called proved: %s", r, f.Code, f.Summary)
		}
	}
	if why := r.lacks(got); why != "" && r.whole() {
		t.Errorf("%s: %s (%s %s; %s; %v)", r, why, c.State, c.Certainty, c.Summary, c.Findings)
	}
}

// mayBe says whether a finding may be called proved of such a device: those about what the log shows of its states
// always may.
func mayBe(f report.FindingCode, r run) bool {
	switch f {
	case report.UpstreamNever, report.UpstreamReasonNotLogged, report.LogIncomplete, report.UpstreamFlapping:
		return true
	case report.HTTPSRequired, report.IdentityCrashLoop:
		if r.fault.CallsFail() {
			return true
		}
	}
	return slices.Contains(r.fault.Findings, f) || slices.Contains(r.fault.Also, f)
}

// lacks says what a whole log tells and the answer does not.
func (r run) lacks(got *logs.Report) string {
	c := &got.Conclusion
	truth := r.fault.Truth
	switch {
	case r.course == devicelog.Heals:
		if c.State != logs.StateConnected {
			return "says not connected of a device that is up again"
		}
		return ""
	case truth.Cause == "" && len(truth.Findings) == 0:
		if got.ExitCode() != 0 {
			return "finds trouble where there is none"
		}
		return ""
	}
	for _, f := range truth.Findings {
		if !slices.ContainsFunc(got.Findings, func(o logs.Finding) bool { return o.Code == f }) {
			return "lacks " + string(f)
		}
	}
	if truth.Tells(r.release) && !r.names(got, truth.Cause) {
		return "does not name " + string(truth.Cause)
	}
	if truth.Cause != "" && !r.names(got, truth.Cause) && !leavesOpen(got, truth.Cause) {
		return "does not leave open " + string(truth.Cause)
	}
	return ""
}

// names says whether the cause, or one that looks the same, is the answer; for the daemons' way, whether a line is.
func (r run) names(got *logs.Report, cause report.Cause) bool {
	c := got.Conclusion.Cause
	if c != nil && (*c == cause || slices.Contains(r.fault.Same, *c)) {
		return true
	}
	return slices.Contains(r.fault.Findings, report.HTTPSRequired) && slices.ContainsFunc(got.Events,
		func(e logs.Event) bool { return e.Cause != nil && *e.Cause == cause })
}

func leavesOpen(got *logs.Report, cause report.Cause) bool {
	return slices.Contains(got.Conclusion.Candidates, cause) || slices.ContainsFunc(got.Events,
		func(e logs.Event) bool { return slices.Contains(e.Candidates, cause) })
}

func (s *tally) countCause(r run, got *logs.Report) {
	truth, c := r.fault.Truth, got.Conclusion.Cause
	if r.course == devicelog.Heals {
		return
	}
	if truth.Cause != "" {
		o := s.of(truth.Cause)
		switch named := r.names(got, truth.Cause); {
		case !truth.Tells(r.release):
			if o.hidden++; named || leavesOpen(got, truth.Cause) {
				o.rightly++
			}
		case named:
			o.named++
		case leavesOpen(got, truth.Cause):
			o.open++
		default:
			o.missed++
		}
	}
	if c != nil && *c != truth.Cause && !slices.Contains(truth.Same, *c) && !truth.Proves(*c) {
		s.of(*c).wrong++
	}
	for _, f := range truth.Findings {
		if s.finds[f] == nil {
			s.finds[f] = &[2]int{}
		}
		if s.finds[f][0]++; slices.ContainsFunc(got.Findings, func(o logs.Finding) bool { return o.Code == f }) {
			s.finds[f][1]++
		}
	}
}

// show prints the figures: what is found of what the log tells (recall), and what is right of what is named (precision).
func (s *tally) show(t *testing.T, n int) {
	var b strings.Builder
	fmt.Fprintf(&b, "%d logs\n%-24s%8s%10s%8s%8s%10s\n", n, "cause", "recall", "precision", "open", "proved", "hidden")
	for _, c := range slices.Sorted(maps.Keys(s.by)) {
		o := s.by[c]
		told := o.named + o.open + o.missed
		fmt.Fprintf(&b, "%-24s%8s%10s%8d%8d%10s\n", c, share(o.named, told), share(o.named, o.named+o.wrong),
			o.open, o.proved,
			share(o.rightly, o.hidden))
	}
	for _, f := range slices.Sorted(maps.Keys(s.finds)) {
		fmt.Fprintf(&b, "%-32s%8s\n", f, share(s.finds[f][1], s.finds[f][0]))
	}
	t.Log(b.String())
}

func share(a, b int) string {
	if b == 0 {
		return "-"
	}
	return fmt.Sprintf("%d/%d", a, b)
}
