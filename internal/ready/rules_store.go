package ready

import (
	"cmp"
	"fmt"
	"path"
	"strings"

	"edgenet/report"
)

func storeRules() []Rule {
	return []Rule{
		{ID: "store.memory", Group: GroupHub, Severity: "error", Actor: report.ActorHost,
			Looks: "edgeHub's log", Holds: "it did not fall back to a store in memory",
			Remedy: "Look at the log of edgeHub for why its store could not be opened (rights, a full disk, a broken " +
				"store), mend that, and restart it.",
			Source: "CommonModule.cs: Falling back to in-memory store", judge: storeMemory},
		{ID: "store.persist", Group: GroupHub, Severity: "warning", Actor: report.ActorHost,
			Looks: "StorageFolder and the mounts of edgeAgent and edgeHub",
			Holds: "both keep their data on a bind mount or a named volume",
			Remedy: "Bind a directory of the host, and set storageFolder to it, for edgeAgent and edgeHub " +
				"(documentation: give modules access to a device's local storage).",
			Replaces: []string{
				"edge-agent-storage-mounted-from-host",
				"edge-hub-storage-mounted-from-host",
			}, Source: "an anonymous volume or a tmpfs counts as kept in today's check", judge: storePersist},
		{ID: "store.owner", Group: GroupHub, Severity: "error", Actor: report.ActorHost,
			Looks:  "owner of the directories that edgeAgent and edgeHub store into",
			Holds:  "the containers' users (13622 and 13623) may enter and write them",
			Remedy: "chown 13622 DIR for edgeAgent, chown 13623 DIR for edgeHub; chmod u+rwx DIR.",
			Source: "threads 6741, 6541 of Azure/iotedge", judge: storeOwner},
		{
			ID:       "disk.free",
			Group:    GroupDevice,
			Severity: "error below 5 % or 500 MB, warning below 15 %",
			Actor:    report.ActorHost,
			Looks:    "bytes and inodes of the file systems that the runtime fills",
			Holds:    "a fair part of both is free",
			Remedy:   "Free space, or move the engine's data and the stores to a larger file system.",
			Source:   "threads 18, 835, 1598 of Azure/iotedge",
			judge:    diskFree,
		},
	}
}

// container finds a module's container; nil where there is none.
func (f *Facts) container(name string) *Container {
	for i := range f.Containers.Value {
		if f.Containers.Value[i].Name == name {
			return &f.Containers.Value[i]
		}
	}
	return nil
}

