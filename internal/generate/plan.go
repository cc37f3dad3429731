package generate

import (
	"errors"
	"fmt"
	"strings"

	"edgenet/internal/device"
	"edgenet/internal/jsonedit"
	"edgenet/internal/manifest"
	"edgenet/internal/proxyurl"
	"edgenet/report"
)

// Input is what is to be set, and on what device.
type Input struct {
	Device   *device.Device
	Protocol report.Protocol
	Proxy    *proxyurl.Proxy // nil: none, and places that need none are left out
	// NoProxy is the engine's list of registries to reach directly; empty leaves what is
	// there.
	NoProxy string
	// Manifest is set in full where it is given; else only its env is shown.
	Manifest *manifest.Manifest
	// Inspection tells that somebody opens TLS on the way: the steps for its CA are added.
	Inspection bool
}

// File is the text for one place.
type File struct {
	Path   string // on the device, absolute; of what goes to the cloud, a bare name
	What   string // who gets what by it
	Text   string // with the proxy's password
	Shown  string // what may be shown: without it, and for merged files the part that changes
	Merged bool   // Text is all of the device's own file, changed
}

// Step is one thing to do, in order.
type Step struct {
	Title    string   `json:"title"`
	Commands []string `json:"commands,omitempty"`
	Verify   []string `json:"verify,omitempty"`
	Why      string   `json:"why,omitempty"`
}

// Set is everything that Plan makes.
type Set struct {
	Files []File
	Steps []Step
}

// ErrNothing is a plan without a protocol.
var ErrNothing = errors.New("no protocol to set")

// Plan makes the texts and the steps.
func Plan(in Input) (*Set, error) {
	if in.Protocol == "" {
		return nil, ErrNothing
	}
	s := &Set{}
	if in.Proxy != nil {
		s.units(in)
		if err := s.engine(in); err != nil {
			return nil, err
		}
	}
	s.config(in)
	if err := s.deployment(in); err != nil {
		return nil, err
	}
	s.steps(in)
	return s, nil
}

// add notes a file; shown is its text with the password masked where nothing else is
// given.
func (s *Set) add(in Input, f File) {
	if f.Shown == "" {
		f.Shown = f.Text
	}
	if in.Proxy != nil {
		url := in.Proxy.URL()
		f.Shown = strings.ReplaceAll(f.Shown, doubled(url), in.Proxy.String())
		f.Shown = strings.ReplaceAll(f.Shown, url, in.Proxy.String())
	}
	s.Files = append(s.Files, f)
}

func doubled(s string) string { return strings.ReplaceAll(s, "%", "%%") }

// unitValue is an assignment as Environment= takes it (systemd.exec(5), systemd.syntax(7)).
func unitValue(name, value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "%", "%%").Replace(name+"="+value) + `"`
}

// service is a unit of the runtime and the drop-in that it gets.
type service struct{ unit, what string }

// services are those that talk to the hub or are compared by iotedge check. The
// certificate service is among them for EST servers.
func services(d *device.Device) []service {
	const rest, check, est = "HTTPS to the hub and DPS", "iotedge check compares it",
		"HTTPS to an EST server, if there is one"
	switch {
	case d.Old:
		return []service{{"iotedge", rest}}
	case d.Snap:
		return []service{{"snap.azure-iot-identity.identityd", rest}, {"snap.azure-iot-identity.certd", est},
			{"snap.azure-iot-edge.edged", check}}
	}
	return []service{{"aziot-identityd", rest}, {"aziot-certd", est}, {"aziot-edged", check}}
}

// units writes the daemons' drop-ins. Both spellings are set, since the daemons read
// HTTPS_PROXY first and iotedge check only looks for https_proxy.
func (s *Set) units(in Input) {
	url := in.Proxy.URL()
	for _, u := range services(in.Device) {
		s.add(in, File{Path: dropIn(u.unit, serviceDropIn), What: u.unit + ": " + u.what,
			Text: fmt.Sprintf("[Service]\nEnvironment=%s %s\n", unitValue("https_proxy", url),
				unitValue("HTTPS_PROXY", url))})
	}
}

// The names of the drop-ins: behind override.conf, which systemctl edit writes; the
// engine's is the documented one.
const (
	serviceDropIn = "proxy.conf"
	engineDropIn  = "http-proxy.conf"
)

func dropIn(unit, file string) string { return "/etc/systemd/system/" + unit + ".service.d/" + file }

// engine writes the drop-in that every engine reads, and daemon.json for 23.0 and later,
// which wins there and which older engines refuse.
func (s *Set) engine(in Input) error {
	url, vars := in.Proxy.URL(), ""
	if in.NoProxy != "" {
		vars = " " + unitValue("NO_PROXY", in.NoProxy)
	}
	if !in.Device.Snap {
		s.add(in, File{Path: dropIn("docker", engineDropIn), What: "container engine: image pulls",
			Text: fmt.Sprintf("[Service]\nEnvironment=%s %s%s\n", unitValue("HTTPS_PROXY", url),
				unitValue("https_proxy", url), vars)})
	}
	path := in.Device.DaemonJSONPath()
	text, err := in.Device.ReadFile(path)
	merged := err == nil && strings.TrimSpace(string(text)) != ""
	if !merged {
		text = []byte("{\n}\n")
	}
	out, err := mergeDaemon(text, url, in.NoProxy)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	s.add(in, File{Path: path,
		What: "container engine 23.0 and later: image pulls (older engines do not start with it)",
		Text: string(out), Shown: string(manifest.Masked(out)), Merged: merged})
	return nil
}

// mergeDaemon sets "proxies" in a daemon.json and leaves every other byte.
func mergeDaemon(text []byte, url, noProxy string) ([]byte, error) {
	doc, err := jsonedit.Parse(text)
	if err != nil {
		return nil, err
	}
	if doc.Root.Kind != jsonedit.Object {
		return nil, errors.New("line 1: expected a JSON object")
	}
	want := []jsonedit.Pair{{Key: "https-proxy", Value: jsonedit.Value{Str: url}}}
	if noProxy != "" {
		want = append(want, jsonedit.Pair{Key: "no-proxy", Value: jsonedit.Value{Str: noProxy}})
	}
	proxies := doc.Root.Get("proxies")
	if proxies == nil || proxies.Kind != jsonedit.Object {
		pair := jsonedit.Pair{Key: "proxies", Value: jsonedit.Value{Pairs: want}}
		if proxies != nil {
			return doc.Apply([]jsonedit.Edit{jsonedit.Replace(proxies, pair.Value)})
		}
		return doc.Apply([]jsonedit.Edit{doc.Add([]*jsonedit.Node{doc.Root}, pair)})
	}
	var edits []jsonedit.Edit
	var add []jsonedit.Pair
	for _, p := range want {
		if old := proxies.Get(p.Key); old != nil {
			edits = append(edits, jsonedit.Replace(old, p.Value))
		} else {
			add = append(add, p)
		}
	}
	if len(add) > 0 {
		edits = append(edits, doc.Add([]*jsonedit.Node{doc.Root, proxies}, add...))
	}
	return doc.Apply(edits)
}
