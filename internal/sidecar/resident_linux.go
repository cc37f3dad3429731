package sidecar

import (
	"bufio"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// ownFile are the pages of the program's own file, which the kernel maps generously and takes from its
// cache again when they are wanted.
type ownFile struct {
	read  bool
	clean []mapping
}

// release lets them go. An error costs memory and nothing else.
func (f *ownFile) release() {
	if !f.read {
		f.read, f.clean = true, ownMappings()
	}
	for _, m := range f.clean {
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.from, m.length, unix.MADV_DONTNEED)
	}
}

// ownMappings stay as they are once the program runs.
func ownMappings() []mapping {
	exe, err := os.Executable()
	if err != nil {
		return nil
	}
	maps, err := os.Open("/proc/self/smaps")
	if err != nil {
		return nil
	}
	defer func() { _ = maps.Close() }() // it was only read
	return cleanMappings(maps, exe)
}

// mapping is a range of addresses.
type mapping struct{ from, length uintptr }

// cleanMappings reads /proc/self/smaps (proc_pid_smaps(5)) for the read-only mappings of a
// file in which no page differs from the file. Where the linker has written (a program
// that is position independent), pages are this process's own and have to stay.
func cleanMappings(r io.Reader, exe string) []mapping {
	var out []mapping
	var now mapping
	mine := false
	for lines := bufio.NewScanner(r); lines.Scan(); {
		f := strings.Fields(lines.Text())
		switch {
		case len(f) >= 5 && strings.Contains(f[0], "-"):
			now, mine = header(f, exe)
		case mine && len(f) == 3 && f[0] == "Anonymous:" && f[1] == "0":
			out = append(out, now)
		}
	}
	return out
}

func header(f []string, exe string) (mapping, bool) {
	if len(f) != 6 || f[5] != exe || f[1] != "r-xp" && f[1] != "r--p" {
		return mapping{}, false
	}
	low, high, _ := strings.Cut(f[0], "-")
	a, err := strconv.ParseUint(low, 16, strconv.IntSize)
	b, err2 := strconv.ParseUint(high, 16, strconv.IntSize)
	return mapping{uintptr(a), uintptr(b - a)}, err == nil && err2 == nil && b > a
}
