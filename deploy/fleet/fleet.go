// Package fleet holds what a pipeline needs beside `edgenet fleet`: an example classes file,
// a job that counts the fleet every hour (systemd, and as a container), Prometheus alert
// rules, a Grafana dashboard and queries for Log Analytics. README.md says where each goes.
//
// They are examples with names to replace (contoso, plant3), kept right by tests.
package fleet

import "embed"

// Files are all of them, by their names.
//
//go:embed classes.toml alerts.yaml dashboard.json queries.kql edgenet-fleet.service edgenet-fleet.timer edgenet-fleet.container README.md
var Files embed.FS
