package gather

import (
	"errors"
	"io/fs"
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
	list, seen := []ready.Disk{}, []string{}
	for _, d := range g.filled() {
		f, err := g.statFS(d.Path)
		switch {
		case errors.Is(err, fs.ErrPermission):
			d.Needs = "root, to look below " + d.Path
		case err != nil || slices.Contains(seen, f.ID): // it is not there, or was measured
			continue
		default:
			seen = append(seen, f.ID)
			d.FreeBytes, d.TotalBytes, d.FSType = f.FreeBytes, f.TotalBytes, f.Type
			d.FreeInodes, d.MostInodes = f.FreeInodes, f.Inodes
		}
		list = append(list, d)
	}
	if len(list) == 0 {
		g.facts.Disks = ready.Unseen[[]ready.Disk]("statfs", "a file system of the runtime's that can be measured")
		return
	}
	g.facts.Disks = ready.Seen(list, "statfs")
}

// filled are the places that the runtime fills, before they are measured.
func (g *gatherer) filled() []ready.Disk {
	places := []ready.Disk{{Path: "/var/lib/aziot", Use: "identity service"}, {Path: "/", Use: "system"}}
	engine := "/var/lib/docker"
	if i := g.facts.Engine.Info; i.Known() && i.Value.RootDir != "" {
		engine = i.Value.RootDir
	}
	places = append(places, ready.Disk{Path: engine, Use: "container engine"})
	for _, c := range g.facts.Containers.Value {
		if _, m := c.StoreMount(); m != nil && m.Type == "bind" && !c.Planned {
			places = append(places, ready.Disk{Path: m.Source, Use: c.Name + "'s store"})
		}
	}
	return places
}
