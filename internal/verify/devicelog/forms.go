package devicelog

import (
	"encoding/json"
	"fmt"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Form is how the logs of a device are kept and handed over: names of files, and what is in them.
type Form struct {
	Name string
	Keep func(lines []Line) map[string]string
}

// Forms are those that people send.
func Forms() []Form {
	return []Form{
		{"bundle", bundle},
		{"short", journal(short)},
		{"iso", journal(iso)},
		{"json", journal(asJSON)},
		{"verbose", inVerbose},
		{"json-file", jsonFiles},
		{"docker -t", dockerStamped},
		{"aziotctl", aziotctl},
	}
}

func container(unit string) bool { return unit == "edgeAgent" || unit == "edgeHub" || unit == "sensor" }

func daemon(unit string) bool {
	return strings.HasPrefix(unit, "aziot-") || unit == "iotedged" || unit == "dockerd"
}

// split sorts the lines by who printed them.
func split(lines []Line) map[string][]Line {
	m := map[string][]Line{}
	for _, l := range lines {
		m[owner(l)] = append(m[owner(l)], l)
	}
	return m
}

// owner is whose line it is: journalctl -u shows what systemd says of the unit, too.
func owner(l Line) string {
	if l.Of != "" {
		return l.Of
	}
	return l.Unit
}

// bundle is what `iotedge support-bundle` packs.
func bundle(lines []Line) map[string]string {
	out := map[string]string{}
	for unit, list := range split(lines) {
		var b strings.Builder
		switch {
		case container(unit):
			for _, l := range list {
				b.WriteString(l.Said + "\n")
			}
			out["support/logs/"+unit+"_log.txt"] = b.String()
		case daemon(unit):
			b.WriteString("-- Journal begins at Mon 2024-03-04 05:00:00 UTC, ends at Tue 2024-04-02 11:00:00 UTC. --\n")
			for _, l := range list {
				b.WriteString(entry(l, short))
			}
			out["support/logs/"+strings.Replace(unit, "dockerd", "docker", 1)+".txt"] = b.String()
		}
	}
	return out
}

// head is what stands before a line of the journal.
type head func(l Line, line string) string

func short(l Line, line string) string {
	return l.At.Add(2*time.Hour).Format("Jan 02 15:04:05") + " gw02 " + ident(l) + ": " + line + "\n"
}

func iso(l Line, line string) string {
	return l.At.Add(2*time.Hour).Format("2006-01-02T15:04:05") + "+0200 gw02 " + ident(l) + ": " + line + "\n"
}

func asJSON(l Line, line string) string {
	m := map[string]string{"__REALTIME_TIMESTAMP": strconv.FormatInt(l.At.UnixMicro(), 10), "MESSAGE": line,
		"_PID": strconv.Itoa(l.PID), "_HOSTNAME": "gw02", "PRIORITY": "6"}
	if container(l.Unit) {
		m["CONTAINER_NAME"], m["_SYSTEMD_UNIT"], m["SYSLOG_IDENTIFIER"] = l.Unit, "docker.service", "8d2f4a1b9c0e"
	} else {
		m["_SYSTEMD_UNIT"], m["SYSLOG_IDENTIFIER"] = l.Unit+".service", l.Unit
	}
	p, _ := json.Marshal(m)
	return string(p) + "\n"
}

// inVerbose is `journalctl -o verbose`: an entry is several lines, and its text is indented.
func inVerbose(lines []Line) map[string]string {
	var b strings.Builder
	for i, l := range lines {
		unit := l.Unit + ".service"
		if container(l.Unit) {
			unit = "docker.service\n    CONTAINER_NAME=" + l.Unit
		}
		fmt.Fprintf(&b, "%s [s=e842ddce778f4edf87bd82c7465be2fd;i=%x;b=0123456789abcdef;m=186a0;t=%x;x=e5a]\n"+
			"    _PID=%d\n    PRIORITY=6\n    _SYSTEMD_UNIT=%s\n    MESSAGE=%s\n    _HOSTNAME=gw02\n",
			l.At.Add(time.Hour).Format("Mon 2006-01-02 15:04:05.000000 CET"), i, l.At.UnixMicro(), l.PID, unit,
			strings.ReplaceAll(l.Said, "\n", "\n            "))
	}
	return map[string]string{"journal.txt": b.String()}
}

func ident(l Line) string { return fmt.Sprintf("%s[%d]", l.Unit, l.PID) }

// entry is a record in the journal: every line of it is an entry of its own.
func entry(l Line, h head) string {
	var b strings.Builder
	for _, line := range strings.Split(l.Said, "\n") {
		b.WriteString(h(l, line))
	}
	return b.String()
}

// journal is all of the host's in one file, the engine's log driver being journald.
func journal(h head) func([]Line) map[string]string {
	return func(lines []Line) map[string]string {
		var b strings.Builder
		for _, l := range lines {
			b.WriteString(entry(l, h))
		}
		return map[string]string{"journal.txt": b.String()}
	}
}

// jsonFiles are the engine's own files, beside the daemons' journal.
func jsonFiles(lines []Line) map[string]string {
	return beside(lines, func(l Line) string {
		var b strings.Builder
		for _, line := range strings.Split(l.Said, "\n") {
			p, _ := json.Marshal(struct {
				Log    string `json:"log"`
				Stream string `json:"stream"`
				Time   string `json:"time"`
			}{line + "\n", "stdout", l.At.Format(time.RFC3339Nano)})
			b.WriteString(string(p) + "\n")
		}
		return b.String()
	}, "%s-json.log")
}

// dockerStamped is `docker logs -t` of each container, beside the daemons' journal.
func dockerStamped(lines []Line) map[string]string {
	return beside(lines, func(l Line) string {
		var b strings.Builder
		for _, line := range strings.Split(l.Said, "\n") {
			b.WriteString(l.At.UTC().Format("2006-01-02T15:04:05.000000000Z") + " " + line + "\n")
		}
		return b.String()
	}, "%s.log")
}

func beside(lines []Line, keep func(Line) string, name string) map[string]string {
	out := map[string]string{}
	for unit, list := range split(lines) {
		var b strings.Builder
		for _, l := range list {
			if container(unit) {
				b.WriteString(keep(l))
			} else {
				b.WriteString(entry(l, short))
			}
		}
		if container(unit) {
			out["all/"+fmt.Sprintf(name, unit)] = b.String()
		} else {
			out["all/"+unit+".txt"] = b.String()
		}
	}
	return out
}

// aziotctl is `iotedge system logs` and `iotedge logs` of both modules, one after the other in one text.
func aziotctl(lines []Line) map[string]string {
	var b strings.Builder
	by := split(lines)
	b.WriteString("$ sudo iotedge system logs\n")
	for _, l := range lines {
		if of := owner(l); daemon(of) && of != "dockerd" {
			b.WriteString(entry(l, short))
		}
	}
	units := []string{}
	for u := range by {
		if container(u) && u != "sensor" {
			units = append(units, u)
		}
	}
	sort.Strings(units)
	for _, u := range units {
		b.WriteString("\n$ sudo iotedge logs " + u + "\n")
		for _, l := range by[u] {
			b.WriteString(l.Said + "\n")
		}
	}
	return map[string]string{"ticket.txt": b.String()}
}
