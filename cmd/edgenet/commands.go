//go:build !device

package main

import "edgenet/internal/lab"

// deskMakers are of commands that people run, and a device's module does without: the build tag
// device leaves them and all behind them out.
func (a *app) deskMakers() []maker {
	return []maker{{"fleet", a.fleetCommand}, {"lab", a.labCommand}, {"logs", a.logsCommand}, {"ready", a.readyCommand}}
}

// scenarioNames are those of the lab.
func scenarioNames() []string {
	var names []string
	for _, s := range lab.Scenarios() {
		names = append(names, s.Name)
	}
	return names
}
