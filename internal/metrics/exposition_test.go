package metrics_test

import (
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"edgenet/internal/metrics"
)

func TestExposition(t *testing.T) {
	t.Parallel()
	e := metrics.Exposition{Fixed: []string{"iothub", "h"}}
	total := metrics.Metric{Name: "x_total", Help: "X.", Counter: true}
	e.Add(total, 1, "a", "1")
	e.AddBoth(metrics.PathUp, 1, []string{"route", "direct"}, []string{"way", "direct"})
	e.Add(total, 2, "a", "2")
	e.Add(total, 3, "a", "2") // there already
	e.Add(total, math.Inf(1), "a", "3")
	e.Add(metrics.Up, math.NaN())
	e.Add(metrics.LastCheck, 1767323055.5)
	const want = `# HELP x_total X.
# TYPE x_total counter
x_total{iothub="h",a="1"} 1
x_total{iothub="h",a="2"} 2
# HELP edgenet_path_up Whether the protocol's service answers by the route.
# TYPE edgenet_path_up gauge
edgenet_path_up{iothub="h",route="direct"} 1
# HELP edgenet_path_ok The name before of edgenet_path_up; it goes with the next version.
# TYPE edgenet_path_ok gauge
edgenet_path_ok{iothub="h",way="direct"} 1
# HELP edgenet_last_check_timestamp_seconds When the last full check ended, in seconds since 1970.
# TYPE edgenet_last_check_timestamp_seconds gauge
edgenet_last_check_timestamp_seconds{iothub="h"} 1767323055.5
`
	if got := e.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestLabelsAreCleaned(t *testing.T) {
	t.Parallel()
	got := metrics.Labels([]string{"a", "x\"\\\n\x1b[31m\u202e\xff", "b", strings.Repeat("y", 9000)})
	if strings.ContainsAny(got, "\n\x1b\u202e") || !utf8.ValidString(got) || !strings.Contains(got, `x\"\\`) ||
		len(got) > 800 {
		t.Errorf("%q", got)
	}
	if got := metrics.Labels(nil); got != "{}" {
		t.Errorf("%q", got)
	}
}
