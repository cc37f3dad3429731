package sidecar

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"edgenet/internal/lab"
	"edgenet/internal/twin"
)

// TestReports: with every head but one off, the module finds the one, reports, follows
// desired properties, answers methods, and sends its transition.
func TestReports(t *testing.T) {
	t.Parallel()
	for transport, off := range map[string][]string{"amqp": nil, "mqtt": {"edgeAmqps=refuse"},
		"amqpws": {"edgeAmqps=refuse", "edgeMqtts=refuse"},
		"mqttws": {"edgeAmqps=refuse", "edgeMqtts=refuse", "edgeHttps=amqp-close"}} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			s := prepare(t, off...).start()
			s.has("status", "ok")
			if r := s.reported(); r["schema"] != "edgenet.twin/1" || r["recommended"] != "AMQP" ||
				r["route"] != "direct" || r["hubTransport"] != transport || r["edgeHub"] != "online" ||
				s.complaints() != "[]" {
				t.Errorf("%v", r)
			}
			s.eventually("the first transition", func() bool { return len(s.transitions()) == 1 })
			s.desire(`{"expected":"AmqpWs"}`)
			s.has("configured", "AMQPWS")
			s.has("consistent", true)
			if status, a := s.invoke("ping", `null`); status != 200 || a["pong"] != true {
				t.Errorf("%d %v", status, a)
			}
		})
	}
}

// TestFollowsTheNetwork: what the lab's network does comes to the twin and the telemetry.
func TestFollowsTheNetwork(t *testing.T) {
	t.Parallel()
	s := prepare(t).start()
	s.has("status", "ok")
	for _, place := range []string{"amqps", "mqtts"} {
		if err := s.SetFault(lab.Fault{Place: place, Name: "tcp-reset"}); err != nil {
			t.Fatal(err)
		}
	}
	status, a := s.invoke("check", `{"wait":true}`)
	if status != 200 || a["done"] != true || a["recommended"] != "AMQPWS" || a["runId"] == nil {
		t.Fatalf("%d %v", status, a)
	}
	s.has("recommended", "AMQPWS")
	if err := s.SetFault(lab.Fault{Place: "https", Name: "tls-close"}); err != nil {
		t.Fatal(err)
	}
	s.invoke("check", `{}`)
	s.has("status", "down")
	if r := s.reported(); r["recommended"] != "AMQPWS" || r["https"] != false || r["upSince"] != nil {
		t.Errorf("%v", r)
	}
	s.eventually("three transitions", func() bool { return len(s.transitions()) == 3 })
	all := s.transitions()
	if all[0]["from"] != "unknown" || all[1]["protocol"] != "AMQPWS" || all[1]["fromProtocol"] != "AMQP" ||
		all[2]["to"] != "down" {
		t.Errorf("%v", all)
	}
	var h map[string]any
	s.eventually("the last acknowledgement", func() bool {
		_, h = s.invoke("history", `{"limit":2}`)
		return h["pending"] == 0.0
	})
	if list, ok := h["transitions"].([]any); !ok || len(list) != 2 || list[1].(map[string]any)["to"] != "down" {
		t.Errorf("%v", h)
	}
}

// TestComesBack: edgeHub throws the module out, and it comes back; what changed meanwhile
// is there then.
func TestComesBack(t *testing.T) {
	t.Parallel()
	s := prepare(t).start()
	s.has("status", "ok")
	s.kick()
	s.desire(`{"expected":"Mqtt"}`)
	s.has("configured", "MQTT")
	s.eventually("another login", func() bool { return countLogins(s) >= 3 })
}

// kick throws the module out: somebody else logs in as it.
func (s *site) kick() {
	s.t.Helper()
	other, err := s.o.openTwin(context.Background(), twin.Handler{}, "")
	if err != nil {
		s.t.Fatal(err)
	}
	s.eventually("the end of the session",
		func() bool { return strings.Contains(s.log.String(), "connection to edgeHub ended") })
	if err := other.Close(); err != nil {
		s.t.Error(err)
	}
}

func countLogins(s *site) int {
	n := 0
	for _, e := range s.Events() {
		if e.Kind == lab.KindLogin && strings.HasPrefix(e.Place, "edge") {
			n++
		}
	}
	return n
}

// TestRestart: what was acknowledged is not sent again, and the history goes on.
func TestRestart(t *testing.T) {
	t.Parallel()
	s := prepare(t).start()
	s.has("status", "ok")
	s.eventually("the transition", func() bool { return len(s.transitions()) == 1 })
	s.eventually("its acknowledgement on the disk", func() bool {
		_, h := s.invoke("history", ``)
		return h["pending"] == 0.0
	})
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	if err := s.SetFault(lab.Fault{Place: "https", Name: "tls-close"}); err != nil {
		t.Fatal(err)
	}
	s.start()
	s.has("status", "degraded")
	s.eventually("the second transition", func() bool { return len(s.transitions()) >= 2 })
	if all := s.transitions(); len(all) != 2 || all[1]["seq"] != 2.0 || all[1]["from"] != "ok" {
		t.Errorf("%v", all)
	}
}

