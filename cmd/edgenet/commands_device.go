//go:build device

package main

// deskMakers are none in the module's image.
func (*app) deskMakers() []maker { return nil }

// scenarioNames are none: there is no lab.
func scenarioNames() []string { return nil }
