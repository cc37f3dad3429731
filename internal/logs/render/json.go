package render

import (
	"encoding/json"
	"io"

	"edgenet/internal/logs"
)

// JSON writes the report as one document.
func JSON(w io.Writer, r *logs.Report) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// JSONL writes the events, one a line.
func JSONL(w io.Writer, r *logs.Report) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	for i := range r.Events {
		if err := e.Encode(&r.Events[i]); err != nil {
			return err
		}
	}
	return nil
}
