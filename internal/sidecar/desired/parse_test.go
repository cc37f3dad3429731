package desired_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"edgenet/internal/sidecar/desired"
	"edgenet/internal/sidecar/fence"
	"edgenet/report"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func allow(t testing.TB, list string) *fence.Fence {
	t.Helper()
	f, err := fence.Parse(list)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestContractsExample(t *testing.T) {
	t.Parallel()
	s, complaints := desired.Parse(json.RawMessage(`{"intervalSec":3600,"watchSec":60,"failAfter":2,"heartbeatSec":300,
		"expected":"AmqpWs","prefer":["AMQP","AMQPWS","MQTT","MQTTWS"],"proxies":["http://proxy.corp:3128"],
		"protocols":["HTTPS","AMQP","amqp-ws"],"endpoints":[{"name":"registry","host":"r.azurecr.io","port":443}],
		"telemetry":false,"holdSec":60,"$version":7}`), allow(t, "azure,proxy.corp:3128"))
	want := desired.Settings{
		Interval: time.Hour, Watch: time.Minute, Heartbeat: 5 * time.Minute, FailAfter: 2, Expected: report.AMQPWS,
		Prefer: report.DefaultPreference(), Proxies: []string{"http://proxy.corp:3128"},
		Protocols: []report.Protocol{report.AMQP, report.AMQPWS, report.HTTPS},
		Endpoints: []desired.Endpoint{{Name: "registry", Host: "r.azurecr.io", Port: 443}}, Hold: time.Minute,
	}
	if !reflect.DeepEqual(s, want) || len(complaints) > 0 {
		t.Errorf("%+v\n%q", s, complaints)
	}
}

// TestRefusedOneByOne: what is wrong is said, what is right counts all the same.
func TestRefusedOneByOne(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ value, want string }{
		{`"intervalSec":899`, "intervalSec: 899 is not 900 to"},
		{`"intervalSec":"900"`, `intervalSec: "900" is no whole number; 21600 is used`},
		{`"intervalSec":900.5`, "no whole number"},
		{`"intervalSec":1e99`, "no whole number"},
		{`"watchSec":59`, "watchSec: 59 is not 60"},
		{`"watchSec":[60]`, "no whole number"},
		{`"heartbeatSec":299`, "heartbeatSec: 299 is not 300"},
		{`"failAfter":0`, "failAfter: 0 is not 1"},
		{`"holdSec":-1`, "holdSec: -1 is not 0"},
		{`"expected":"Https"`, "expected: "},
		{`"expected":5`, "expected: 5 is none of"},
		{`"prefer":"AMQP"`, "prefer: "},
		{`"prefer":["HTTPS"]`, "prefer[0]: "},
		{`"protocols":["AMQP","GOPHER"]`, "protocols[1]: "},
		{`"telemetry":"yes"`, "telemetry: "},
		{`"proxies":"http://proxy.corp:3128"`, "proxies: not a list"},
		{`"proxies":[7]`, "proxies[0]: "},
		{`"proxies":["proxy.corp:3128"]`, "proxies[0]: "},
		{`"proxies":["http://evil.example:3128"]`, "EDGENET_ALLOW"},
		{`"proxies":["http://127.0.0.1:3128"]`, "EDGENET_ALLOW"},
		{`"proxies":["http://user:s3cret@proxy.corp:3128"]`, "credentials do not belong in a twin"},
		{`"proxies":["user:s3cret@proxy.corp:3128"]`, "credentials do not belong in a twin"},
		{`"proxies":["http://us er:s3cret@proxy.corp:3128"]`, "credentials do not belong in a twin"},
		{`"endpoints":{}`, "endpoints: not a list"},
		{`"endpoints":[{"name":"x.y","host":"r.azurecr.io","port":443}]`, "endpoints[0]: name"},
		{`"endpoints":[{"name":"x","host":"r.azurecr.io","port":"443"}]`, "endpoints[0]: expected"},
		{`"endpoints":[{"name":"x","host":"r.azurecr.io","port":0}]`, "endpoints[0]: port"},
		{`"endpoints":[{"name":"x","host":"r.azurecr.io","port":65536}]`, "endpoints[0]: port"},
		{`"endpoints":[{"name":"x","host":"r.azurecr.io","path":"/"}]`, "endpoints[0]: expected"},
		{`"endpoints":[{"name":"x","host":"r:azurecr.io"}]`, "endpoints[0]: host"},
		{`"endpoints":[{"name":"x","host":"http://r.azurecr.io"}]`, "endpoints[0]: host"},
		{`"endpoints":[{"name":"x","host":"r.azurecr.io","port":22}]`, "EDGENET_ALLOW"},
		{`"endpoints":[{"name":"x","host":"169.254.169.254","port":443}]`, "EDGENET_ALLOW"},
		{`"endpoints":[{"name":"x","host":"a.azurecr.io"},{"name":"x","host":"b.azurecr.io"}]`,
			"endpoints[1]: another"},
		{`"intervall":900`, "intervall: unknown key"},
	} {
		s, complaints := desired.Parse(json.RawMessage(`{"watchSec":77,`+row.value+`}`),
			allow(t, "azure,proxy.corp:3128"))
		if strings.Contains(row.value, "watchSec") {
			s, complaints = desired.Parse(json.RawMessage(`{`+row.value+`}`), allow(t, ""))
			s.Watch = 77 * time.Second
		}
		if len(complaints) != 1 || !strings.Contains(complaints[0], row.want) {
			t.Errorf("%s: %q", row.value, complaints)
		}
		if s.Watch != 77*time.Second || s.Interval != 6*time.Hour || s.FailAfter != 3 || len(s.Proxies) > 0 ||
			s.Expected != "" {
			t.Errorf("%s: %+v", row.value, s)
		}
		if strings.Contains(strings.Join(complaints, ""), "s3cret") {
			t.Errorf("%s: the password stands in %q", row.value, complaints)
		}
	}
}

