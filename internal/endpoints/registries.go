package endpoints

import (
	"strings"

	"edgenet/internal/device"
	"edgenet/internal/edgeagent"
	"edgenet/internal/manifest"
	"edgenet/internal/placeholder"
	"edgenet/internal/proxyurl"
	"edgenet/internal/secret"
	"edgenet/report"
)

// use is an image and who runs it.
type use struct{ image, by, source string }

// images lists what the device pulls.
func (b *builder) images() []use {
	var out []use
	for _, p := range []device.Place{device.ConfigTOML, device.ConfigD, device.ConfigYAML} {
		if s, ok := b.Device.At(p, device.Image); ok {
			out = append(out, use{s.Value.Reveal(), "the first edgeAgent", s.Where()})
			break
		}
	}
	if m := b.Manifest; m != nil {
		for _, x := range append([]*manifest.Module{m.Agent, m.Hub}, m.Modules...) {
			if x != nil {
				out = append(out, use{x.Image, secret.Name(x.Name, 128), secret.Path(m.File)})
			}
		}
	}
	if b.Manifest == nil { // what runs now is what a deployment brought
		for _, c := range b.Device.Containers {
			out = append(out, use{c.Image, secret.Name(c.Name, 128), "running container"})
		}
	}
	return out
}

// registries are where the images come from, and where the registries keep the layers. One
// whose name is not known is a line of its own, so that no list looks whole that is not.
func (b *builder) registries() {
	known := false
	for _, u := range b.images() {
		src, ok := sourceOf(u.image, b.parent)
		if !ok {
			continue
		}
		known = true
		if src.unknown != "" {
			b.unknown(src, "container engine: "+u.by, u.source)
			continue
		}
		b.registry(src.host, src.port, "container engine: "+u.by, u.source)
	}
	for _, s := range b.Device.Of(device.Registry) {
		b.address(s.Value.Reveal(), "container engine: the first edgeAgent", s.Where())
	}
	if m := b.Manifest; m != nil {
		for _, a := range m.Registries {
			b.address(a.Address, "container engine: registryCredentials", m.File)
		}
	}
	b.incomplete(known)
}

// address adds the registry of credentials.
func (b *builder) address(text, by, from string) {
	text = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(text), "https://"), "/")
	if placeholder.In(text) {
		b.unknown(source{text, 443, unknownTemplate}, by, from)
		return
	}
	if host, port := hostPort(text); isHost(host) {
		b.registry(host, port, by, from)
	}
}

// unknown adds a registry of which only a placeholder is known.
func (b *builder) unknown(src source, by, from string) {
	e := Endpoint{Host: secret.Show(src.host, 120), Unknown: true, Port: src.port, Protocol: "HTTPS",
		Role: report.EndpointRegistry, Need: Required,
		UsedBy: by, Via: b.engineVia(), Source: report.Clean(from, 100), Note: src.unknown}
	if src.host == upstreamHost {
		e.Role, e.Via = report.EndpointParent, ""
	}
	b.list.add(e)
}

// incomplete says what the list cannot know.
func (b *builder) incomplete(known bool) {
	m := b.Manifest
	switch {
	case m != nil && m.Kind == manifest.Layered:
		b.list.Notes = append(b.list.Notes,
			"The manifest is a layered deployment: the images of edgeAgent, edgeHub and of the deployments below it "+
				"are not in it.")
	case m == nil && len(b.Device.Containers) == 0 && b.parent == "":
		b.list.Notes = append(b.list.Notes,
			"No manifest was given: registries of other modules are not known (--manifest FILE).")
	}
	if !known && b.parent == "" || m != nil && m.Kind == manifest.Layered {
		b.registry(b.Cloud.Registry, 443, "container engine: the runtime's images", "documented default")
	}
	for _, e := range b.list.Endpoints {
		if e.Unknown {
			b.list.Notes = append(b.list.Notes,
				"The list is not complete: a line stands for each registry whose name is not known yet.")
			return
		}
	}
}

