package sidecar

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"edgenet/report"
)

// maxLine bounds one text in the log.
const maxLine = 1000

// LogHandler writes lines as the IoT Edge runtime does, which its log tools read:
//
//	<6> 2024-01-01 00:00:00.000 +00:00 [INF] - text key=value
//
// The number is the syslog severity (RFC 5424). Times are UTC.
type LogHandler struct {
	mu    *sync.Mutex
	w     io.Writer
	level slog.Level
	attrs string
	group string
}

// NewLogHandler writes what is at least of that level.
func NewLogHandler(w io.Writer, level slog.Level) *LogHandler {
	return &LogHandler{mu: &sync.Mutex{}, w: w, level: level}
}

// ParseLevel reads the runtime's RuntimeLogLevel: fatal, error, warning, info,
// information, debug or verbose in any case; empty and unknown words mean info.
func ParseLevel(word string) slog.Level {
	switch string(bytes.ToLower([]byte(word))) {
	case "fatal", "error", "err":
		return slog.LevelError
	case "warning", "warn":
		return slog.LevelWarn
	case "debug", "verbose", "trace":
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// Enabled implements slog.Handler.
func (h *LogHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level }

// Handle implements slog.Handler.
func (h *LogHandler) Handle(_ context.Context, r slog.Record) error {
	number, word := severity(r.Level)
	var b bytes.Buffer
	fmt.Fprintf(&b, "<%d> %s [%s] - %s%s", number, r.Time.UTC().Format("2006-01-02 15:04:05.000 +00:00"), word,
		report.Clean(r.Message, maxLine), h.attrs)
	r.Attrs(func(a slog.Attr) bool {
		b.WriteString(attr(h.group, a))
		return true
	})
	b.WriteByte('\n')
	h.mu.Lock()
	defer h.mu.Unlock()
	_, err := h.w.Write(b.Bytes())
	return err
}

func attr(group string, a slog.Attr) string {
	v := a.Value.Resolve()
	text := v.String()
	if v.Kind() == slog.KindTime {
		text = v.Time().UTC().Format(time.RFC3339)
	}
	text = report.Clean(text, maxLine)
	if bytes.ContainsAny([]byte(text), " \"=") || text == "" {
		text = strconv.Quote(text)
	}
	return " " + group + a.Key + "=" + text
}

func severity(l slog.Level) (int, string) {
	switch {
	case l >= slog.LevelError:
		return 3, "ERR"
	case l >= slog.LevelWarn:
		return 4, "WRN"
	case l >= slog.LevelInfo:
		return 6, "INF"
	}
	return 7, "DBG"
}

// WithAttrs implements slog.Handler.
func (h *LogHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *h
	for _, a := range attrs {
		c.attrs += attr(h.group, a)
	}
	return &c
}

// WithGroup implements slog.Handler.
func (h *LogHandler) WithGroup(name string) slog.Handler {
	c := *h
	c.group += name + "."
	return &c
}
