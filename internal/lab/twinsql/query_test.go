package twinsql

import (
	"errors"
	"strings"
	"testing"
)

const twinText = `{"deviceId":"d1","moduleId":"edgenet","connectionState":"Connected","version":7,
 "tags":{"site":"north's","a.b":1,"list":["x","y"],"edgenet":{"class":"ws"},"Floor":2,"gone":null,"on":true},
 "configurations":{"my-dep":{"status":"Applied"},"x.y":{"status":"Targeted"}},
 "properties":{"desired":{"$version":4},"reported":{"lastDesiredVersion":4,"lastDesiredStatus":{"code":200},
 "edgenet":{"status":"ok","checkedAt":"2026-03-01T00:00:00Z","ms":12.5,"direct":{"AMQP":"tcp.timeout"}}}}}`

func document(t testing.TB, text string) Document {
	t.Helper()
	o, err := DecodeObject([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return Document{o}
}

func TestConditions(t *testing.T) {
	t.Parallel()
	twin := document(t, twinText)
	for condition, want := range map[string]bool{
		"deviceId = 'd1'":                                 true,
		"DeviceID = \"d1\"":                               true, // the hub's own names in any case
		"tags.floor = 2":                                  false,
		"tags.Floor = 2":                                  true,
		"tags.site = 'north''s'":                          true,
		`tags.site = 'north\'s'`:                          true,
		`tags.site = "north's"`:                           true,
		`tags.site = 'north\u0027s'`:                      true,
		"tags.[[a.b]] = 1":                                true,
		"configurations.[[my-dep]].status = 'Applied'":    true,
		"configurations.[[x.y]].status != 'Applied'":      true,
		"configurations.[[other]].status != 'Applied'":    false, // neither true nor false
		"NOT configurations.[[other]].status = 'Applied'": false,
		"NOT is_defined(configurations.[[other]].status)": true,
		"properties.desired.$version = properties.reported.lastDesiredVersion and " +
			"properties.reported.lastDesiredStatus.code = 200": true,
		"properties.reported.lastDesiredStatus.code <> 200":     false,
		"properties.reported.edgenet.checkedAt < '2026-03-02'":  true,
		"properties.reported.edgenet.checkedAt >= '2026-03-02'": false,
		"properties.reported.edgenet.ms > 12 and version <= 7":  true,
		"properties.reported.edgenet.ms > '12'":                 false,
		"tags.edgenet.class IN ['amqp', 'ws']":                  true,
		"tags.edgenet.class NIN ['amqp', 'ws']":                 false,
		"tags.edgenet.class NOT IN ['amqp']":                    true,
		"tags.nothing IN ['amqp']":                              false,
		"tags.nothing NIN ['amqp']":                             false,
		"deviceId IN []":                                        false,
		"tags.gone = null":                                      true,
		"tags.on":                                               true, "deviceId": false,
		"NOT tags.on = true":                                         false,
		"tags.on = true OR tags.nothing = 1":                         true,
		"tags.nothing = 1 OR tags.on":                                true,
		"tags.nothing = 1 AND tags.on":                               false,
		"NOT (tags.nothing = 1 AND false)":                           true,
		"version > -1 and version < 1e1":                             true,
		"STARTSWITH(deviceId, 'd') and endswith(deviceId, '1')":      true,
		"STARTSWITH(tags.Floor, 'd')":                                false,
		"tags.list = 'x'":                                            false, // primitives alone
		"properties.reported.edgenet.direct.AMQP = 'tcp.timeout'":    true,
		"devices.modules.deviceId = 'd1'":                            true,
		"deviceId = 'd1' AND version = 1 OR moduleId = 'edgenet'":    true, // AND binds closer
		"deviceId = 'd1' AND (version = 1 OR moduleId = '$edgeHub')": false,
	} {
		c, err := ParseCondition(condition, FromModules, Dialect{})
		if err != nil {
			t.Errorf("%s: %v", condition, err)
			continue
		}
		if got := True(c, twin); got != want {
			t.Errorf("%s: %v, want %v", condition, got, want)
		}
	}
}

// What message routing alone has is refused, and works where the dialect opens it.
func TestRoutingFunctions(t *testing.T) {
	t.Parallel()
	twin := document(t, twinText)
	for condition, want := range map[string]bool{
		"STARTS_WITH(deviceId, 'd')": true, "ENDS_WITH(deviceId, 'x')": false, "CONTAINS(tags.site, 'th')": true,
		"IS_NULL(tags.gone)": true, "IS_STRING(deviceId)": true, "IS_NUMBER(deviceId)": false, "IS_BOOL(tags.on)": true,
		"IS_ARRAY(tags.list)": true, "IS_OBJECT(tags)": true, "IS_PRIMITIVE(tags)": false, "LENGTH(deviceId) = 2": true,
		"LOWER(connectionState) = 'connected'": true, "UPPER(deviceId) = 'D1'": true,
		"CONCAT(deviceId, '-', moduleId) = 'd1-edgenet'": true,
		"SUBSTRING(deviceId, 1) = '1'":                   true, "SUBSTRING(moduleId, 1, 3) = 'dge'": true,
		"INDEX_OF(moduleId, 'net') = 4": true,
	} {
		if _, err := ParseCondition(condition, FromDevices, Dialect{}); err == nil {
			t.Errorf("%s: taken, as no hub does", condition)
		}
		c, err := ParseCondition(condition, FromDevices, Dialect{RoutingFunctions: true})
		if err != nil {
			t.Errorf("%s: %v", condition, err)
			continue
		}
		if got := True(c, twin); got != want {
			t.Errorf("%s: %v", condition, got)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	for _, q := range []string{
		"", "SELECT", "SELECT *", "SELECT * FROM", "SELECT * FROM things", "SELECT * FROM devices.things",
		"SELECT FROM devices",
		"SELECT * FROM devices WHERE", "SELECT * FROM devices WHERE deviceId = ", "SELECT * FROM devices WHERE 'x'",
		"SELECT * FROM devices WHERE deviceId LIKE 'x%'", "SELECT * FROM devices ORDER BY deviceId",
		"SELECT * FROM devices WHERE deviceId = 'x",
		"SELECT * FROM devices WHERE (deviceId = 'x'", "SELECT * FROM devices WHERE deviceId = 'x')",
		"SELECT * FROM devices WHERE deviceId IN ('x')",
		"SELECT * FROM devices WHERE deviceId IN ['x'", "SELECT * FROM devices WHERE deviceId IN [deviceId]",
		"SELECT * FROM devices GROUP BY deviceId",
		"SELECT deviceId, COUNT() FROM devices", "SELECT deviceId, COUNT() AS n FROM devices GROUP BY tags.site",
		"SELECT COUNT(deviceId) FROM devices",
		"SELECT AVG() FROM devices", "SELECT TOP 0 * FROM devices", "SELECT TOP x * FROM devices",
		"SELECT TOP 1.5 * FROM devices",
		"SELECT deviceId FROM devices.jobs", "SELECT COUNT() AS n FROM devices.jobs",
		"SELECT * FROM devices WHERE nosuch(deviceId)",
		"SELECT * FROM devices WHERE is_defined()", "SELECT * FROM devices WHERE is_defined(a, b)",
		"SELECT * FROM devices; DROP TABLE devices",
		"SELECT * FROM devices WHERE deviceId = '\\q'", "SELECT * FROM devices WHERE deviceId = '\\ud800'",
		"SELECT * FROM devices WHERE tags.[[x = 1",
		"SELECT * FROM devices WHERE a = 12x", "SELECT a. FROM devices", "SELECT a AS FROM devices",
		"SELECT * AS x FROM devices", "SELECT a b FROM devices",
		"SELECT * FROM devices WHERE " + strings.Repeat("(", 100) + "a=1" + strings.Repeat(")", 100),
		"SELECT * FROM devices WHERE " + strings.Repeat("NOT ",
			100) + "a=1", "SELECT * FROM devices WHERE a='" + strings.Repeat("x", MaxLength) + "'",
	} {
		_, err := Parse(q, Dialect{})
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%.80s: %v", q, err)
		}
	}
}

func TestDialect(t *testing.T) {
	t.Parallel()
	for q, d := range map[string]Dialect{
		"SELECT COUNT() AS n FROM devices.modules": {RefuseGroupModules: true},
		"SELECT deviceId FROM devices":             {RefuseProjections: true},
	} {
		if _, err := Parse(q, Dialect{}); err != nil {
			t.Errorf("%s: %v", q, err)
		}
		if _, err := Parse(q, d); err == nil {
			t.Errorf("%s: taken", q)
		}
	}
	if _, err := Parse("SELECT COUNT() AS n FROM devices",
		Dialect{RefuseGroupModules: true, RefuseProjections: true}); err != nil {
		t.Error(err)
	}
}

func rows(t *testing.T, text string, documents ...string) string {
	t.Helper()
	q, err := Parse(text, Dialect{})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	out := []any{}
	sum := q.Aggregate()
	for _, d := range documents {
		doc := document(t, d)
		switch {
		case !q.Matches(doc):
		case q.Aggregates():
			sum.Add(doc)
		default:
			out = append(out, q.Project(doc))
		}
	}
	if q.Aggregates() {
		for _, r := range sum.Rows() {
			out = append(out, r)
		}
	}
	return string(Append(nil, out))
}

func TestRows(t *testing.T) {
	t.Parallel()
	docs := []string{`{"s":"b","n":1}`, `{"s":"a","n":2.5}`, `{"s":"b","n":4}`, `{"n":8}`, `{"s":null}`,
		`{"s":{"x":1},"n":"text"}`}
	for q, want := range map[string]string{
		"SELECT s, n AS m FROM devices WHERE n < 3":                                          `[{"s":"b","m":1},{"s":"a","m":2.5}]`,
		"SELECT s.x FROM devices WHERE is_defined(s.x)":                                      `[{"x":1}]`,
		"SELECT s, COUNT() AS c FROM devices GROUP BY s":                                     `[{"c":2},{"s":null,"c":1},{"s":"a","c":1},{"s":"b","c":2}]`,
		"SELECT COUNT() AS c FROM devices":                                                   `[{"c":6}]`,
		"SELECT COUNT() FROM devices":                                                        `[{"$1":6}]`,
		"SELECT SUM(n) AS s, AVG(n) AS a, MIN(n) AS l, MAX(n) AS h FROM devices WHERE n > 0": `[{"s":15.5,"a":3.875,"l":1,"h":8}]`,
		"SELECT COUNT() AS c, MAX(n) AS h FROM devices WHERE n > 100":                        `[{"c":0}]`,
		"select s, max(n) as h from devices where is_defined(s) and s = 'b' group by s":      `[{"s":"b","h":4}]`,
		"SELECT [[n]] AS [[N.n]] FROM devices WHERE s = 'a'":                                 `[{"N.n":2.5}]`,
	} {
		if got := rows(t, q, docs...); got != want {
			t.Errorf("%s:\n%s\nwant %s", q, got, want)
		}
	}
}

// The queries that the hub itself publishes for a deployment's system metrics.
func TestPublishedMetrics(t *testing.T) {
	t.Parallel()
	twin := strings.Replace(twinText, `"moduleId":"edgenet"`, `"moduleId":"$edgeAgent"`, 1)
	for q, want := range map[string]string{
		"select deviceId from devices.modules where moduleId = '$edgeAgent' and configurations.[[my-dep]].status = " +
			"'Applied'": `[{"deviceId":"d1"}]`,
		"select deviceId from devices.modules where moduleId = '$edgeAgent' and configurations.[[x.y]].status = " +
			"'Applied'": `[]`,
		"select deviceId from devices.modules where moduleId = '$edgeAgent' and configurations.[[my-dep]].status = " +
			"'Applied' and properties.desired.$version = properties.reported.lastDesiredVersion and " +
			"properties.reported.lastDesiredStatus.code = 200": `[{"deviceId":"d1"}]`,
		"select deviceId from devices.modules where moduleId = '$edgeAgent' and configurations.[[my-dep]].status = " +
			"'Applied' and properties.desired.$version = properties.reported.lastDesiredVersion and " +
			"properties.reported.lastDesiredStatus.code != 200": `[]`,
	} {
		if got := rows(t, q, twin); got != want {
			t.Errorf("%s: %s", q, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, q := range []string{
		"SELECT TOP 3 a.b AS c, COUNT() FROM devices WHERE NOT (a = 'x''y' OR b IN [1, -2.5, null]) AND " +
			"is_defined(t.[[q r]]) GROUP BY a.b",
		`select * from devices.jobs where devices.jobs.jobId = "\u0041\ud83d\ude00"`,
		"SELECT * FROM devices WHERE STARTSWITH(a, 'b')",
	} {
		f.Add(q)
	}
	twin := document(f, twinText)
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Parse(text, Dialect{RoutingFunctions: true})
		if err != nil {
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.At < 0 || syntax.At > len(text) {
				t.Fatalf("%v", err)
			}
			return
		}
		if q.Matches(twin) && !q.Aggregates() {
			q.Project(twin)
		}
		if q.Aggregates() {
			sum := q.Aggregate()
			sum.Add(twin)
			Append(nil, sum.Rows()[0])
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add(twinText)
	f.Add(`[1e3,-0.5,"\u2028",{"a":{},"a":[]}]`)
	f.Fuzz(func(t *testing.T, text string) {
		v, err := Decode([]byte(text))
		if err != nil {
			return
		}
		again, err := Decode(Append(nil, v))
		if err != nil || string(Append(nil, again)) != string(Append(nil, v)) {
			t.Fatalf("%s: %v", text, err)
		}
	})
}