// registry adds one registry and its data hosts: documented patterns, unless a test finds
// the real ones.
func (b *builder) registry(host string, port int, by, source string) {
	e := Endpoint{Host: host, Port: port, Protocol: "HTTPS", Role: report.EndpointRegistry, Need: Required, UsedBy: by,
		Via: b.engineVia(), Source: source}
	if host == b.parent {
		e.Role, e.UsedBy = report.EndpointParent, by+", through the parent"
		e.Via = ""
		b.list.add(e)
		return
	}
	b.list.add(e)
	data := Endpoint{Port: 443, Protocol: "HTTPS", Role: report.EndpointRegistryData, Need: Required,
		UsedBy: "container engine: layers of " + host, Via: b.engineVia(), Source: "documented pattern", Pattern: true}
	switch {
	case host == b.Cloud.Registry || host == clouds[0].Registry:
		data.Host = b.Cloud.Data
		if host == clouds[0].Registry {
			data.Host = clouds[0].Data
		}
		b.list.add(data)
	case host == dockerHub:
		auth := e
		auth.Host, auth.UsedBy = dockerHubAuth, "container engine: tokens for Docker Hub"
		b.list.add(auth)
		data.Host, data.Pattern, data.Source = dockerHubData, false, "documented"
		data.Note = "some layers come from *.r2.cloudflarestorage.com"
		b.list.add(data)
	default:
		b.private(host, data)
	}
}

// private: an Azure container registry keeps layers in blob storage, or, with dedicated data
// endpoints (Premium), under a name of its own. Other registries mostly serve them themselves.
func (b *builder) private(host string, data Endpoint) {
	for _, c := range clouds {
		name, ok := strings.CutSuffix(host, "."+c.ACR)
		if !ok {
			continue
		}
		data.Need, data.Group = OneOf, "layers of "+host
		data.Host, data.Note = "*."+c.Blob, "without dedicated data endpoints"
		b.list.add(data)
		data.Host, data.Note = name+".*.data."+c.ACR,
			"with dedicated data endpoints: the registry's own regions stand for the *"
		b.list.add(data)
		return
	}
}

// engineVia is the engine's own proxy; without one it goes directly.
func (b *builder) engineVia() string {
	for _, p := range []device.Place{device.DaemonJSON, device.EngineUnit} {
		if s, ok := b.Device.At(p, device.Proxy); ok && s.Value.Reveal() != "" {
			if px, err := parseProxy(s); err == nil {
				b.list.add(Endpoint{Host: px.Host, Port: px.Port, Protocol: "CONNECT", Role: report.EndpointCustom,
					Need: Required, UsedBy: "container engine: its proxy", Source: s.Where()})
				return px.Address()
			}
		}
	}
	if b.Device.Configured { // its engine has none
		return ""
	}
	return b.via()
}

func parseProxy(s device.Setting) (*proxyurl.Proxy, error) {
	return proxyurl.Assume(s.Value.Reveal(), s.Where())
}

// runtimeImage is one that every device pulls (Azure documentation, IoT Edge 1.5): where no other of its
// registry is known, its layers show where they are kept.
const runtimeImage = "/azureiotedge-agent:1.5"

// Images lists the images that the device pulls, and the runtime's.
func (in Input) Images() []string {
	b := &builder{Input: in}
	if b.Device == nil {
		b.Device = &device.Device{}
	}
	var out []string
	for _, u := range b.images() {
		out = append(out, u.image)
	}
	return append(out, clouds[0].Registry+runtimeImage, clouds[2].Registry+runtimeImage)
}

// Parent is the parent gateway, empty where there is none.
func (in Input) Parent() string {
	if in.hubIsParent() {
		return strings.ToLower(strings.TrimSuffix(in.Hub, "."))
	}
	if in.Device == nil || in.Hub != "" {
		return ""
	}
	if s, ok := in.Device.Upstream(); ok && s.Name == device.Parent {
		return s.Value.Reveal()
	}
	return ""
}

// Proxies are those that the list may name, with their passwords.
func (in Input) Proxies() []*proxyurl.Proxy {
	var out []*proxyurl.Proxy
	if in.Proxy != nil {
		out = append(out, in.Proxy)
	}
	if m := in.Manifest; m != nil && m.Agent != nil {
		if v, ok := m.Agent.Spec().Merged().Lookup(edgeagent.VarProxy); ok {
			if p, err := proxyurl.Assume(v, "manifest"); err == nil {
				out = append(out, p)
			}
		}
	}
	if in.Device == nil {
		return out
	}
	for _, s := range in.Device.Of(device.Proxy) {
		if p, err := parseProxy(s); err == nil && s.Lost == "" {
			out = append(out, p)
		}
	}
	return out
}
