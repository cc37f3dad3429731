//go:build !linux

package hop

import (
	"context"
	"net/netip"
	"time"

	"edgenet/report"
)

func travel(context.Context, *Env, netip.AddrPort, time.Duration) ([]report.Hit, error) {
	return nil, ErrNoTravel
}

func gatewayTo(netip.Addr) netip.Addr { return netip.Addr{} }

// CountLocalFailures is unknown here.
func countLocalFailures() LocalFailures { return LocalFailures{} }
