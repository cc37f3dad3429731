// Package module holds what it takes to deploy edgenet as an IoT Edge module: the
// deployment manifests and the Prometheus alert rules. The image is built by
// deploy/module/build, the way to a reporting module is in README.md beside this file.
//
// The manifests are examples with names to replace (contoso, proxy.corp), kept right by
// tests; they grant no privilege, publish no port and hold no secret.
package module

import (
	_ "embed"
	"slices"
)

//go:embed deployment.json
var base []byte

//go:embed deployment.layered.json
var layered []byte

//go:embed alerts.yaml
var alerts []byte

// Base gives the manifest of a whole device: edgeAgent, edgeHub and edgenet.
func Base() []byte { return slices.Clone(base) }

// Layered gives the manifest that adds edgenet to devices that have a base deployment.
func Layered() []byte { return slices.Clone(layered) }

// Alerts gives the Prometheus alert rules.
func Alerts() []byte { return slices.Clone(alerts) }
