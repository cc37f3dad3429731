package gather

import (
	"encoding/json"
	"slices"

	"edgenet/internal/ready"
)

// disks measures the file systems that the runtime fills.
func (g *gatherer) disks() {
	if !g.live {
		g.facts.Disks = ready.LeftOut[[]ready.Disk]("statfs", liveNeeds)
		return
	}
	if !g.facts.Config.Present && len(g.facts.Containers.Value) == 0 {
		return
	}
	places := []struct{ path, use string }{{"/var/lib/aziot", "identity service"}, {"/", "system"}}
	if i := g.facts.Engine.Info; i.Known() && i.Value.RootDir != "" {
		places = append(places, struct{ path, use string }{i.Value.RootDir, "container engine"})
	} else {
		places = append(places, struct{ path, use string }{"/var/lib/docker", "container engine"})
	}
	for _, c := range g.facts.Containers.Value {
		if _, m := c.StoreMount(); m != nil && m.Type == "bind" {
			places = append(places, struct{ path, use string }{m.Source, c.Name + "'s store"})
		}
	}
	list := []ready.Disk{}
	seen := []fileSystem{}
	for _, p := range places {
		d, id, ok := disk(p.path, p.use)
		if !ok || slices.Contains(seen, id) {
			continue
		}
		seen = append(seen, id)
		list = append(list, d)
	}
	g.facts.Disks = ready.Seen(list, "statfs")
}

// deployment reads what the manifest says of edgeHub, and what lint finds in it.
func (g *gatherer) deployment() {
	if len(g.Deployment) == 0 {
		return
	}
	f := g.facts
	if g.Problems != nil {
		f.Manifest = ready.Seen(g.Problems(), g.DeploymentFile)
	}
	if d, ok := deploymentOf(g.Deployment); ok {
		f.Deployment = ready.Seen(d, g.DeploymentFile)
		g.planned()
	}
	hub := desired(g.Deployment, "$edgeHub")
	if hub == nil {
		return
	}
	var s struct {
		Store struct {
			TTL    *float64         `json:"timeToLiveSecs"`
			Limits *json.RawMessage `json:"storeLimits"`
		} `json:"storeAndForwardConfiguration"`
	}
	if json.Unmarshal(hub, &s) != nil {
		return
	}
	if s.Store.TTL != nil {
		f.EdgeHub.TTL = ready.Seen(int(max(-1, min(*s.Store.TTL, 1<<31))), g.DeploymentFile)
	}
	f.EdgeHub.StoreLimited = ready.Seen(s.Store.Limits != nil, g.DeploymentFile)
}
