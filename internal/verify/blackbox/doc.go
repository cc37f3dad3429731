// Package blackbox runs the built command as its users do, against servers that
// nobody here wrote or inside real networks, and holds its report against what a case
// expects. It knows the command line and the JSON contract, and nothing of how the
// probes work. Entry points: Build, Edgenet.Check, Outcome.Verify; Process for the
// servers around it.
package blackbox
