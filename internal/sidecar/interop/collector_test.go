//go:build interop

package interop

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"edgenet/internal/lab"
)

// What IoT Edge's metrics collector reads of a line (azure-iot-edge metrics-collector 1.x,
// PrometheusMetricsParser): other lines are dropped with a warning, and a line with a label
// twice ends the whole reading. Infinite values are among what it drops.
var (
	collectorName  = regexp.MustCompile(`^[A-Za-z_:][A-Za-z0-9_:]*`)
	collectorLabel = regexp.MustCompile(`^[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*"((?:[^\\"]|\\"|\\\\|\\n)*)"[ \t]*`)
	collectorValue = regexp.MustCompile(`^[ \t]*([0-9.eE+-]+|NaN)(?:[ \t]+[0-9]+)?$`)
)

// collected is a line as the collector has it.
type collected struct {
	name   string
	labels map[string]string
	value  float64
}

// collect reads a line as the collector does.
func collect(line string) (collected, error) {
	c := collected{name: collectorName.FindString(line), labels: map[string]string{}}
	if c.name == "" {
		return c, fmt.Errorf("no name: %q", line)
	}
	rest := strings.TrimLeft(line[len(c.name):], " \t")
	if inner, ok := strings.CutPrefix(rest, "{"); ok {
		for !strings.HasPrefix(strings.TrimLeft(inner, " \t"), "}") {
			m := collectorLabel.FindStringSubmatch(inner)
			if m == nil {
				return c, fmt.Errorf("no label at %q in %q", inner, line)
			}
			if _, twice := c.labels[m[1]]; twice {
				return c, fmt.Errorf("label %s twice: %q", m[1], line)
			}
			c.labels[m[1]] = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\n`, "\n").Replace(m[2])
			inner = strings.TrimPrefix(inner[len(m[0]):], ",")
		}
		rest = strings.TrimLeft(inner, " \t")[1:]
	}
	m := collectorValue.FindStringSubmatch(rest)
	if m == nil {
		return c, fmt.Errorf("no value that it reads: %q", line)
	}
	v, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return c, fmt.Errorf("%w: %q", err, line)
	}
	c.value = v
	return c, nil
}

// TestCollector: the collector reads every line of a running module, and finds the labels
// that it knows devices by.
func TestCollector(t *testing.T) {
	for _, bad := range []string{`a{b="c"} +Inf`, `a{b="c",b="d"} 1`, `a{b="\t"} 1`, `9a 1`, `a{b=c} 1`, `a{b="c"}`} {
		if c, err := collect(bad); err == nil {
			t.Errorf("%s was read as %v", bad, c)
		}
	}
	if c, err := collect(`a{b="\"c\\n\n", d = "e" ,} 1.5e+03 17`); err != nil || c.labels["b"] != "\"c\\n\n" ||
		c.labels["d"] != "e" || c.value != 1500 {
		t.Errorf("%v %v", c, err)
	}
	address := module(t)
	for end := time.Now().Add(plenty); get("http://"+address+"/readyz") == nil; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the module is never ready")
		}
	}
	names := map[string]bool{}
	for line := range strings.Lines(string(get("http://" + address + "/metrics"))) {
		line = strings.TrimRight(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		c, err := collect(line)
		if err != nil {
			t.Error(err)
		}
		if c.labels["iothub"] != lab.HubName || c.labels["edge_device"] != lab.DeviceID ||
			c.labels["module_name"] != lab.ModuleID {
			t.Errorf("%s", line)
		}
		names[c.name] = true
	}
	for _, name := range []string{"edgenet_up", "edgenet_path_up", "edgenet_recommended", "go_goroutines",
		"process_resident_memory_bytes"} {
		if !names[name] {
			t.Errorf("%s is missing", name)
		}
	}
}
