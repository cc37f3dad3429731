package gather

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"slices"
	"strings"
	"sync"

	"edgenet/internal/device"
	"edgenet/internal/engine"
	"edgenet/internal/ready"
	"edgenet/internal/sorting"
	"edgenet/report"
)

// hub is where edgeHub can be reached, as the engine knows.
type hub struct {
	address string
	ports   []int
}

// engine asks the container engine, everything at once.
func (g *gatherer) engine(ctx context.Context) {
	if !g.live && g.Engine == "" || g.Engine == "none" {
		g.noEngine("the engine's socket", liveNeeds, true)
		return
	}
	s, _ := engine.Find(rootOf(g.Root), g.Getenv)
	if g.Engine != "" {
		s = engine.Settings{
			URIs:      []string{"unix://" + strings.TrimPrefix(g.Engine, "unix://")},
			URISource: "flag",
			Network:   s.Network,
		}
	}
	c, err := engine.Open(ctx, s)
	if err != nil {
		if g.facts.Config.Present {
			g.noEngine(strings.TrimPrefix(s.URIs[0], "unix://"), g.engineNeeds(ctx, s), false)
		}
		return
	}
	defer c.Close()
	var wg sync.WaitGroup
	for _, f := range []func(context.Context, *engine.Client){g.engineVersion, g.engineInfo, g.engineUsage,
		g.containers} {
		wg.Go(func() { f(ctx, c) })
	}
	wg.Wait()
	g.networks(ctx, c, s.Network)
	g.memoryStore(ctx, c)
}

func rootOf(root string) string {
	if root == "" {
		return "/"
	}
	return root
}

// engineNeeds says why no engine answered.
func (g *gatherer) engineNeeds(ctx context.Context, s engine.Settings) string {
	for _, uri := range s.URIs {
		name := strings.TrimPrefix(uri, "unix://")
		c, err := (&net.Dialer{}).DialContext(ctx, "unix", name)
		if err == nil {
			_ = c.Close()
			return "an engine behind " + name + " that answers"
		}
		if errors.Is(err, fs.ErrPermission) {
			return "root, or a member of the group that owns " + name
		}
	}
	return "a container engine that runs (systemctl start docker)"
}

// noEngine notes of everything that the engine tells why it is not known.
func (g *gatherer) noEngine(source, needs string, left bool) {
	f := g.facts
	e := &f.Engine
	e.Version, e.Info = not[ready.EngineVersion](source, needs, left), not[ready.EngineInfo](source, needs, left)
	e.Networks, e.DNS = not[[]ready.Network](source, needs, left), not[[]ready.Lookup](source, needs, left)
	e.MTU, e.Usage = not[ready.MTU](source, needs, left), not[ready.Usage](source, needs, left)
	f.Containers = not[[]ready.Container](source, needs, left)
	f.Runtime.Agent, f.Runtime.Hub = not[string](source, needs, left), not[string](source, needs, left)
	f.EdgeHub.InMemory, f.EdgeHub.ListeningOn = not[bool](source, needs, left), not[map[int]string](source, needs, left)
}

// not is a fact that is not known, or was left out.
func not[T any](source, needs string, left bool) ready.Fact[T] {
	return ready.Fact[T]{Source: source, Needs: needs, Left: left}
}

// failed is what to say of a question that the engine did not answer.
func failed(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "more time than a few seconds, which the engine takes"
	}
	return "an answer of the engine: " + report.Clean(err.Error(), 200)
}

func (g *gatherer) engineVersion(ctx context.Context, c *engine.Client) {
	v, err := c.Version(ctx)
	source := c.Socket + " GET /version"
	if err != nil {
		g.facts.Engine.Version = ready.Unseen[ready.EngineVersion](source, failed(err))
		return
	}
	x := ready.EngineVersion{
		Name:    v.Platform.Name,
		Version: v.Version,
		API:     v.APIVersion,
		MinAPI:  v.MinAPI,
		Snap:    strings.Contains(c.Socket, "/snap/"),
	}
	for _, part := range v.Components {
		x.Components = append(x.Components, part.Name)
		x.Podman = x.Podman || strings.HasPrefix(part.Name, "Podman")
	}
	if (x.Name == "" || x.Podman) && len(x.Components) > 0 { // Podman names the machine there
		x.Name = x.Components[0]
	}
	g.facts.Engine.Version = ready.Seen(clean(x), source)
}

func clean(v ready.EngineVersion) ready.EngineVersion {
	v.Name, v.Version, v.API, v.MinAPI = report.Clean(
		v.Name,
		60,
	), report.Clean(
		v.Version,
		40,
	), report.Clean(
		v.API,
		10,
	), report.Clean(
		v.MinAPI,
		10,
	)
	return v
}

