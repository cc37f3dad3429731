package show

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"edgenet/internal/fleet"
)

// Prometheus writes the numbers in Prometheus' text format. Every series has the hub's
// name as iothub, as the module's metrics have.
func Prometheus(w io.Writer, s *fleet.Summary) error {
	p := &prom{hub: quote(s.Hub)}
	p.head("edgenet_fleet_devices", "Devices of IoT Edge that the hub knows.")
	p.value("edgenet_fleet_devices", "", s.Devices)
	p.head("edgenet_fleet_reporting", "Devices whose module edgenet reported lately.")
	p.value("edgenet_fleet_reporting", "", s.Reporting-s.Stale)
	p.head("edgenet_fleet_silent", "Devices that do not report, or not lately, by since when: day, week, month, "+
		"longer, never.")
	for _, since := range []string{"day", "week", "month", "longer", "never"} {
		p.value("edgenet_fleet_silent", `since="`+since+`"`, s.SilentSince[since])
	}
	p.status(s)
	for _, f := range s.By.Fields()[1:] {
		name := "edgenet_fleet_" + f.Name + "_devices"
		p.head(name, "Devices by the "+f.Name+" that they reported last.")
		for _, value := range sorted(f.Counts) {
			p.value(name, f.Name+`="`+quote(value)+`"`, f.Counts[value])
		}
	}
	for tag, sites := range s.Tags {
		p.sites(tag, sites)
	}
	p.head("edgenet_fleet_partial", "1 where the count was stopped before all devices were read.")
	partial := 0
	if s.Partial {
		partial = 1
	}
	p.value("edgenet_fleet_partial", "", partial)
	p.head("edgenet_fleet_timestamp_seconds", "When the devices were counted.")
	fmt.Fprintf(&p.b, "edgenet_fleet_timestamp_seconds{iothub=\"%s\"} %d\n", p.hub, s.At.Unix())
	_, err := io.WriteString(w, p.b.String())
	return err
}

// status is what devices say lately; the three that edgenet gives are there also where
// nobody says so, since alerts need the zero.
func (p *prom) status(s *fleet.Summary) {
	const name = "edgenet_fleet_status_devices"
	p.head(name, "Devices that reported lately, by status.")
	values := []string{"ok", "degraded", "down"}
	for _, v := range sorted(s.By.Status) {
		if !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	for _, v := range values {
		p.value(name, `status="`+quote(v)+`"`, s.Fresh(v))
	}
}

type prom struct {
	b   strings.Builder
	hub string
}

func (p *prom) head(name, help string) {
	fmt.Fprintf(&p.b, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
}

func (p *prom) value(name, labels string, n int) {
	if labels != "" {
		labels = "," + labels
	}
	fmt.Fprintf(&p.b, "%s{iothub=\"%s\"%s} %d\n", name, p.hub, labels, n)
}

func (p *prom) sites(tag string, sites map[string]*fleet.Site) {
	p.head("edgenet_fleet_tag_devices", "Devices by a tag's value and status; silent are those that do not report, "+
		"or not lately.")
	values := make([]string, 0, len(sites))
	for v := range sites {
		values = append(values, v)
	}
	slices.Sort(values)
	for _, v := range values {
		labels := fmt.Sprintf(`tag="%s",value="%s",status=`, quote(tag), quote(v))
		p.value("edgenet_fleet_tag_devices", labels+`"silent"`, sites[v].Silent+sites[v].Stale)
		for _, status := range sorted(sites[v].Fresh()) {
			p.value("edgenet_fleet_tag_devices", labels+`"`+quote(status)+`"`, sites[v].Fresh()[status])
		}
	}
}

var promEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func quote(s string) string { return promEscapes.Replace(strings.ToValidUTF8(s, "\ufffd")) }
