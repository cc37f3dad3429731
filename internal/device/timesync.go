package device

import (
	"strings"

	"edgenet/internal/secret"
)

// readTime finds the time servers that this host asks: systemd-timesyncd and chrony.
func (d *Device) readTime() {
	files := []string{"/etc/systemd/timesyncd.conf"}
	for _, f := range d.list("/etc/systemd/timesyncd.conf.d", ".conf") {
		files = append(files, "/etc/systemd/timesyncd.conf.d/"+f)
	}
	for _, f := range files {
		text, ok := d.file(f)
		if !ok {
			continue
		}
		for _, l := range logicalLines(string(text)) {
			if key, v, ok := strings.Cut(l.text, "="); ok &&
				(strings.TrimSpace(key) == "NTP" || strings.TrimSpace(key) == "FallbackNTP") {
				d.timeServers(f, strings.TrimSpace(key), l.number, strings.Fields(v))
			}
		}
	}
	for _, f := range []string{"/etc/chrony/chrony.conf", "/etc/chrony.conf"} {
		text, ok := d.file(f)
		if !ok {
			continue
		}
		for i, l := range strings.Split(string(text), "\n") {
			if w := strings.Fields(l); len(w) > 1 && (w[0] == "server" || w[0] == "pool" || w[0] == "peer") {
				d.timeServers(f, w[0], i+1, w[1:2])
			}
		}
	}
}

func (d *Device) timeServers(file, key string, line int, names []string) {
	for _, n := range names {
		d.add(Setting{Name: NTP, Place: TimeSync, File: file, Key: key, Line: line, Value: secret.New(n)})
	}
}
