package hop

import (
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"edgenet/report"
)

// silentNeighbour asks the kernel for the next hop to an address, and whether anybody
// answers there.
func silentNeighbour(remote, local netip.Addr) *report.Neighbour {
	next, link, ok := nextHop(remote.Unmap(), local.Unmap())
	if !ok {
		return nil
	}
	state, ok := neighbourState(next, link)
	if !ok {
		return nil
	}
	ifi, err := net.InterfaceByIndex(link)
	if err != nil {
		return nil
	}
	n := &report.Neighbour{Address: next.String(), Link: report.Clean(ifi.Name, 40), State: state,
		Gateway: next != remote.Unmap()}
	if info, err := os.Stat(filepath.Join("/sys/class/net", ifi.Name, "bridge")); err == nil && info.IsDir() {
		n.Bridge = bridgeOf(ifi.Name)
	}
	return n
}

// nextHop asks for the route to an address (RTM_GETROUTE, rtnetlink(7)).
func nextHop(remote, local netip.Addr) (next netip.Addr, link int, ok bool) {
	family := byte(unix.AF_INET)
	if remote.Is6() {
		family = unix.AF_INET6
	}
	bits := byte(remote.BitLen())
	body := []byte{family, bits, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	body = append(body, attribute(unix.RTA_DST, remote.AsSlice())...)
	if local.IsValid() && !local.IsUnspecified() && local.Is4() == remote.Is4() {
		body[2] = bits
		body = append(body, attribute(unix.RTA_SRC, local.AsSlice())...)
	}
	msgs, err := askKernel(unix.RTM_GETROUTE, unix.NLM_F_REQUEST, body)
	if err != nil {
		return next, 0, false
	}
	for _, m := range msgs {
		attrs, err := syscall.ParseNetlinkRouteAttr(&m)
		if m.Header.Type != unix.RTM_NEWROUTE || err != nil {
			continue
		}
		next = remote
		for _, a := range attrs {
			switch a.Attr.Type {
			case unix.RTA_OIF:
				if len(a.Value) == 4 {
					link = int(binary.NativeEndian.Uint32(a.Value))
				}
			case unix.RTA_GATEWAY:
				if g, ok := netip.AddrFromSlice(a.Value); ok {
					next = g
				}
			}
		}
		return next, link, link > 0
	}
	return next, 0, false
}

// neighbourState gives the state of an address that is asked for on a link and does not
// answer; false where it answers, or where nobody asked.
func neighbourState(a netip.Addr, link int) (string, bool) {
	family := unix.AF_INET
	if a.Is6() {
		family = unix.AF_INET6
	}
	rib, err := syscall.NetlinkRIB(unix.RTM_GETNEIGH, family)
	if err != nil {
		return "", false
	}
	msgs, err := syscall.ParseNetlinkMessage(rib)
	if err != nil {
		return "", false
	}
	for _, m := range msgs {
		const header = 12 // struct ndmsg
		if m.Header.Type != unix.RTM_NEWNEIGH || len(m.Data) < header ||
			int(binary.NativeEndian.Uint32(m.Data[4:])) != link {
			continue
		}
		if !hasAttribute(m.Data[header:], unix.NDA_DST, a.AsSlice()) {
			continue
		}
		switch state := binary.NativeEndian.Uint16(m.Data[8:]); {
		case state&unix.NUD_FAILED != 0:
			return "failed", true
		case state&unix.NUD_INCOMPLETE != 0:
			return "incomplete", true
		}
	}
	return "", false
}

// attribute is a route attribute (struct rtattr), padded to four bytes.
func attribute(kind uint16, value []byte) []byte {
	out := binary.NativeEndian.AppendUint16(nil, uint16(4+len(value)))
	out = binary.NativeEndian.AppendUint16(out, kind)
	out = append(out, value...)
	return append(out, make([]byte, (4-len(out)%4)%4)...)
}

// hasAttribute tells whether attributes hold one of that kind and value.
func hasAttribute(p []byte, kind uint16, value []byte) bool {
	for len(p) >= 4 {
		n := int(binary.NativeEndian.Uint16(p))
		if n < 4 || n > len(p) {
			return false
		}
		if binary.NativeEndian.Uint16(p[2:]) == kind && string(p[4:n]) == string(value) {
			return true
		}
		p = p[min((n+3)&^3, len(p)):]
	}
	return false
}

// askKernel sends one request to the routing socket and reads its answer.
func askKernel(kind, flags uint16, body []byte) ([]syscall.NetlinkMessage, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, err
	}
	defer func() { _ = unix.Close(fd) }()
	_ = unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 1})
	msg := binary.NativeEndian.AppendUint32(nil, uint32(unix.SizeofNlMsghdr+len(body)))
	msg = binary.NativeEndian.AppendUint16(msg, kind)
	msg = binary.NativeEndian.AppendUint16(msg, flags)
	msg = append(msg, make([]byte, 8)...) // sequence and port: one question, one answer
	if err := unix.Sendto(fd, append(msg, body...), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, err
	}
	buf := make([]byte, 8<<10)
	n, _, err := unix.Recvfrom(fd, buf, 0)
	if err != nil {
		return nil, err
	}
	return syscall.ParseNetlinkMessage(buf[:n])
}
