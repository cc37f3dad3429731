// Package fleet is all judgement over many devices, as pure functions: what a module's
// twin says, which class a device has proven (rules F1 to F4), what a plan consists of and
// what speaks against it (F5 to F12), how a fleet adds up, and what a journal of writes
// says was done.
//
// It contacts nothing and writes nothing: package survey reads a hub for it, package
// rollout carries a plan out, package show draws. Decide, BuildPlan, Tally and ReadJournal
// are the entry points.
package fleet
