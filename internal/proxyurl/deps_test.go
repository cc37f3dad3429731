package proxyurl_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestLinksNoNetwork: whoever reads a proxy setting must not link what dials: manifests
// are read where nothing is ever dialled.
func TestLinksNoNetwork(t *testing.T) {
	t.Parallel()
	for pkg, most := range map[string]int{"edgenet/internal/proxyurl": 100, "edgenet/internal/manifest": 100,
		"edgenet/internal/sidecar/desired": 100} {
		out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", pkg).Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		deps := strings.Fields(string(out))
		if len(deps) >= most {
			t.Errorf("%s links %d packages, fewer than %d were expected", pkg, len(deps), most)
		}
		for _, d := range deps {
			if d == "net/http" || strings.HasPrefix(d, "github.com/miekg/dns") || d == "edgenet/internal/hop" ||
				d == "edgenet/proxy" {
				t.Errorf("%s links %s", pkg, d)
			}
		}
	}
}
