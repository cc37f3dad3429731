// Package rollout measures what becomes of a fleet when its deployments are changed: how
// many devices are stranded by a strategy, over many seeds, on networks that change
// meanwhile. [Run] is the entry point; a [Strategy] is what is measured, and sees nothing
// but the hub's service API and a clock.
package rollout
