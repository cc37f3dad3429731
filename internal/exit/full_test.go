package exit_test

import (
	"fmt"
	"io/fs"
	"syscall"
	"testing"

	"edgenet/internal/exit"
)

// TestAFullDisk: an output that could not be written, whoever passes it on and as what.
func TestAFullDisk(t *testing.T) {
	t.Parallel()
	full := &fs.PathError{Op: "write", Path: "/x", Err: syscall.ENOSPC}
	for _, err := range []error{full, exit.Inputf("--out: %w", full), exit.UsageError{Err: fmt.Errorf("lab: %w", full)},
		exit.Result(full), exit.Run(full)} {
		if exit.Code(err) != exit.Output || exit.Help(err) {
			t.Errorf("%v: exit code %d, help %v", err, exit.Code(err), exit.Help(err))
		}
	}
	for _, errno := range []syscall.Errno{syscall.ENOENT, syscall.EACCES} {
		if err := exit.Inputf("%w", errno); exit.Code(err) != exit.Usage {
			t.Errorf("%v: exit code %d", err, exit.Code(err))
		}
	}
}
