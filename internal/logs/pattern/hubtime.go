package pattern

import (
	"strings"
	"time"

	"edgenet/internal/logs/record"
)

// hubTime reads the hub's clock out of its refusal: "TimeStamp:03/04/2025 06:44:19", by UTC. Which of the two numbers
// is the month cannot be told for sure, so that both readings are given.
func hubTime(rec *record.Record) []int64 {
	if at := stampIn(rec.Said); at != nil {
		return at
	}
	for _, l := range rec.More {
		if at := stampIn(l); at != nil {
			return at
		}
	}
	return nil
}

func stampIn(text string) (at []int64) {
	_, rest, ok := strings.Cut(text, "TimeStamp:")
	const size = len("01/02/2006 15:04:05")
	if !ok || len(rest) < size {
		return nil
	}
	for _, layout := range [...]string{"01/02/2006 15:04:05", "02/01/2006 15:04:05"} {
		if t, err := time.Parse(layout, rest[:size]); err == nil {
			at = append(at, t.UnixMilli())
		}
	}
	return at
}
