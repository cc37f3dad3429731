// Package report is edgenet's vocabulary and its public contract: hops, stages,
// causes, findings, actors, protocols, and the Report that everything else
// renders or ships. Its JSON form is stable ("edgenet.report/1"): fields are
// added, never renamed or repurposed.
//
// The tables of causes and findings here are append-only data; documentation,
// `edgenet explain` and the JSON Schema are made from them. The package imports
// the standard library alone, contacts nothing and decides nothing: what a
// failure means is said here once, and found out in package probe.
package report
