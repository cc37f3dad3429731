package hop

import (
	"os"
	"syscall"
)

// bindDevice ties a socket to an interface (SO_BINDTODEVICE, socket(7); without
// privileges since Linux 5.7), so that the route cannot lead it elsewhere.
func bindDevice(fd int, name string) error {
	if name == "" {
		return nil
	}
	return os.NewSyscallError("bind to interface "+name, syscall.SetsockoptString(fd, syscall.SOL_SOCKET,
		syscall.SO_BINDTODEVICE, name))
}
