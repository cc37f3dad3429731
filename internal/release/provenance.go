package main

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// statement is an in-toto statement (v1) with a SLSA provenance predicate (v1). It is
// not signed: it says how to build the same bytes again, and whoever publishes signs.
type statement struct {
	Type          string    `json:"_type"`
	Subject       []subject `json:"subject"`
	PredicateType string    `json:"predicateType"`
	Predicate     predicate `json:"predicate"`
}

type subject struct {
	Name   string            `json:"name"`
	Digest map[string]string `json:"digest"`
}

type predicate struct {
	Build buildDefinition `json:"buildDefinition"`
	Run   runDetails      `json:"runDetails"`
}

type buildDefinition struct {
	Type         string            `json:"buildType"`
	External     map[string]any    `json:"externalParameters"`
	Internal     map[string]string `json:"internalParameters"`
	Dependencies []material        `json:"resolvedDependencies"`
}

type material struct {
	URI    string            `json:"uri,omitempty"`
	Name   string            `json:"name,omitempty"`
	Digest map[string]string `json:"digest"`
}

type runDetails struct {
	Builder  map[string]string `json:"builder"`
	Metadata map[string]string `json:"metadata"`
}

// provenance states of every file so far what it was built from, and how.
func (b *build) provenance(ctx context.Context) error {
	all, err := b.list()
	if err != nil {
		return err
	}
	s := statement{Type: "https://in-toto.io/Statement/v1", PredicateType: "https://slsa.dev/provenance/v1"}
	for _, f := range all {
		h, err := b.sum(f.Name)
		if err != nil {
			return err
		}
		s.Subject = append(s.Subject, subject{f.Name, map[string]string{"sha256": h}})
	}
	goVersion, err := output(ctx, b.source.Root, "go", "env", "GOVERSION")
	if err != nil {
		return err
	}
	var platforms []string
	for _, t := range b.targets {
		platforms = append(platforms, t.String())
	}
	slices.Sort(platforms)
	sums, err := digestOf(b.source.Root + "/go.sum")
	if err != nil {
		return err
	}
	s.Predicate = predicate{
		Build: buildDefinition{
			Type: "https://github.com/golang/go/cmd/go@build",
			External: map[string]any{"version": b.source.Version, "platforms": platforms,
				"modified": b.source.Modified},
			Internal: map[string]string{"go": goVersion,
				"flags": "CGO_ENABLED=0 -trimpath -buildvcs=false " + strings.TrimSpace(goFlags) +
					" -ldflags '" + linkFlags("") + "', on amd64 '" + linkFlags("amd64") + "'"},
			Dependencies: []material{
				{Name: "source", Digest: map[string]string{"gitCommit": b.source.Commit}},
				{Name: "go.sum", Digest: map[string]string{"sha256": sums}},
			},
		},
		Run: runDetails{
			Builder:  map[string]string{"id": "edgenet/internal/release"},
			Metadata: map[string]string{"startedOn": b.source.Time.Format(time.RFC3339)},
		},
	}
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	return b.put("edgenet_"+b.source.Version+".intoto.json", append(out, '\n'))
}
