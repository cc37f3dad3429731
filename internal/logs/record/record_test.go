package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func heads(_ string, form Form, _ Level, _ []byte) bool { return form != FormNone }

func all(t testing.TB, text string, o Options) ([]*Record, Summary) {
	t.Helper()
	if o.Keep == nil {
		o.Keep = heads
	}
	var list []*Record
	sum, err := Read(context.Background(), strings.NewReader(text), o, func(r *Record) { list = append(list, r) })
	if err != nil {
		t.Fatal(err)
	}
	return list, sum
}

const inner = "2024-11-05T10:30:42Z [WARN] - Failed to send HTTP request (attempt 1 of 2): x"

// TestEnvelopes takes every wrapping off the same line, alone and one in another.
func TestEnvelopes(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]string{
		"plain":            inner,
		"priority":         "<4>" + inner,
		"short":            "Nov 05 11:30:42 box aziot-identityd[12]: " + inner,
		"short, one digit": "Nov  5 11:30:42 box aziot-identityd[12]: " + inner,
		"short, Finnish":   "marras 05 11:30:42 box aziot-identityd[12]: " + inner,
		"short, Japanese":  "11月 05 11:30:42 box aziot-identityd[12]: " + inner,
		"short, Korean":    "11월  5 11:30:42 box aziot-identityd[12]: " + inner,
		"short, German":    "Nov 05 11:30:42 box aziot-identityd[12]: " + inner,
		"short-precise":    "Nov 05 11:30:42.123456 box aziot-identityd[12]: " + inner,
		"short-iso":        "2024-11-05T11:30:42+0100 box aziot-identityd[12]: " + inner,
		"rsyslog":          "2024-11-05T11:30:42.123456+01:00 box aziot-identityd[12]: " + inner,
		"short-full":       "Tue 2024-11-05 11:30:42 CET box aziot-identityd[12]: " + inner,
		"short-unix":       "1730802642.123456 box aziot-identityd[12]: " + inner,
		"short-monotonic":  "[  123.456789] box aziot-identityd[12]: " + inner,
		"syslog 3164":      "<30>Nov  5 11:30:42 box aziot-identityd[12]: " + inner,
		"facility":         "Nov  5 11:30:42 box daemon:info aziot-identityd[12]: " + inner,
		"facility, dotted": "Nov  5 11:30:42 box daemon.warn aziot-identityd[12]: " + inner,
		"snap logs":        "2024-11-05T10:30:42Z azure-iot-identity.aziot-identityd[12]: " + inner,
		"syslog 5424":      `<30>1 2024-11-05T10:30:42.003Z box aziot-identityd 12 - [x y="z"] ` + inner,
		"journal's json":   `{"__REALTIME_TIMESTAMP":"1730802642000000","_PID":"12","_SYSTEMD_UNIT":"aziot-identityd.service","MESSAGE":"` + inner + `"}`,
		"json-seq":         "\x1e" + `{"__REALTIME_TIMESTAMP":"1730802642000000","SYSLOG_IDENTIFIER":"aziot-identityd","MESSAGE":"` + inner + `"}`,
		"bytes in json": `{"SYSLOG_IDENTIFIER":"aziot-identityd","MESSAGE":[` +
			strings.Trim(strings.ReplaceAll(fmt.Sprint([]byte(inner)), " ", ","), "[]") + `]}`,
		"fluentd":  `{"log":"` + inner + `\n","kubernetes":{"container_name":"aziot-identityd"}}`,
		"quoted":   "> > " + inner,
		"ANSI":     "\x1b[33m" + inner + "\x1b[0m",
		"entities": "&gt; &lt;4&gt;" + inner,
		"indented": "        " + inner,
		"kubectl":  "[pod/x-1/aziot-identityd] " + inner,
		"compose":  "aziot-identityd  | " + inner,
		"cri in json": `{"log":"2024-11-05T10:30:42.1Z stdout F ` + inner +
			`\n","stream":"stdout","time":"2024-11-05T10:30:42.2Z"}`,
		"LogEntry":     "TimeGenerated [UTC],ContainerName,LogEntry\n\"10/7/2024, 6:57:42.721 PM\",aziot-identityd,\"" + inner + "\"\n",
		"one column":   "LogEntry\n\"" + inner + "\"\n",
		"table, tabs":  "TimeGenerated\tContainerName\tLogMessage\n2024-11-05T10:30:42Z\taziot-identityd\t" + inner + "\n",
		"Azure's list": "[\n {\n  \"ContainerName\": \"aziot-identityd\",\n  \"LogEntry\": \"" + inner + "\"\n }\n]\n",
		"Azure's tables": `{"tables":[{"name":"PrimaryResult","columns":[{"name":"ContainerName"},{"name":"LogEntry"}],` +
			`"rows":[["aziot-identityd","` + inner + `"]]}]}`,
		"Loki": "{\"status\": \"success\",\n \"data\": {\"resultType\": \"streams\", \"result\": [\n  {\"stream\": " +
			"{\"container\": \"aziot-identityd\"},\n   \"values\": [\n    [\"1730802642000000000\",\n     \"" + inner + "\"]]}]}}\n",
		"logcli":    `{"labels":{"container":"aziot-identityd"},"line":"` + inner + `","timestamp":"2024-11-05T10:30:42Z"}`,
		"docker -t": "2024-11-05T10:30:42.123456789Z " + inner,
		"journal in json": `{"log":"Nov 05 11:30:42 box aziot-identityd[12]: ` + inner +
			`\n","stream":"stdout","time":"2024-11-05T10:30:42.2Z"}`,
		"export":  "__CURSOR=s=1\n__REALTIME_TIMESTAMP=1730802642000000\nSYSLOG_IDENTIFIER=aziot-identityd\n_PID=12\nMESSAGE=" + inner + "\n",
		"verbose": verboseEntry("1730802642000000", "aziot-identityd.service", inner),
		"verbose, quoted": "> " + strings.ReplaceAll(strings.TrimSpace(verboseEntry("1730802642000000",
			"aziot-identityd.service", inner)), "\n", "\n> "),
		"verbose, indented": "    " + strings.ReplaceAll(strings.TrimSpace(verboseEntry("1730802642000000",
			"aziot-identityd.service", inner)), "\n", "\n    "),
		"export, binary": "__CURSOR=s=1\nSYSLOG_IDENTIFIER=aziot-identityd\nMESSAGE\n" +
			string([]byte{byte(len(inner)), 0, 0, 0, 0, 0, 0, 0}) + inner + "\n\n",
	} {
		list, _ := all(t, line+"\n", Options{})
		if len(list) != 1 || !strings.HasPrefix(list[0].Said, "Failed to send HTTP request") ||
			list[0].At != 1730802642000 || list[0].Level != LevelWarn {
			t.Errorf("%s: %d records: %+v", name, len(list), list)
			continue
		}
		if named := strings.Contains(line, "identityd"); named && !strings.Contains(list[0].Tag, "identityd") {
			t.Errorf("%s: said by %q", name, list[0].Tag)
		}
	}
}

