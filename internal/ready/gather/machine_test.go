package gather

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// machine is the host below the fixture's device: what its programs print, what its
// resolver says, and how full its file systems are.
type machine struct {
	prints map[string]string     // what a program prints, by its name; a missing one is not installed
	names  map[string]string     // addresses by name; "fail" is a server that has trouble of its own
	disks  map[string]FileSystem // by the beginning of a path; the longest counts
	closed []string              // beginnings of paths that may not be entered
}

// sound is a machine that nothing is wrong with.
func sound() machine {
	unit := func(name, state string) string {
		return "Id=" + name + "\nLoadState=loaded\nUnitFileState=" + state +
			"\nActiveState=active\nNRestarts=0\nExecMainStatus=0\n\n"
	}
	return machine{
		prints: map[string]string{
			"systemctl": unit("aziot-edged.service", "enabled") + unit("aziot-identityd.service", "enabled") +
				unit("aziot-keyd.socket", "enabled") + unit("docker.service", "enabled"),
			"timedatectl": "Timezone=Etc/UTC\nNTP=yes\nNTPSynchronized=yes\n",
		},
		names: map[string]string{"gw.plant.test": "127.0.0.1", "parent.plant.test": "203.0.113.7"},
		disks: map[string]FileSystem{"/": {ID: "1", Type: "ext4", FreeBytes: 50 << 30, TotalBytes: 100 << 30,
			FreeInodes: 900, Inodes: 1000}},
	}
}

// files are what the kernel of the machine tells.
func (machine) files() map[string]string {
	return map[string]string{
		"proc/meminfo": "MemTotal:        8388608 kB\n",
		"proc/net/route": "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n" +
			"eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n",
		"proc/net/tcp":            "  sl  local_address rem_address   st\n",
		"sys/class/net/eth0/mtu":  "1500\n",
		"sys/class/rtc/rtc0/name": "rtc_cmos\n",
		"etc/resolv.conf":         "nameserver 192.0.2.53\n",
	}
}

// options asks this machine.
func (m machine) options(t testing.TB) Machine {
	t.Helper()
	return Machine{Run: m.run, Resolver: m.resolver(t), StatFS: m.statFS}
}

func (m machine) run(_ context.Context, name string, _ ...string) (string, error) {
	if text, ok := m.prints[name]; ok {
		return text, nil
	}
	return "", errors.New(name + " is not installed")
}

func (m machine) statFS(path string) (FileSystem, error) {
	if slices.ContainsFunc(m.closed, func(p string) bool { return strings.HasPrefix(path, p) }) {
		return FileSystem{}, &fs.PathError{Op: "statfs", Path: path, Err: fs.ErrPermission}
	}
	best := ""
	for p := range m.disks {
		if strings.HasPrefix(path, p) && len(p) > len(best) {
			best = p
		}
	}
	return m.disks[best], nil
}

// resolver asks a name server of loopback that knows the machine's names.
func (m machine) resolver(t testing.TB) *net.Resolver {
	t.Helper()
	packets, err := net.ListenPacket("udp", "127.0.0.1:0") //nolint:noctx // it is there at once
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	s := &dns.Server{PacketConn: packets, Handler: dns.HandlerFunc(m.answer)}
	go func() { defer close(done); _ = s.ActivateAndServe() }()
	t.Cleanup(func() { _ = packets.Close(); <-done })
	address := packets.LocalAddr().String()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		d := net.Dialer{Timeout: time.Second}
		return d.DialContext(ctx, "udp", address)
	}}
}

func (m machine) answer(w dns.ResponseWriter, q *dns.Msg) {
	r := new(dns.Msg).SetReply(q)
	name := strings.TrimSuffix(q.Question[0].Name, ".")
	switch a := m.names[name]; {
	case a == "fail":
		r.Rcode = dns.RcodeServerFailure
	case a == "":
		r.Rcode = dns.RcodeNameError
	case q.Question[0].Qtype == dns.TypeA:
		rr, err := dns.NewRR(fmt.Sprintf("%s. 60 IN A %s", name, a))
		if err == nil {
			r.Answer = append(r.Answer, rr)
		}
	}
	_ = w.WriteMsg(r)
}
