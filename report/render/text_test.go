package render

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"edgenet/internal/judge"
	"edgenet/internal/verify/sample"
	"edgenet/report"
)

var update = flag.Bool("update", false, "rewrite the golden files and docs/causes.md")

// golden compares with the file, or rewrites it with -update.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not current (go test ./report/render -update rewrites it)\n%s", path,
			firstDifference(string(want), got))
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d\nwant %q\ngot  %q", i+1, w[i], g[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

func text(t *testing.T, r *report.Report, o TextOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := Text(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// judged is the report with what follows from its findings, drawn anew: tests change
// findings by hand.
func judged(r *report.Report) *report.Report {
	out := *r
	out.Advice, out.Findings, out.Results = nil, slices.Clone(r.Findings), slices.Clone(r.Results)
	for i := range out.Results {
		out.Results[i].Needed, out.Results[i].Severity = nil, ""
	}
	judge.Complete(&out)
	return &out
}

func TestTextGolden(t *testing.T) {
	for name, r := range sample.Reports() {
		var b strings.Builder
		for _, width := range []int{60, 80, 140} {
			for _, glyphs := range []bool{false, true} {
				fmt.Fprintf(&b, "==== %d columns, %s\n%s", width,
					map[bool]string{false: "ASCII", true: "Unicode"}[glyphs],
					text(t, r, TextOptions{Width: width, Unicode: glyphs}))
			}
		}
		golden(t, filepath.Join("testdata", name+".golden"), b.String())
		b.Reset()
		for _, width := range []int{60, 80, 140} {
			fmt.Fprintf(&b, "==== %d columns\n%s", width,
				text(t, r, TextOptions{Width: width, Unicode: true, Verbose: true}))
		}
		golden(t, filepath.Join("testdata", name+".verbose.golden"), b.String())
	}
}

var sgr = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestTextFitsEveryTerminal(t *testing.T) {
	for name, r := range sample.Reports() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			textFits(t, r)
		})
	}
}

func textFits(t *testing.T, r *report.Report) {
	for _, width := range []int{20, 40, 60, 71, 72, 80, 119, 120, 200} {
		for bits := range 8 {
			o := TextOptions{Width: width, Unicode: bits&1 > 0, Color: bits&2 > 0, Verbose: bits&4 > 0}
			got := text(t, r, o)
			bare := sgr.ReplaceAllString(got, "")
			if !o.Color && bare != got {
				t.Fatalf("%+v: colour without being asked for", o)
			}
			if o.Color {
				o.Color = false
				if text(t, r, o) != bare {
					t.Errorf("%+v: colour changes the text", o)
				}
			}
			for _, l := range strings.Split(bare, "\n") {
				if n := displayWidth(l); n > width {
					t.Errorf("%+v: %d columns: %q", o, n, l)
				}
				fit(t, l, o.Unicode)
			}
			if t.Failed() {
				return
			}
		}
	}
}

// fit fails the test where a line could do anything but show itself.
func fit(t *testing.T, l string, glyphs bool) {
	t.Helper()
	for _, c := range l {
		if !unicode.IsPrint(c) || unicode.In(c, unicode.Cf, unicode.Mn) || c == unicode.ReplacementChar ||
			!glyphs && c > 0x7e {
			t.Errorf("%U in %q", c, l)
		}
	}
	if strings.HasSuffix(l, " ") {
		t.Errorf("trailing space: %q", l)
	}
}

func TestTextZeroOptionsSuitALog(t *testing.T) {
	r := sample.Nothing()
	if got, want := text(t, r, TextOptions{}), text(t, r, TextOptions{Width: 80}); got != want {
		t.Errorf("zero options:\n%s", got)
	}
}

func TestQuietIsTheVerdictAlone(t *testing.T) {
	r := sample.Mismatch()
	if got := text(t, r, TextOptions{Quiet: true, Verbose: true, Color: true, Width: 40}); got != r.Verdict.Reason+
		"\n" {
		t.Errorf("%q", got)
	}
	if got := text(t, sample.Hostile(), TextOptions{Quiet: true}); strings.Count(got, "\n") != 1 ||
		strings.ContainsRune(got, 0x1b) {
		t.Errorf("%q", got)
	}
}

func TestEachRemedyOnce(t *testing.T) {
	r := sample.Nothing()
	for _, o := range []TextOptions{{Width: 200}, {Width: 60}, {Width: 200, Verbose: true}} {
		got := strings.Join(strings.Fields(text(t, r, o)), " ")
		for _, remedy := range []string{"Allow outbound TCP 443 to", "Offer Basic authentication"} {
			if n := strings.Count(got, remedy); n != 1 {
				t.Errorf("%+v: %q stands %d times in\n%s", o, remedy, n, got)
			}
		}
	}
}

