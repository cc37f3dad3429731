package lab

import "net"

var listenConfig net.ListenConfig

// reservation does nothing on Windows, which has no way to share a number with a
// listener: a refused port can be taken by somebody else there.
type reservation struct{}

func reserve(*net.TCPAddr) (*reservation, error) { return nil, nil }

func (*reservation) release() {}
