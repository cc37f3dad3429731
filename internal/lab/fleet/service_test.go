package fleet

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"edgenet/internal/lab/hub"
	"edgenet/internal/lab/twinsql"
)

func (a answer) expect(t *testing.T, status int, code string) {
	t.Helper()
	if a.status != status || code != "" && a.header.Get("Iothub-Errorcode") != code {
		t.Errorf("%d %s %.300s, want %d %s", a.status, a.header.Get("Iothub-Errorcode"), a.body, status, code)
	}
}

func TestETags(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 40})
	for _, path := range []string{"/twins/edge-000001", "/twins/edge-000001/modules/edgenet"} {
		etag := call(t, f, "GET", path, "").header.Get("ETag")
		patch := `{"tags":{"a":1}}`
		call(t, f, "PATCH", path, patch, "If-Match", etag).expect(t, 200, "")
		call(t, f, "PATCH", path, patch, "If-Match", etag).expect(t, 412, "PreconditionFailed")
		for _, any := range []string{"*", `"*"`, "", `W/"*"`} {
			call(t, f, "PATCH", path, patch, "If-Match", any).expect(t, 200, "")
		}
		bare := text(call(t, f, "GET", path, "").at(t, "etag"))
		call(t, f, "PUT", path, `{"tags":{"b":{"c":2}}}`, "If-Match", bare).expect(t, 200, "")
		if tags := string(twinsql.Append(nil, call(t, f, "GET", path, "").at(t, "tags"))); tags != `{"b":{"c":2}}` {
			t.Errorf("after PUT: %s", tags)
		}
	}
}

func TestTwinLimits(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 40})
	for _, body := range []string{
		`{"tags":{"a.b":1}}`, `{"tags":{"$a":1}}`, `{"tags":{"a b":1}}`, `{"tags":{"":1}}`, `{"tags":{"a":"` +
			strings.Repeat("x", maxString+1) + `"}}`,
		`{"tags":{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":{"i":{"j":{"k":1}}}}}}}}}}}}`, `[]`, `nothing`,
		`{"tags":{"a":1}} more`,
		`{"tags":{"a":["` + strings.Repeat(`x","`, 3000) + `"],"b":"` + strings.Repeat("x",
			4000) + `","c":"` + strings.Repeat("x", 4000) + `"}}`,
	} {
		a := call(t, f, "PATCH", "/twins/edge-000001", body)
		if a.status != 400 {
			t.Errorf("%.60s: %d", body, a.status)
		}
	}
	for _, id := range []string{"edge-000040", "edge-1", "edge-00000x", "other"} {
		if call(t, f, "GET", "/twins/"+id, "").status != 404 {
			t.Errorf("%s is there", id)
		}
	}
}

// Somebody else changes a twin right after it was read.
func TestRetag(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 40, Switches: Switches{Retags: 1}})
	etag := call(t, f, "GET", "/twins/edge-000001", "").header.Get("ETag")
	call(t, f, "PATCH", "/twins/edge-000001", `{"tags":{"mine":1}}`, "If-Match", etag).expect(t, 412,
		"PreconditionFailed")
	a := call(t, f, "GET", "/twins/edge-000001", "")
	if a.at(t, "tags", "touched", "by") != "somebody" {
		t.Errorf("%s", a.body)
	}
	call(t, f, "PATCH", "/twins/edge-000001", `{"tags":{"mine":1}}`, "If-Match", a.header.Get("ETag")).expect(t, 200,
		"")
}

// Of three writes the first passes, the second never arrives, and the third is done
// without an answer.
func TestCutWrites(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 40, Switches: Switches{Pass: 1, Lost: 1, Hidden: 1}})
	server := httptest.NewServer(f.Handler())
	defer server.Close()
	client := server.Client()
	defer client.CloseIdleConnections()
	patch := func(name string) error {
		r, err := http.NewRequest("PATCH", server.URL+"/twins/edge-000001?api-version=2021-04-12",
			strings.NewReader(`{"tags":{"`+name+`":1}}`))
		if err != nil {
			t.Fatal(err)
		}
		a, err := client.Do(r)
		if err == nil {
			_, _ = io.Copy(io.Discard, a.Body)
			_ = a.Body.Close()
		}
		return err
	}
	for _, tt := range []struct {
		name           string
		answered, done bool
	}{{"first", true, true}, {"second", false, false}, {"third", false, true}, {"fourth", true, true}} {
		err := patch(tt.name)
		done := call(t, f, "GET", "/twins/edge-000001", "").at(t, "tags", tt.name) == 1.0
		if (err == nil) != tt.answered || done != tt.done {
			t.Errorf("%s: %v, done %v", tt.name, err, done)
		}
	}
	if f.Writes() != 3 {
		t.Errorf("%d writes", f.Writes())
	}
}

