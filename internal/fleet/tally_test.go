package fleet

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"edgenet/internal/iothub/service"
)

func moduleRow(id, status, cause string, age time.Duration) string {
	return fmt.Sprintf(`{"deviceId":%q,"moduleId":"edgenet","etag":"AAAAAAAAAAE=","properties":{"desired":{"$version":1},"reported":{"edgenet":{"schema":"edgenet.twin/1","version":"2.0.0","checkedAt":%q,"changedAt":%q,`+
		`"status":%q,"recommended":"AMQPWS","route":"proxy","https":true,"cause":%q,"finding":"firewall.port-blocked","configured":"AMQP","consistent":false,"direct":{"AMQP":"tcp.timeout","MQTT":"tcp.timeout","AMQPWS":"ok","MQTTWS":"ok","HTTPS":"ok"},`+
		`"proxy":{"AMQPWS":"ok","MQTTWS":"ok","HTTPS":"ok"},"proxySource":"env","findings":["firewall.port-blocked"],"latencyMs":{"AMQPWS":210},"flapping":[],"outages24h":1,"worstOutageSec":84,"edgeHub":"online","hubTransport":"amqp","seq":17,"clockSuspect":false,"configErrors":[]}}}}`,
		id, ago(age), ago(100*time.Hour), status, cause)
}

func deviceRow(id, site string) string {
	return fmt.Sprintf(`{"deviceId":%q,"tags":{"site":%q},"capabilities":{"iotEdge":true}}`, id, site)
}

