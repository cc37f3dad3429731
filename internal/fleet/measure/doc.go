// Package measure holds plan and apply against what is done where nobody looks: how many
// devices of the lab's fleets each strands, over many seeds, on networks that change
// meanwhile. The table in docs/fleet.md is made by
//
//	go test ./internal/fleet/measure -run Measure -update
//
// It is tests alone.
package measure
