//go:build chaos && linux

package chaos

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"edgenet/internal/lab"
)

// Places of the lab.
var (
	hubPorts   = []string{"amqps", "mqtts", "https"}
	edgePorts  = []string{"edgeAmqps", "edgeMqtts", "edgeHttps"}
	proxyPlace = "proxy:basic"
)

// event is something that happens, as often as its weight says.
type event struct {
	name   string
	weight int
	do     func(*site) string // says what it did
}

var weather = []event{
	{"edgeHub dies", 2, (*site).edgeHubDies},
	{"heads", 3, (*site).heads},
	{"upstream", 4, func(s *site) string { return s.one(lab.PlaceUpstream, "cut", "", "") }},
	{"proxy", 8, func(s *site) string {
		return s.one(proxyPlace, "connect-407", "connect-upstream:503", "connect-silent", "refuse",
			"connect-reset", "", "")
	}},
	{"names", 4, func(s *site) string { return s.one("dns", "silent", "servfail", "nxdomain", "garbage", "", "", "") }},
	{"hub", 10, func(s *site) string {
		return s.one(s.pick(hubPorts...), "refuse", "tls-reset", "swallow", "plain-http", "loss:1", "expired",
			"", "", "")
	}},
	{"blackout", 2, func(s *site) string {
		for _, place := range append(slices.Clone(hubPorts), proxyPlace) {
			s.fault(place, "refuse")
		}
		return "everything is refused"
	}},
	{"sun", 3, func(s *site) string {
		for _, place := range append(slices.Clone(hubPorts), proxyPlace, "dns") {
			s.fault(place, "")
		}
		return "everything works"
	}},
	{"cut", 6, func(s *site) string {
		place := s.pick(slices.Concat(hubPorts, edgePorts, edgePorts, []string{proxyPlace})...)
		s.cut(place)
		return place
	}},
	{"workload API", 2, func(s *site) string {
		return s.one(lab.PlaceWorkload, "deny", "workload-silent", "workload-error", "", "")
	}},
	{"lull", 8, (*site).lull},
	{"ambush", 6, (*site).ambush},
	{"method", 10, (*site).method},
	{"desired", 4, (*site).desired},
	{"disk", 4, (*site).disk},
	{"clock", 4, (*site).clock},
	{"death", 5, (*site).death},
}

// happen lets one event happen.
func (s *site) happen() {
	s.t.Helper()
	total := 0
	for _, e := range weather {
		total += e.weight
	}
	n := s.rnd.IntN(total)
	for _, e := range weather {
		if n -= e.weight; n < 0 {
			did := e.do(s)
			s.happened[e.name]++
			s.t.Logf("%7.2f s  %s: %s", time.Since(s.begun).Seconds(), e.name, did)
			return
		}
	}
}

// storm lets things happen until the time is over.
func (s *site) storm(d time.Duration) {
	s.t.Helper()
	for end := time.Now().Add(d); time.Now().Before(end); {
		s.alive()
		s.happen()
		time.Sleep(time.Duration(20+s.rnd.IntN(1200)) * time.Millisecond) // what happened lasts a while
	}
}

func (s *site) pick(from ...string) string { return from[s.rnd.IntN(len(from))] }

// one puts one of some faults on a place; an empty one mends it.
func (s *site) one(place string, from ...string) string {
	f := s.pick(from...)
	s.fault(place, f)
	if f == "" {
		return place + " works"
	}
	return place + "=" + f
}

// edgeHubDies takes all heads and their connections away for a while.
func (s *site) edgeHubDies() string {
	for _, place := range edgePorts {
		s.fault(place, "refuse")
	}
	s.cut(edgePorts...)
	away := time.Duration(s.rnd.IntN(3000)) * time.Millisecond
	time.Sleep(away)
	for _, place := range edgePorts {
		s.fault(place, "")
	}
	return "away for " + away.String()
}

// heads leaves some of edgeHub's heads, one at least.
func (s *site) heads() string {
	var on []string
	keep := s.rnd.IntN(len(edgePorts))
	for i, place := range edgePorts {
		if i == keep || s.rnd.IntN(2) == 0 {
			s.fault(place, "")
			on = append(on, place)
			continue
		}
		s.fault(place, "refuse")
		s.cut(place)
	}
	return strings.Join(on, " ")
}

