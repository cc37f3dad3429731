package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"edgenet/internal/lab"
	"edgenet/internal/lab/fleet"
)

// labFleetFlags are the flags of `edgenet lab` that concern its fleet.
type labFleetFlags struct {
	devices  int
	seed     uint64
	pace     float64
	throttle string
	set      *pflag.FlagSet
}

func (f *labFleetFlags) add(fl *pflag.FlagSet) {
	fl.IntVar(&f.devices, "fleet", 0, "simulate `N` devices with the hub's service API over them, up to 1000000")
	fl.Uint64Var(&f.seed, "seed", 1, "what the fleet is made from: the same `S` gives the same fleet")
	fl.Float64Var(&f.pace, "fleet-pace", 1,
		"let the fleet live `N` times as fast: with 60, what takes an hour takes a minute")
	fl.StringVar(&f.throttle, "fleet-throttle", "",
		"keep the throttles of a hub's `TIER[:UNITS]`, as in S1 or S3:2; without, calls are only counted")
	f.set = fl
}

// check refuses what goes with no fleet, and what no fleet can be.
func (f *labFleetFlags) check() error {
	for _, name := range []string{"seed", "fleet-pace", "fleet-throttle"} {
		if f.devices == 0 && f.set.Changed(name) {
			return usagef("--%s needs --fleet N", name)
		}
	}
	if f.set.Changed("fleet") && (f.devices < 1 || f.devices > fleet.MaxDevices) {
		return usagef("--fleet %d: expected 1 to %d devices", f.devices, fleet.MaxDevices)
	}
	if f.pace < fleet.MinPace || f.pace > fleet.MaxPace {
		return usagef("--fleet-pace %g: expected %g to %g", f.pace, fleet.MinPace, fleet.MaxPace)
	}
	if _, _, err := f.tier(); err != nil {
		return usagef("--fleet-throttle %s: %v", f.throttle, err)
	}
	return nil
}

func (f *labFleetFlags) tier() (name string, units int, err error) {
	if f.throttle == "" {
		return "", 0, nil
	}
	name, number, has := strings.Cut(f.throttle, ":")
	if !slices.Contains(fleet.Tiers(), name) {
		return "", 0, fmt.Errorf("expected a tier of %s, and :UNITS where it has more than one",
			strings.Join(fleet.Tiers(), ", "))
	}
	units = 1
	if has {
		if n, err := fmt.Sscanf(number, "%d", &units); n != 1 || err != nil || units < 1 || fmt.Sprint(units) != number {
			return "", 0, fmt.Errorf("expected a whole number of units behind the colon")
		}
	}
	return name, units, nil
}

func (f *labFleetFlags) options() fleet.Options {
	tier, units, err := f.tier()
	if err != nil {
		return fleet.Options{} // check has said so
	}
	return fleet.Options{Seed: f.seed, Pace: f.pace,
		Switches: fleet.Switches{Tier: tier, Units: units, Throttle: tier != ""}}
}

// fleetText says what the fleet is and how to ask for it.
func fleetText(b *strings.Builder, i lab.Info) {
	c := i.Fleet
	if c == nil {
		return
	}
	fmt.Fprintf(b, "\nThe fleet: %d devices from seed %d. %d report, %d are silent, %d are out of date.\n", c.Devices,
		c.Seed, c.Reporting, c.Silent, c.Stale)
	b.WriteString("The service API answers on the hub's HTTPS port. The key opens nothing but this lab:\n")
	fmt.Fprintf(b, "  IOTHUB_CONNECTION_STRING='%s'\n", i.Service)
	b.WriteString("What the lab itself knows of the fleet, from another terminal:\n")
	fmt.Fprintf(b, "  curl --cacert %s --connect-to %s \\\n", i.CAFile, i.ConnectTo[2])
	fmt.Fprintf(b, "    -H 'Authorization: Bearer %s' 'https://%s/lab/fleet?api-version=2021-04-12'\n", i.Bearer, i.Hub)
}