// verboseEntry is an entry as `journalctl -o verbose` prints it.
func verboseEntry(us, unit, message string) string {
	n, _ := strconv.ParseInt(us, 10, 64)
	return fmt.Sprintf("Tue 2024-11-05 11:30:42.000000 CET [s=e842ddce778f4edf87bd82c7465be2fd;i=1;b=0123456789abcdef"+
		"0123456789abcdef;m=186a0;t=%x;x=e5ae85d9b5136870]\n    _HOSTNAME=gw02\n    PRIORITY=4\n    _SYSTEMD_UNIT=%s\n"+
		"    _PID=12\n    MESSAGE=%s\n    _BOOT_ID=0123456789abcdef0123456789abcdef\n", n, unit,
		strings.ReplaceAll(message, "\n", "\n            "))
}

// TestVerbose reads entries of several lines, newest first, too, and one whose text was not printed.
func TestVerbose(t *testing.T) {
	t.Parallel()
	first := verboseEntry("1730802642000000", "aziot-identityd.service", inner)
	second := verboseEntry("1730802643000000", "aziot-edged.service",
		"2024-11-05T10:30:43Z [WARN] - Failed to obtain device identity: x\n  caused by: y\nMESSAGE=z")
	blob := verboseEntry("1730802644000000", "aziot-edged.service", "[81B blob data]")
	for name, text := range map[string]string{"oldest first": first + second + blob, "newest first": blob +
		second + first} {
		list, sum := all(t, text, Options{})
		slices.SortFunc(list, func(a, b *Record) int { return int(a.At - b.At) })
		if len(list) != 2 || sum.Lost != 1 || !slices.Contains(sum.Formats, "journald-verbose") {
			t.Fatalf("%s: %d records, %d lost, %v", name, len(list), sum.Lost, sum.Formats)
		}
		if r := list[1]; r.Tag != "aziot-edged.service" || r.At != 1730802643000 || len(r.More) != 2 ||
			!strings.Contains(r.More[0], "caused by: y") || r.More[1] != "MESSAGE=z" {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestSplitLines: the engine cuts long lines, and puts them into several entries.
func TestSplitLines(t *testing.T) {
	t.Parallel()
	text := `{"log":"\u003c6\u003e 2024-11-05 10:30:42.000 +00:00 [WRN] - one ","stream":"stdout","time":"2024-11-05T10:30:42Z"}` + "\n" +
		`{"log":"and two\n","stream":"stdout","time":"2024-11-05T10:30:42Z"}` + "\n"
	list, _ := all(t, text, Options{})
	if len(list) != 1 || list[0].Said != "one and two" {
		t.Errorf("%+v", list)
	}
}

// TestZonesAndYears: a time without a zone or a year is completed by what stands beside it,
// by the flags, or said to be uncertain.
func TestZonesAndYears(t *testing.T) {
	t.Parallel()
	keep := func(tag string, form Form, _ Level, text []byte) bool {
		return form != FormNone || strings.Contains(string(text), "restart counter")
	}
	restart := "Nov 05 11:30:50 box systemd[1]: aziot-identityd.service: Scheduled restart job, restart counter is " +
		"at 3.\n"
	last := func(text string, o Options) *Record {
		o.Keep = keep
		list, _ := all(t, text, o)
		return list[len(list)-1]
	}
	if r := last("Nov 05 11:30:42 box aziot-identityd[12]: "+inner+"\n"+restart, Options{}); r.At != 1730802650000 ||
		r.Uncertain != "" {
		t.Errorf("by the line before: %d %q", r.At, r.Uncertain)
	}
	hour := 60
	if r := last(restart, Options{Year: 2024, Zone: &hour}); r.At != 1730802650000 || r.Uncertain != "" {
		t.Errorf("by the flags: %d %q", r.At, r.Uncertain)
	}
	if r := last(restart, Options{Modified: time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC),
		Zone: &hour}); r.At != 1730802650000 {
		t.Errorf("by the file, across the turn of the year: %d %q", r.At, r.Uncertain)
	}
	if r := last(restart, Options{Year: 2024}); r.Uncertain != "zone" {
		t.Errorf("no zone: %q", r.Uncertain)
	}
	if r := last(restart, Options{}); r.Uncertain != "year" {
		t.Errorf("no year: %q", r.Uncertain)
	}
}

// TestClockJumps: two clocks in one line that differ, and one that goes back.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	line := func(env, in string) string {
		return `{"log":"\u003c6\u003e ` + in + ` +00:00 [INF] - x\n","stream":"stdout","time":"` + env + `"}` + "\n"
	}
	_, sum := all(t, line("2024-11-05T10:30:42Z", "2024-11-05 10:30:42.000")+line("2024-11-05T10:31:42Z",
		"2024-11-05 00:31:42.000")+line("2024-11-05T10:32:42Z", "2024-11-05 00:32:42.000"), Options{})
	if len(sum.Jumps) != 1 || !sum.Jumps[0].Sure || sum.Jumps[0].Count != 2 || sum.Jumps[0].By != -10*time.Hour {
		t.Errorf("two clocks: %+v", sum.Jumps)
	}
	a, b := "<6> 2024-11-05 10:30:42.000 +00:00 [INF] - x\n<6> 2024-11-05 10:30:43.000 +00:00 [INF] - y\n",
		"<6> 2024-11-05 09:30:42.000 +00:00 [INF] - z\n"
	if _, sum = all(t, a+b+a[47:], Options{}); len(sum.Jumps) != 1 || sum.Jumps[0].Sure {
		t.Errorf("back: %+v", sum.Jumps)
	}
	if _, sum = all(t, a+a, Options{}); len(sum.Jumps) != 0 {
		t.Errorf("the same file twice is no clock that jumps: %+v", sum.Jumps)
	}
}