// lull mends all that stands between the module and its twin, and gives it a moment to come
// back and look at what is left of the storm. Often edgeHub is far, and gone again before its
// acknowledgement has arrived.
func (s *site) lull() string {
	far := s.pick("latency:400", "latency:400", "")
	for _, place := range edgePorts {
		s.fault(place, "")
		s.fault(place, far)
	}
	for _, place := range []string{"dns", lab.PlaceWorkload, lab.PlaceUpstream} {
		s.fault(place, "")
	}
	for range 100 {
		if s.Hub().Connected(module) {
			var v any
			if err := s.invoke("check", `{"wait":false}`, &v); err != nil {
				return fmt.Sprintf("%.160s", err)
			}
			time.Sleep(time.Duration(s.rnd.IntN(3000)) * time.Millisecond)
			if far == "" {
				return "it looks"
			}
			s.cut(edgePorts...)
			return "it looks, and edgeHub is cut off"
		}
		time.Sleep(100 * time.Millisecond)
	}
	return "it did not come"
}

// ambush turns the network over while edgeHub is far, asks for a look, and cuts edgeHub off
// about when the transition is on its way: before it arrived, or before its
// acknowledgement did.
func (s *site) ambush() string {
	for _, place := range edgePorts {
		s.fault(place, "")
		s.fault(place, "latency:150")
	}
	for _, place := range []string{"dns", lab.PlaceWorkload, lab.PlaceUpstream} {
		s.fault(place, "")
	}
	s.cut(edgePorts...) // what is there is not far yet
	for range 100 {
		if time.Sleep(100 * time.Millisecond); s.Hub().Connected(module) {
			break
		}
	}
	twin, err := s.reported()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, place := range append(slices.Clone(hubPorts), proxyPlace) {
		s.fault(place, "")
		if twin["status"] != "down" {
			s.fault(place, "refuse")
		}
	}
	var v any
	if err := s.invoke("check", `{"wait":false}`, &v); err != nil {
		return fmt.Sprintf("%.160s", err)
	}
	after := time.Duration(s.rnd.IntN(500)) * time.Millisecond
	time.Sleep(after)
	s.cut(edgePorts...)
	return fmt.Sprintf("it was %v, and edgeHub is cut off %s after it was asked", twin["status"], after)
}

// method calls one, and does not wait for what cannot be reached.
func (s *site) method() string {
	call := [][2]string{
		{"check", `{"wait":false}`}, {"check", `{"wait":false}`}, {"check", `{"wait":false}`},
		{"ping", `null`}, {"history", `{"limit":5}`}, {"report", `{}`},
		{"check", `"` + strings.Repeat("x", 64<<10) + `"`}, {"nonsense", `[1,2]`},
	}[s.rnd.IntN(8)]
	if !s.Hub().Connected(module) {
		return call[0] + ": not connected"
	}
	var v any
	if err := s.invoke(call[0], call[1], &v); err != nil {
		return fmt.Sprintf("%.160s", err)
	}
	return call[0]
}

// desired changes what the fleet wants, sensibly or not.
func (s *site) desired() string {
	section := s.pick(
		`{"expected":"Amqp","watchSec":60,"failAfter":1}`, `{"expected":"AmqpWs"}`,
		`{"expected":"MqttWs","prefer":["MQTTWS","AMQP"]}`,
		`{"expected":null,"protocols":["AMQP","MQTT","HTTPS"]}`, `{"protocols":null}`,
		`{"watchSec":"often","nonsense":{"a":[1,{"b":2}]},"proxies":["http://u:p@127.0.0.1:1"]}`,
		`{"nonsense":null,"proxies":null,"watchSec":60}`,
	)
	if _, err := s.Hub().SetDesired(module, []byte(section)); err != nil {
		s.t.Fatal(err)
	}
	return section
}

// disk fills the disk, or gives it room again. An emulated module's is left alone: what it
// has in memory only would be gone with an emulator that broke.
func (s *site) disk() string {
	if !s.now.emulated && s.rnd.IntN(2) == 0 {
		s.full = true
		s.fill()
		return "full"
	}
	s.free()
	return "has room"
}

// clock moves an emulated module's clock, by minutes or hours, or back to the truth.
func (s *site) clock() string {
	if !s.now.emulated {
		return "stays as it is"
	}
	by := []time.Duration{0, 90 * time.Second, -90 * time.Second, 10 * time.Minute, -10 * time.Minute, 3 * time.Hour,
		-3 * time.Hour}[s.rnd.IntN(7)]
	s.setClock(by)
	return by.String()
}

// death ends the module and starts it again. What was never on a disk is gone after
// SIGKILL, and nobody can tell it then; so where the disk was full, it has room again and
// the module is asked to end.
func (s *site) death() string {
	if !s.deadly {
		return "not now"
	}
	emulated := s.rnd.IntN(3) == 0
	what := "SIGKILL"
	if s.full || s.rnd.IntN(4) == 0 {
		s.free()
		what = fmt.Sprintf("SIGTERM, %s", s.stop().Round(time.Millisecond))
	} else {
		s.kill()
	}
	s.full = false
	s.start(emulated)
	return fmt.Sprintf("%s (the next is emulated: %t)", what, s.now.emulated)
}
