package command

import (
	"slices"
	"strings"

	"edgenet/internal/exit"
	"edgenet/internal/suggest"
	"edgenet/report"
)

// Format refuses a format of standard output that a command does not have; the first of
// those that it has is what none means.
func Format(format string, known ...string) error {
	if format == "" || slices.Contains(known, strings.ToLower(format)) {
		return nil
	}
	return exit.Usagef(
		"--format %q: expected %s%s",
		report.Clean(format, 40),
		suggest.Alternatives(known),
		suggest.DidYouMean(format, known),
	)
}