// env is a variable of a container, read in any case as .NET does.
func (c *Container) env(name string) string {
	for k, v := range c.Env {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return ""
}

// StoreMount finds the mount that a system module's store lies on; folder is the store.
func (c *Container) StoreMount() (folder string, m *Mount) {
	base := cmp.Or(c.env("storageFolder"), "/tmp")
	folder = path.Join(base, map[string]string{"edgeAgent": "edgeAgent", "edgeHub": "edgeHub"}[c.Name])
	for i := range c.Mounts {
		d := path.Clean(c.Mounts[i].Destination)
		if (folder == d || strings.HasPrefix(folder, strings.TrimSuffix(d, "/")+"/")) &&
			(m == nil || len(d) > len(m.Destination)) {
			m = &c.Mounts[i]
		}
	}
	return folder, m
}

func storePersist(f *Facts) []Row {
	if rows := unseen(f.Containers, "where the system modules store"); rows != nil {
		return rows
	}
	var rows []Row
	for _, name := range []string{"edgeAgent", "edgeHub"} {
		c := f.container(name)
		if c == nil {
			rows = append(
				rows,
				Row{Status: Skipped, Source: f.Containers.Source, Summary: name + " does not run here yet"},
			)
			continue
		}
		folder, m := c.StoreMount()
		switch {
		case m == nil:
			rows = append(
				rows,
				one(
					Warning,
					f.Containers.Source,
					"%s stores into %s inside its container: what waits for the hub is gone when the container is "+
						"made anew",
					name,
					report.Clean(folder, 100),
				)...)
		case m.Type == "tmpfs":
			rows = append(
				rows,
				one(
					Warning,
					f.Containers.Source,
					"%s stores into memory (tmpfs on %s)",
					name,
					report.Clean(m.Destination, 100),
				)...)
		case m.Anonymous:
			rows = append(
				rows,
				one(
					Warning,
					f.Containers.Source,
					"%s stores into a volume without a name, which the engine gives to nobody again",
					name,
				)...)
		default:
			rows = append(
				rows,
				one(OK, f.Containers.Source, "%s stores into %s %s", name, m.Type, report.Clean(m.Source, 100))...)
		}
	}
	return tidy(rows)
}

func storeOwner(f *Facts) []Row {
	if rows := unseen(f.Containers, "who owns the stores"); rows != nil {
		return rows
	}
	var rows []Row
	for name, uid := range map[string]int{"edgeAgent": AgentUID, "edgeHub": HubUID} {
		c := f.container(name)
		if c == nil {
			continue
		}
		_, m := c.StoreMount()
		switch {
		case m == nil || m.Type != "bind" || c.Planned:
			continue
		case m.Blocked != "":
			rows = append(
				rows,
				one(Error, m.Blocked, "the user of %s cannot enter and write %s, which is its own", name,
					report.Clean(m.Blocked, 100))...)
		case m.OwnerUID == nil:
			rows = append(
				rows,
				Row{
					Status:  Unknown,
					Source:  m.Source,
					Needs:   "root",
					Summary: "who owns " + report.Clean(m.Source, 100) + " could not be read",
				},
			)
		case *m.OwnerUID == uid || m.Open || *m.OwnerUID == 0 && c.User == "" || c.User != "":
			rows = append(rows, one(OK, m.Source, "the store of %s belongs to user %d", name, *m.OwnerUID)...)
		default:
			r := one(
				Error,
				m.Source,
				"the store of %s belongs to user %d, and %s runs as user %d",
				name,
				*m.OwnerUID,
				name,
				uid,
			)
			r[0].Remedy = fmt.Sprintf(
				"chown -R %d %s, then iotedge restart %s.",
				uid,
				report.Clean(m.Source, 100),
				name,
			)
			rows = append(rows, r...)
		}
	}
	return tidy(rows)
}

func storeMemory(f *Facts) []Row {
	m := f.EdgeHub.InMemory
	if rows := unseen(m, "whether edgeHub stores into memory"); rows != nil {
		return rows
	}
	if m.Value {
		return one(
			Error,
			m.Source,
			"edgeHub could not open its store and keeps messages in memory: a restart loses them",
		)
	}
	return one(OK, m.Source, "edgeHub has its store on disk")
}

func diskFree(f *Facts) []Row {
	d := f.Disks
	if rows := unseen(d, "free space"); rows != nil {
		return rows
	}
	const scarce = 500 << 20
	var rows []Row
	for _, x := range d.Value {
		if x.Needs != "" {
			rows = append(rows, Row{Status: Unknown, Source: d.Source, Needs: x.Needs,
				Summary: fmt.Sprintf("how much of %s (%s) is free was not seen", report.Clean(x.Path, 100), x.Use)})
			continue
		}
		if x.TotalBytes == 0 {
			continue
		}
		part := 100 * float64(x.FreeBytes) / float64(x.TotalBytes)
		text := fmt.Sprintf(
			"%s (%s): %s of %s are free",
			report.Clean(x.Path, 100),
			x.Use,
			bytesWords(x.FreeBytes),
			bytesWords(x.TotalBytes),
		)
		s := OK
		switch {
		case part < 5 || x.FreeBytes < scarce:
			s = Error
		case part < 15:
			s = Warning
		}
		if x.MostInodes > 0 && 100*x.FreeInodes < 5*x.MostInodes {
			s, text = Error, fmt.Sprintf(
				"%s (%s): %d of %d inodes are free, so no file can be made soon",
				report.Clean(x.Path, 100),
				x.Use,
				x.FreeInodes,
				x.MostInodes,
			)
		}
		rows = append(rows, one(s, d.Source, "%s", text)...)
	}
	return tidy(rows)
}