// The 101st deployment is answered like the others, and is not there.
func TestQuota(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		switches Switches
		status   int
		keeps    int
	}{{Switches{}, 200, 100}, {Switches{Tier: "F1"}, 200, 10}, {Switches{LoudQuota: true}, 403, 100}} {
		f := newFleet(t, Options{Devices: 1, Switches: tt.switches})
		for i := 1; i < tt.keeps; i++ {
			deploy(t, f, fmt.Sprintf("d%d", i), "", 1, BaseContent("", "")).expect(t, 200, "")
		}
		deploy(t, f, "last", "", 1, BaseContent("", "")).expect(t, tt.status, "")
		call(t, f, "GET", "/configurations/last", "").expect(t, 404, "ConfigurationNotFound")
		if list, _ := call(t, f, "GET", "/configurations?top=1000", "").at(t).([]any); len(list) != tt.keeps {
			t.Errorf("%d are listed", len(list))
		}
	}
}

func TestConfigurations(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 40})
	for id, status := range map[string]int{"Upper": 400, "sp ace": 400, "a&b": 400, "ok-1": 200, "a:b+c%d": 200} {
		body := object{member("id", id), member("content", object{member("modulesContent", BaseContent("", ""))})}
		path := "/configurations/" + strings.NewReplacer(" ", "%20", "%", "%25").Replace(id)
		call(t, f, "PUT", path, string(twinsql.Append(nil, body))).expect(t, status, "")
	}
	call(t, f, "PUT", "/configurations/x", `{"id":"y","content":{"modulesContent":{}}}`).expect(t, 400, "")
	call(t, f, "PUT", "/configurations/x", `{"id":"x"}`).expect(t, 400, "")
	call(t, f, "PUT", "/configurations/x", `{"id":"x","content":{"modulesContent":{"edgenet":{}}}}`).expect(t, 400, "")
	deploy(t, f, "new", "*", 1, BaseContent("", ""), "If-Match", `"*"`).expect(t, 412, "")
	deploy(t, f, "ok-1", "*", 1, BaseContent("", "")).expect(t, 409, "")
	deploy(t, f, "ok-1", "*", 1, BaseContent("Mqtt", ""), "If-Match", "*").expect(t, 400, "") // the content stays
	deploy(t, f, "ok-1", "tags.x LIKE 'y'", 1, BaseContent("", ""), "If-Match", "*").expect(t, 400, "")
	deploy(t, f, "ok-1", "properties.reported.x = 1", 1, BaseContent("", ""), "If-Match", "*").expect(t, 400, "")
	deploy(t, f, "ok-1", "deviceId IN ['edge-000003','edge-000004']", 1, BaseContent("", ""), "If-Match",
		`"*"`).expect(t, 200, "")
	f.Advance(time.Minute)
	if n := call(t, f, "GET", "/configurations/ok-1", "").at(t, "systemMetrics", "results", "targetedCount"); n != 2.0 {
		t.Errorf("%v targeted", n)
	}
	a := call(t, f, "POST", "/configurations/testQueries",
		`{"targetCondition":"tags.x LIKE 'y'","customMetricQueries":{"good":"SELECT COUNT() AS n FROM devices","bad":"SELECT"}}`)
	if a.at(t, "targetConditionError") == nil || a.at(t, "customMetricQueryErrors", "good") != nil ||
		a.at(t, "customMetricQueryErrors", "bad") == nil {
		t.Errorf("%s", a.body)
	}
	call(t, f, "DELETE", "/configurations/ok-1", "", "If-Match", `"old"`).expect(t, 412, "")
	call(t, f, "DELETE", "/configurations/ok-1", "").expect(t, 204, "")
	call(t, f, "DELETE", "/configurations/ok-1", "").expect(t, 404, "")
}

