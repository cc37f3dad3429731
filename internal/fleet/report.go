package fleet

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"time"

	"edgenet/report"
)

// Schema is that of the section that a module reports.
const Schema = "edgenet.twin/1"

// LabelOK is what a twin says of a path that works.
const LabelOK = "ok"

// Report is what a module says in its twin. Whoever can write the twin may have written
// anything: Odd tells that a field was of another type than the contract's.
type Report struct {
	Schema       string            `json:"schema"`
	Status       string            `json:"status"`
	Recommended  string            `json:"recommended"`
	Route        string            `json:"route"`
	Configured   string            `json:"configured"`
	Consistent   *bool             `json:"consistent"`
	HTTPS        *bool             `json:"https"`
	Cause        string            `json:"cause"`
	Finding      string            `json:"finding"`
	Direct       map[string]string `json:"direct"`
	Proxy        map[string]string `json:"proxy"`
	ProxySource  string            `json:"proxySource"` // env, twin
	Flapping     []string          `json:"flapping"`
	CheckedAt    string            `json:"checkedAt"`
	ChangedAt    string            `json:"changedAt"`
	EdgeHub      string            `json:"edgeHub"`
	HubTransport string            `json:"hubTransport"`
	ClockSuspect bool              `json:"clockSuspect"`

	Odd bool `json:"-"`
}

// Row is one row of an answer about twins: of a module edgenet, of a device, or of
// another module.
type Row struct {
	Device   string
	Module   string
	Reported *Report // nil: it has none
	Tags     map[string]json.RawMessage
	Edge     *bool // whether a device is one of IoT Edge; nil: the row does not say
	Desired  []byte
}

type rawRow struct {
	Device       string                     `json:"deviceId"`
	Module       string                     `json:"moduleId"`
	Tags         map[string]json.RawMessage `json:"tags"`
	Edgenet      *Report                    `json:"edgenet"`
	Long         *Report                    `json:"properties.reported.edgenet"`
	Capabilities *struct {
		Edge bool `json:"iotEdge"`
	} `json:"capabilities"`
	Properties struct {
		Desired  json.RawMessage `json:"desired"`
		Reported struct {
			Edgenet *Report `json:"edgenet"`
		} `json:"reported"`
	} `json:"properties"`
}

// ErrRow tells of a row that is about no device.
var ErrRow = errors.New("no deviceId in it: expected rows of devices.modules or devices, such as SELECT * FROM " +
	"devices.modules WHERE moduleId='edgenet' gives")

// ParseRow reads a row. Its texts are as strangers wrote them.
func ParseRow(text []byte) (Row, error) {
	var raw rawRow
	err := json.Unmarshal(text, &raw)
	var odd *json.UnmarshalTypeError
	if err != nil && !errors.As(err, &odd) {
		return Row{}, err
	}
	if raw.Device == "" {
		return Row{}, ErrRow
	}
	r := Row{Device: raw.Device, Module: raw.Module, Tags: raw.Tags, Desired: raw.Properties.Desired}
	if raw.Capabilities != nil {
		r.Edge = &raw.Capabilities.Edge
	}
	r.Reported = cmp.Or(raw.Properties.Reported.Edgenet, raw.Edgenet, raw.Long)
	if r.Reported != nil {
		r.Reported.Odd = err != nil
	}
	return r, nil
}

// ParseReport reads a module's section, nil where there is none.
func ParseReport(section []byte) *Report {
	section = bytes.TrimSpace(section)
	if len(section) == 0 || string(section) == "null" {
		return nil
	}
	r := &Report{}
	if err := json.Unmarshal(section, r); err != nil {
		r.Odd = true
	}
	return r
}

// Checked is when the module made its last full check; zero where it does not say so
// readably.
func (r *Report) Checked() time.Time { return moment(r.CheckedAt) }

// Changed is when status or recommendation last changed.
func (r *Report) Changed() time.Time { return moment(r.ChangedAt) }

func moment(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// ahead is how far a device's clock may be ahead before its times mean nothing.
const ahead = 5 * time.Minute

// Fresh tells whether the last check is younger than age.
func (r *Report) Fresh(now time.Time, age time.Duration) bool {
	at := r.Checked()
	return !at.IsZero() && now.Sub(at) < age
}

// actorOf is who acts: it reads a label of a twin: a cause, after proxy/ where it was met at the proxy.
func actorOf(label string) string {
	if label == "" || label == None {
		return None
	}
	hop := report.HopTarget
	if rest, ok := cutLabel(label); ok {
		hop, label = report.HopProxy, rest
	}
	return string(report.Cause(label).ActorAt(hop))
}

func cutLabel(label string) (string, bool) {
	const at = "proxy/"
	if len(label) > len(at) && label[:len(at)] == at {
		return label[len(at):], true
	}
	return label, false
}

// Tag is a tag's value as a text, empty where it is none: tags.NAME, or deeper by dots.
func (r *Row) Tag(path string) string { return tagText(r.Tags, path) }

// Class is the class that the tags give to the device.
func (r *Row) Class() string { return tagText(r.Tags, "edgenet.class") }

func tagText(tags map[string]json.RawMessage, path string) string {
	for {
		key, rest, deeper := cutDot(path)
		raw, ok := tags[key]
		if !ok {
			return ""
		}
		if !deeper {
			return scalar(raw)
		}
		tags = nil
		if json.Unmarshal(raw, &tags) != nil {
			return ""
		}
		path = rest
	}
}

func cutDot(path string) (string, string, bool) {
	for i := range len(path) {
		if path[i] == '.' {
			return path[:i], path[i+1:], true
		}
	}
	return path, "", false
}

// scalar is a JSON string's text, and a number or truth value as it is written.
func scalar(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	if len(raw) > 0 && raw[0] != '{' && raw[0] != '[' && string(raw) != "null" {
		return string(raw)
	}
	return ""
}
