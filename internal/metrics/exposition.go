package metrics

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"edgenet/report"
)

// ContentType is that of Prometheus' text format.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// maxLabel bounds a label's value, in bytes.
const maxLabel = 600

// Exposition gathers samples, those of a metric together, as the format wants them. The
// zero value is ready.
type Exposition struct {
	// Fixed are labels of every sample, pairs of name and value.
	Fixed   []string
	metrics []*gathered
}

type gathered struct {
	Metric
	samples []string
	heads   map[string]bool
}

// Add notes a sample; labels are pairs of name and value. What is not finite is left out,
// since a fleet's collector drops it with more than that; so is a series that is there.
func (e *Exposition) Add(m Metric, value float64, labels ...string) {
	if math.IsInf(value, 0) || math.IsNaN(value) {
		return
	}
	i := slices.IndexFunc(e.metrics, func(g *gathered) bool { return g.Name == m.Name })
	if i < 0 {
		i, e.metrics = len(e.metrics), append(e.metrics, &gathered{Metric: m, heads: map[string]bool{}})
	}
	head := m.Name + Labels(slices.Concat(e.Fixed, labels))
	if g := e.metrics[i]; !g.heads[head] { // a series twice makes the whole of it unreadable
		g.heads[head] = true
		g.samples = append(g.samples, head+" "+strconv.FormatFloat(value, 'f', -1, 64))
	}
}

// AddBoth notes a sample under its name and under the one before, which may have had other
// labels.
func (e *Exposition) AddBoth(m Metric, value float64, labels, before []string) {
	e.Add(m, value, labels...)
	if m.Was != "" {
		e.Add(Metric{Name: m.Was, Help: "The name before of " + m.Name + "; it goes with the next version.",
			Counter: m.Counter}, value, before...)
	}
}

// String is the text.
func (e *Exposition) String() string {
	var b strings.Builder
	for _, g := range e.metrics {
		kind := "gauge"
		if g.Counter {
			kind = "counter"
		}
		b.WriteString("# HELP " + g.Name + " " + g.Help + "\n# TYPE " + g.Name + " " + kind + "\n" +
			strings.Join(g.samples, "\n") + "\n")
	}
	return b.String()
}

// Labels writes pairs of name and value in braces. What comes from the disk, the network and
// the twin is as hostile here as anywhere, and is cleaned.
func Labels(pairs []string) string {
	var b strings.Builder
	b.WriteByte('{')
	for i := 0; i+1 < len(pairs); i += 2 {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(pairs[i] + `="` + escapes.Replace(report.Clean(pairs[i+1], maxLabel)) + `"`)
	}
	b.WriteByte('}')
	return b.String()
}

var escapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
