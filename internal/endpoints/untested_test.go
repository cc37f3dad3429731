package endpoints_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/internal/endpoints"
	"edgenet/internal/hop"
	"edgenet/internal/lab"
	"edgenet/report"
)

// TestWhatCouldNotBeTested: without an image of the device the runtime's own shows where its registry
// keeps layers; where none shows it, that is said, and no list looks whole that is not.
func TestWhatCouldNotBeTested(t *testing.T) {
	for name, row := range map[string]struct {
		leads    bool
		untested string
		why      string // of the pattern's line
	}{
		"an image leads to the host": {true, "", "the host to which an image led is"},
		"none does": {false, "*.data.mcr.microsoft.com (container engine: layers of mcr.microsoft.com)",
			"which host it is, only an image that is pulled shows"},
	} {
		s := newSite(t)
		s.lab()
		if row.leads {
			s.registry("mcr.microsoft.com", "eastus.data.mcr.microsoft.com")
			s.serve("eastus.data.mcr.microsoft.com", 443, http.NotFound)
		} else {
			s.serve("mcr.microsoft.com", 443, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Docker-Distribution-Api-Version", "registry/2.0")
				w.WriteHeader(http.StatusUnauthorized)
			})
		}
		in := endpoints.Input{Hub: lab.HubName}
		a, err := endpoints.List(in)
		if err != nil {
			t.Fatal(err)
		}
		a.Endpoints = slices.DeleteFunc(a.Endpoints, func(e endpoints.Endpoint) bool {
			_, here := s.env.ConnectTo[hop.HostPort(e.Host, e.Port)]
			return !here && !e.Pattern
		})
		endpoints.Test(context.Background(), a, endpoints.TestOptions{Env: s.env, Timeout: 30 * time.Second, Images: in.Images()})
		if got := strings.Join(a.Untested(), ", "); got != row.untested {
			t.Errorf("%s: untested %q, want %q", name, got, row.untested)
		}
		if p := find(t, a, "*.data.mcr.microsoft.com", 443); p.Test.Status != report.Skipped || p.Test.Summary != row.why {
			t.Errorf("%s: %+v", name, p.Test)
		}
	}
}
