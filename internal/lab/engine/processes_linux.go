package engine

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
)

// maxProcesses bounds the processes that are looked at.
const maxProcesses = 10000

// processesOf are the processes of this system that say that they are a module.
func processesOf(module string) []int {
	want := []byte("IOTEDGE_MODULEID=" + module)
	var out []int
	names, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		return nil
	}
	for _, name := range names[:min(len(names), maxProcesses)] {
		environment, err := os.ReadFile(name) //nolint:gosec // the kernel's own list of processes
		if err != nil {
			continue // ended, or another user's
		}
		for entry := range bytes.SplitSeq(environment, []byte{0}) {
			if bytes.Equal(entry, want) {
				if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name))); err == nil {
					out = append(out, pid)
				}
			}
		}
	}
	return out
}
