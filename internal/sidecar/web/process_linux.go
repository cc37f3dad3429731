package web

import (
	"os"
	"strconv"
	"strings"
)

// userHz is the unit of times in /proc (proc_pid_stat(5)): on Linux 100 a second for
// every program, whatever the kernel's own.
const userHz = 100

// process are the process's own numbers, as far as they can be read.
func process() []sample {
	var out []sample
	if b, err := os.ReadFile("/proc/self/statm"); err == nil {
		if f := strings.Fields(string(b)); len(f) > 1 {
			if pages, err := strconv.ParseFloat(f[1], 64); err == nil {
				out = append(out, sample{"process_resident_memory_bytes", pages * float64(os.Getpagesize()), nil})
			}
		}
	}
	if b, err := os.ReadFile("/proc/self/stat"); err == nil {
		_, rest, _ := strings.Cut(string(b), ") ") // the command's name may hold spaces
		if f := strings.Fields(rest); len(f) > 12 {
			user, err := strconv.ParseFloat(f[11], 64)
			system, err2 := strconv.ParseFloat(f[12], 64)
			if err == nil && err2 == nil {
				out = append(out, sample{"process_cpu_seconds_total", (user + system) / userHz, nil})
			}
		}
	}
	if fds, err := os.ReadDir("/proc/self/fd"); err == nil {
		out = append(out, sample{"process_open_fds", float64(len(fds)), nil})
	}
	return out
}