func TestEmptyAndBroken(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{}", `{"$version":1,"$metadata":{"x":1}}`, `{"expected":null,"proxies":null}`} {
		s, complaints := desired.Parse(json.RawMessage(text), allow(t, ""))
		if !reflect.DeepEqual(s, desired.Defaults()) || len(complaints) > 0 {
			t.Errorf("%s: %+v %q", text, s, complaints)
		}
	}
	for _, text := range []string{"[]", "7", "{", `"x"`} {
		s, complaints := desired.Parse(json.RawMessage(text), allow(t, ""))
		if !reflect.DeepEqual(s, desired.Defaults()) || len(complaints) != 1 {
			t.Errorf("%s: %+v %q", text, s, complaints)
		}
	}
}

// TestManyPlaces: at most eight of each, and the twin's room is kept.
func TestManyPlaces(t *testing.T) {
	t.Parallel()
	var proxies, endpoints, junk []string
	for i := range 20 {
		proxies = append(proxies, `"http://p`+string(rune('a'+i))+`.corp:3128"`)
		endpoints = append(endpoints, `{"name":"e`+string(rune('a'+i))+`","host":"r.azurecr.io"}`)
		junk = append(junk, `"junk`+strings.Repeat(string(rune('a'+i)), 500)+`":"`+strings.Repeat("x", 900)+`"`)
	}
	s, complaints := desired.Parse(json.RawMessage(`{"proxies":[`+strings.Join(proxies, ",")+`],"endpoints":[`+
		strings.Join(endpoints, ",")+`],`+strings.Join(junk, ",")+`}`), allow(t, "azure,*.corp:3128"))
	if len(s.Proxies) != 8 || len(s.Endpoints) != 8 {
		t.Errorf("%d proxies, %d endpoints", len(s.Proxies), len(s.Endpoints))
	}
	if len(complaints) != 9 || complaints[8] != "and 14 more" || len(strings.Join(complaints, "")) > 1600 {
		t.Errorf("%q", complaints)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"intervalSec":900,"proxies":["http://u:p@h:1"],"endpoints":[{"name":"a","host":"b","port":1}],"prefer":["AMQP"]}`))
	f.Fuzz(func(t *testing.T, section []byte) {
		a := allow(t, "")
		s, complaints := desired.Parse(section, a)
		if s.Interval < 15*time.Minute || s.Watch < time.Minute || s.Heartbeat < 5*time.Minute || s.FailAfter < 1 ||
			len(s.Proxies) > 8 || len(s.Endpoints) > 8 || len(complaints) > 9 {
			t.Errorf("%+v %q", s, complaints)
		}
		for _, e := range s.Endpoints {
			if !a.Host(e.Host, e.Port) {
				t.Errorf("%+v is let through", e)
			}
		}
	})
}
