// Package check is the command of that name as a library: it makes a job of what flags,
// environment and this device's settings say, runs it once, until the answer is good, again
// and again, for a list of hubs, or on this host and in a container beside it, and gives
// the reports to whoever shows and writes them.
//
// It probes nothing itself and judges nothing: package probe does, and all calls of it are
// in probing.go. Begin with [Run].
package check