func TestAFindingSparesItsResultsTheirRemedies(t *testing.T) {
	r := sample.Nothing()
	r.Findings = append(r.Findings, report.Finding{Code: report.FirewallAllBlocked, Severity: report.SeverityError,
		Actor: report.ActorFirewall, Summary: "s", Remedy: "Open it all.", Results: []string{"r1", "r2", "r3",
			"r4", "r5"}})
	got := text(t, judged(r), TextOptions{Width: 200})
	if strings.Contains(got, "Allow outbound") || !strings.Contains(got, "Open it all.") {
		t.Error(got)
	}
	r.Findings[1].Code = report.HTTPSRequired // says what follows, not why
	if got := text(t, judged(r), TextOptions{Width: 200}); !strings.Contains(got, "Allow outbound") {
		t.Error(got)
	}
}

func TestWhatFollowsIsToldWithItsReason(t *testing.T) {
	r := sample.Nothing()
	r.Findings = []report.Finding{
		{Code: report.HTTPSRequired, Severity: report.SeverityError, Actor: report.ActorFirewall,
			Summary: "HTTPS is needed", Remedy: "Open 443.", Results: []string{"r5", "r10"}},
		{Code: report.FirewallAllBlocked, Severity: report.SeverityError, Actor: report.ActorFirewall,
			Summary: "all is blocked", Remedy: "Open it all.", Results: []string{"r1", "r2", "r3", "r4", "r5"}},
	}
	for _, verbose := range []bool{false, true} { // what follows is for those who want all of it
		got := text(t, judged(r), TextOptions{Width: 200, Verbose: verbose})
		if strings.Contains(got, "Open 443.") || strings.Count(got, "Open it all.") != 1 ||
			strings.Contains(got, "HTTPS is needed") || strings.Contains(got, "hence https.required") != verbose ||
			!strings.Contains(got, "all is blocked") {
			t.Error(got)
		}
	}
}

func TestVerdictComesLast(t *testing.T) {
	for name, r := range sample.Reports() {
		if name == "hostile" {
			continue
		}
		blocks := strings.Split(strings.TrimSpace(text(t, r, TextOptions{Width: 200})), "\n\n")
		lines := strings.Split(blocks[len(blocks)-1], "\n")
		if lines[0] == "" || lines[1] != r.Verdict.Reason {
			t.Errorf("%s: %q", name, lines[:2])
		}
		rest := lines[2:]
		if up := r.Verdict.UpstreamProtocol; up != nil && r.Verdict.ExitCode == 3 { // else the reason says it
			if len(rest) == 0 || !strings.Contains(rest[0], "UpstreamProtocol: "+up.RuntimeName()) {
				t.Fatalf("%s: %q", name, rest)
			}
			rest = rest[1:]
		}
		if len(rest) == 0 || rest[0] != upstreamWords || !strings.HasPrefix(rest[len(rest)-1], "More: ") {
			t.Fatalf("%s: %q", name, rest)
		}
		rest = rest[1 : len(rest)-1]
		wanted := map[string]string{"nothing": "1. Ask the proxy admin: Offer",
			"intercepted": "1. Ask the firewall admin: Exempt", "mismatch": "1. Set UpstreamProtocol"}[name]
		first := slices.IndexFunc(rest, func(l string) bool { return strings.HasPrefix(l, "1. ") })
		if wanted != "" && (first < 0 || !strings.HasPrefix(rest[first], wanted)) {
			t.Errorf("%s: below the verdict stands %q, want %q", name, rest, wanted)
		}
	}
}

// TestLastScreenful: whoever sees no more than the last screenful sees the verdict, the
// first thing to do, every other way, and where more is.
func TestLastScreenful(t *testing.T) {
	t.Parallel()
	for name, r := range sample.Reports() {
		if name == "hostile" {
			continue // its ways have no letters
		}
		for _, size := range [][2]int{{60, 24}, {80, 24}, {120, 40}, {60, 16}} {
			got := text(t, r, TextOptions{Width: size[0], Height: size[1], Unicode: true})
			lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
			screen := lines[max(0, len(lines)-size[1]+1):]
			last := strings.Join(screen, "\n")
			begin := displayWords(report.Clean(r.Verdict.Reason, 600), 2)
			if !strings.Contains(last, begin) || !strings.Contains(last, "More: ") {
				t.Errorf("%s at %v: no verdict %q, or nowhere to go on, in\n%s", name, size, begin, last)
			}
			do := inOrder(newPen(TextOptions{Width: size[0]}).allActions(r).todo, r)
			if n := len(do.shown()); n > 0 && (!strings.Contains(last, "\n1. ") ||
				!strings.Contains(last, "\n"+strconv.Itoa(n)+". ")) {
				t.Errorf("%s at %v: not all %d things to do are there:\n%s", name, size, n, last)
			}
			if len(do.instead) > 0 && !strings.Contains(last, "OR INSTEAD, way B") {
				t.Errorf("%s at %v: no other way:\n%s", name, size, last)
			}
		}
	}
}