// Queries see a twin as it was for as long as the index lags; GET sees it as it is.
func TestIndexLag(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 40, Switches: Switches{IndexLag: 10 * time.Minute}})
	call(t, f, "PATCH", "/twins/edge-000001", `{"tags":{"mine":1}}`).expect(t, 200, "")
	count := func() int {
		rows, _ := ask(t, f, "SELECT deviceId FROM devices WHERE tags.mine = 1", 100)
		return len(rows)
	}
	if count() != 0 || call(t, f, "GET", "/twins/edge-000001", "").at(t, "tags", "mine") != 1.0 {
		t.Error("the query sees it at once, or GET does not")
	}
	f.Advance(9 * time.Minute)
	if count() != 0 {
		t.Error("seen after 9 minutes")
	}
	f.Advance(2 * time.Minute)
	if count() != 1 {
		t.Error("not seen after 11 minutes")
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 250})
	for _, empty := range []bool{false, true} {
		if err := f.Set(Switches{EmptyPages: empty, TokenLife: time.Hour}); err != nil {
			t.Fatal(err)
		}
		rows, pages := ask(t, f, "SELECT deviceId FROM devices", 100)
		if want := map[bool]int{false: 3, true: 6}[empty]; len(rows) != 250 || pages != want {
			t.Errorf("%d rows in %d pages", len(rows), pages)
		}
		rows, _ = ask(t, f, "SELECT TOP 120 * FROM devices", 100)
		if len(rows) != 120 {
			t.Errorf("TOP 120: %d rows", len(rows))
		}
		if rows, pages = ask(t, f, "SELECT deviceId, COUNT() AS n FROM devices GROUP BY deviceId",
			100); len(rows) != 250 {
			t.Errorf("GROUP BY: %d rows in %d pages", len(rows), pages)
		}
		if rows, _ = ask(t, f, "SELECT deviceId FROM devices WHERE deviceId = 'nobody'", 100); len(rows) != 0 {
			t.Errorf("%v", rows)
		}
	}
}

func TestContinuations(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 250})
	query := func(q, token string) answer {
		return call(t, f, "POST", "/devices/query", `{"query":"`+q+`"}`, "X-Ms-Continuation", token,
			"X-Ms-Max-Item-Count",
			"100")
	}
	first := query("SELECT * FROM devices", "")
	next := first.header.Get("X-Ms-Continuation")
	if first.header.Get("X-Ms-Item-Type") != "Twin" || next == "" {
		t.Fatalf("%v", first.header)
	}
	query("SELECT * FROM devices", next).expect(t, 200, "")
	query("SELECT deviceId FROM devices", next).expect(t, 400, "ArgumentInvalid")
	for _, token := range []string{"x", "%%%", base64.StdEncoding.EncodeToString([]byte("{}")),
		base64.StdEncoding.EncodeToString([]byte(`{"p":-1}`))} {
		query("SELECT * FROM devices", token).expect(t, 400, "ArgumentInvalid")
	}
	f.Advance(61 * time.Minute)
	query("SELECT * FROM devices", next).expect(t, 400, "ArgumentInvalid")
	query("SELECT * FROM devices ORDER BY deviceId", "").expect(t, 400, "ArgumentInvalid")
	query("", "").expect(t, 400, "ArgumentNull")
	call(t, f, "POST", "/devices/query", "nothing").expect(t, 400, "ArgumentInvalid")
}

