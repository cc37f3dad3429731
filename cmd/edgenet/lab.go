//go:build !device

package main

import (
	"github.com/spf13/cobra"

	"edgenet/internal/command"
	"edgenet/internal/lab"
)

func (a *app) labCommand() *cobra.Command {
	o := &command.LabOptions{}
	cmd := &cobra.Command{
		Use:   "lab",
		Short: "Run a local hub, proxies and DNS with faults to choose from, to try everything offline",
		Long: `Lab runs a local IoT Hub, an edgeHub, a provisioning service, proxies and a DNS server in one
process, and puts the faults on them that you choose. It needs no cloud and no root, and serves
until interrupted.
It is for trying, teaching and testing; it is not a broker to run anything on.

What loopback cannot do (ICMP answers, NAT, a path of several hops) it leaves to real networks.

A fault is PLACE=FAULT[:ARGUMENT], where PLACE is amqps, mqtts, https, edgeAmqps, edgeMqtts,
edgeHttps, dpsAmqps, dpsMqtts, dpsHttps, dns, workload, upstream or proxy:NAME; edgenet lab
faults lists what fits where.`,
		Example: `  edgenet lab
  edgenet lab --scenario amqp-blocked
  edgenet lab --fault https=ws-block-page --fault amqps=swallow
  edgenet lab --fleet 1000 --seed 7
  edgenet lab scenarios
  edgenet lab faults`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.slowEnd() // its servers say goodbye
			return command.Lab(cmd.Context(), a.Console, *o)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&o.Scenario, "scenario", "", "a named set of faults (`NAME`, see edgenet lab scenarios)")
	fl.StringArrayVar(&o.Specs, "fault", nil, "put a fault on a place: `PLACE=FAULT[:ARG]`; repeatable")
	fl.StringVar(&o.Listen, "listen", "127.0.0.1", "`ADDR` of the hub and the proxies")
	fl.StringVar(&o.EdgeListen, "edge-listen", "", "`ADDR` of the edgeHub (default 127.0.0.2)")
	fl.StringVar(&o.DPSListen, "dps-listen", "", "`ADDR` of the provisioning service (default 127.0.0.3)")
	fl.BoolVar(&o.StandardPorts, "standard-ports", false,
		"bind 5671, 8883 and 443, which the vendor's clients have fixed")
	fl.StringVar(&o.Dir, "dir", "", "`DIR` for what the lab makes; default: a temporary one, removed at the end")
	fl.StringVar(&o.Engine, "engine", "",
		"answer as a container engine of `VERSION` too, on engine.sock; no container is run")
	fl.Lookup("engine").NoOptDefVal = "24.0.7"
	fl.BoolVar(&o.JSON, "json", false, "print how to use it as one line of JSON")
	fleetFlags(fl, &o.Simulated)
	var scenarios []string
	for _, s := range lab.Scenarios() {
		scenarios = append(scenarios, s.Name)
	}
	oneOf(cmd, "scenario", scenarios...)
	cmd.AddCommand(a.scenariosCommand(), a.faultsCommand())
	return cmd
}

func (a *app) scenariosCommand() *cobra.Command {
	return &cobra.Command{Use: "scenarios", Short: "List the scenarios, one line each", Args: noArguments,
		RunE: func(*cobra.Command, []string) error { return command.Scenarios(a.Console) }}
}

func (a *app) faultsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "faults",
		Short: "List the faults, where each can be put, and its argument",
		Args:  noArguments,
		RunE:  func(*cobra.Command, []string) error { return command.Faults(a.Console) },
	}
}
