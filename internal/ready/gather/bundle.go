package gather

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"edgenet/internal/device"
	"edgenet/internal/engine"
	"edgenet/internal/ready"
	"edgenet/internal/secret"
	"edgenet/internal/supportbundle"
	"edgenet/report"
)

// maxBundleLog is the newest part of edgeHub's log that is looked at.
const maxBundleLog = 16 << 20

const bundleNeeds = "the running device: a support bundle does not hold it"

// ErrNotABundle is an archive without anything of a support bundle.
var ErrNotABundle = errors.New("not an archive of iotedge support-bundle: expected check.json, inspect/ or logs/ in it")

// Bundle reads what iotedge support-bundle packed: descriptions of the containers and
// networks, edgeHub's log, and the runtime's own check, which comes back as it is.
func Bundle(name string, o Options) (f *ready.Facts, check []byte, err error) {
	z, err := supportbundle.Open(name)
	if err != nil {
		return nil, nil, fmt.Errorf("not a zip archive that can be read: %w", err)
	}
	defer func() { _ = z.Close() }()
	b := &archive{}
	if err := b.read(z); err != nil {
		return nil, nil, err
	}
	if b.check == nil && len(b.containers) == 0 && b.log == nil {
		return nil, nil, ErrNotABundle
	}
	g := &gatherer{Options: o, device: &device.Device{}, facts: &ready.Facts{}}
	g.fromBundle(b)
	return g.facts, b.check, nil
}

// archive is what is taken out of a bundle.
type archive struct {
	made       time.Time
	check, log []byte
	containers []engine.Inspected
	networks   []engine.NetworkInfo
}

func (b *archive) read(z *supportbundle.Bundle) (err error) {
	if b.check, err = z.Check(); err != nil {
		return plain(err)
	}
	if log, ok := z.Log("edgeHub"); ok {
		if b.log, err = log.Tail(maxBundleLog); err != nil {
			return plain(err)
		}
	}
	texts, unread := z.Documents(supportbundle.Inspect)
	networks, more := z.Documents(supportbundle.Network)
	if err := errors.Join(append(unread, more...)...); err != nil {
		return plain(err)
	}
	for _, d := range texts {
		if in, err := engine.ParseInspected(d.Text); err == nil {
			in.Name = strings.TrimPrefix(in.Name, "/")
			b.containers = append(b.containers, in)
		}
	}
	for _, d := range networks {
		var many []engine.NetworkInfo
		if json.Unmarshal(d.Text, &many) == nil {
			b.networks = append(b.networks, many...)
		}
	}
	b.made = z.Newest()
	return nil
}

// plain is an error without what a stranger's archive may have in its names.
func plain(err error) error { return errors.New(report.Clean(err.Error(), 300)) }

func (g *gatherer) fromBundle(b *archive) {
	f := g.facts
	if f.Now = g.Now; f.Now.IsZero() {
		f.Now = time.Now()
	}
	if !b.made.IsZero() && b.made.Before(f.Now) && b.made.Year() > 2015 {
		f.Now = b.made // what was fine on that day was fine
	}
	f.Config.Present = true
	g.missing()
	g.noEngine("support bundle", bundleNeeds, true)
	if len(b.containers) > 0 {
		g.inspected(b.containers, "support bundle, inspect/")
	}
	var nets []ready.Network
	for _, n := range b.networks {
		nets = append(nets, network(n))
	}
	if nets != nil {
		f.Engine.Networks = ready.Unseen[[]ready.Network](
			"support bundle, network/",
			"the device's own routes and name servers",
		)
	}
	if b.log != nil {
		g.storeLog(b.log, "support bundle, edgeHub's log")
	}
	g.fromCheck(b.check)
	for _, in := range b.containers {
		g.identityOf(in)
	}
	g.deployment()
	g.name()
}

// missing notes what no bundle holds.
func (g *gatherer) missing() {
	const source = "support bundle"
	c := &g.facts.Config
	c.Hostname, c.ParentHostname = ready.LeftOut[string](
		source,
		bundleNeeds,
	), ready.LeftOut[string](
		source,
		bundleNeeds,
	)
	c.Provisioning, c.Values = ready.LeftOut[ready.Provisioning](
		source,
		bundleNeeds,
	), ready.LeftOut[[]ready.ValueTrouble](
		source,
		bundleNeeds,
	)
	c.Applied, c.Mode = ready.LeftOut[ready.Applied](
		source,
		bundleNeeds,
	), ready.LeftOut[ready.FileMode](
		source,
		bundleNeeds,
	)
	g.facts.Certs.EdgeCA = ready.LeftOut[ready.EdgeCA](source, bundleNeeds)
	g.facts.Certs.HubLeaf = ready.LeftOut[ready.Leaf](source, bundleNeeds)
	g.facts.Disks = ready.LeftOut[[]ready.Disk](source, bundleNeeds)
	g.facts.Host.Units, g.facts.Host.Clock = ready.LeftOut[[]ready.Unit](
		source,
		bundleNeeds,
	), ready.LeftOut[ready.Clock](
		source,
		bundleNeeds,
	)
	g.facts.Runtime.Version = ready.Unseen[string](source, "check.json in the bundle")
}

// fromCheck takes from the runtime's own check what it says of versions.
func (g *gatherer) fromCheck(text []byte) {
	var in struct {
		Info struct {
			Engine string `json:"docker_version"`
			Daemon string `json:"aziot_edged_version"`
			OS     struct {
				ID      string `json:"id"`
				Version string `json:"version_id"`
				Arch    string `json:"arch"`
			} `json:"os"`
		} `json:"additional_info"`
	}
	if json.Unmarshal(bytes.TrimSpace(text), &in) != nil {
		return
	}
	const source = "support bundle, check.json"
	f := g.facts
	if v := in.Info.Daemon; v != "" {
		f.Runtime.Version = ready.Seen(report.Clean(v, 40), source)
	}
	if v := in.Info.Engine; v != "" {
		f.Engine.Version = ready.Seen(ready.EngineVersion{Version: report.Clean(v, 40)}, source)
	}
	if o := in.Info.OS; o.ID != "" {
		arch := map[string]string{"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm"}[o.Arch]
		f.Host.OS = ready.Seen(
			ready.OS{ID: report.Clean(o.ID, 40), VersionID: report.Clean(o.Version, 40), Arch: arch},
			source,
		)
	}
}

// identityOf takes hub and device from a container's environment.
func (g *gatherer) identityOf(in engine.Inspected) {
	if !slices.Contains([]string{"edgeAgent", "edgeHub"}, in.Name) {
		return
	}
	d := &g.facts.Device
	if v, ok := lookup(in.Config.Env, "IOTEDGE_IOTHUBHOSTNAME"); ok {
		d.Hub = secret.Show(v, 200)
	}
	if v, ok := lookup(in.Config.Env, "IOTEDGE_DEVICEID"); ok {
		d.ID = secret.Name(v, 128)
	}
	if v, ok := lookup(in.Config.Env, "EdgeDeviceHostName"); ok {
		d.Host = secret.Name(v, 100)
	}
}