// TestBounds: lines without end, records without end, and what is no text.
func TestBounds(t *testing.T) {
	t.Parallel()
	list, sum := all(t, "<4> 2024-11-05 10:30:42.000 +00:00 [WRN] - "+strings.Repeat("x", 10<<20)+
		"\n<4> 2024-11-05 10:30:43.000 +00:00 [WRN] - y\n", Options{})
	if len(list) != 2 || len(list[0].Said) > maxLine || sum.LongLines != 1 {
		t.Errorf("a long line: %d records, %+v", len(list), sum)
	}
	list, _ = all(t, "<4> 2024-11-05 10:30:42.000 +00:00 [WRN] - x\n"+strings.Repeat("more of it\n", 1<<20), Options{})
	if len(list) != 1 || len(list[0].More) > maxMore || !list[0].Cut {
		t.Errorf("a long record: %d", len(list))
	}
	_, err := Read(context.Background(), strings.NewReader(strings.Repeat("\x08\x00\x12\x02\x01\x7f", 1000)),
		Options{Keep: heads}, func(*Record) {})
	if !errors.Is(err, ErrBinary) {
		t.Errorf("no text: %v", err)
	}
	if list, _ = all(t, "", Options{}); len(list) != 0 {
		t.Error("nothing is nothing")
	}
	if _, sum = all(t, "   at Some.Frame()\n<4> 2024-11-05 10:30:42.000 +00:00 [WRN] - x", Options{}); !sum.Truncated {
		t.Error("begins and ends within a record")
	}
}

