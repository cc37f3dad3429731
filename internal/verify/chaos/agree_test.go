//go:build chaos && linux

package chaos

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"time"

	"edgenet/report"
)

// errInvented is a breach that no patience mends.
var errInvented = errors.New("the hub has what cannot be")

// verdictKeys stand in the answer to the method check and in the twin alike.
var verdictKeys = []string{"status", "recommended", "route", "https", "cause", "finding", "configured",
	"consistent", "seq"}

// agreed asks for a check, and tells where the module's own views, the twin at the hub and
// the telemetry differ. The network is whole by now, and has to be seen so.
func (s *site) agreed() error {
	var v map[string]any
	if err := s.invoke("check", `{}`, &v); err != nil {
		return err
	}
	if v["done"] != true {
		return fmt.Errorf("the check is not done: %v", v)
	}
	twin, err := s.twinOf(v)
	if err != nil {
		return err
	}
	if twin["edgeHub"] != "online" || twin["clockSuspect"] != false || v["https"] != true || v["status"] == "down" {
		return fmt.Errorf("peace is not seen: %v", twin)
	}
	for _, sees := range []func(map[string]any) error{s.sameReport, s.sameUpstream, s.sameHistory} {
		if err := sees(twin); err != nil {
			return err
		}
	}
	return nil
}

// twinOf waits a little for the write that follows a check. When the check was is not
// written by itself: the heartbeat tells.
func (s *site) twinOf(verdict map[string]any) (map[string]any, error) {
	var twin map[string]any
	var err error
	for range 50 {
		if twin, err = s.reported(); err != nil {
			return nil, err
		}
		err = nil
		for _, key := range verdictKeys {
			if !reflect.DeepEqual(twin[key], verdict[key]) {
				err = fmt.Errorf("%s: the twin says %v, the module %v", key, twin[key], verdict[key])
			}
		}
		if err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	return twin, err
}

// sameReport holds the twin against the full report, path by path.
func (s *site) sameReport(twin map[string]any) error {
	b, err := s.get("/v1/report")
	if err != nil {
		return err
	}
	var r report.Report
	if err := json.Unmarshal(b, &r); err != nil {
		return err
	}
	paths := map[string]map[string]any{}
	for _, x := range r.Results {
		if x.Status == report.Skipped {
			continue
		}
		label := "ok"
		if x.Status != report.OK {
			label = x.Cause.Label(x.Hop)
		}
		if label != "ok" {
			return fmt.Errorf("%s by %s: %s in a network that is whole", x.Protocol, x.Route, label)
		}
		if paths[x.Route] == nil {
			paths[x.Route] = map[string]any{}
		}
		paths[x.Route][string(x.Protocol)] = label
	}
	for _, route := range []string{"direct", "proxy"} {
		if !reflect.DeepEqual(twin[route], any(paths[route])) {
			return fmt.Errorf("%s: the twin says %v, the report %v", route, twin[route], paths[route])
		}
	}
	if len(paths["direct"]) != 5 || len(paths["proxy"]) != 3 {
		return fmt.Errorf("paths are missing: %v", paths)
	}
	return nil
}

// sameUpstream holds the twin against the small answer for neighbours.
func (s *site) sameUpstream(twin map[string]any) error {
	b, err := s.get("/v1/upstream")
	if err != nil {
		return err
	}
	var u map[string]any
	if err := json.Unmarshal(b, &u); err != nil {
		return err
	}
	if u["status"] != "up" || u["protocol"] != twin["recommended"] || u["route"] != twin["route"] ||
		u["cause"] != twin["cause"] {
		return fmt.Errorf("/v1/upstream says %s, the twin %v", b, twin)
	}
	return nil
}

// sameHistory holds the telemetry that arrived against itself and the module's history.
func (s *site) sameHistory(twin map[string]any) error {
	var h struct {
		Transitions []map[string]any `json:"transitions"`
		Pending     int              `json:"pending"`
		Dropped     int              `json:"dropped"`
	}
	if err := s.invoke("history", `{"limit":100}`, &h); err != nil {
		return err
	}
	if h.Dropped > 0 {
		return fmt.Errorf("%w: %d transitions were dropped", errInvented, h.Dropped)
	}
	arrived, err := s.arrived()
	if err != nil {
		return err
	}
	if h.Pending > 0 || float64(len(arrived)) != twin["seq"] {
		return fmt.Errorf("%d transitions arrived, %d wait, the twin counts %v", len(arrived), h.Pending, twin["seq"])
	}
	from := len(arrived) - len(h.Transitions)
	if from < 0 || len(h.Transitions) == 0 || from > 0 && len(h.Transitions) < 100 {
		return fmt.Errorf("%w: the module remembers %d transitions, and %d arrived", errInvented, len(h.Transitions),
			len(arrived))
	}
	for i, x := range h.Transitions {
		if !reflect.DeepEqual(x, arrived[from+i]) {
			return fmt.Errorf("%w: transition %v, and the module remembers %v", errInvented, arrived[from+i], x)
		}
	}
	last := arrived[len(arrived)-1]
	if last["to"] != twin["status"] || last["protocol"] != twin["recommended"] || last["route"] != twin["route"] {
		return fmt.Errorf("the last transition is %v, the twin %v", last, twin)
	}
	return nil
}

// arrived are the transitions at the hub, each once. They came in order, the same one
// always in the same words and under the same id, and each begins where the one before
// ended, and changes something.
func (s *site) arrived() ([]map[string]any, error) {
	var out []map[string]any
	for _, m := range s.Hub().Telemetry() {
		var x map[string]any
		if err := json.Unmarshal(m.Body, &x); err != nil || m.Output != "edgenet" || x["schema"] != "edgenet.event/1" {
			return nil, fmt.Errorf("%w: %s by %s: %v", errInvented, m.Body, m.Output, err)
		}
		delete(x, "schema")
		maps.DeleteFunc(x, func(_ string, v any) bool { return v == nil }) // telemetry has every key, the history those that say something
		seq, _ := x["seq"].(float64)
		switch n := float64(len(out)); {
		case seq >= 1 && seq <= n:
			if !reflect.DeepEqual(x, out[int(seq)-1]) {
				return nil, fmt.Errorf("%w: one transition in two versions: %v, %v", errInvented, out[int(seq)-1], x)
			}
			s.doubles[x["seq"]] = true
			continue
		case seq != n+1:
			return nil, fmt.Errorf("%w: transition %v after %v", errInvented, x["seq"], n)
		case n > 0 && x["from"] != out[len(out)-1]["to"], n == 0 && x["from"] != "unknown":
			return nil, fmt.Errorf("%w: %v after %v", errInvented, x, out)
		case x["from"] == x["to"] && x["fromProtocol"] == nil && x["fromRoute"] == nil:
			return nil, fmt.Errorf("%w: %v changes nothing", errInvented, x)
		}
		out = append(out, x)
	}
	return out, nil
}
