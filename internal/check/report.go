package check

import (
	"context"

	"edgenet/internal/console"
	"edgenet/report"
)

// Report is one round for another command: what the options say is probed once, and the
// report comes back; nothing is printed.
func Report(ctx context.Context, con *console.Console, o Options) (*report.Report, error) {
	j, err := newJob(ctx, con, o)
	if err != nil {
		return nil, err
	}
	return j.check(ctx, nil), nil
}
