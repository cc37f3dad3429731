// Package vantage compares two places of one device that a check can be made from: the
// host, and a container on the runtime's network. Look describes a place, Beside puts
// the container's report next to the host's: what differs, why, and the verdict of both.
//
// It probes nothing, and blames only what the two reports and places show; where they
// do not show it, it says that.
package vantage
