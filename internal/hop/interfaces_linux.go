package hop

import (
	"net"
	"net/netip"
	"syscall"
	"unsafe"
)

// interfaceTable reads all addresses in one dump (rtnetlink(7), RTM_GETADDR). The standard
// library asks for all of them again for each interface.
func interfaceTable() map[netip.Addr]string {
	links, err := net.Interfaces()
	if err != nil {
		return nil
	}
	names := make(map[uint32]string, len(links))
	for _, l := range links {
		names[uint32(l.Index)] = l.Name
	}
	dump, err := syscall.NetlinkRIB(syscall.RTM_GETADDR, syscall.AF_UNSPEC)
	if err != nil {
		return nil
	}
	messages, err := syscall.ParseNetlinkMessage(dump)
	if err != nil {
		return nil
	}
	out := map[netip.Addr]string{}
	for i := range messages {
		m := &messages[i]
		if m.Header.Type != syscall.RTM_NEWADDR || len(m.Data) < syscall.SizeofIfAddrmsg {
			continue
		}
		index := (*syscall.IfAddrmsg)(unsafe.Pointer(&m.Data[0])).Index
		attributes, err := syscall.ParseNetlinkRouteAttr(m)
		if err != nil {
			continue
		}
		if a, ok := ownAddress(attributes); ok {
			if _, first := out[a]; !first {
				out[a] = names[index]
			}
		}
	}
	return out
}

// ownAddress is this host's end: IFA_LOCAL where there is one, as on a link with a peer.
func ownAddress(attributes []syscall.NetlinkRouteAttr) (a netip.Addr, ok bool) {
	for _, x := range attributes {
		if x.Attr.Type == syscall.IFA_LOCAL || x.Attr.Type == syscall.IFA_ADDRESS && !ok {
			if got, is := netip.AddrFromSlice(x.Value); is {
				a, ok = got.Unmap(), true
			}
		}
	}
	return a, ok
}
