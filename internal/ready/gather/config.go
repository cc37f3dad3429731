package gather

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"edgenet/internal/device"
	"edgenet/internal/lazyregexp"
	"edgenet/internal/ready"
	"edgenet/internal/sorting"
)

// provisioning reads how the device is named and gets its identity.
func (g *gatherer) provisioning(context.Context) {
	c, t := &g.facts.Config, g.config.super
	if g.device.Old && t.err != nil {
		g.oldProvisioning()
		return
	}
	if t.err != nil {
		if !g.facts.Config.Present {
			return // nobody configured anything: there is nothing to look at
		}
		if isMissing(t.err) && g.byHand() {
			return
		}
		need := t.needs()
		c.Hostname, c.ParentHostname = ready.Unseen[string](t.path, need), ready.Unseen[string](t.path, need)
		c.Provisioning = ready.Unseen[ready.Provisioning](t.path, need)
		if !isMissing(t.err) {
			c.Values = ready.Unseen[[]ready.ValueTrouble](t.path, need)
		}
		c.UpstreamSet = ready.Unseen[string](t.path, need)
		c.Mode = g.mode(t.path)
		return
	}
	if h := t.text("hostname"); h != "" {
		c.Hostname = ready.Seen(h, t.at("hostname"))
	} else if name, err := os.Hostname(); err == nil && g.live {
		c.Hostname = ready.Seen(name, t.path+" (not set: the machine's name)")
	} else {
		c.Hostname = ready.Unseen[string](t.path, "hostname in "+t.path)
	}
	c.ParentHostname = ready.Seen(t.text("parent_hostname"), t.at("parent_hostname"))
	c.UpstreamSet = ready.Seen(t.text("agent.env.UpstreamProtocol"), t.at("agent.env.UpstreamProtocol"))
	c.Mode = g.mode(t.path)
	c.Provisioning = ready.Seen(provisioningOf(t), t.at("provisioning.source"))
}

// byHand reads a device without config.toml, whose daemons' own files somebody wrote; false
// where there are none that can be read.
func (g *gatherer) byHand() bool {
	id := g.config.merge["identityd"]
	const source = "/etc/aziot/identityd"
	if id["hostname"] == "" {
		return false
	}
	c := &g.facts.Config
	c.Hostname, c.ParentHostname = ready.Seen(id["hostname"], source), ready.Seen(id["local_gateway_hostname"], source)
	p := ready.Provisioning{Source: id["provisioning.source"], Method: id["provisioning.authentication.method"]}
	if p.Method == "" {
		p.Method = id["provisioning.attestation.method"]
	}
	p.Reprovision = g.config.merge["edged"]["auto_reprovisioning_mode"]
	c.Provisioning = ready.Seen(p, source)
	return true
}

func provisioningOf(t tables) ready.Provisioning {
	p := ready.Provisioning{Source: t.text("provisioning.source"), Reprovision: t.text("auto_reprovisioning_mode"),
		ReprovisionAt: t.at("auto_reprovisioning_mode")}
	p.Method = t.text("provisioning.attestation.method")
	if p.Source == "manual" {
		p.Method = t.text("provisioning.authentication.method")
	}
	p.Registration = t.text("provisioning.attestation.registration_id")
	key := t.text("provisioning.connection_string") != ""
	for _, k := range []string{"provisioning.authentication.device_id_pk", "provisioning.attestation.symmetric_key"} {
		key = key || t.text(k+".value") != "" || isLiteral(t.text(k))
	}
	if p.InlineKey = key; p.Method == "" && t.text("provisioning.connection_string") != "" {
		p.Method = "sas"
	}
	return p
}

// isLiteral tells a key itself from a URI that leads to one.
func isLiteral(s string) bool { return s != "" && !strings.Contains(s, ":") }

// oldProvisioning reads config.yaml of 1.1 and before.
func (g *gatherer) oldProvisioning() {
	const file = "/etc/iotedge/config.yaml"
	c := &g.facts.Config
	c.Mode = g.mode(file)
	text, err := g.device.ReadFile(file)
	var in struct {
		Hostname     string `yaml:"hostname"`
		Parent       string `yaml:"parent_hostname"`
		Provisioning struct {
			Source           string `yaml:"source"`
			ConnectionString string `yaml:"device_connection_string"`
			Reprovision      bool   `yaml:"always_reprovision_on_startup"`
			Attestation      struct {
				Method string `yaml:"method"`
				Key    string `yaml:"symmetric_key"`
			} `yaml:"attestation"`
		} `yaml:"provisioning"`
	}
	if err == nil && len(text) > 256<<10 {
		err = errors.New("larger than 256 KiB")
	}
	if err == nil && yaml.Unmarshal(text, &in) != nil {
		err = errors.New("not YAML that can be read")
	}
	if err != nil {
		need := tables{path: file, err: err}.needs()
		c.Hostname, c.Provisioning = ready.Unseen[string](file, need), ready.Unseen[ready.Provisioning](file, need)
		return
	}
	c.Hostname, c.ParentHostname = ready.Seen(in.Hostname, file), ready.Seen(in.Parent, file)
	p := ready.Provisioning{Source: in.Provisioning.Source, Method: in.Provisioning.Attestation.Method}
	p.InlineKey = in.Provisioning.ConnectionString != "" || in.Provisioning.Attestation.Key != ""
	if p.Method == "" {
		p.Method = "sas"
	}
	c.Provisioning = ready.Seen(p, file)
}