// displayWords are the first words of a text.
func displayWords(s string, n int) string {
	words := strings.Fields(s)
	return strings.Join(words[:min(n, len(words))], " ")
}

// A command that is to be copied is never cut.
func TestSettingCommandIsWhole(t *testing.T) {
	t.Parallel()
	r := sample.ProxyOnly()
	got := strings.Join(strings.Fields(text(t, r, TextOptions{Width: 60, Unicode: true})), " ")
	if want := SettingCommand(r); want == "" || !strings.Contains(got, want) {
		t.Errorf("%q is not in\n%s", want, got)
	}
}

func TestWhatNobodyNeedsDoesNotCryWolf(t *testing.T) {
	r := sample.ProxyOnly()
	got := text(t, r, TextOptions{Width: 140, Unicode: true, Color: true})
	if strings.Contains(got, "✗ ") || strings.Contains(got, "\x1b[1;31m") {
		t.Errorf("red although the device works:\n%s", got)
	}
	_, todo, _ := strings.Cut(got, "WHO DOES WHAT")
	if strings.Contains(todo, "firewall") || !strings.Contains(todo, "Keep the proxy set") {
		t.Errorf("what the device needs is not what to do:\n%s", got)
	}
	if n := strings.Count(got, "not needed"); n != 5 {
		t.Errorf("%d rows are not needed, want 5", n)
	}
	if n := strings.Count(got, "not for the runtime"); n != 2 {
		t.Errorf("%d rows are not for the runtime, want 2", n)
	}
}

// What a failure matters is what the report says of it.
func TestStanding(t *testing.T) {
	for name, c := range map[string]struct {
		res  report.Result
		want standing
	}{
		"an error":              {report.Result{Status: report.Failed, Severity: report.SeverityError}, fault},
		"a warning":             {report.Result{Status: report.Failed, Severity: report.SeverityWarning}, concern},
		"worth knowing":         {report.Result{Status: report.Failed, Severity: report.SeverityInfo}, unneeded},
		"not judged":            {report.Result{Status: report.Failed}, fault},
		"not judged, of no use": {report.Result{Status: report.Failed, RuntimeUsable: new(false)}, unneeded},
		"works":                 {report.Result{Status: report.OK, Protocol: report.MQTT, Route: "direct"}, works},
		"works, of no use": {report.Result{Status: report.OK, Protocol: report.AMQP, Route: "direct",
			RuntimeUsable: new(false)}, useless},
		"the verdict goes by it":  {report.Result{Status: report.OK, Protocol: report.AMQP, Route: "direct"}, chosen},
		"the same by another way": {report.Result{Status: report.OK, Protocol: report.AMQP, Route: "proxy"}, works},
		"skipped":                 {report.Result{Status: report.Skipped}, skipped},
		"not yet through":         {report.Result{}, running},
	} {
		if got := standingOf(c.res, report.Verdict{UpstreamProtocol: new(report.AMQP),
			Route: "direct"}); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add(sample.Evil, 60, uint8(0))
	f.Add("\u202e\x1b[2J日本", 33, uint8(7))
	f.Fuzz(func(t *testing.T, s string, width int, bits uint8) {
		o := TextOptions{Width: 20 + (width&0xff)%200, Unicode: bits&1 > 0, Color: bits&2 > 0, Verbose: bits&4 > 0}
		for _, l := range strings.Split(sgr.ReplaceAllString(text(t, sample.HostileWith(s), o), ""), "\n") {
			if n := displayWidth(l); n > o.Width {
				t.Errorf("%+v: %d columns: %q", o, n, l)
			}
			fit(t, l, o.Unicode)
		}
	})
}

// What ends a connection that is kept busy as well is not called an idle timeout.
func TestHeldTellsAgeFromIdle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		d    report.HoldDetail
		want string
	}{
		{report.HoldDetail{HeldSec: 5, LostSec: 8.0213}, "an idle connection lives for 5 s, not for 8.02 s"},
		{report.HoldDetail{HeldSec: 5, LostSec: 8.0213, Busy: &report.HoldTrial{Outcome: report.HoldCut, EndSec: 8.02}},
			"an idle connection ends by 8.02 s, a busy one after 8.02 s"},
		{report.HoldDetail{HeldSec: 5, LostSec: 8, Busy: &report.HoldTrial{Outcome: report.HoldAlive, EndSec: 9}},
			"an idle connection lives for 5 s, not for 8 s"},
	} {
		r := sample.AllOK()
		res := &r.Results[0]
		res.Steps = append(res.Steps, report.Step{Hop: report.HopTarget, Stage: report.StageHold, Status: report.OK,
			Detail: &c.d})
		if got := text(t, r, TextOptions{Width: 120}); !strings.Contains(got, c.want) {
			t.Errorf("%q is not in\n%s", c.want, got)
		}
	}
}
