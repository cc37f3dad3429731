//go:build device

package main

import "github.com/spf13/cobra"

// deskCommands are none in the module's image.
func (*app) deskCommands() []*cobra.Command { return nil }

// scenarioNames are none: there is no lab.
func scenarioNames() []string { return nil }
