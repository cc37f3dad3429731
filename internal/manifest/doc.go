// Package manifest reads IoT Edge deployment manifests: it finds the system modules,
// judges what they say of the way to the hub (Lint), and sets protocol and proxy with
// every other byte left as it was (Set). It refuses layered manifests where system
// modules are asked for, and never talks to a hub. Parse is the entry point.
package manifest
