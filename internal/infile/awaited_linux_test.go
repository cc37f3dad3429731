package infile_test

import (
	"context"
	"errors"
	"io"
	"os"
	"testing"
	"time"

	"edgenet/internal/exit"
	"edgenet/internal/infile"
)

// TestAFileThatHangs: /proc/kmsg says that it is a regular file, and a read of it waits for the kernel.
func TestAFileThatHangs(t *testing.T) {
	if f, err := os.Open("/proc/kmsg"); err != nil {
		t.Skip("only root may read it")
	} else {
		_ = f.Close()
	}
	for name, read := range map[string]func(context.Context) error{
		"piece by piece": func(ctx context.Context) error {
			f, err := infile.Reader{}.Open(ctx, "/proc/kmsg")
			if err != nil {
				return err
			}
			defer func() { _ = f.Close() }()
			_, err = io.Copy(io.Discard, f)
			return err
		},
		"by lines": func(ctx context.Context) error {
			return infile.Reader{}.Lines(ctx, "/proc/kmsg", func(int, []byte, bool) error { return nil })
		},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		start := time.Now()
		err := read(ctx)
		cancel()
		if took := time.Since(start); !errors.Is(err, exit.ErrInterrupted) || took > 5*time.Second {
			t.Errorf("%s: %v after %s", name, err, took)
		}
	}
}
