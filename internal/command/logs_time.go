//go:build !device

package command

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"edgenet/report"
)

// moment reads a time, or how long ago it was.
func moment(flag, text string, now time.Time) (time.Time, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04",
		"2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.Parse(form, text); err == nil {
			return t, nil
		}
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			return now.Add(-time.Duration(n) * 24 * time.Hour), nil //nolint:gosec // sixteen bits fit
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	return time.Time{}, fmt.Errorf("%s %q: expected a time such as 2024-11-05 or 2024-11-05T10:30:00Z (UTC where no "+
		"zone is given), or how long ago: 24h, 7d", flag, report.Clean(text, 40))
}

// zoneOf reads a zone as minutes east of UTC, by what holds now.
func zoneOf(text string, now time.Time) (*int, error) {
	if t, err := time.Parse("-07:00", strings.TrimSpace(text)); err == nil {
		return minutesOf(t), nil
	}
	if t, err := time.Parse("-0700", strings.TrimSpace(text)); err == nil {
		return minutesOf(t), nil
	}
	if l, err := time.LoadLocation(strings.TrimSpace(text)); err == nil && text != "" {
		return minutesOf(now.In(l)), nil
	}
	return nil, fmt.Errorf("--tz %q: expected a zone such as +01:00, UTC or Europe/Berlin", report.Clean(text, 40))
}

func minutesOf(t time.Time) *int {
	_, seconds := t.Zone()
	m := seconds / 60
	return &m
}
