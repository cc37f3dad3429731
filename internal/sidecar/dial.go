package sidecar

import (
	"context"
	"net"
)

// dial connects to edgeHub where EDGENET_CONNECT_TO says.
func (o Options) dial(ctx context.Context, host string, port int) (net.Conn, error) {
	var d net.Dialer
	return d.DialContext(ctx, "tcp", o.hostPort(host, port))
}
