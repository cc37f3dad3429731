package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"edgenet/internal/lab"
)

// labFlags are the flags of `edgenet lab` as they were typed.
type labFlags struct {
	scenario           string
	faults             []string
	listen, edgeListen string
	standardPorts      bool
	dir                string
	json               bool
	fleet              labFleetFlags
}

func (a *app) labCommand() *cobra.Command {
	f := &labFlags{}
	cmd := &cobra.Command{
		Use:   "lab",
		Short: "Run a local hub, proxies and DNS with faults to choose from, to try everything offline",
		Long: `Lab runs a local IoT Hub, an edgeHub, proxies and a DNS server in one process, and puts the
faults on them that you choose. It needs no cloud and no root, and serves until interrupted.
It is for trying, teaching and testing; it is not a broker to run anything on.

What loopback cannot do (ICMP answers, NAT, a path of several hops) it leaves to real networks.

A fault is PLACE=FAULT[:ARGUMENT], where PLACE is amqps, mqtts, https, edgeAmqps, edgeMqtts,
edgeHttps, dns, workload, upstream or proxy:NAME; edgenet lab faults lists what fits where.`,
		Example: `  edgenet lab
  edgenet lab --scenario amqp-blocked
  edgenet lab --fault https=ws-block-page --fault amqps=swallow
  edgenet lab --fleet 1000 --seed 7
  edgenet lab scenarios
  edgenet lab faults`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.lab(cmd.Context(), f) },
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.scenario, "scenario", "", "a named set of faults (`NAME`, see edgenet lab scenarios)")
	fl.StringArrayVar(&f.faults, "fault", nil, "put a fault on a place: `PLACE=FAULT[:ARG]`; repeatable")
	fl.StringVar(&f.listen, "listen", "127.0.0.1", "`ADDR` of the hub and the proxies")
	fl.StringVar(&f.edgeListen, "edge-listen", "", "`ADDR` of the edgeHub (default 127.0.0.2)")
	fl.BoolVar(&f.standardPorts, "standard-ports", false, "bind 5671, 8883 and 443, which the vendor's clients have fixed")
	fl.StringVar(&f.dir, "dir", "", "`DIR` for what the lab makes; default: a temporary one, removed at the end")
	fl.BoolVar(&f.json, "json", false, "print how to use it as one line of JSON")
	f.fleet.add(fl)
	cmd.AddCommand(a.scenariosCommand(), a.faultsCommand())
	return cmd
}

func (a *app) lab(ctx context.Context, f *labFlags) error {
	if err := checkScenario(f.scenario); err != nil {
		return err
	}
	faults, err := parseFaults(f.faults)
	if err != nil {
		return err
	}
	if err := f.fleet.check(); err != nil {
		return err
	}
	o := lab.Options{Scenario: f.scenario, Faults: faults, Listen: f.listen, EdgeListen: f.edgeListen, StandardPorts: f.standardPorts, Dir: f.dir,
		Fleet: f.fleet.devices, FleetOptions: f.fleet.options()}
	l, err := lab.Start(ctx, o)
	if err != nil {
		return usageError{err}
	}
	if f.json {
		err = json.NewEncoder(a.stdout).Encode(l.Info())
	} else {
		err = labText(a.stdout, l.Info(), f.scenario)
	}
	if err != nil {
		_ = l.Close()
		return runError{err}
	}
	<-ctx.Done()
	if err := l.Close(); err != nil {
		return runError{err}
	}
	return nil
}

// labText says how to use a running lab: command lines to copy.
func labText(w io.Writer, i lab.Info, scenario string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "The lab is up: hub %s at %s (AMQP %d, MQTT %d, HTTPS and WebSocket %d), DNS %s.\n", i.Hub, i.Addresses.Hub, i.Ports.AMQPS, i.Ports.MQTTS, i.Ports.HTTPS, i.DNS)
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
	fleetText(&b, i)
	fmt.Fprintf(&b, "\nA device for --depth auth (the key opens nothing but this lab):\n  EDGENET_CONNECTION_STRING='%s'\n\nCtrl-C ends it.\n", i.Device)
	_, err := io.WriteString(w, b.String())
	return err
}

func (a *app) scenariosCommand() *cobra.Command {
	return &cobra.Command{Use: "scenarios", Short: "List the scenarios, one line each", Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			var b strings.Builder
			for _, s := range lab.Scenarios() {
				fmt.Fprintf(&b, "%-22s %s\n", s.Name, s.About)
			}
			return a.print(b.String())
		}}
}

func (a *app) faultsCommand() *cobra.Command {
	return &cobra.Command{Use: "faults", Short: "List the faults, where each can be put, and its argument", Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			var b strings.Builder
			for _, f := range lab.FaultNames() {
				fmt.Fprintf(&b, "%-22s %s\n%22s at %s\n", f.Name, f.About, "", strings.Join(f.Places, " "))
				if f.Arg != "" {
					fmt.Fprintf(&b, "%22s ARG: %s\n", "", f.Arg)
				}
			}
			return a.print(b.String())
		}}
}

// print writes a result whole to standard output.
func (a *app) print(text string) error {
	if _, err := io.WriteString(a.stdout, text); err != nil {
		return runError{err}
	}
	return nil
}
