package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"edgenet/internal/logs"
	"edgenet/report"
)

// logsCheck runs check as its user would, with what the log says is configured, and puts
// its report beside the log's. It gives check's exit code; a check that could not run is no good answer.
func (a *app) logsCheck(ctx context.Context, r *logs.Report) int {
	var out, complaints bytes.Buffer
	probe := *a
	probe.stdout, probe.stderr = &out, &complaints
	probe.width, probe.errWidth = func() int { return 0 }, nil
	args := append([]string{"check", "-f", "json"}, r.CheckArguments()...)
	code := run(ctx, args, &probe)
	var found report.Report
	if err := json.Unmarshal(out.Bytes(), &found); err != nil || found.Schema != report.Schema {
		fmt.Fprintf(a.stderr, "edgenet: check could not run: %s\n", report.Clean(complaints.String(), 300))
		return exitBad
	}
	r.Check = &found
	return code
}
