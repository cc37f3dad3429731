package hop

import (
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// interfaceTable reads all addresses in one dump (rtnetlink(7), RTM_GETADDR). The standard
// library asks for all of them again for each interface. Names are not in it: to dump all links
// with their counters takes the kernel longer than all else here, and one or two are needed.
func interfaceTable() map[netip.Addr]link {
	dump, err := syscall.NetlinkRIB(syscall.RTM_GETADDR, syscall.AF_UNSPEC)
	if err != nil {
		return nil
	}
	messages, err := syscall.ParseNetlinkMessage(dump)
	if err != nil {
		return nil
	}
	out := map[netip.Addr]link{}
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
				out[a] = link{index: index}
			}
		}
	}
	return out
}

// named asks the kernel for the interface's name (netdevice(7), SIOCGIFNAME), which stays empty
// where the interface went meanwhile.
func (l link) named() link {
	request, err := unix.NewIfreq("")
	if err != nil || l.index == 0 {
		return l
	}
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return l
	}
	defer func() { _ = unix.Close(s) }()
	request.SetUint32(l.index)
	if unix.IoctlIfreq(s, unix.SIOCGIFNAME, request) == nil {
		l.name = request.Name()
	}
	return l
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
