package web

import (
	"bytes"
	"math"
	"net/http"
	"strconv"
	"strings"

	"edgenet/report"
)

// expositionType is that of Prometheus' text format.
const expositionType = "text/plain; version=0.0.4; charset=utf-8"

func (s *Site) metrics(w http.ResponseWriter, _ *http.Request) {
	write(w, expositionType, s.exposition(s.samples(s.View())))
}

// exposition writes samples in Prometheus' text format, those of a metric together, each
// with the labels that IoT Edge's metrics have; a collector of the fleet drops what lacks
// them, and what is not finite, which is left out here.
func (s *Site) exposition(samples []sample) []byte {
	var b bytes.Buffer
	fixed := `{iothub="` + quoted(s.Labels.Hub) + `",edge_device="` + quoted(s.Labels.Device) + `",module_name="` + quoted(s.Labels.Module) + `"`
	for _, m := range table {
		headed := false
		for _, x := range samples {
			if x.name != m.name || math.IsInf(x.value, 0) || math.IsNaN(x.value) {
				continue
			}
			if !headed {
				headed = true
				b.WriteString("# HELP " + m.name + " " + m.help + "\n# TYPE " + m.name + " " + m.kind() + "\n")
			}
			b.WriteString(m.name + fixed)
			for i, value := range x.labels {
				b.WriteString("," + m.labels[i] + `="` + quoted(value) + `"`)
			}
			b.WriteString("} " + strconv.FormatFloat(x.value, 'g', -1, 64) + "\n")
		}
	}
	return b.Bytes()
}

func (s series) kind() string {
	if s.counter {
		return "counter"
	}
	return "gauge"
}

// maxLabel bounds a label's value, in bytes.
const maxLabel = 256

// quoted cleans and escapes a label's value: what comes from the disk, the network and the
// twin is as hostile here as anywhere.
func quoted(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(report.Clean(s, maxLabel))
}
