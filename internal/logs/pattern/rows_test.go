package pattern

import (
	"strings"
	"testing"

	"edgenet/internal/logs/record"
	"edgenet/report"
)

// heads put a text into the grammars in which a row's component writes it.
func heads(r *Row, text string) map[string]string {
	first, rest, more := strings.Cut(text, "\n")
	tail := ""
	if more {
		tail = "\n" + rest
	}
	out := map[string]string{}
	net3 := map[byte]string{'I': "INF", 'W': "WRN", 'E': "ERR", 'C': "FTL", 'D': "DBG"}
	rust4 := map[byte]string{'I': "INFO", 'W': "WARN", 'E': "ERR!", 'D': "DBUG", 'C': "ERR!"}
	switch {
	case r.Level == 'B':
		out["boot"] = "2024-11-05 10:00:00 +00:00 " + first + tail
		out["old boot"] = "[11/05/2024 10:00:00.123 AM] " + first + tail
		out["short boot"] = "2024-11-05 10:00:00 " + first + tail
	case r.Level == 'S' && r.On&daemon != 0: // what a library prints beside the log
		out["journal"] = "Nov 05 11:00:00 box NAME[7]: " + first
	case r.On&net != 0:
		l := net3[r.Level]
		out["dotnet"] = "<6> 2024-11-05 10:00:00.123 +00:00 [" + l + "] - " + first + tail
		out["with source"] = "<6> 2024-11-05 10:00:00.123 +05:30 [" + l + "] [Microsoft.Azure.Devices.Edge.X] - " +
			first + tail
		out["old"] = "2024-11-05 10:00:00.123 -05:00 [" + l + "] - " + first + tail
		out["json-file"] = jsonLines(out["dotnet"])
		out["journal"] = "Nov 05 10:00:00 box NAME[7]: " + strings.ReplaceAll(out["dotnet"], "\n",
			"\nNov 05 10:00:00 box NAME[7]: ")
	case r.On&daemon != 0:
		l := rust4[r.Level]
		out["rust"] = "2024-11-05T10:00:00Z [" + l + "] - " + first + tail
		out["with priority"] = "<6>2024-11-05T10:00:00Z [" + l + "] - " + first + tail
		out["journal"] = "Nov 05 11:00:00 box NAME[7]: 2024-11-05T10:00:00Z [" + l + "] - " +
			strings.ReplaceAll(first+tail, "\n", "\nNov 05 11:00:00 box NAME[7]: ")
		out["iso"] = "2024-11-05T11:00:00+0100 box NAME[7]: 2024-11-05T10:00:00Z [" + l + "] - " +
			strings.ReplaceAll(first+tail, "\n", "\n2024-11-05T11:00:00+0100 box NAME[7]: ")
		if !more {
			out["Get-IoTEdgeLog"] = "11/5/2024 10:00:00 AM info: edgelet::x -- " + first
		}
	case r.On&Dockerd != 0:
		l := map[byte]string{'W': "warning", 'E': "error"}[r.Level]
		out["logfmt"] = `time="2024-11-05T10:00:00.123456789Z" level=` + l + ` msg="` + strings.ReplaceAll(first, `"`,
			`\"`) + `"`
		out["journal"] = "Nov 05 11:00:00 box NAME[7]: " + out["logfmt"]
	default:
		out["journal"] = "Nov 05 11:00:00 box NAME[1]: " + first
	}
	return out
}

func jsonLines(text string) string {
	var b strings.Builder
	for l := range strings.Lines(text) {
		l = strings.TrimSuffix(l, "\n")
		b.WriteString(`{"log":"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "<", `\u003c`, ">", `\u003e`).Replace(l) +
			`\n","stream":"stdout","time":"2024-11-05T10:00:00.2Z"}` + "\n")
	}
	return b.String()
}

// TestRows reads the sentence of every row in every form in which its component writes it,
// and wants that very row.
func TestRows(t *testing.T) {
	t.Parallel()
	m := NewMatcher()
	ids := map[string]bool{}
	for _, row := range Rows() {
		if ids[row.ID] {
			t.Errorf("%s stands twice", row.ID)
		}
		ids[row.ID] = true
		if samples[row.ID] == "" || row.Means == "" || row.Kind == "" || row.Level == 0 {
			t.Errorf("%s: a field is missing", row.ID)
		}
		for one := Agent; one <= Module; one <<= 1 {
			if row.On&one == 0 {
				continue
			}
			r := row
			r.On = one
			for form, text := range heads(&r, samples[row.ID]) {
				name := one.Name()
				if one == Clockd {
					name = "chronyd"
				}
				text = strings.ReplaceAll(text, "NAME", name)
				var got []string
				_, err := record.Read(t.Context(), strings.NewReader(text+"\n"),
					record.Options{Tag: one.Name(), Keep: func(tag string, form record.Form, level record.Level,
						text []byte) bool {
						return form != record.FormNone || m.Keep(tag, form, level, text)
					}}, func(rec *record.Record) {
						if e, ok := m.Match(rec, one); ok {
							got = append(got, e.Row.ID)
							if row.Chain != ChainNone && len(e.Failures) == 0 && row.Chain != ChainLocal &&
								row.ID != "agent.reported-error" { // which has the outermost text alone
								t.Errorf("%s (%s): no failure is read out of %q", row.ID, form, text)
							}
						}
					})
				if err != nil || len(got) != 1 || got[0] != row.ID {
					t.Errorf("%s (%s, %s): read as %v, %v: %q", row.ID, one.Name(), form, got, err, text)
				}
			}
		}
	}
	if len(ids) < 120 {
		t.Errorf("only %d rows", len(ids))
	}
}

// TestErrorsNameCausesOfTheTable: nothing is invented, and what only narrows names no cause.
func TestErrorsNameCausesOfTheTable(t *testing.T) {
	t.Parallel()
	known := map[report.Cause]bool{}
	for _, c := range report.Causes() {
		known[c.Code] = true
	}
	check := func(id string, f Failure) {
		if f.Cause != "" && !known[f.Cause] {
			t.Errorf("%s names %s", id, f.Cause)
		}
		for _, c := range f.Candidates {
			if !known[c] {
				t.Errorf("%s names %s", id, c)
			}
		}
		if f.Certainty == Narrows && f.Cause != "" {
			t.Errorf("%s only narrows, and names %s", id, f.Cause)
		}
	}
	for _, table := range [][]errorRow{netErrors, socketErrors, daemonErrors, pullErrors} {
		for _, r := range table {
			check(r.id, r.fail)
			if r.void || r.of401 || r.of407 || r.ofWS {
				continue
			}
			if r.fail.Certainty == "" || r.fail.Cause == "" && len(r.fail.Candidates) == 0 && r.fail.Finding == "" {
				t.Errorf("%s says nothing", r.id)
			}
		}
	}
	for _, r := range Rows() {
		if r.Fail != nil {
			check(r.ID, *r.Fail)
		}
	}
}
