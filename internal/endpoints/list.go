package endpoints

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"

	"edgenet/internal/device"
	"edgenet/internal/edgeagent"
	"edgenet/internal/hostname"
	"edgenet/internal/manifest"
	"edgenet/internal/placeholder"
	"edgenet/internal/proxyurl"
	"edgenet/internal/secret"
	"edgenet/report"
)

// Input is what the list is made from. Only a hub is needed, from Hub or Device.
type Input struct {
	Device   *device.Device     // zero means nothing is known of it
	Manifest *manifest.Manifest // zero means that only the runtime's own images are known
	Hub      string             // wins over the device's
	Cloud    Cloud              // zero means by the hub's name
	Proxy    *proxyurl.Proxy    // wins over the device's
	Protocol report.Protocol    // wins over the device's
}

// builder gathers the list.
type builder struct {
	Input
	list   *Allowlist
	parent string
	hub    string
	source string
}

// List makes the allowlist. The error says what is missing.
func List(in Input) (*Allowlist, error) {
	b := &builder{Input: in, list: &Allowlist{Schema: Schema, Endpoints: []Endpoint{}}}
	if b.Device == nil {
		b.Device = &device.Device{}
	}
	if err := b.names(); err != nil {
		return nil, err
	}
	b.upstreamSettings()
	b.list.Hub, b.list.Cloud, b.list.Protocol = b.hub, b.Cloud.Name, string(b.Protocol)
	b.proxyItself()
	b.upstream()
	b.provisioning()
	b.certificates()
	b.registries()
	b.rest()
	return b.list, nil
}

// names finds hub, parent and cloud.
func (b *builder) names() error {
	b.hub, b.source = b.Hub, "--hub"
	if b.hub == "" {
		if s, ok := b.Device.Hub(); ok {
			b.hub, b.source = s.Value.Reveal(), s.Where()
		}
		if s, ok := b.Device.Upstream(); ok && s.Name == device.Parent {
			b.parent = s.Value.Reveal()
			b.source = s.Where()
		}
		for _, host := range []string{b.hub, b.parent} {
			if host == "" || placeholder.In(host) {
				continue
			}
			if _, err := hostname.Valid(host); err != nil { // nothing is to be opened for what is no name
				return fmt.Errorf("the hub's name in %s: %w", b.source, err)
			}
		}
	}
	if b.hub == "" && b.parent == "" && !b.unprovisioned() {
		return fmt.Errorf("no hub: give it with --hub HOST, such as contoso.azure-devices.net")
	}
	cloud, known := CloudOf(b.hub)
	if b.hubIsParent() {
		b.parent = strings.ToLower(strings.TrimSuffix(b.hub, "."))
	}
	switch {
	case b.Cloud.Name == "" && known:
		b.Cloud = cloud
	case b.Cloud.Name == "":
		b.Cloud = clouds[0]
	case !strings.Contains(b.hub, ".") && b.hub != unknownHub:
		b.hub += "." + b.Cloud.Hub
	case known && cloud.Name != b.Cloud.Name:
		return fmt.Errorf("%s is a hub of %s, not of %s", secret.Show(b.hub, 100), cloud.Name, b.Cloud.Name)
	}
	b.hub = strings.ToLower(strings.TrimSuffix(b.hub, "."))
	return nil
}

// unprovisioned tells that the device is set for DPS, which names the hub later: the list
// is whole but for the hub's name. The cloud is that of the provisioning service.
func (b *builder) unprovisioned() bool {
	host, _, ok := b.dps()
	if !ok {
		return false
	}
	b.hub, b.source = unknownHub, "DPS names it when the device is provisioned"
	if cloud, known := CloudOf(host); known && b.Cloud.Name == "" {
		b.Cloud = cloud
	}
	return true
}

// unknownHub stands for the hub that DPS will name.
const unknownHub = "<hub>"

