package ready

import (
	"strings"
	"testing"

	"edgenet/report"
)

// TestRegistryRemedy: whoever is asked can do what is asked.
func TestRegistryRemedy(t *testing.T) {
	t.Parallel()
	for actor, says := range map[report.Actor]string{report.ActorDNS: "name servers", report.ActorProxy: "CONNECT",
		report.ActorFirewall: "Allow HTTPS (443)", report.ActorHost: "endpoints --test", report.ActorParent: "parent"} {
		f := healthy()
		f.Registries.Value = []Registry{{Host: "r.test", Why: "no answer", Actor: actor}}
		rows, _ := Judge(f)
		for _, r := range rows {
			if r.ID == "registry.reachable" && (r.Status != Error || r.Actor != actor ||
				!strings.Contains(r.Remedy, says)) {
				t.Errorf("%s: %+v", actor, r)
			}
		}
	}
}