// failing gives an error after some text.
type failing struct{ io.Reader }

func (f failing) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func TestWhatBreaksOffKeepsWhatCame(t *testing.T) {
	t.Parallel()
	n := 0
	_, err := Read(context.Background(), failing{strings.NewReader("<4> 2024-11-05 10:30:42.000 +00:00 [WRN] - x\n")},
		Options{Keep: heads}, func(*Record) { n++ })
	if n != 1 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%d records, %v", n, err)
	}
}

// FuzzRead feeds every reader of wrappings and heads with a stranger's bytes.
func FuzzRead(f *testing.F) {
	for _, s := range []string{inner, "Nov 05 11:30:42 box x[12]: " + inner, `{"log":"\u003c6\u003e x`,
		"__CURSOR=s\nMESSAGE\n\x05\x00\x00\x00\x00\x00\x00\x00hello\n\n", "\xff\xfe<\x006\x00",
		"\x01\x00\x00\x00\x00\x00\x00\x05hello",
		`{"MESSAGE":[1,2,3]}`, "<30>1 2024-11-05T10:30:42.003Z b a 1 - [x] y", "7/28/2020 5:48:48 PM info: x -- y",
		`time="2024-11-05T10:30:42Z" level=error msg="a\"b"`, "[02/16/2019 07:07:57.630 AM] Edge Agent Main()",
		verboseEntry("1730802642000000", "x.service", "a\nb"),
		"> &lt;6&gt; 2024-11-05 10:30:42.000 +00:00 [INF] - x\n   at y\n ---> z"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, p []byte) {
		size := 0
		sum, _ := Read(context.Background(), strings.NewReader(string(p)),
			Options{Keep: func(string, Form, Level, []byte) bool { return true }}, func(r *Record) {
				size += len(r.Said)
				if r.Line < 1 || len(r.More) > maxMore {
					t.Errorf("%+v", r)
				}
			})
		if size > 8*len(p)+8 || sum.Lines > len(p)+1 {
			t.Errorf("%d bytes became %d in %d lines", len(p), size, sum.Lines)
		}
	})
}