func TestThrottles(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 40, Switches: Switches{Throttle: true}})
	query := func() answer { return call(t, f, "POST", "/devices/query", `{"query":"SELECT * FROM devices"}`) }
	for range 20 {
		query().expect(t, 200, "")
	}
	a := query()
	a.expect(t, 429, "ThrottlingBacklogTimeout")
	if !strings.Contains(string(a.body), "Wait 3 seconds") {
		t.Errorf("%s", a.body)
	}
	f.Advance(3 * time.Second)
	query().expect(t, 200, "")
	if got := f.Throttles()[CallQuery]; got.Calls != 22 || got.Over != 1 || got.Refused != 1 {
		t.Errorf("%+v", got)
	}
	if err := f.Set(Switches{Tier: "S3", Throttle: true}); err != nil {
		t.Fatal(err)
	}
	f.Advance(time.Minute)
	for range 500 {
		query().expect(t, 200, "")
	}
	if err := f.Set(Switches{}); err != nil {
		t.Fatal(err)
	}
	for range 120 {
		call(t, f, "GET", "/twins/edge-000001", "").expect(t, 200, "") // counted, and not refused
	}
	if got := f.Throttles()[CallTwinRead]; got.Over != 20 || got.Refused != 0 {
		t.Errorf("%+v", got)
	}
	if err := f.Set(Switches{Refuse: 1, RefuseStatus: 503}); err != nil {
		t.Fatal(err)
	}
	query().expect(t, 503, "ServerError")
	query().expect(t, 200, "")
}

func TestTierAndRights(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 40, Switches: Switches{Tier: "B1"}})
	call(t, f, "GET", "/twins/edge-000001", "").expect(t, 403, "OperationNotAvailableInCurrentTier")
	call(t, f, "POST", "/devices/query", `{"query":"SELECT * FROM devices"}`).expect(t, 403,
		"OperationNotAvailableInCurrentTier")
	call(t, f, "GET", "/configurations", "").expect(t, 403, "OperationNotAvailableInCurrentTier")
	call(t, f, "GET", "/statistics/devices", "").expect(t, 200, "")
	f = newFleet(t, Options{Devices: 40})
	service, reader := hub.Rights{hub.ServiceConnect: true}, hub.Rights{hub.RegistryRead: true}
	callAs(t, f, service, "GET", "/twins/edge-000001", "").expect(t, 200, "")
	callAs(t, f, service, "GET", "/configurations", "").expect(t, 403, "IotHubForbidden")
	callAs(t, f, reader, "GET", "/configurations", "").expect(t, 200, "")
	callAs(t, f, reader, "DELETE", "/configurations/base", "").expect(t, 403, "IotHubForbidden")
	callAs(t, f, reader, "GET", "/twins/edge-000001", "").expect(t, 403, "IotHubForbidden")
	call(t, f, "POST", "/twins/edge-000001", "{}").expect(t, 405, "MethodNotAllowed")
	call(t, f, "GET", "/jobs/v3/x", "").expect(t, 404, "NotFound")
}

func TestMethods(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 400, Seed: 7})
	up, down := -1, -1
	for n := range f.devices {
		if f.devices[n].is(hubUp) && f.devices[n].is(running) {
			up = n
		} else if f.devices[n].is(running) {
			down = n
		}
	}
	path := func(n int) string { return "/twins/" + f.ID(n) + "/modules/edgenet" }
	f.Advance(time.Minute)
	a := call(t, f, "POST", path(up)+"/methods", `{"methodName":"check","responseTimeoutInSeconds":30}`)
	checked := call(t, f, "GET", path(up), "").at(t, "properties", "reported", "edgenet", "checkedAt")
	if a.at(t, "status") != 200.0 || a.at(t, "payload", "done") != true || checked != f.Now().Format(time.RFC3339) {
		t.Errorf("%s, and the twin says %v", a.body, checked)
	}
	call(t, f, "POST", path(down)+"/methods", `{"methodName":"check"}`).expect(t, 404, "")
	call(t, f, "POST", path(up)+"/methods", `{"methodName":"check","responseTimeoutInSeconds":1}`).expect(t, 400,
		"ArgumentInvalid")
	call(t, f, "POST", path(up)+"/methods", `{}`).expect(t, 400, "ArgumentInvalid")
	if a := call(t, f, "POST", path(up)+"/methods", `{"methodName":"nothing"}`); a.at(t, "status") != 404.0 {
		t.Errorf("%s", a.body)
	}
	if a := call(t, f, "POST", path(up)+"/methods", `{"methodName":"ping","payload":[1]}`); a.at(t, "status") != 400.0 {
		t.Errorf("%s", a.body)
	}
}

