// Package rollout measures what becomes of a fleet when its deployments are changed: how
// many devices are stranded by a strategy, over many seeds, on networks that change
// meanwhile. [Run] is the entry point; a [Strategy] is what is measured, and sees nothing
// but the hub's service API and a clock.
//
// A client of the service plugs in with [Hub.Client] for its HTTP, [Hub.URL] for its
// address (no credentials are asked for), [Hub.Now] for its clock, and [Hub.Wait] wherever
// it would sleep. The fleet's clock stands still otherwise, so that a week of a fleet takes
// a fraction of a second.
package rollout
