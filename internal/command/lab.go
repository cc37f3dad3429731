//go:build !device

package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"edgenet/internal/check"
	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/lab"
)

// LabOptions are those of `edgenet lab`.
type LabOptions struct {
	lab.Options
	Specs []string // faults as they are typed
	JSON  bool     // print how to use it as one line of JSON
	// Simulated is the fleet as it was typed; zero means none.
	Simulated FleetOptions
}

// Lab is `edgenet lab`: it serves until ctx ends.
func Lab(ctx context.Context, con *console.Console, o LabOptions) error {
	if err := check.Scenario(o.Scenario); err != nil {
		return err
	}
	faults, err := check.Faults(o.Specs)
	if err != nil {
		return err
	}
	o.Options.Faults = faults
	if err := o.Simulated.apply(&o.Options); err != nil {
		return err
	}
	l, err := lab.Start(ctx, o.Options)
	if err != nil {
		return exit.UsageError{Err: err}
	}
	if o.JSON {
		err = json.NewEncoder(con.Stdout).Encode(l.Info())
	} else {
		err = labText(con.Stdout, l.Info(), o.Scenario)
	}
	if err != nil {
		return errors.Join(exit.Result(err), exit.Run(l.Close()))
	}
	<-ctx.Done()
	return exit.Run(l.Close())
}

// labText says how to use a running lab: command lines to copy.
func labText(w io.Writer, i lab.Info, scenario string) error {
	var b strings.Builder
	fmt.Fprintf(
		&b,
		"The lab is up: hub %s at %s (AMQP %d, MQTT %d, HTTPS and WebSocket %d), DNS %s.\n",
		i.Hub,
		i.Addresses.Hub,
		i.Ports.AMQPS,
		i.Ports.MQTTS,
		i.Ports.HTTPS,
		i.DNS,
	)
	if scenario != "" {
		fmt.Fprintf(&b, "Scenario: %s.\n", scenario)
	}
	fmt.Fprintf(&b, "\nCheck it from another terminal:\n  edgenet check --hub %s --ca-file %s", i.Hub, i.CAFile)
	for _, c := range i.ConnectTo {
		if strings.HasPrefix(c, i.Hub+":") {
			fmt.Fprintf(&b, " \\\n    --connect-to %s", c)
		}
	}
	b.WriteString("\n\nProxies to add with --proxy:\n")
	for _, p := range i.Proxies {
		fmt.Fprintf(&b, "  %-44s %s\n", p.URL, p.About)
	}
	p := i.Provisioning
	fmt.Fprintf(&b, "\nThe provisioning service %s at %s (AMQP %d, MQTT %d, HTTPS %d).\n"+
		"ID scope %s, registration %s, key %s\n",
		p.Host, p.Address, p.AMQPS, p.MQTTS, p.HTTPS, p.IDScope, p.RegistrationID, p.SymmetricKey)
	if i.EngineURI != "" {
		fmt.Fprintf(&b, "\nA container engine that runs nothing: %s\n", i.EngineURI)
	}
	fleetText(&b, i)
	fmt.Fprintf(
		&b,
		"\nA device for --depth auth (the key opens nothing but this lab):\n  "+
			"EDGENET_CONNECTION_STRING='%s'\n\nCtrl-C ends it.\n",
		i.Device,
	)
	_, err := io.WriteString(w, b.String())
	return err
}

// Scenarios lists the scenarios, one line each.
func Scenarios(con *console.Console) error {
	var b strings.Builder
	for _, s := range lab.Scenarios() {
		fmt.Fprintf(&b, "%-22s %s%s\n", s.Name, s.About, scenarioShows(s))
	}
	return Print(con, b.String())
}

// scenarioShows says what a check finds in a scenario, and by which flags.
func scenarioShows(s lab.ScenarioInfo) string {
	if len(s.Shows) == 0 {
		return ""
	}
	text := strings.Join(s.Shows, ", ")
	if len(s.Flags) > 0 {
		text += " with " + strings.Join(s.Flags, " ")
	}
	return " (" + text + ")"
}

// Faults lists the faults, where each can be put, and its argument.
func Faults(con *console.Console) error {
	var b strings.Builder
	for _, f := range lab.FaultNames() {
		fmt.Fprintf(&b, "%-22s %s\n%22s at %s\n", f.Name, f.About, "", strings.Join(f.Places, " "))
		if f.Arg != "" {
			fmt.Fprintf(&b, "%22s ARG: %s\n", "", f.Arg)
		}
	}
	return Print(con, b.String())
}
