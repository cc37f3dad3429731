package desired

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"edgenet/internal/secret"
	"edgenet/internal/sidecar/fence"
	"edgenet/internal/sorting"
	"edgenet/report"
)

// maxComplaints bounds what one section can say in the twin.
const maxComplaints = 8

// Parse reads a section of desired properties. Complaints are short texts for the twin,
// each beginning with the key that it is about; the twin has no room for many.
func Parse(section json.RawMessage, allow *fence.Fence) (Settings, []string) {
	r := &reader{settings: Defaults(), allow: allow}
	if len(bytes.TrimSpace(section)) > 0 {
		if err := json.Unmarshal(section, &r.keys); err != nil {
			r.complain("desired", "not a JSON object")
		}
	}
	r.seconds("intervalSec", minInterval, maxPeriod, &r.settings.Interval)
	r.seconds("watchSec", minWatch, maxPeriod, &r.settings.Watch)
	r.seconds("heartbeatSec", minHeartbeat, maxPeriod, &r.settings.Heartbeat)
	r.seconds("holdSec", 0, maxHold, &r.settings.Hold)
	r.number("failAfter", 1, maxFailAfter, &r.settings.FailAfter)
	r.expected()
	r.protocols("prefer", true, &r.settings.Prefer)
	r.protocols("protocols", false, &r.settings.Protocols)
	r.upstream()
	r.proxies()
	r.endpoints()
	r.flag("telemetry", &r.settings.Telemetry)
	r.unknown()
	if over := len(r.complaints) - maxComplaints; over > 0 {
		r.complaints = append(r.complaints[:maxComplaints:maxComplaints], fmt.Sprintf("and %d more", over))
	}
	return r.settings, r.complaints
}

// reader takes keys out of a section one by one.
type reader struct {
	keys       map[string]json.RawMessage
	settings   Settings
	allow      *fence.Fence
	complaints []string
}

func (r *reader) complain(key, format string, args ...any) {
	r.complaints = append(r.complaints, report.Clean(secret.Show(key, 40)+": "+fmt.Sprintf(format, args...), 160))
}

// take gives the value of a key, false where there is none or it is null.
func (r *reader) take(key string) (json.RawMessage, bool) {
	v, ok := r.keys[key]
	delete(r.keys, key)
	return v, ok && string(bytes.TrimSpace(v)) != "null"
}

// shown is a value as a complaint quotes it.
func shown(v json.RawMessage) string {
	var text string
	if json.Unmarshal(v, &text) == nil {
		return strconv.Quote(secret.Show(text, 32))
	}
	return secret.Show(string(v), 32)
}

func (r *reader) number(key string, low, high int, into *int) {
	v, ok := r.take(key)
	if !ok {
		return
	}
	var n int64
	if err := json.Unmarshal(v, &n); err != nil {
		r.complain(key, "%s is no whole number; %d is used", shown(v), *into)
		return
	}
	if n < int64(low) || n > int64(high) {
		r.complain(key, "%s is not %d to %d; %d is used", shown(v), low, high, *into)
		return
	}
	*into = int(n)
}

func (r *reader) seconds(key string, low, high int, into *time.Duration) {
	n := int(*into / time.Second)
	r.number(key, low, high, &n)
	*into = time.Duration(n) * time.Second
}

func (r *reader) flag(key string, into *bool) {
	v, ok := r.take(key)
	if !ok {
		return
	}
	var b bool
	if err := json.Unmarshal(v, &b); err != nil {
		r.complain(key, "%s is neither true nor false; %t is used", shown(v), *into)
		return
	}
	*into = b
}

func (r *reader) expected() {
	v, ok := r.take("expected")
	if !ok {
		return
	}
	var s string
	if json.Unmarshal(v, &s) == nil {
		if p, err := report.ParseProtocol(s); err == nil && p != report.HTTPS {
			r.settings.Expected = p
			return
		}
	}
	r.complain("expected", "%s is none of Amqp, Mqtt, AmqpWs, MqttWs", shown(v))
}

// protocols reads a list; what is wrong in it is left out, the rest counts.
func (r *reader) protocols(key string, upstream bool, into *[]report.Protocol) {
	v, ok := r.take(key)
	if !ok {
		return
	}
	var list []json.RawMessage
	if err := json.Unmarshal(v, &list); err != nil {
		r.complain(key, "%s is no list of protocols", shown(v))
		return
	}
	for i, item := range list {
		var s string
		err := json.Unmarshal(item, &s)
		var p report.Protocol
		if err == nil {
			p, err = report.ParseProtocol(s)
		}
		if err != nil || upstream && p == report.HTTPS {
			r.complain(fmt.Sprintf("%s[%d]", key, i), "%s is no protocol that belongs here", shown(item))
			continue
		}
		if !slices.Contains(*into, p) {
			*into = append(*into, p)
		}
	}
	if !upstream {
		inOrder(*into)
	}
}

// upstream makes sure that there is something to recommend, and that what is expected is
// tried.
func (r *reader) upstream() {
	s := &r.settings
	if len(s.Protocols) == 0 {
		return
	}
	if slices.Equal(s.Protocols, []report.Protocol{report.HTTPS}) {
		r.complain("protocols", "HTTPS alone decides nothing; all are tried")
		s.Protocols = nil
	} else if s.Expected != "" && !slices.Contains(s.Protocols, s.Expected) {
		r.complain("expected", "%s is not in protocols; it is tried too", s.Expected)
		s.Protocols = append(s.Protocols, s.Expected)
		inOrder(s.Protocols)
	}
}

// inOrder puts protocols into the order of the report.
func inOrder(list []report.Protocol) {
	sorting.By(list, func(a, b report.Protocol) int {
		return slices.Index(report.Protocols(), a) - slices.Index(report.Protocols(), b)
	})
}

// unknown reports the keys that are left; $version and the like are the hub's own.
func (r *reader) unknown() {
	for _, key := range slices.Sorted(maps.Keys(r.keys)) {
		if !strings.HasPrefix(key, "$") {
			r.complain(key, "unknown key")
		}
	}
}
