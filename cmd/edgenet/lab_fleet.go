//go:build !device

package main

import (
	"github.com/spf13/pflag"

	"edgenet/internal/command"
)

// fleetFlags are the flags of `edgenet lab` that concern its fleet.
func fleetFlags(fl *pflag.FlagSet, o *command.FleetOptions) {
	fl.IntVar(&o.Devices, "fleet", 0, "simulate `N` devices with the hub's service API over them, up to 1000000")
	fl.Uint64Var(&o.Seed, "seed", 1, "what the fleet is made from: the same `S` gives the same fleet")
	fl.Float64Var(&o.Pace, "fleet-pace", 1,
		"let the fleet live `N` times as fast: with 60, what takes an hour takes a minute")
	fl.StringVar(&o.Throttle, "fleet-throttle", "",
		"keep the throttles of a hub's `TIER[:UNITS]`, as in S1 or S3:2; without, calls are only counted")
	o.Given = fl.Changed
}