func (g *gatherer) engineInfo(ctx context.Context, c *engine.Client) {
	i, err := c.Info(ctx)
	source := c.Socket + " GET /info"
	if err != nil {
		g.facts.Engine.Info = ready.Unseen[ready.EngineInfo](source, failed(err))
		return
	}
	x := ready.EngineInfo{
		StorageDriver: report.Clean(i.Driver, 40),
		RootDir:       report.Clean(i.DockerRootDir, 200),
		LogDriver:     report.Clean(i.LoggingDriver, 40),
	}
	for _, kv := range i.DriverStatus {
		if len(kv) == 2 && kv[0] == "Data loop file" {
			x.LoopbackStorage = true
		}
	}
	x.RootFSType = g.fsType(i.DockerRootDir)
	g.facts.Engine.Info = ready.Seen(x, source)
}

func (g *gatherer) engineUsage(ctx context.Context, c *engine.Client) {
	u, err := c.Usage(ctx)
	source := c.Socket + " GET /system/df"
	if err != nil {
		g.facts.Engine.Usage = ready.Unseen[ready.Usage](source, failed(err))
		return
	}
	g.facts.Engine.Usage = ready.Seen(
		ready.Usage{DanglingImagesBytes: u.UnusedImages, UnusedVolumesBytes: u.UnusedVolumes},
		source,
	)
}

// ours tells the runtime's containers from others on the same engine.
func ours(name string, labels map[string]string) bool {
	if name == "edgeAgent" || name == "edgeHub" {
		return true
	}
	for l := range labels {
		if strings.HasPrefix(l, "net.azure-devices.edge.") {
			return true
		}
	}
	return false
}

func (g *gatherer) containers(ctx context.Context, c *engine.Client) {
	list, err := c.Inventory(ctx, ours)
	source := c.Socket + " GET /containers"
	if err != nil {
		g.facts.Containers = ready.Unseen[[]ready.Container](source, failed(err))
		return
	}
	g.inspected(list, source)
}

// inspected takes what rules look at out of the containers.
func (g *gatherer) inspected(list []engine.Inspected, source string) {
	sorting.By(list, func(a, b engine.Inspected) int { return strings.Compare(a.Name, b.Name) })
	out := []ready.Container{}
	taken := map[int]string{}
	f := g.facts
	f.Runtime.Agent = ready.Unseen[string](source, "edgeAgent, which is not there yet")
	f.Runtime.Hub = ready.Unseen[string](source, "edgeHub, which is not there yet")
	for _, in := range list {
		g.raw = append(g.raw, in)
		x := g.container(in)
		out = append(out, x)
		if in.State.Status == "running" {
			for _, p := range x.Ports {
				taken[p.Host] = x.Name
			}
		}
		switch in.Name {
		case "edgeAgent":
			f.Runtime.Agent = ready.Seen(x.Image, source)
		case "edgeHub":
			f.Runtime.Hub = ready.Seen(x.Image, source)
			g.hub = hubOf(in, x)
		}
	}
	f.Containers = ready.Seen(out, source)
	f.EdgeHub.ListeningOn = ready.Seen(taken, source)
	if h := clientHeads(list); len(h) > 0 {
		f.EdgeHub.ClientHeads = ready.Seen(h, source)
	}
	g.ports(taken)
}

func hubOf(in engine.Inspected, x ready.Container) hub {
	var h hub
	if in.State.Status != "running" {
		return h
	}
	for _, p := range x.Ports {
		h.ports = append(h.ports, p.Host)
	}
	for _, n := range in.NetworkSettings.Networks {
		if ip := net.ParseIP(n.IPAddress); ip != nil {
			h.address = ip.String()
		}
	}
	return h
}

// clientHeads are the heads of edgeHub that modules are told to use.
func clientHeads(list []engine.Inspected) []string {
	var out []string
	for _, in := range list {
		if in.Name == "edgeAgent" || in.Name == "edgeHub" {
			continue
		}
		v, _ := lookup(in.Config.Env, "ClientTransportType")
		head := map[string]string{"amqp": "amqp", "amqp_tcp_only": "amqp", "amqp_websocket_only": "http",
			"mqtt": "mqtt", "mqtt_tcp_only": "mqtt", "mqtt_websocket_only": "http", "http1": "http"}[strings.ToLower(v)]
		if head != "" && !slices.Contains(out, head) {
			out = append(out, head)
		}
	}
	return out
}

// agentFromConfig is the environment of an edgeAgent that the daemon made itself.
func (g *gatherer) agentFromConfig() ([]string, bool) {
	for _, in := range g.raw {
		label, has := in.Config.Labels[device.EnvLabel]
		if in.Name == "edgeAgent" && has && strings.TrimSpace(label) == "{}" {
			return in.Config.Env, true
		}
	}
	return nil, false
}
