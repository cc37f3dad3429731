package neterr

// scarce says what a host has run out of.
var scarce = map[string]string{
	"EMFILE": "file descriptors for this program (ulimit -n)", "ENFILE": "file descriptors",
	"ENOBUFS": "network buffers", "ENOMEM": "memory",
	"EADDRNOTAVAIL": "local ports", "EADDRINUSE": "local ports",
	"WSAEMFILE": "sockets for this program", "WSAENOBUFS": "network buffers or local ports",
	"WSAEADDRINUSE": "local ports", "WSAEADDRNOTAVAIL": "local ports",
}

// OutOfPorts tells whether a connection that was bound to no address of its own failed for
// want of a local port; a host without any address of the family gives the same errno.
func OutOfPorts(err error) bool {
	n := ErrnoName(err)
	return n == "EADDRNOTAVAIL" || n == "WSAEADDRNOTAVAIL"
}

// Scarce says in words what an error shows this host to have run out of.
func Scarce(err error) string { return ScarceBy(ErrnoName(err)) }

// ScarceBy does the same for the operating system's name of an error.
func ScarceBy(errno string) string {
	if s, ok := scarce[errno]; ok {
		return s
	}
	return "something it needs"
}
