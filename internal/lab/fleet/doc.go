// Package fleet is the lab's fleet: devices by the hundred thousand with a runtime, a
// site's network and edgenet's module each, and the hub's service API over them. Nothing
// of it is stored as a document: a device is a few dozen bytes, its twins are written
// when somebody asks, and what happened since is made up for at that moment.
//
// [New] is the entry point; [Fleet.ServeHTTP] the API; [Fleet.Advance], [Fleet.Count] and
// [Fleet.Stranded] are for tests, which know what no client can.
//
// Devices follow deployments by the rules of the package edgeagent, and their networks
// change. A device whose new way does not work stays as it is: it hears of the fix by the
// way that it lost. Everything comes from the seed: the same calls at the same moments
// give the same fleet.
package fleet
