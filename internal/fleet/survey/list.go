package survey

import (
	"context"

	"edgenet/internal/fleet"
)

// Devices hands on every module's row that meets the condition.
func Devices(ctx context.Context, o Options, each func(fleet.Row) error) error {
	return rows(ctx, o.Hub, o.modules(), each, func(n int) { o.tell("reading reports", n, 0) })
}

// Silent hands on every device that does not report: those whose last word is older than
// what counts, and those that never said anything. A device that has no way out cannot
// write its twin, so that no question about its status finds it.
func Silent(ctx context.Context, o Options, each func(fleet.Row) error) error {
	speaks := map[string]bool{}
	err := rows(ctx, o.Hub, o.modules(), func(row fleet.Row) error {
		if row.Reported == nil {
			return nil
		}
		speaks[row.Device] = true
		if row.Reported.Fresh(o.Now, o.Stale) {
			return nil
		}
		return each(row)
	}, func(n int) { o.tell("reading reports", n, 0) })
	if err != nil {
		return err
	}
	return rows(ctx, o.Hub, devices(), func(row fleet.Row) error {
		if speaks[row.Device] || row.Edge != nil && !*row.Edge {
			return nil
		}
		row.Reported = nil
		return each(row)
	}, func(n int) { o.tell("reading devices", n, 0) })
}
