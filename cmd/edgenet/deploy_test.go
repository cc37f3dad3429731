package main

import (
	"testing"

	"edgenet/deploy/module"
	"edgenet/internal/manifest"
)

// TestShippedManifests: what an operator deploys passes our own judgement without a
// finding.
func TestShippedManifests(t *testing.T) {
	t.Parallel()
	for name, text := range map[string][]byte{"deployment.json": module.Base(),
		"deployment.layered.json": module.Layered()} {
		m, err := manifest.Parse(name, text)
		if err != nil {
			t.Fatal(err)
		}
		if f := manifest.Lint(m); len(f) > 0 {
			t.Errorf("%s: %v", name, f)
		}
	}
}
