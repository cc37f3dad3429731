package render

import (
	"slices"
	"strings"

	"edgenet/report"
)

// DeviceWords names the device of a report: its host name, its id at the hub, its labels.
// Empty where nobody is to know.
func DeviceWords(d *report.Device) string {
	if d == nil {
		return ""
	}
	var out []string
	switch host, id := Clean(d.Host), Clean(d.ID); {
	case host != "" && id != "" && host != id:
		out = append(out, host+" ("+id+")")
	case host != "" || id != "":
		out = append(out, max(host, id))
	}
	return strings.Join(append(out, labelWords(d)...), ", ")
}

// maxLabels bounds what a report from elsewhere may say.
const maxLabels = 20

// labelKeys are those of a device in order.
func labelKeys(d *report.Device) []string {
	var out []string
	if d == nil {
		return nil
	}
	for key := range d.Labels {
		out = append(out, key)
	}
	slices.Sort(out)
	return out[:min(len(out), maxLabels)]
}

func labelWords(d *report.Device) []string {
	var out []string
	for _, key := range labelKeys(d) {
		out = append(out, Clean(key)+"="+Clean(d.Labels[key]))
	}
	return out
}

// deviceCells are those of CSV: the device, and its labels.
func deviceCells(d *report.Device) []string {
	if d == nil {
		return []string{"", ""}
	}
	bare := *d
	bare.Labels = nil
	return []string{DeviceWords(&bare), strings.Join(labelWords(d), " ")}
}

// deviceLabels are those of a metric: pairs of name and value.
func deviceLabels(d *report.Device) []string {
	out := []string{"host", d.Host, "id", d.ID}
	seen := map[string]bool{}
	for _, key := range labelKeys(d) {
		name := "label_" + strings.Map(func(r rune) rune {
			if r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
				return r
			}
			return '_'
		}, key)
		if !seen[name] { // a label twice makes the whole file unreadable
			seen[name] = true
			out = append(out, name, d.Labels[key])
		}
	}
	return out
}