// TestOneSessionAndNoLogin: the module's identity logs in at edgeHub once and never at the
// hub; what it probes there is nobody.
func TestOneSessionAndNoLogin(t *testing.T) {
	t.Parallel()
	s := prepare(t).start()
	s.has("status", "ok")
	s.invoke("check", ``)
	for _, e := range s.Events() {
		hubs := slices.Contains([]string{"amqps", "mqtts", "https"}, e.Place)
		if hubs && (e.Kind == lab.KindLogin || strings.Contains(e.Identity, lab.DeviceID)) {
			t.Errorf("%+v", e)
		}
	}
	if n := countLogins(s); n != 1 {
		t.Errorf("%d logins at edgeHub", n)
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	s := prepare(t).start()
	s.has("status", "ok")
	nonsense := `"` + strings.Repeat("x", 64<<10) + `"`
	for _, row := range []struct {
		name, payload string
		status        int
		want          string
	}{
		{"check", nonsense, 400, "at most 8192"},
		{"report", nonsense, 400, "at most 8192"},
		{"check", `{"wait":"no"}`, 400, `{"wait":false}`},
		{"check", `{"wait":false,"x":1}`, 400, "unknown field"},
		{"check", `[1]`, 400, "no object"},
		{"check", `7`, 400, "no object"},
		{"history", `{"limit":0}`, 400, "1 to 100"},
		{"history", `{"limit":"many"}`, 400, "1 to 100"},
		{"ping", `{"x":1}`, 400, "unknown field"},
		{"reboot", `{}`, 404, "expected check, report, history or ping"},
		{"check", `{"wait":false}`, 200, "runId"},
		{"report", `null`, 200, `"cut":[]`},
	} {
		status, a := s.invoke(row.name, row.payload)
		b, err := json.Marshal(a)
		if err != nil || status != row.status || !strings.Contains(strings.ReplaceAll(string(b), `\"`, `"`), row.want) {
			t.Errorf("%s %.40s: %d %.300s", row.name, row.payload, status, b)
		}
	}
	_, a := s.invoke("report", ``)
	if r, ok := a["report"].(map[string]any); !ok || r["schema"] != "edgenet.report/1" {
		t.Errorf("%v", a)
	}
	s.has("status", "ok")
}

// TestDesiredIsRefusedOneByOne: what is wrong stands in the twin with its reason, and
// nothing else is disturbed.
func TestDesiredIsRefusedOneByOne(t *testing.T) {
	t.Parallel()
	s := prepare(t).start()
	s.has("status", "ok")
	s.desire(`{"intervalSec":5,"expected":"Mqtt","proxies":["http://u:s3cret@127.0.0.1:1"],"nonsense":{"a":[1,2,{"b":null}]}}`)
	s.has("configured", "MQTT")
	text := s.complaints()
	for _, want := range []string{"intervalSec: 5 is not", "proxies[0]: credentials do not belong",
		"nonsense: unknown key"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in %s", want, text)
		}
	}
	var disk []byte
	s.eventually("the section on the disk", func() bool {
		disk, _ = os.ReadFile(filepath.Join(s.o.StateDir,
			"edgenet.state")) // it is there once it holds what is looked for
		return strings.Contains(string(disk), "nonsense")
	})
	if strings.Contains(text+s.log.String()+string(disk), "s3cret") {
		t.Error("the password is told")
	}
	s.desire(`{"intervalSec":null,"proxies":null,"nonsense":null}`)
	s.eventually("no complaint", func() bool { return s.complaints() == "[]" })
}

func TestNoStateDirectory(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.o.StateDir = "/nonexistent/edgenet"
	s.start()
	s.has("status", "ok")
	s.eventually("the complaint", func() bool { return strings.Contains(s.complaints(), "state: ") })
	s.eventually("the transition", func() bool { return len(s.transitions()) == 1 })
}

// TestUpstreamCut: edgeHub stores what the module says while its upstream is cut.
func TestUpstreamCut(t *testing.T) {
	t.Parallel()
	s := prepare(t).start()
	s.has("status", "ok")
	s.eventually("the first transition", func() bool { return len(s.transitions()) == 1 })
	if err := s.SetFault(lab.Fault{Place: "amqps", Name: "tcp-reset"}); err != nil {
		t.Fatal(err)
	}
	s.Edge().SetUpstream(false)
	s.kick() // a reason to check
	s.eventually("the message in edgeHub's store", func() bool { return s.Edge().Stored() == 1 })
	if r := s.reported(); r["status"] != "ok" {
		t.Errorf("%v", r)
	}
	s.Edge().SetUpstream(true)
	s.has("status", "degraded")
	s.eventually("both transitions", func() bool { return len(s.transitions()) == 2 })
	if r := s.reported(); r["recommended"] != "AMQP" || r["cause"] == nil {
		t.Errorf("%v", r)
	}
}

// TestNested: a nested device's upstream is its parent, here the lab's edgeHub.
func TestNested(t *testing.T) {
	t.Parallel()
	s := prepare(t)
	s.o.Upstream = lab.GatewayName
	s.start()
	s.has("recommended", "AMQP")
	_, a := s.invoke("report", ``)
	if r, ok := a["report"].(map[string]any); !ok || r["target"].(map[string]any)["hub"] != lab.GatewayName {
		t.Errorf("%v", a)
	}
	for _, e := range s.Events() {
		if e.Kind == lab.KindAccept && slices.Contains([]string{"amqps", "mqtts", "https"}, e.Place) {
			t.Errorf("%+v", e)
		}
	}
}
