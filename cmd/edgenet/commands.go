//go:build !device

package main

import (
	"github.com/spf13/cobra"

	"edgenet/internal/lab"
)

// deskCommands are those that people run, and a device's module does without: the build tag
// device leaves them and all behind them out.
func (a *app) deskCommands() []*cobra.Command {
	return []*cobra.Command{a.fleetCommand(), a.labCommand(), a.logsCommand(), a.readyCommand()}
}

// scenarioNames are those of the lab.
func scenarioNames() []string {
	var names []string
	for _, s := range lab.Scenarios() {
		names = append(names, s.Name)
	}
	return names
}