// hubIsParent tells whether the host of --hub is a parent gateway: it is no name of a cloud,
// and the manifest takes images from a parent.
func (in Input) hubIsParent() bool {
	if _, known := CloudOf(in.Hub); in.Hub == "" || known || !strings.Contains(in.Hub, ".") || in.Manifest == nil ||
		in.Cloud.Name != "" {
		return false
	}
	for _, x := range append([]*manifest.Module{in.Manifest.Agent, in.Manifest.Hub}, in.Manifest.Modules...) {
		if x != nil && strings.HasPrefix(strings.ToLower(strings.TrimSpace(x.Image)), upstreamHost) {
			return true
		}
	}
	return false
}

// upstreamSettings takes protocol and proxy from the manifest, which wins from the
// deployment on, else from the device.
func (b *builder) upstreamSettings() {
	d := b.Device
	if m := b.Manifest; m != nil && b.Protocol == "" {
		b.Protocol, _ = m.Hub.Protocol()
	}
	for _, p := range []device.Place{device.ConfigTOML, device.ConfigD, device.ConfigYAML, device.EdgeHub,
		device.EdgeAgent} {
		if s, ok := d.At(p, device.Protocol); ok && b.Protocol == "" {
			b.Protocol, _ = edgeagent.ParseUpstream(s.Value.Reveal())
		}
	}
	if m := b.Manifest; m != nil && b.Proxy == nil && m.Agent != nil {
		if v, ok := m.Agent.Spec().Merged().Lookup(edgeagent.VarProxy); ok && placeholder.In(v) {
			b.list.Notes = append(b.list.Notes,
				"The proxy of the manifest is a placeholder: give the proxy with --proxy URL, or the list is one "+
					"without.")
		} else if ok {
			b.Proxy, _ = proxyurl.Assume(v, "manifest")
		}
	}
	for _, p := range []device.Place{device.ConfigTOML, device.ConfigD, device.ConfigYAML, device.EdgeAgent,
		device.EdgeHub, device.IdentityUnit, device.OldUnit} {
		if s, ok := d.At(p, device.Proxy); ok && b.Proxy == nil && s.Value.Reveal() != "" {
			b.Proxy, _ = proxyurl.Assume(s.Value.Reveal(), s.Where())
		}
	}
}

// proxyItself is what the firewall has to open where a proxy stands before it.
func (b *builder) proxyItself() {
	p := b.Proxy
	if p == nil {
		return
	}
	b.list.Proxy = p.String()
	b.list.add(Endpoint{Host: p.Host, Port: p.Port, Protocol: "CONNECT", Role: report.EndpointCustom, Need: Required,
		UsedBy: "everything that goes through the proxy", Source: report.Clean(p.Source, 100)})
	b.list.Notes = append(b.list.Notes,
		fmt.Sprintf("Lines with \"via %s\" are for whoever runs the proxy: CONNECT to that host and port. The others "+
			"are for the firewall in front of the device.",
			p.Address()))
}

// via is the proxy for what goes through one.
func (b *builder) via() string {
	if b.Proxy != nil {
		return b.Proxy.Address()
	}
	return ""
}

// upstream is the hub, or the parent in its place. HTTPS is needed whatever the protocol;
// beside it the protocol that is set, or one of the four.
func (b *builder) upstream() {
	host, role := b.hub, report.EndpointIoTHub
	if b.parent != "" {
		host, role = b.parent, report.EndpointParent
	}
	e := Endpoint{Host: host, Role: role, Source: b.source, Unknown: host == unknownHub}
	https := e
	https.Port, https.Protocol, https.Need, https.Via = 443, "HTTPS", Required, b.via()
	https.UsedBy = "the daemon, edgeHub's REST calls"
	if role == report.EndpointIoTHub {
		https.Note = "with a private endpoint the name stays the same and the address is a private one"
	}
	b.list.add(https)
	if b.Protocol == "" {
		b.anyProtocol(e)
		return
	}
	e.Port, e.Protocol, e.Need, e.UsedBy = b.Protocol.Port(), string(b.Protocol), Required, "edgeAgent, edgeHub"
	if b.Protocol.Proxied() {
		e.Via, e.Protocol = b.via(), "WebSocket"
	}
	b.list.add(e)
}

