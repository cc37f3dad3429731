//go:build interop && linux

package interop

import (
	"fmt"
	"os"
	"testing"

	"edgenet/internal/verify/blackbox"
)

// bench is what all tests share: the built command.
var bench struct {
	dir     string
	edgenet blackbox.Edgenet
}

func TestMain(m *testing.M) { os.Exit(runAll(m)) }

func runAll(m *testing.M) int {
	dir, err := os.MkdirTemp("", "edgenet-engine-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	bench.dir = dir
	if bench.edgenet, err = blackbox.Build(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}
