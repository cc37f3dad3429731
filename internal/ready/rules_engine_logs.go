package ready

import "fmt"

func engineLogs(f *Facts) []Row {
	c := f.Containers
	if rows := unseen(c, "the containers' log settings"); rows != nil {
		return rows
	}
	var rows []Row
	undecided, untold := 0, 0
	for _, x := range c.Value {
		l := x.Log
		if x.Planned && l.Driver == "" { // the engine's default decides
			undecided++
			continue
		}
		if l.Driver != "json-file" && l.Driver != "" || l.MaxSize != "" {
			continue
		}
		if f.Engine.Version.Value.Podman { // whose answer leaves the bound out
			untold++
			continue
		}
		size := ""
		if x.LogBytes > 0 {
			size = fmt.Sprintf("; it has %s now", bytesWords(uint64(x.LogBytes)))
		}
		rows = append(
			rows,
			one(Warning, c.Source, "the log of %s grows without end (json-file without max-size)%s", x.Name, size)...)
	}
	switch {
	case untold > 0:
		return []Row{{Status: Unknown, Source: c.Source, Needs: "podman inspect NAME (HostConfig.LogConfig.Size)",
			Summary: fmt.Sprintf("whether the logs of %d containers are bounded is not what Podman tells by this API",
				untold)}}
	case undecided > 0 && rows == nil:
		return []Row{
			{
				Status:  Skipped,
				Source:  c.Source,
				Needs:   "the device's engine, whose default decides",
				Summary: fmt.Sprintf("the deployment leaves the logs of %d modules to the engine", undecided),
			},
		}
	case rows == nil && len(c.Value) > 0:
		rows = one(OK, c.Source, "the logs of all %d containers are bounded", len(c.Value))
	}
	return rows
}
