package sidecar

import (
	"bytes"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"
)

// line is the runtime's form, as its log tools parse it.
var line = regexp.MustCompile(`^<[0-7]> \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} \+00:00 \[(DBG|INF|WRN|ERR)\] - .+$`)

func TestLogForm(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	log := slog.New(NewLogHandler(&b, slog.LevelDebug)).With("module", "d/edgenet")
	log.Debug("a")
	log.Info("two\nlines <6> 2024-01-01 \x1b[31m", "n", 7, "text", "with space", "empty", "", "at", time.Unix(0, 0))
	log.WithGroup("g").Warn("c", "k", `"`)
	log.Error("d")
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if len(lines) != 4 {
		t.Fatalf("%q", lines)
	}
	for i, want := range []string{"<7> ", "<6> ", "<4> ", "<3> "} {
		if !line.MatchString(lines[i]) || !strings.HasPrefix(lines[i], want) ||
			!strings.Contains(lines[i], " module=d/edgenet") {
			t.Errorf("%s", lines[i])
		}
	}
	if !strings.HasSuffix(lines[1], ` n=7 text="with space" empty="" at=1970-01-01T00:00:00Z`) ||
		strings.Contains(lines[1], "\x1b") || !strings.HasSuffix(lines[2], ` g.k="\""`) {
		t.Errorf("%q", lines)
	}
	b.Reset()
	slog.New(NewLogHandler(&b, slog.LevelWarn)).Info("quiet")
	if b.Len() > 0 {
		t.Errorf("%s", b.String())
	}
}

func TestParseLevel(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]slog.Level{"": slog.LevelInfo, "Information": slog.LevelInfo,
		"debug": slog.LevelDebug, "Verbose": slog.LevelDebug, "WARNING": slog.LevelWarn, "error": slog.LevelError,
		"fatal": slog.LevelError, "x": slog.LevelInfo} {
		if got := ParseLevel(word); got != want {
			t.Errorf("%q is %s", word, got)
		}
	}
}
