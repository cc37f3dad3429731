package web

import (
	"net/http"

	"edgenet/internal/metrics"
)

func (s *Site) metrics(w http.ResponseWriter, _ *http.Request) {
	write(w, metrics.ContentType, []byte(s.exposition(s.samples(s.View()))))
}

// exposition writes samples in the table's order, each with the labels that IoT Edge's
// metrics have: a collector of the fleet drops what lacks them.
func (s *Site) exposition(samples []sample) string {
	e := metrics.Exposition{Fixed: []string{"iothub", s.Labels.Hub, "edge_device", s.Labels.Device, "module_name",
		s.Labels.Module}}
	for _, m := range table {
		for _, x := range samples {
			if x.name != m.name {
				continue
			}
			var labels []string
			for i, value := range x.labels {
				labels = append(labels, m.labels[i], value)
			}
			if m.renamed() {
				e.AddBoth(m.metric(), x.value, labels, labels)
			} else {
				e.Add(m.metric(), x.value, labels...)
			}
		}
	}
	return e.String()
}