// One job runs at a time on the smallest hub, ten devices a second.
func TestJobs(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 400})
	job := func(id, more string) answer {
		return call(t, f, "PUT", "/jobs/v2/"+id,
			`{"jobId":"`+id+`","type":"scheduleUpdateTwin","updateTwin":{"etag":"*","tags":{"job":"`+id+`"}}`+more+`}`)
	}
	job("first", `,"queryCondition":"*"`).expect(t, 200, "")
	job("second", `,"queryCondition":"tags.site = 'site-00001'"`).expect(t, 200, "")
	job("first", "").expect(t, 409, "JobAlreadyExists")
	job("bad", `,"queryCondition":"tags LIKE 'x'"`).expect(t, 400, "ArgumentInvalid")
	call(t, f, "PUT", "/jobs/v2/x", `{"type":"nothing"}`).expect(t, 400, "ArgumentInvalid")
	status := func(id string) string { return text(call(t, f, "GET", "/jobs/v2/"+id, "").at(t, "status")) }
	f.Advance(20 * time.Second)
	if done := call(t, f, "GET", "/jobs/v2/first", "").at(t, "deviceJobStatistics", "succeededCount"); done != 200.0 ||
		status("second") != "queued" {
		t.Errorf("after 20 s: %v done, the second is %s", done, status("second"))
	}
	if rows, _ := ask(t, f, "SELECT deviceId FROM devices WHERE tags.job = 'first'", 1000); len(rows) != 200 {
		t.Errorf("%d tagged", len(rows))
	}
	f.Advance(25 * time.Second)
	if status("first") != "completed" || status("second") != "completed" {
		t.Errorf("after 45 s: %s, %s", status("first"), status("second"))
	}
	if rows, _ := ask(t, f, "SELECT * FROM devices.jobs WHERE devices.jobs.jobId = 'second'", 1000); len(rows) != 40 {
		t.Errorf("%d device jobs", len(rows))
	}
	job("late", `,"startTime":"2026-03-02T00:00:00Z"`).expect(t, 200, "")
	if call(t, f, "POST", "/jobs/v2/late/cancel", "").at(t, "status") != "cancelled" {
		t.Error("not cancelled")
	}
	list, _ := call(t, f, "GET", "/jobs/v2/query?jobStatus=completed", "").at(t).([]any)
	if len(list) != 2 {
		t.Errorf("%d jobs are listed", len(list))
	}
}

func TestApplyContent(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 40})
	body := string(twinsql.Append(nil, object{member("modulesContent", BaseContent("MqttWs", ""))}))
	call(t, f, "POST", "/devices/edge-000010/applyConfigurationContent", body).expect(t, 204, "")
	call(t, f, "POST", "/devices/edge-000010/applyConfigurationContent", "{}").expect(t, 400, "ArgumentInvalid")
	if p := twinsql.At(agentOf(t, f, 10), []string{"properties", "desired", "systemModules", "edgeAgent", "env",
		"UpstreamProtocol", "value"}); p != "MqttWs" {
		t.Errorf("%v", p)
	}
}

// The lab's own door: what no client can know.
func TestLabDoor(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 40, Seed: 3})
	a := call(t, f, "POST", "/lab/fleet", `{"advance":"2h","switches":{"retags":5,"indexLag":"1m"}}`)
	if a.status != 200 || a.at(t, "fleet", "devices") != 40.0 || a.at(t, "switches", "retags") != 5.0 ||
		a.at(t, "throttles", "query", "calls") != 0.0 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if f.Now() != start.Add(2*time.Hour) || f.Switches().IndexLag != time.Minute || f.Switches().Tier != "S1" {
		t.Errorf("%s %+v", f.Now(), f.Switches())
	}
	call(t, f, "POST", "/lab/fleet", `{"switches":{"indexLag":"soon"}}`).expect(t, 400, "ArgumentInvalid")
	call(t, f, "POST", "/lab/fleet", `{"switches":{"dialect":{"routingFunctions":true}}}`).expect(t, 200, "")
	if s := f.Switches(); !s.Dialect.RoutingFunctions || s.IndexLag != time.Minute || s.Retags != 5 {
		t.Errorf("%+v", s)
	}
	call(t, f, "POST", "/lab/fleet", `{"switches":{"tier":"X9"}}`).expect(t, 400, "ArgumentInvalid")
	call(t, f, "POST", "/lab/fleet", `{"advance":"3000h"}`).expect(t, 400, "ArgumentInvalid")
	call(t, f, "POST", "/lab/fleet", `{"advance":"-1h"}`).expect(t, 400, "ArgumentInvalid")
	call(t, f, "POST", "/lab/fleet", `[]`).expect(t, 400, "ArgumentInvalid")
}

