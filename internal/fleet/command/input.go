package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/infile"
	"edgenet/internal/secret"
	"edgenet/internal/suggest"
)

// open opens what may be too long to be read at once.
func open(ctx context.Context, con *console.Console, path string) (io.ReadCloser, error) {
	if path != "-" {
		f, err := infile.Reader{}.Open(ctx, path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", secret.Path(path), err)
		}
		return f, nil
	}
	if con.Stdin == nil {
		return nil, errors.New("standard input: there is none")
	}
	return io.NopCloser(con.Stdin), nil
}

// bounded reads at most limit bytes, and says where there is more.
func bounded(ctx context.Context, con *console.Console, path string, limit int64) ([]byte, error) {
	return infile.Reader{Stdin: con.Stdin, Limit: limit}.Read(ctx, path)
}

// positive refuses a duration that is not.
func positive(flag string, d time.Duration) error {
	if d <= 0 {
		return exit.Usagef("--%s %s: expected a duration above 0, such as 13h", flag, d)
	}
	return nil
}

// checkFormat refuses a format that a command does not have.
func checkFormat(format string, known []string) error {
	if slices.Contains(known, format) {
		return nil
	}
	return exit.Usagef("--format %q: expected %s%s", secret.Name(format, 40), suggest.Alternatives(known),
		suggest.DidYouMean(strings.ToLower(format), known))
}

// SheetFormats are the formats of what has no figures to keep.
func SheetFormats() []string { return []string{"text", "json", "markdown"} }
