package lab

import (
	"encoding/binary"
	"io"
	"net"
	"strconv"
	"time"
)

// SOCKS5 (RFC 1928) with user name and password (RFC 1929), as far as CONNECT.
const (
	socksVersion  = 5
	socksNoAuth   = 0
	socksPassword = 2
	socksNoMethod = 0xff
)

// Replies of RFC 1928 6.
const (
	socksOK          = 0
	socksNotAllowed  = 2
	socksUnreachable = 4
	socksCommand     = 7
	socksAddressType = 8
)

var socksFaults = []faultKind{
	{
		name: faultSOCKSRefuse, layer: layerSOCKS, arg: "the reply's code, 1 to 255 (2, not allowed)",
		about: "the request is refused with this code",
		check: between(1, 255),
	},
}

// faultSOCKSRefuse replaces the reply and leaves the rest to the proxy.
const faultSOCKSRefuse = "socks-refuse"

// serveSOCKS greets, authenticates, and tunnels.
func (x *proxy) serveSOCKS(nc net.Conn) {
	_ = nc.SetDeadline(time.Now().Add(handshakeLimit))
	if f, on := x.lab.faults.get(x.place, layerProxy); on && f.Name != faultConnectSlow {
		if c := socketOf(nc); c != nil && spoken(nc) {
			x.lab.journal.add(x.place, KindFault, "", f.String())
			kindOf(f).connect(f, c, "")
		}
		return
	}
	if !x.socksGreeting(nc) {
		linger(nc)
		return
	}
	target, reply := socksRequest(nc)
	x.lab.journal.add(x.place, KindRequest, "", "SOCKS5 CONNECT "+target)
	var up *net.TCPConn
	if f, on := x.lab.faults.get(x.place, layerSOCKS); on {
		x.lab.journal.add(x.place, KindFault, "", f.String())
		reply = f.number(socksNotAllowed)
	}
	if reply == socksOK {
		var err error
		if up, err = x.dial(target); err != nil {
			reply = socksUnreachable
		}
	}
	_, err := nc.Write([]byte{socksVersion, byte(reply), 0, 1, 0, 0, 0, 0, 0, 0})
	if up == nil {
		linger(nc)
		return
	}
	defer up.Close()
	if err == nil {
		_ = nc.SetDeadline(time.Time{})
		x.tunnel(x.lab.ctx, nc, up, target)
	}
}

// socksGreeting picks the method (RFC 1928 3) and checks the password.
func (x *proxy) socksGreeting(nc net.Conn) bool {
	head := make([]byte, 2)
	if _, err := io.ReadFull(nc, head); err != nil || head[0] != socksVersion {
		return false
	}
	methods := make([]byte, head[1])
	if _, err := io.ReadFull(nc, methods); err != nil {
		return false
	}
	want := byte(socksNoAuth)
	if len(x.schemes) > 0 {
		want = socksPassword
	}
	choice := byte(socksNoMethod)
	for _, m := range methods {
		if m == want {
			choice = want
		}
	}
	if _, err := nc.Write([]byte{socksVersion, choice}); err != nil || choice == socksNoMethod {
		return false
	}
	return want == socksNoAuth || socksPasswordGood(nc)
}

// socksPasswordGood is RFC 1929.
func socksPasswordGood(nc net.Conn) bool {
	version := make([]byte, 1)
	if _, err := io.ReadFull(nc, version); err != nil || version[0] != 1 {
		return false
	}
	user, err := socksText(nc)
	if err != nil {
		return false
	}
	password, err := socksText(nc)
	if err != nil {
		return false
	}
	good := user == ProxyUser && password == ProxyPassword
	status := byte(1)
	if good {
		status = 0
	}
	_, err = nc.Write([]byte{1, status})
	return good && err == nil
}

// socksText reads a length byte and so many bytes.
func socksText(nc net.Conn) (string, error) {
	n := make([]byte, 1)
	if _, err := io.ReadFull(nc, n); err != nil {
		return "", err
	}
	b := make([]byte, n[0])
	_, err := io.ReadFull(nc, b)
	return string(b), err
}

// socksRequest reads CONNECT (RFC 1928 4) and returns its target, or the reply
// that refuses it.
func socksRequest(nc net.Conn) (target string, reply int) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(nc, head); err != nil {
		return "", socksNotAllowed
	}
	if head[1] != 1 {
		return "", socksCommand
	}
	var host string
	switch head[3] {
	case 1, 4:
		ip := make([]byte, map[byte]int{1: 4, 4: 16}[head[3]])
		if _, err := io.ReadFull(nc, ip); err != nil {
			return "", socksNotAllowed
		}
		host = net.IP(ip).String()
	case 3:
		var err error
		if host, err = socksText(nc); err != nil {
			return "", socksNotAllowed
		}
	default:
		return "", socksAddressType
	}
	port := make([]byte, 2)
	if _, err := io.ReadFull(nc, port); err != nil {
		return "", socksNotAllowed
	}
	return net.JoinHostPort(host, strconv.Itoa(int(binary.BigEndian.Uint16(port)))), socksOK
}