func FuzzServe(t *testing.F) {
	t.Add("GET", "/twins/edge-000001/modules/%24edgeAgent", "", "")
	t.Add("PATCH", "/twins/edge-000001", `{"tags":{"a":{"b":null}},"properties":{"desired":{"x":[1]}}}`, `"*"`)
	t.Add("PUT", "/configurations/a", `{"id":"a","priority":3,"targetCondition":"tags.a=1","content":{"modulesContent":{"$edgeAgent":{"properties.desired":{"schemaVersion":"1.1"}}}}}`, "")
	t.Add("PUT", "/configurations/l", `{"id":"l","content":{"modulesContent":{"$edgeAgent":{"properties.desired.modules.x":{}}}}}`, "*")
	t.Add("PUT", "/jobs/v2/j", `{"type":"scheduleDeviceMethod","cloudToDeviceMethod":{"methodName":"ping","moduleId":"edgenet"},"queryCondition":"*"}`, "")
	t.Add("POST", "/devices/edge-000002/applyConfigurationContent",
		`{"modulesContent":{"$edgeAgent":{"properties.desired":{}}}}`, "")
	t.Add("POST", "/devices/query", `{"query":"SELECT [[]], properties.reported.[[]].x AS y FROM devices.modules WHERE tags.[[]] != 1 OR deviceId > 'a'"}`, "")
	t.Add("POST", "/devices/query", `{"query":"SELECT MAX(properties.reported.edgenet.seq) AS n, moduleId FROM devices.modules GROUP BY moduleId"}`, "")
	t.Fuzz(func(t *testing.T, method, path, body, match string) {
		r, err := http.NewRequest(method, "http://lab"+path, strings.NewReader(body))
		if err != nil {
			return
		}
		r.Header.Set("If-Match", match)
		f := newFleet(t, Options{Devices: 3})
		w := httptest.NewRecorder()
		if err := f.Serve(w, r, hub.AllRights()); err != nil {
			hub.Fail(w, err)
		}
		if w.Code >= 500 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		f.Advance(time.Hour)
		f.Count()
		f.Stranded()
		if _, err := f.query("SELECT * FROM devices.modules", 10, ""); err != nil {
			t.Fatal(err)
		}
	})
}

// Many clients, the clock and the tests' own questions at once.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	f := newFleet(t, Options{Devices: 200, Seed: 2, Changes: 24 * time.Hour,
		Switches: Switches{IndexLag: time.Minute, Retags: 20}})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 25 {
				path := fmt.Sprintf("/twins/edge-%06d", (i*25+n)%200)
				call(t, f, "PATCH", path, `{"tags":{"edgenet":{"class":"ws"}}}`).expect(t, 200, "")
				call(t, f, "GET", path+"/modules/edgenet", "")
				ask(t, f, "SELECT deviceId FROM devices WHERE tags.edgenet.class = 'ws'", 100)
				f.Advance(time.Minute)
				if c := f.Count(); c.Devices != 200 || c.Reporting+c.Silent != 200 {
					t.Errorf("%+v", c)
				}
			}
		})
	}
	deploy(t, f, "ws", "tags.edgenet.class='ws'", 20, BaseContent("AmqpWs", ""))
	wg.Wait()
	if rows, _ := ask(t, f, "SELECT deviceId FROM devices WHERE tags.edgenet.class = 'ws'", 100); len(rows) < 190 {
		t.Errorf("%d tagged", len(rows))
	}
}
