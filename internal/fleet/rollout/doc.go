// Package rollout carries a plan out, takes it back, and goes on after a kill at any
// moment: deployments first, then tags, wave by wave, each wave verified by reading the
// devices' twins themselves.
//
// Every write stands in a journal, on the disk, before it is sent; what a killed run left
// open is settled by reading. It judges nothing by itself: package fleet says whether a
// move is still proven and whether a device came back. Apply and Undo are the entry points.
package rollout
