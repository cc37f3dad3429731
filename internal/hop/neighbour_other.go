//go:build !linux

package hop

import (
	"net/netip"

	"edgenet/report"
)

// silentNeighbour is for Linux alone: elsewhere nobody is known to be missing.
func silentNeighbour(netip.Addr, netip.Addr) *report.Neighbour { return nil }
