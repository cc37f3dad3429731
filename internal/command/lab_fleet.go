//go:build !device

package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"edgenet/internal/exit"
	"edgenet/internal/lab"
	"edgenet/internal/lab/fleet"
)

// FleetOptions are those of `edgenet lab` that concern its fleet.
type FleetOptions struct {
	Devices  int // zero means no fleet
	Seed     uint64
	Pace     float64
	Throttle string // TIER[:UNITS]; empty means that calls are only counted
	// Given tells whether a flag was given; zero means that none was.
	Given func(flag string) bool
}

// apply refuses what goes with no fleet, and what no fleet can be, and puts the rest into
// the lab's options.
func (f FleetOptions) apply(o *lab.Options) error {
	given := f.Given
	if given == nil {
		given = func(string) bool { return false }
	}
	for _, name := range []string{"seed", "fleet-pace", "fleet-throttle"} {
		if f.Devices == 0 && given(name) {
			return exit.Usagef("--%s needs --fleet N", name)
		}
	}
	if given("fleet") && (f.Devices < 1 || f.Devices > fleet.MaxDevices) {
		return exit.Usagef("--fleet %d: expected 1 to %d devices", f.Devices, fleet.MaxDevices)
	}
	if f.Pace < fleet.MinPace || f.Pace > fleet.MaxPace {
		return exit.Usagef("--fleet-pace %g: expected %g to %g", f.Pace, fleet.MinPace, fleet.MaxPace)
	}
	tier, units, err := f.tier()
	if err != nil {
		return exit.Usagef("--fleet-throttle %s: %v", f.Throttle, err)
	}
	o.Fleet = f.Devices
	o.FleetOptions = fleet.Options{Seed: f.Seed, Pace: f.Pace,
		Switches: fleet.Switches{Tier: tier, Units: units, Throttle: tier != ""}}
	return nil
}

func (f FleetOptions) tier() (name string, units int, err error) {
	if f.Throttle == "" {
		return "", 0, nil
	}
	name, number, has := strings.Cut(f.Throttle, ":")
	if !slices.Contains(fleet.Tiers(), name) {
		return "", 0, fmt.Errorf("expected a tier of %s, and :UNITS where it has more than one",
			strings.Join(fleet.Tiers(), ", "))
	}
	units = 1
	if has {
		if n, err := fmt.Sscanf(number, "%d", &units); n != 1 || err != nil || units < 1 ||
			fmt.Sprint(units) != number {
			return "", 0, errors.New("expected a whole number of units behind the colon")
		}
	}
	return name, units, nil
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