// mode looks at who may read a file.
func (g *gatherer) mode(name string) ready.Fact[ready.FileMode] {
	real, err := g.device.Real(name)
	if err != nil {
		return ready.Unseen[ready.FileMode](name, err.Error())
	}
	info, err := os.Stat(real)
	if err != nil {
		return ready.Unseen[ready.FileMode](name, tables{path: name, err: err}.needs())
	}
	m := ready.FileMode{Path: name, Mode: uint32(info.Mode().Perm()), WorldRead: info.Mode().Perm()&0o004 != 0}
	if uid, _, ok := ownerOf(info); ok {
		m.Owner = strconv.Itoa(uid)
	}
	return ready.Seen(m, name)
}

// renewal is the form of a renewal policy that certd reads: a number and its unit, with
// nothing between them.
var renewal = lazyregexp.New(`^\+?0*([1-9][0-9]{0,17})(%|min|day)$`)

// known are the keys and tables at the top of config.toml.
var known = []string{
	"hostname", "parent_hostname", "trust_bundle_cert", "allow_elevated_docker_permissions", "auto_reprovisioning_mode",
	"imported_master_encryption_key",
	"manifest_trust_bundle_cert", "agent", "connect", "listen", "watchdog", "edge_ca", "moby_runtime",
	"image_garbage_collection", "cloud_timeout_sec",
	"cloud_retries", "provisioning", "aziot_keys", "preloaded_keys", "preloaded_certs", "cert_issuance", "tpm",
	"localid", "additional_info",
	"iotedge_max_requests", "aziot_max_requests", "prefer_module_identity_cache", "homedir",
}

// values finds what the daemons refuse or never read.
func (g *gatherer) values() {
	t := g.config.super
	trouble := g.faults()
	if t.err != nil {
		if len(trouble) > 0 { // what is broken is known, whatever else is not
			g.facts.Config.Values = ready.Seen(trouble, t.path)
		}
		return
	}
	add := func(kind ready.ValueKind, key, value string) {
		trouble = append(trouble, ready.ValueTrouble{Key: key, Value: value, Place: t.at(key), Kind: kind})
	}
	if n, err := strconv.Atoi(t.text("cloud_timeout_sec")); err == nil && n < 70 {
		add(ready.ValueTimeoutLow, "cloud_timeout_sec", strconv.Itoa(n))
	}
	if h := t.text("hostname"); len(h) > 64 {
		add(ready.ValueHostnameLong, "hostname", h)
	}
	if t.text("allow_elevated_docker_permissions") == "true" {
		add(ready.ValueElevatedAllow, "allow_elevated_docker_permissions", "true")
	}
	all := flat(t.all)
	for k, v := range all {
		renews := strings.HasSuffix(k, "auto_renew.threshold") || strings.HasSuffix(k, "auto_renew.retry")
		if m := renewal().FindStringSubmatch(v); renews && (m == nil || m[2] == "%" && len(m[1]) > 2) {
			add(ready.ValueRenewUnit, k, v)
		}
	}
	for k := range t.all {
		if !slices.Contains(known, k) && slices.ContainsFunc(known, func(w string) bool { return near(k, w) }) {
			if !slices.ContainsFunc(trouble, func(x ready.ValueTrouble) bool { return x.Place == t.at(k) }) {
				add(ready.ValueUnknownKey, k, "")
			}
		}
	}
	sorting.By(trouble, func(a, b ready.ValueTrouble) int {
		if d := t.lines[a.Key] - t.lines[b.Key]; d != 0 {
			return d
		}
		return strings.Compare(a.Key, b.Key)
	})
	g.facts.Config.Values = ready.Seen(trouble, t.path)
}

// faults are files that their daemons cannot read, and entries that do not do what they
// were written for.
func (g *gatherer) faults() []ready.ValueTrouble {
	out := []ready.ValueTrouble{}
	for _, b := range g.device.Broken {
		if b.Place == device.DockerCLI {
			continue
		}
		out = append(out, ready.ValueTrouble{Place: fmt.Sprintf("%s:%d", b.File, b.Line), Kind: ready.ValueBroken,
			Said: fmt.Sprintf(
				"%s, line %d cannot be read: expected %s",
				b.File,
				b.Line,
				b.Expected,
			), Remedy: "Correct the line, then iotedge config apply."})
	}
	for _, f := range g.device.Faults {
		out = append(
			out,
			ready.ValueTrouble{Key: f.Key, Place: fmt.Sprintf("%s:%d", f.File, f.Line), Kind: ready.ValueFault,
				Said: f.Text, Remedy: f.Remedy, Severity: f.Severity},
		)
	}
	return out
}

// near tells a misspelt key: another case or sign between words, or one letter that is
// missing, too many, or another.
func near(a, b string) bool {
	plain := func(s string) string { return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(s)) }
	x, y := plain(a), plain(b)
	if x == y {
		return true
	}
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(y)-len(x) > 1 || len(x) < 4 {
		return false
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	if len(x) == len(y) {
		return x[i+1:] == y[i+1:]
	}
	return x[i:] == y[i+1:]
}
