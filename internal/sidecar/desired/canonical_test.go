package desired_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"edgenet/internal/sidecar/desired"
	"edgenet/report"
)

func TestCanonical(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`{ "b": 1, "a" : {"x": [1, 2]}, "$version": 7 }`:                                `{"a":{"x":[1,2]},"b":1}`,
		`{"proxies":["http://u:s3cret@p@h:1", "http://h:2", 7, "u:s3cret\u0040h:1"]}`:   `{"proxies":["http://****@h:1","http://h:2",7,"****@h:1"]}`,
		`{"proxies":"http://u:s3cret@h:1"}`:                                             `{"proxies":"http://****@h:1"}`,
		`{"proxies":["http://squid:13128","http://u:73519","http://proxy.corp:31280"]}`: `{"proxies":["http://squid:13128","http://u:****","http://proxy.corp:31280"]}`,
		`{"proxies":null}`: `{"proxies":null}`,
		`[1]`:              `[1]`,
		`{}`:               `{}`,
	} {
		got := string(desired.Canonical(json.RawMessage(in)))
		if got != want {
			t.Errorf("%s is %s", in, got)
		}
		if strings.HasPrefix(want, "{") && !strings.Contains(want, "u:****") { // says the same as before
			_, a := desired.Parse(json.RawMessage(in), allow(t, ""))
			_, b := desired.Parse(json.RawMessage(got), allow(t, ""))
			if !slices.Equal(a, b) {
				t.Errorf("%s: %q, %q", in, a, b)
			}
		}
	}
}

func TestProtocolsTogether(t *testing.T) {
	t.Parallel()
	s, complaints := desired.Parse(json.RawMessage(`{"protocols":["HTTPS"]}`), allow(t, ""))
	if len(s.Protocols) > 0 || len(complaints) != 1 {
		t.Errorf("%v %q", s.Protocols, complaints)
	}
	s, complaints = desired.Parse(json.RawMessage(`{"protocols":["HTTPS","MQTT"],"expected":"Amqp"}`), allow(t, ""))
	if !slices.Equal(s.Protocols, []report.Protocol{report.AMQP, report.MQTT, report.HTTPS}) || len(complaints) != 1 {
		t.Errorf("%v %q", s.Protocols, complaints)
	}
}
