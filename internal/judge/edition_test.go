package judge

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"edgenet/report"
)

// earlier is what the first edition said of a report: what stood in its JSON, and what its
// screen made of it.
type earlier struct {
	Report *report.Report
	Stand  []int // of each result
	First, Also, Instead, Later,
	Know []struct{ Severity, Actor, Remedy string }
}

// firstEdition are the samples and the lab's scenarios with what the first edition made of
// them.
func firstEdition(t *testing.T) map[string]earlier {
	t.Helper()
	f, err := os.Open("testdata/old.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]earlier
	if err := json.NewDecoder(z).Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestAgainstTheFirstEdition: the same evidence, judged by both. What differs is listed
// in the table with its reason, and nothing else may.
func TestAgainstTheFirstEdition(t *testing.T) {
	t.Parallel()
	var got []string
	all := firstEdition(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		old := all[name]
		now := *old.Report
		now.Results, now.Findings = slices.Clone(old.Report.Results), slices.Clone(old.Report.Findings)
		q := Of(old.Report)
		if lab := strings.HasPrefix(name, "lab-"); lab { // a sample's findings are made up
			q.Public = false
			now.Verdict = Choose(now.Results, q, false)
			now.Findings = Findings(now.Results, q, now.Verdict)
		}
		weigh(now.Results, now.Verdict, now.Findings)
		now.Advice = advise(now.Results, q, now.Verdict, now.Findings)
		got = append(got, differences(name, old, &now)...)
	}
	for _, line := range got {
		if reasonFor(line) == "" {
			t.Errorf("no reason is known for: %s", line)
		}
	}
	for _, d := range decided {
		if !slices.ContainsFunc(got, func(line string) bool { return strings.Contains(line, d.what) }) {
			t.Errorf("nothing differs any more by %q", d.what)
		}
	}
}

func reasonFor(line string) string {
	for _, d := range decided {
		if strings.Contains(line, d.what) {
			return d.why
		}
	}
	return ""
}

// differences lists what the two editions say otherwise of one report.
func differences(name string, old earlier, now *report.Report) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, name+": "+fmt.Sprintf(format, args...)) }
	was, is := old.Report.Verdict, now.Verdict
	if words(was) != words(is) {
		say("verdict %s, was %s", words(is), words(was))
	}
	if plainer(was.Reason) != plainer(reworded.Replace(is.Reason)) {
		say("reason %q, was %q", is.Reason, was.Reason)
	}
	key := func(f report.Finding) string { return string(f.Code) + " " + strings.Join(f.Results, ",") }
	before := map[string]report.Finding{}
	for _, f := range old.Report.Findings {
		before[key(f)] = f
	}
	for _, f := range now.Findings {
		b, there := before[key(f)]
		delete(before, key(f))
		switch {
		case !there:
			say("new finding %s %s", f.Severity, key(f))
		case b.Severity != f.Severity:
			say("%s is %s, was %s", f.Code, f.Severity, b.Severity)
		case b.Actor != f.Actor:
			say("%s: actor %s, was %s", f.Code, f.Actor, b.Actor)
		}
	}
	for k := range before {
		say("lost finding %s", k)
	}
	for i, r := range now.Results {
		if was, is := stood(old.Stand[i]), string(r.Severity); r.Status == report.Failed && was != is {
			say("%s %s is %s, the screen said %s", r.Protocol, r.Route, is, was)
		}
	}
	return append(out, firsts(name, old, now)...)
}

// firsts compares who has to act first.
func firsts(name string, old earlier, now *report.Report) []string {
	was, is := "nobody", "nobody"
	if len(old.First) > 0 {
		was = old.First[0].Actor
	}
	if now.Verdict.ExitCode != 0 && len(now.Advice) > 0 && now.Advice[0].Severity == report.SeverityError {
		is = string(now.Advice[0].Actor)
	}
	if was != is {
		return []string{fmt.Sprintf("%s: first acts %s, was %s", name, is, was)}
	}
	return nil
}

// stood is the severity that the first edition's screen gave a failed path.
func stood(n int) string {
	switch n {
	case 4:
		return "error"
	case 5:
		return "warning"
	case 6:
		return "info"
	}
	return ""
}

// reworded turns words that are plainer now back into those of the first edition.
var reworded = strings.NewReplacer("the IoT Edge daemon", "the daemon", "is decrypted", "is opened",
	"the TLS hello gets no answer", "the TLS hello is swallowed", "). AMQP", "); AMQP", "). MQTT", "); MQTT")

// plainer takes out of a reason what is only worded otherwise: that HTTPS fails too, and the
// parts of a certificate's names.
func plainer(reason string) string {
	reason = openedToo.ReplaceAllString(httpsToo.ReplaceAllString(reason, "$1"), "or have it opened")
	return strings.ReplaceAll(nameKeys.ReplaceAllString(reason, ""), " ", "")
}

var (
	httpsToo  = regexp.MustCompile(`(the daemon always needs, )(does not work \([^)]*\)|fails in the same way)`)
	openedToo = regexp.MustCompile(`or have (the expected one|A[\w ]+|M[\w ]+) opened`)
	nameKeys  = regexp.MustCompile(`\b(CN|O)=|,? ?\b(OU=)?Certificate Authority\b|,`)
)

func words(v report.Verdict) string {
	b, err := json.Marshal(struct {
		P *report.Protocol
		R string
		H *bool
		C *bool
		X int
	}{v.UpstreamProtocol, v.Route, v.HTTPSOK, v.Consistent, v.ExitCode})
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// decided are the differences between the editions, each on purpose.
var decided = []struct{ what, why string }{
	{"firewall.protocol is info, was error", "the exit code is 0: nothing needs the ports that the filter closes, as " +
		"the screen said already; JSON, metrics and the module now say the same"},
	{"proxy.runtime-limits is info, was warning",
		"something else works and nobody asks for what the runtime cannot use, as the screen said already"},
	{"lab-everything-down+AMQP: first acts firewall-admin, was proxy-admin",
		"AMQP is expected, and no proxy makes it work: opening the direct way is what makes the verdict good"},
	{"lab-everything-down+MQTT: first acts firewall-admin, was proxy-admin", "the same with MQTT"},
	{"lab-inspected-443: reason \"No UpstreamProtocol works: TLS to lab.azure-devices.test is decrypted",
		"of two causes as frequent the one is named that stops the daemon's HTTPS too: mending it is enough"},
	{"sample-nothing: first acts firewall-admin, was proxy-admin",
		"a report of the first edition does not say what its reason speaks of; both ways are told as alternatives"},
}