// anyProtocol lists all ways where none is chosen; unset edgeHub takes the first.
func (b *builder) anyProtocol(e Endpoint) {
	e.Need, e.Group = OneOf, "upstream"
	for _, p := range []report.Protocol{report.AMQP, report.MQTT} {
		x := e
		x.Port, x.Protocol, x.UsedBy = p.Port(), string(p), "edgeAgent, edgeHub with UpstreamProtocol "+p.RuntimeName()
		if p == report.AMQP {
			x.Note = "what edgeHub uses while UpstreamProtocol is not set"
		}
		b.list.add(x)
	}
	e.Port, e.Protocol, e.UsedBy, e.Via, e.Need, e.Group = 443, "WebSocket", "edgeAgent, edgeHub with AmqpWs or MqttWs",
		b.via(), Required, ""
	b.list.add(e)
	b.list.Notes = append(b.list.Notes,
		"UpstreamProtocol is not decided: 443 is needed in any case and is enough with AmqpWs or MqttWs; 5671 or "+
			"8883 only for Amqp or Mqtt.")
}

// provisioning is DPS, where the device uses it.
func (b *builder) provisioning() {
	if host, source, ok := b.dps(); ok {
		b.list.add(Endpoint{Host: host, Port: 443, Protocol: "HTTPS", Role: report.EndpointDPS, Need: Required,
			UsedBy: "the daemon, to be provisioned", Via: b.via(), Source: source})
	}
}

// dps is the provisioning service that the device's settings lead to.
func (b *builder) dps() (host, source string, ok bool) {
	for _, p := range []device.Place{device.ConfigTOML, device.ConfigD, device.ConfigYAML} {
		s, there := b.Device.At(p, device.Provisioning)
		if !there {
			continue
		}
		if !strings.EqualFold(s.Value.Reveal(), "dps") {
			return "", "", false
		}
		host, source = cmp.Or(b.Cloud.DPS, clouds[0].DPS), "the cloud's global endpoint"
		if e, ok := b.Device.At(p, device.DPS); ok {
			if u, err := url.Parse(e.Value.Reveal()); err == nil && u.Hostname() != "" {
				host, source = u.Hostname(), e.Where()
			}
		}
		return host, source, true
	}
	return "", "", false
}

// certificates are EST servers.
func (b *builder) certificates() {
	for _, s := range b.Device.Of(device.EST) {
		u, err := url.Parse(s.Value.Reveal())
		if err != nil || u.Hostname() == "" || s.Place == device.ConfigD {
			continue
		}
		_, port := hostPort(u.Host)
		b.list.add(Endpoint{Host: strings.ToLower(u.Hostname()), Port: port, Protocol: "HTTPS",
			Role: report.EndpointCustom, Need: Required, UsedBy: "the certificate service (EST)", Via: b.via(),
			Source: s.Where()})
	}
}

// rest is time and what a device can do without.
func (b *builder) rest() {
	found := false
	for _, s := range b.Device.Of(device.NTP) {
		found = true
		b.list.add(Endpoint{Host: s.Value.Reveal(), Port: 123, Transport: "udp", Protocol: "NTP",
			Role: report.EndpointCustom, Need: Required, UsedBy: "this host's clock", Source: s.Where()})
	}
	if !found {
		b.list.add(Endpoint{Host: "pool.ntp.org", Port: 123, Transport: "udp", Protocol: "NTP",
			Role: report.EndpointCustom, Need: Optional,
			UsedBy: "iotedge check; the clock may use the site's own server", Source: "default of iotedge check"})
	}
	for _, o := range []struct{ host, by string }{
		{"packages.microsoft.com", "installing and updating IoT Edge"},
		{"aka.ms", "iotedge check: latest versions"},
		{"raw.githubusercontent.com", "iotedge check: where aka.ms leads"},
	} {
		b.list.add(Endpoint{Host: o.host, Port: 443, Protocol: "HTTPS", Role: report.EndpointCustom, Need: Optional,
			UsedBy: o.by, Via: b.via(), Source: "documented"})
	}
}
