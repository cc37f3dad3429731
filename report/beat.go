package report

import "time"

// BeatSchema is that of a Beat.
const BeatSchema = "edgenet.beat/1"

// Beat is a round of a watch in which nothing changed: a line that says that it lives.
type Beat struct {
	Schema     string    `json:"schema"`
	At         time.Time `json:"at"` // when the round began, UTC
	Status     string    `json:"status"`
	DurationMs Millis    `json:"durationMs"`
	Hub        string    `json:"hub,omitempty"` // where several are watched
}