// TestTally: rows of devices and modules in any order give the same numbers, which are
// those that were made.
func TestTally(t *testing.T) {
	t.Parallel()
	lines := []string{
		moduleRow("a", "ok", "", time.Hour), moduleRow("b", "down", "proxy/tcp.timeout", time.Hour),
		moduleRow("c", "ok",
			"", 20*time.Hour),
		moduleRow("d", "down", "tcp.timeout", 3*24*time.Hour),
		`{"deviceId":"e","moduleId":"edgenet","properties":{"reported":{}}}`,
		`{"deviceId":"x","moduleId":"$edgeHub","connectionState":"Connected"}`,
		deviceRow("a", "s1"), deviceRow("b", "s1"), deviceRow("c", "s2"), deviceRow("d", "s2"), deviceRow("e", "s2"),
		deviceRow("f", ""),
		`{"deviceId":"leaf","tags":{},"capabilities":{"iotEdge":false}}`,
	}
	want := `devices 6, reporting 4, silent 2, stale 2, since map[day:1 never:2 week:1], status map[down:2 ok:2], stale map[down:1 ok:1], actor map[firewall-admin:2 none:2]; s1: map[down:1 ok:1] silent 0 stale 0; s2: map[down:1 ok:1] silent 1 stale 2; worst s2 3 of 3 none, none 1 of 1 none, s1 1 of 2 proxy/tcp.timeout`
	for n := range 50 {
		rand.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		tally := NewTally(TallyOptions{Now: noon, Stale: 13 * time.Hour, By: "site", Join: true})
		err := service.Rows(strings.NewReader("["+strings.Join(lines, ",\n")+"]"), func(raw []byte) error {
			row, err := ParseRow(raw)
			tally.Add(row)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		s := tally.Summary()
		var worst []string
		for _, w := range s.Worst {
			worst = append(worst, fmt.Sprintf("%s %d of %d %s", w.Value, w.Bad, w.Devices, w.Cause))
		}
		s1, s2 := s.Tags["site"]["s1"], s.Tags["site"]["s2"]
		got := fmt.Sprintf("devices %d, reporting %d, silent %d, stale %d, since %v, status %v, stale %v, actor "+
			"%v; s1: "+
			"%v silent %d stale %d; s2: %v silent %d stale %d; worst %s",
			s.Devices, s.Reporting, s.Silent, s.Stale, s.SilentSince, s.By.Status, s.StaleBy.Status,
			s.By.Actor, s1.Status,
			s1.Silent, s1.Stale, s2.Status, s2.Silent, s2.Stale, strings.Join(worst, ", "))
		if got != want {
			t.Fatalf("order %d: got\n%s\nwant\n%s", n, got, want)
		}
	}
}

// TestSummaryKeys: the contract's keys are there.
func TestSummaryKeys(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(NewTally(TallyOptions{Now: noon, Stale: time.Hour}).Summary())
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	_ = json.Unmarshal(text, &m)
	for _, key := range []string{"schema", "tool", "hub", "at", "counted", "devices", "reporting", "silent", "stale",
		"partial", "by", "tags", "worst"} {
		if v, ok := m[key]; !ok || v == nil {
			t.Errorf("%s: %v", key, v)
		}
	}
	for _, key := range []string{"status", "recommended", "route", "cause", "finding", "actor", "configured",
		"consistent", "class"} {
		if _, ok := m["by"].(map[string]any)[key]; !ok {
			t.Errorf("by.%s is missing", key)
		}
	}
}

// TestHostileRows: what strangers write is counted, bounded, and breaks nothing.
func TestHostileRows(t *testing.T) {
	t.Parallel()
	tally := NewTally(TallyOptions{Now: noon, Stale: time.Hour, By: "site", Join: true})
	for n := range 5000 {
		row, err := ParseRow(fmt.Appendf(nil,
			`{"deviceId":"d%d","moduleId":"edgenet","tags":{"site":"s\u001b[31m%d"},"properties":{"reported":{"edgenet":{"status":"x%d","checkedAt":%q,"cause":"\u202e%d"}}}}`, n, n, n, ago(time.Minute), n))
		if err != nil {
			t.Fatal(err)
		}
		tally.Add(row)
	}
	for _, odd := range []string{`{"deviceId":"o1","properties":{"reported":{"edgenet":{"status":7,"checkedAt":[1]}}}}`,
		`{"deviceId":"o2","edgenet":"text"}`, `{"deviceId":"o3","tags":7,"edgenet":{"direct":7}}`} {
		row, err := ParseRow([]byte(odd))
		if err != nil || row.Reported == nil || !row.Reported.Odd {
			t.Errorf("%s: %v %+v", odd, err, row.Reported)
		}
		tally.Add(row)
	}
	s := tally.Summary()
	if len(s.By.Status) > mostValues+1 || len(s.Tags["site"]) > mostValues+1 || s.Reporting != 5003 ||
		len(s.Trouble) > mostValues {
		t.Errorf("%d statuses, %d sites, %d reporting", len(s.By.Status), len(s.Tags["site"]), s.Reporting)
	}
	for value := range s.Tags["site"] {
		if strings.ContainsAny(value, "\x1b\u202e") {
			t.Fatalf("%q", value)
		}
	}
}

// stream is a large answer that is never in memory as a whole.
type stream struct {
	n, of int
	rest  []byte
}

func (s *stream) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		switch {
		case s.n > s.of:
			return 0, io.EOF
		case s.n == s.of:
			s.rest = []byte("]")
		default:
			head := ","
			if s.n == 0 {
				head = "["
			}
			id := fmt.Sprintf("device-%07d", s.n/2)
			if s.n%2 == 0 {
				s.rest = []byte(head + deviceRow(id, fmt.Sprint("site-", s.n%997)))
			} else {
				s.rest = []byte(head + moduleRow(id, "ok", "tcp.timeout", time.Hour))
			}
		}
		s.n++
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

func countStream(t testing.TB, devices int) (*Summary, uint64) {
	t.Helper()
	tally := NewTally(TallyOptions{Now: noon, Stale: 13 * time.Hour, By: "site", Join: true})
	var most, n uint64
	var m runtime.MemStats
	err := service.Rows(&stream{of: 2 * devices}, func(raw []byte) error {
		row, err := ParseRow(raw)
		tally.Add(row)
		if n++; n%50000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tally.Summary(), most
}

// TestConstantMemory: two hundred thousand twins, of devices and their modules joined by a tag, cost
// some 20 bytes each and nothing else. Not parallel: it looks at the heap.
func TestConstantMemory(t *testing.T) {
	const devices = 100_000
	s, most := countStream(t, devices)
	if s.Devices != devices || s.Reporting != devices || len(s.Tags["site"]) != 997 {
		t.Errorf("%d devices, %d reporting, %d sites", s.Devices, s.Reporting, len(s.Tags["site"]))
	}
	if most > 10<<20 {
		t.Errorf("%d bytes of heap, want at most 10 MiB", most)
	}
}

// BenchmarkMillion counts a million devices with their modules.
func BenchmarkMillion(b *testing.B) {
	for b.Loop() {
		_, most := countStream(b, 1_000_000)
		b.ReportMetric(float64(most)/(1<<20), "MiB-heap")
	}
}

// TestSum: a device counts once, by its latest report; what stops the others is named.
func TestSum(t *testing.T) {
	t.Parallel()
	s := NewSum(noon)
	add := func(id string, at time.Duration, verdict, results string) {
		text := fmt.Sprintf(`{"schema":"edgenet.report/1","startedAt":%q,"target":{"hub":"h"},"device":{"id":%q},"verdict":%s,"results":[%s]}`, ago(at), id, verdict, results)
		if err := s.Add("f", []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	ok := func(p, route string) string {
		return fmt.Sprintf(`{"upstreamProtocol":%q,"route":%q,"httpsOk":true}`, p, route)
	}
	none := `{"upstreamProtocol":null,"httpsOk":false}`
	failed := func(route, hop, cause string) string {
		return fmt.Sprintf(`{"status":"failed","protocol":"AMQPWS","route":%q,"hop":%q,"cause":%q}`, route, hop, cause)
	}
	add("a", time.Hour, ok("AMQP", "direct"), "")
	add("a", 2*time.Hour, none, failed("direct", "target", "tcp.timeout"))
	add("b", time.Hour, ok("AMQPWS", "proxy2"), "")
	add("c", time.Hour, none, failed("direct", "target", "tcp.timeout")+","+failed("direct", "target",
		"tcp.timeout")+","+failed("proxy", "proxy", "connect.forbidden"))
	add("", time.Hour, none, failed("direct", "target", "tcp.timeout"))
	add("", time.Hour, none, failed("direct", "target", "tcp.timeout"))
	if err := s.Add("f", []byte(`{"schema":"edgenet.beat/1"}`)); err != nil {
		t.Error(err)
	}
	if err := s.Add("f", []byte(`{"schema":"other/1"}`)); err == nil {
		t.Error("a foreign document was taken")
	}
	got := s.Summary()
	if got.Devices != 5 || got.By.Ways["AMQP@direct"] != 1 || got.By.Ways["AMQPWS@proxy"] != 1 ||
		got.By.Ways["none"] != 3 || got.By.Cause["connect.forbidden"] != 1 || got.By.Cause["tcp.timeout"] != 2 ||
		got.Stale+got.Silent != 0 {
		t.Errorf("%+v", got)
	}
}

// FuzzParseRow: any row gives a row or an error.
func FuzzParseRow(f *testing.F) {
	f.Add([]byte(moduleRow("a", "ok", "", time.Hour)))
	f.Add([]byte(deviceRow("a", "s")))
	f.Add([]byte(`{"deviceId":"a","edgenet":{"status":1}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		row, err := ParseRow(text)
		if err != nil {
			return
		}
		tally := NewTally(TallyOptions{Now: noon, Stale: time.Hour, By: "a.b", Join: true})
		tally.Add(row)
		if s := tally.Summary(); s.Reporting > s.Devices {
			t.Errorf("%+v", s)
		}
	})
}
