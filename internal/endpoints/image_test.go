package endpoints

import (
	"strings"
	"testing"
)

func TestParseImage(t *testing.T) {
	for image, want := range map[string]reference{
		"mcr.microsoft.com/azureiotedge-agent:1.5": {"mcr.microsoft.com", 443, "azureiotedge-agent", "1.5"},
		"redis":                    {dockerHub, 443, "library/redis", "latest"},
		"redis:7":                  {dockerHub, 443, "library/redis", "7"},
		"grafana/grafana":          {dockerHub, 443, "grafana/grafana", "latest"},
		"docker.io/library/x:1":    {dockerHub, 443, "library/x", "1"},
		"localhost:5000/a/b:2":     {"localhost", 5000, "a/b", "2"},
		"localhost/a":              {"localhost", 443, "a", "latest"},
		"R.azurecr.io/a@sha256:ab": {"r.azurecr.io", 443, "a", "sha256:ab"},
		"r.io/a:1@sha256:ab":       {"r.io", 443, "a", "sha256:ab"},
		"$upstream:443/a:1":        {"gw.corp", 443, "a", "1"},
		"$upstream/a":              {"gw.corp", 443, "a", "latest"},
	} {
		if got, ok := parseImage(image, "gw.corp"); !ok || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", image, got, ok, want)
		}
	}
	for _, image := range []string{"", " ", "${MODULES.a}", "a b", "r.io:x/a", "r.io:99999/a", "r.io/", "$other/a"} {
		if got, ok := parseImage(image, ""); ok {
			t.Errorf("%q is read as %+v", image, got)
		}
	}
	if _, ok := parseImage("$upstream:443/a", ""); ok {
		t.Error("a parent where there is none")
	}
}

func FuzzImage(f *testing.F) {
	f.Add("mcr.microsoft.com/a/b:1@sha256:x")
	f.Add("$upstream:443/a")
	f.Fuzz(func(t *testing.T, image string) {
		r, ok := parseImage(image, "gw.corp")
		if ok && (r.host == "" || r.port < 1 || r.port > 65535 || r.repository == "" ||
			strings.ContainsAny(r.host, "/$ ")) {
			t.Fatalf("%q: %+v", image, r)
		}
	})
}
