package record_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"edgenet/internal/logs/record"
)

// endless is a line without an end, which costs some time.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	time.Sleep(time.Millisecond)
	clear(p)
	return len(p), nil
}

// TestInterruptedLine: whoever interrupts the program does not wait for the end of a line.
func TestInterruptedLine(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := record.Read(ctx, endless{}, record.Options{}, func(*record.Record) {}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
