package module

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"edgenet/internal/image"
)

// TestReadmeFitsTheManifests: what the README tells to replace and to remove is what
// stands in the manifests.
func TestReadmeFitsTheManifests(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	readme := string(b)
	m := baseAgent(t).Modules["edgenet"]
	for _, want := range []string{
		m.Settings.Image, m.Env["https_proxy"].Value.(string), "`AmqpWs`", "edgenet-state", "10001:10001",
		"(deployment.json)", "(deployment.layered.json)", "(alerts.yaml)", "go run ./deploy/module/build --out ",
	} {
		if !strings.Contains(readme, want) {
			t.Errorf("README.md does not name %s", want)
		}
	}
	if image.UserID != 10001 {
		t.Error("README.md names another user")
	}
}

// TestAlertsNameKnownLabels: rules group by the labels that every series has.
func TestAlertsNameKnownLabels(t *testing.T) {
	t.Parallel()
	for _, m := range regexp.MustCompile(`\$labels\.(\w+)|on \(([^)]*)\)`).FindAllStringSubmatch(string(Alerts()), -1) {
		for _, label := range strings.Split(m[1]+m[2], ",") {
			if l := strings.TrimSpace(label); l != "iothub" && l != "edge_device" && l != "module_name" {
				t.Errorf("a rule uses the label %s", l)
			}
		}
	}
}
