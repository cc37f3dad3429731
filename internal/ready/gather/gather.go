package gather

import (
	"context"
	"runtime"
	"sync"
	"time"

	"edgenet/internal/device"
	"edgenet/internal/engine"
	"edgenet/internal/ready"
	"edgenet/internal/secret"
	"edgenet/report"
)

// limit bounds all that is asked of this host; the network's part has its own.
const limit = 12 * time.Second

// Options say where to look. The zero value is this host, without the network.
type Options struct {
	Root   string              // of the file system; zero means this host
	Getenv func(string) string // of this process; zero means none
	// Live: what lies below Root is the system of the running host, mounted elsewhere, with
	// its /proc and /sys.
	Live   bool
	Engine string    // the engine's socket; zero means as configured, none means not to ask
	Now    time.Time // zero means now
	// Deployment is the text of a deployment manifest that a person named; zero means none.
	Deployment []byte
	// DeploymentFile is its name.
	DeploymentFile string
	// Problems judges the deployment; zero means that nobody does.
	Problems func() []ready.Problem
	// Settings gives the findings over settings and deployment; zero means that nobody judges.
	Settings func(context.Context) []report.Finding
	// Check probes the way to the hub; zero means that it is left out.
	Check func(context.Context, *device.Device) (*report.Report, error)
	// Registries tries where images come from; zero means that it is left out.
	Registries func(context.Context, *device.Device) ([]ready.Registry, error)
	// Machine is how the running host is asked.
	Machine Machine
}

// gatherer is one look at a device.
type gatherer struct {
	Options
	live   bool
	device *device.Device
	config settings
	facts  *ready.Facts
	raw    []engine.Inspected // with what nobody else may see
	hub    hub
}

// All looks at everything at once.
func All(ctx context.Context, o Options) *ready.Facts {
	g := &gatherer{Options: o, live: o.Live || o.Root == "" || o.Root == "/"}
	if g.Now.IsZero() {
		g.Now = time.Now()
	}
	if g.DeploymentFile == "" {
		g.DeploymentFile = "the deployment"
	}
	if g.Getenv == nil {
		g.Getenv = func(string) string { return "" }
	}
	socket := "none" // what the engine tells is asked below, once
	g.device = device.Read(ctx, device.Options{Root: o.Root, Getenv: o.Getenv, Engine: socket})
	g.facts = &ready.Facts{Now: g.Now, Live: g.live}
	g.config = g.readSettings()
	var network sync.WaitGroup
	g.network(ctx, &network)
	local, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var host sync.WaitGroup
	for _, f := range []func(context.Context){g.host, g.clockUnits, g.versions, g.provisioning, g.engine} {
		host.Go(func() { f(local) })
	}
	host.Wait()
	g.applied()
	g.values()
	g.agentEnv()
	g.certificates(local) // after the engine, which knows where edgeHub listens
	g.disks()
	g.deployment()
	network.Wait()
	g.name()
	g.offset()
	return g.facts
}

// network asks what leaves this host; each fact is written by one goroutine alone.
func (g *gatherer) network(ctx context.Context, wg *sync.WaitGroup) {
	if g.Check != nil {
		wg.Go(func() {
			r, err := g.Check(ctx, g.device)
			if err != nil {
				g.facts.Network = ready.Unseen[*report.Report]("edgenet check", report.Clean(err.Error(), 300))
				return
			}
			g.facts.Network = ready.Seen(r, "edgenet check")
		})
	}
	if g.Settings != nil {
		wg.Go(func() { g.facts.Settings = ready.Seen(g.Settings(ctx), "edgenet config show") })
	}
	if g.Registries != nil {
		wg.Go(func() {
			list, err := g.Registries(ctx, g.device)
			if err != nil {
				g.facts.Registries = ready.Unseen[[]ready.Registry](
					"edgenet endpoints --test",
					report.Clean(err.Error(), 300),
				)
				return
			}
			g.facts.Registries = ready.Seen(list, "edgenet endpoints --test")
		})
	}
}

// name says which device this is.
func (g *gatherer) name() {
	d := &g.facts.Device
	if h := g.facts.Config.Hostname; h.Known() {
		d.Host = secret.Show(h.Value, 100)
	} else if h := g.facts.Host.Name; h.Known() {
		d.Host = secret.Show(h.Value, 100)
	}
	if s, ok := g.device.Hub(); ok {
		d.Hub = secret.Show(s.Value.Reveal(), 200)
	}
	for _, s := range g.device.Of(device.DeviceID) {
		if v := s.Value.Reveal(); v != "" && s.Lost == "" {
			d.ID = secret.Name(v, 128)
		}
	}
	d.Runtime = report.Clean(g.facts.Runtime.Version.Value, 60)
	if v := g.facts.Engine.Version; v.Known() {
		d.Engine = report.Clean(v.Value.Name+" "+v.Value.Version, 80)
	}
	if f := &g.facts.Host.OS; f.Known() && f.Value.Arch == "" && g.live {
		f.Value.Arch = runtime.GOARCH
	}
}

// Nothing tells whether there is no trace of the runtime: no configuration, no unit, no
// container.
func Nothing(f *ready.Facts) bool {
	return !f.Config.Present && len(f.Containers.Value) == 0 && !f.Runtime.Version.Known() && !f.Manifest.Looked()
}
