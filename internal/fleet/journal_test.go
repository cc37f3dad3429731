package fleet

import (
	"strings"
	"testing"
	"time"
)

const line = `{"at":"2026-11-28T12:00:00Z","n":1,"kind":"tag","id":"d","before":null,"after":{"class":"x"},"etag":"1","state":"STATE","wave":1}` + "\n"

func lineOf(s string) string { return strings.Replace(line, "STATE", s, 1) }

// TestReadJournal: the last line of a write counts; a line that a kill cut off does not.
func TestReadJournal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, state string
		size        int
		bad         string
	}{
		{"", "", 0, ""},
		{lineOf("intended"), Intended, len(lineOf("intended")), ""},
		{lineOf("intended") + lineOf("done"), Done, len(lineOf("intended") + lineOf("done")), ""},
		{lineOf("intended") + lineOf("done")[:40], Intended, len(lineOf("intended")), ""},
		{lineOf("intended") + lineOf("done") + strings.Replace(lineOf("intended"), `"wave"`,
			`"undoing":true,"wave"`, 1),
			Intended, -1, ""},
		{lineOf("maybe"), "", 0, "line 1: state"},
		{strings.Replace(lineOf("done"), `"tag"`, `"other"`, 1), "", 0, "line 1: kind"},
		{"[]\n", "", 0, "line 1: not a journal's"},
		{`{"a`, "", 0, ""}, {lineOf("done")[:40], "", 0, ""},
		{"precious", "", 0, "line 1: not a journal's"}, {`{"schema":"x"}`, "", 0, "line 1: not a journal's"},
		{"\n\x00\x00", "", 0, "line 2: not a journal's"}, {strings.Repeat("x", 2<<20), "", 0, "line 1: longer than"},
		{strings.Replace(lineOf("done"), `"wave"`, `"plan":"a","wave"`, 1) + strings.Replace(lineOf("done"), `"wave"`,
			`"plan":"b","wave"`, 1), "", 0, "line 2: it is of another plan"},
	} {
		j, err := ReadJournal(strings.NewReader(c.text))
		if c.bad != "" {
			if err == nil || !strings.HasPrefix(err.Error(), c.bad) {
				t.Errorf("%q: %v, want %s", c.text, err, c.bad)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		got := ""
		if w := j.Of(WriteTag, "d"); w != nil {
			got = w.State
		}
		if got != c.state || c.size >= 0 && j.Size != int64(c.size) {
			t.Errorf("%q: %q, size %d", c.text, got, j.Size)
		}
	}
}

// TestLand has a row for every reason why a device is not back yet (F8).
func TestLand(t *testing.T) {
	t.Parallel()
	changed := noon.Add(-10 * time.Minute)
	good := func() (*Running, *Report) {
		return &Running{Current: true, Code: 200}, &Report{Status: "ok", Configured: "AMQPWS",
			CheckedAt: ago(5 * time.Minute)}
	}
	for _, c := range []struct {
		name    string
		applied string
		change  func(run *Running, r *Report)
		ok      bool
		lost    bool
	}{
		{"back", "Applied", nil, true, false},
		{"not targeted", "", nil, false, false},
		{"targeted alone", "Targeted", nil, false, false},
		{"has not answered", "Applied", func(run *Running, _ *Report) { run.Current = false }, false, false},
		{"failed, and goes on trying", "Applied", func(run *Running, _ *Report) { run.Code = 500 }, false, false},
		{"refused", "Applied", func(run *Running, _ *Report) { run.Code = 412 }, false, true},
		{"refused the one before", "Applied", func(run *Running, _ *Report) { run.Code, run.Current = 412, false },
			false,
			false},
		{"not checked since", "Applied", func(_ *Running, r *Report) { r.CheckedAt = ago(11 * time.Minute) },
			false, false},
		{"checked in the same second", "Applied", func(_ *Running, r *Report) { r.CheckedAt = ago(10 * time.Minute) },
			false, false},
		{"down", "Applied", func(_ *Running, r *Report) { r.Status = "down" }, false, false},
		{"degraded", "Applied", func(_ *Running, r *Report) { r.Status = "degraded" }, false, false},
		{"another protocol", "Applied", func(_ *Running, r *Report) { r.Configured = "AMQP" }, false, false},
	} {
		run, r := good()
		if c.change != nil {
			c.change(run, r)
		}
		got := Land("id", c.applied, run, r, "AMQPWS", changed)
		if got.OK != c.ok || got.Lost != c.lost || got.OK == (got.Why != "") {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// TestClasses: what a classes file must not say is refused, with what was expected.
func TestClasses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, bad string }{
		{"", ""},
		{"site = 'plant'\nprefer = ['amqp-ws', 'Amqp']\n[proxies.a]\nurl = 'http://a:1'\nsites = ['x']\n", ""},
		{`{"site":"plant","proxies":{"a":{"url":"http://a:1"}}}`, ""},
		{"sites = 'plant'\n", "line 1: unknown key"},
		{"site = \n", "line 1: not TOML"},
		{`{"sites":1}`, "not a classes file"},
		{"prefer = ['https']", "prefer"},
		{"prefer = ['Amqp', 'amqp']", "prefer"},
		{"priority = -1", "priority -1"},
		{"[proxies.A]\nurl = 'http://a:1'", `the proxy's name "A"`},
		{"[proxies.a]\nsites = ['x']", "proxies.a: url is missing"},
		{"[proxies.a]\nurl = 'a:1'", "proxies.a: proxy URL"},
		{"[proxies.a]\nurl = 'socks5://a:1'", "the proxy a"},
		{"[proxies.a]\nurl = 'http://a:1'\n[proxies.b]\nurl = 'http://A:1'",
			"the proxies a and b are at the same address"},
		{"[proxies.a]\nurl = 'http://a:1'\nsites = ['x']\n[proxies.b]\nurl = 'http://b:1'\nsites = ['x']",
			`the site "x" has two proxies`},
	} {
		_, err := ParseClasses([]byte(c.text), nil)
		if c.bad == "" && err != nil || c.bad != "" && (err == nil || !strings.HasPrefix(err.Error(), c.bad)) {
			t.Errorf("%q: %v, want %q", c.text, err, c.bad)
		}
	}
}

// FuzzReadJournal: any text gives a journal or an error, and what was whole is counted.
func FuzzReadJournal(f *testing.F) {
	f.Add(lineOf("intended") + lineOf("done"))
	f.Add(lineOf("undone")[:30])
	f.Fuzz(func(t *testing.T, text string) {
		j, err := ReadJournal(strings.NewReader(text))
		if err == nil && (j.Size > int64(len(text)) || j.Size < 0) {
			t.Errorf("%d whole bytes of %d", j.Size, len(text))
		}
	})
}

// FuzzParseRunning: whatever edgeAgent's twin holds, it is read.
func FuzzParseRunning(f *testing.F) {
	f.Add([]byte(`{"$version":3,"systemModules":{"edgeHub":{"env":{"UpstreamProtocol":{"value":"Amqp"}},"settings":{"image":"i","createOptions":"{"}}}}`), []byte(`{"lastDesiredVersion":3,"lastDesiredStatus":{"code":200}}`))
	f.Fuzz(func(t *testing.T, desired, reported []byte) {
		if ParseRunning(desired, reported).Modules == nil {
			t.Error("no modules")
		}
	})
}
