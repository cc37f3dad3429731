package outfile

import (
	"errors"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// step is a system call: its number, and its arguments in their order. The types are those
// of the calls that are used here: linkat, renameat2, unlinkat, write, lseek and ftruncate.
type step struct {
	number uintptr
	a      int
	p      unsafe.Pointer
	n      uintptr // in place of p, where that argument is a number
	b      int
	q      unsafe.Pointer
	c      uintptr
	want   uintptr // what it has to give; zero means that no error is enough
}

// errAlone is the error of a system that does not let a process be made.
var errAlone = errors.New("no process of its own")

// short is the exit code of a step that did less than it was asked to. No errno is 255.
const short = 255

// unkilled does system calls in a process of their own, which has this one's memory and
// files as they are: a SIGKILL that hits this process between two of the calls, or in the
// middle of one, does not hit that one, and all is done or nothing. A session of its own
// keeps it out of what is sent to the terminal's group. What fails is undone.
func unkilled(steps, undo []step) error {
	runtime.LockOSThread() // signals are blocked for this thread
	defer runtime.UnlockOSThread()
	var all, before unix.Sigset_t
	for i := range all.Val {
		all.Val[i] = ^all.Val[i]
	}
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &all, &before); err != nil {
		return errAlone
	}
	pid, failed := split(steps, undo)
	_ = unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil) // what was in force before
	if failed != 0 {
		return errAlone
	}
	var status unix.WaitStatus
	for {
		_, err := unix.Wait4(pid, &status, unix.WALL, nil)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return err
		}
		break
	}
	switch code := status.ExitStatus(); {
	case code == 0:
		return nil
	case code > 0 && code != short:
		return syscall.Errno(code)
	}
	return errShort
}

// errShort is the error of a step that was cut off.
var errShort = errors.New("written in part")

// split makes the process. In it nothing but system calls may happen: it has this one
// thread, and none of those that Go's memory and schedule rest on.
//
//go:noinline
//go:norace
func split(steps, undo []step) (pid int, failed syscall.Errno) {
	r, _, e := syscall.RawSyscall6(syscall.SYS_CLONE, 0, 0, 0, 0, 0, 0) // no signal at its end: it is waited for
	if e != 0 || r != 0 {
		return int(r), e
	}
	syscall.RawSyscall(syscall.SYS_SETSID, 0, 0, 0)
	code := uintptr(0)
	for i := range steps {
		s := &steps[i]
		r, _, e := syscall.RawSyscall6(s.number, uintptr(s.a), uintptr(s.p)+s.n, uintptr(s.b), uintptr(s.q), s.c, 0)
		if code = uintptr(e); e == 0 && s.want != 0 && r != s.want {
			code = short
		}
		if code == 0 {
			continue
		}
		if i > 0 {
			for i := range undo {
				s := &undo[i]
				syscall.RawSyscall6(s.number, uintptr(s.a), uintptr(s.p)+s.n, uintptr(s.b), uintptr(s.q), s.c, 0)
			}
		}
		break
	}
	for {
		syscall.RawSyscall(syscall.SYS_EXIT_GROUP, code, 0, 0)
	}
}

// moved links an open file to a name and renames that, as one.
func moved(from, name, path string) error {
	var p [3]*byte
	for i, text := range []string{from, name, path} {
		var err error
		if p[i], err = unix.BytePtrFromString(text); err != nil {
			return err
		}
	}
	at := func(number uintptr, from, to *byte, flags uintptr) step {
		return step{number: number, a: unix.AT_FDCWD, p: unsafe.Pointer(from), b: unix.AT_FDCWD,
			q: unsafe.Pointer(to), c: flags}
	}
	return unkilled([]step{
		at(unix.SYS_LINKAT, p[0], p[1], unix.AT_SYMLINK_FOLLOW),
		at(unix.SYS_RENAMEAT2, p[1], p[2], 0),
	}, []step{{number: unix.SYS_UNLINKAT, a: unix.AT_FDCWD, p: unsafe.Pointer(p[1])}})
}

// added writes at the end of an open file, as one.
func added(fd int, text []byte) error {
	if len(text) == 0 {
		return nil
	}
	return unkilled([]step{{number: unix.SYS_WRITE, a: fd, p: unsafe.Pointer(&text[0]), b: len(text),
		want: uintptr(len(text))}}, nil)
}

// rewritten puts a text in place of what an open file holds, as one. A disk that has no room
// for it leaves what was there.
func rewritten(fd int, text, before []byte) error {
	whole := func(text []byte) []step {
		steps := []step{{number: unix.SYS_LSEEK, a: fd}}
		if len(text) > 0 {
			steps = append(steps, step{number: unix.SYS_WRITE, a: fd, p: unsafe.Pointer(&text[0]), b: len(text),
				want: uintptr(len(text))})
		}
		return append(steps, step{number: unix.SYS_FTRUNCATE, a: fd, n: uintptr(len(text))})
	}
	var undo []step
	if before != nil {
		undo = whole(before)
	}
	return unkilled(whole(text), undo)
}
