//go:build netns && linux

package netns

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"edgenet/internal/iothub"
	"edgenet/internal/secret"
	"edgenet/internal/verify/blackbox"
)

// The addresses, the same in every network:
//
//	cli 10.66.1.2 --- 10.66.1.1 fw 10.66.9.1 --- 10.66.9.2 isp 10.66.2.1 --- 10.66.2.2 hub
//	fd66:1::2                   |  fd66:9::1     fd66:9::2     fd66:2::1     fd66:2::2
//	                            +- 10.66.3.1 --- 10.66.3.2 site (proxy), 10.66.3.53 and .54 (name servers)
const (
	fwAddress    = "10.66.1.1"
	ispAddress   = "10.66.9.2"
	hubAddress   = "10.66.2.2"
	hubAddress6  = "fd66:2::2"
	siteAddress  = "10.66.3.2"
	nameServer   = "10.66.3.53"
	nameServer2  = "10.66.3.54"
	proxyAddress = siteAddress + ":3128"
	proxyURL     = "http://" + proxyAddress
)

// The names that the name server knows.
const (
	hubName    = "lab.azure-devices.test" // the lab's own
	proxyName  = "proxy.netns.test"
	parentName = "parent.netns.test"
	azureName  = "edgenet-netns.azure-devices.net"
)

// roles are the namespaces of a network.
var roles = []string{"cli", "fw", "isp", "hub", "site"}

// network is one case's own.
type network struct {
	t      testing.TB
	prefix string
	dir    string
	ca     string   // the lab's, once it runs
	env    []string // of the client's commands
	device string   // the lab's, as a connection string
}

var lastNetwork atomic.Uint32

// newNetwork builds a network in which everything works, and nothing listens yet.
func newNetwork(t testing.TB) *network {
	t.Helper()
	n := &network{t: t, prefix: fmt.Sprintf("edgenet%dx%d", os.Getpid(), lastNetwork.Add(1))}
	dir, err := os.MkdirTemp(bench.dir, "net-")
	if err != nil {
		t.Fatal(err)
	}
	n.dir = dir
	if err := os.Chmod(dir, 0o777); err != nil { //nolint:gosec // squid drops root
		t.Fatal(err)
	}
	t.Cleanup(n.remove)
	for _, r := range roles {
		n.must("ip", "netns", "add", n.ns(r))
		n.in(r, "sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0",
			"net.ipv4.icmp_ratelimit=0", "net.ipv6.icmp.ratelimit=0")
		n.must("ip", "-n", n.ns(r), "link", "set", "lo", "up")
		n.etc(r, "resolv.conf", "nameserver "+nameServer+"\n")
		n.etc(r, "hosts", "127.0.0.1 localhost\n::1 localhost\n")
	}
	n.veth("cli", "fw", 1)
	n.veth("site", "fw", 3)
	n.veth("isp", "fw", 9)
	n.veth("hub", "isp", 2)
	for _, a := range []string{nameServer, nameServer2} {
		n.must("ip", "-n", n.ns("site"), "addr", "add", a+"/24", "dev", "out")
	}
	for _, r := range []string{"fw", "isp"} {
		n.in(r, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1",
			"net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0")
	}
	n.must("ip", "-n", n.ns("fw"), "route", "add", "10.66.2.0/24", "via", ispAddress)
	n.must("ip", "-n", n.ns("fw"), "-6", "route", "add", "fd66:2::/64", "via", "fd66:9::2")
	n.nft("fw", "table inet f {\n chain forward { type filter hook forward priority 0; }\n}")
	n.awaitLinks()
	return n
}

func (n *network) ns(role string) string { return n.prefix + "-" + role }

// veth ties a role to a router as network number i; the role's end is out, the router's
// is named after the role.
func (n *network) veth(role, router string, i int) {
	n.t.Helper()
	down := fmt.Sprintf("to%s", role)
	n.must("ip", "link", "add", "out", "netns", n.ns(role), "type", "veth", "peer", "name", down, "netns", n.ns(router))
	for _, end := range []struct {
		role, dev string
		last      int
	}{{role, "out", 2}, {router, down, 1}} {
		n.must("ip", "-n", n.ns(end.role), "addr", "add", fmt.Sprintf("10.66.%d.%d/24", i, end.last), "dev", end.dev)
		n.must("ip", "-n", n.ns(end.role), "-6", "addr", "add", fmt.Sprintf("fd66:%d::%d/64", i, end.last), "dev",
			end.dev, "nodad")
		n.must("ip", "-n", n.ns(end.role), "link", "set", end.dev, "up")
	}
	n.must("ip", "-n", n.ns(role), "route", "add", "default", "via", fmt.Sprintf("10.66.%d.1", i))
	n.must("ip", "-n", n.ns(role), "-6", "route", "add", "default", "via", fmt.Sprintf("fd66:%d::1", i))
}

// awaitLinks waits until every link is seen as up: a veth answers no IPv6 neighbour
// solicitation before, and the kernel looks once a second.
func (n *network) awaitLinks() {
	n.t.Helper()
	until := time.Now().Add(5 * time.Second)
	for _, r := range roles {
		for {
			out, err := exec.Command("ip", "-n", n.ns(r), "-br", "link").Output() //nolint:gosec // names from this file
			if err == nil && !bytes.Contains(out, []byte(" DOWN ")) && !bytes.Contains(out, []byte("LOWERLAYERDOWN")) {
				break
			}
			if time.Now().After(until) {
				n.t.Fatalf("links of %s do not come up: %s %v", r, out, err)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// remove takes everything away, whatever state it is in; processes ended before.
func (n *network) remove() {
	for _, r := range roles {
		_ = exec.Command("ip", "netns", "del", n.ns(r)).Run() //nolint:gosec // may never have been made
		_ = os.RemoveAll(filepath.Join("/etc/netns", n.ns(r)))
	}
	_ = os.Remove("/etc/netns") // where nobody else uses it
}

// etc writes a file that processes of the role see below /etc.
func (n *network) etc(role, name, text string) {
	n.t.Helper()
	dir := filepath.Join("/etc/netns", n.ns(role))
	if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil { //nolint:gosec // as /etc is
		n.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil { //nolint:gosec // as /etc is
		n.t.Fatal(err)
	}
}

func (n *network) must(line ...string) {
	n.t.Helper()
	if out, err := exec.Command(line[0],
		line[1:]...).CombinedOutput(); err != nil { //nolint:gosec // lines from this package
		n.t.Fatalf("%s: %v\n%s", strings.Join(line, " "), err, out)
	}
}

// in runs a command in a role.
func (n *network) in(role string, line ...string) {
	n.t.Helper()
	n.must(append([]string{"ip", "netns", "exec", n.ns(role)}, line...)...)
}

// nft feeds a text to nft in a role.
func (n *network) nft(role, text string) {
	n.t.Helper()
	cmd := exec.Command("ip", "netns", "exec", n.ns(role), "nft", "-f", "-") //nolint:gosec // names from this file
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil {
		n.t.Fatalf("nft: %v\n%s\n%s", err, out, text)
	}
}

// firewall adds a rule to what is forwarded.
func (n *network) firewall(rule string) {
	n.t.Helper()
	n.nft("fw", "add rule inet f forward "+rule)
}

// start starts a server in a role.
func (n *network) start(role string, line ...string) *blackbox.Process {
	n.t.Helper()
	return blackbox.Start(n.t, nil, append([]string{"ip", "netns", "exec", n.ns(role)}, line...)...)
}

// startTime is what the slowest server (mitmproxy, in Python) may take on a busy machine.
const startTime = time.Minute

// listens waits until something in the role listens on a port.
func (n *network) listens(p *blackbox.Process, role, kind, address string) {
	n.t.Helper()
	p.Await(n.t, startTime, "listening on "+address, func() bool {
		out, err := exec.Command("ip", "netns", "exec", n.ns(role), "ss", "-Hln",
			kind).Output() //nolint:gosec // names from this file
		return err == nil && bytes.Contains(out, []byte(" "+address+" "))
	})
}

// ---- what stands in a network

// lab is the project's own hub on the standard ports of the hub's address.
func (n *network) lab(faults ...string) {
	n.t.Helper()
	dir := filepath.Join(n.dir, "lab")
	if err := os.Mkdir(dir, 0o755); err != nil { //nolint:gosec // a certificate
		n.t.Fatal(err)
	}
	line := []string{bench.edgenet.Path, "lab", "--standard-ports", "--listen", hubAddress, "--dir", dir, "--json"}
	for _, f := range faults {
		line = append(line, "--fault", f)
	}
	p := n.start("hub", line...)
	p.Await(n.t, 10*time.Second, "up", func() bool { return json.Valid([]byte(p.Log())) })
	n.ca = filepath.Join(dir, "ca.pem")
	var info struct{ Device string }
	if err := json.Unmarshal([]byte(p.Log()), &info); err != nil {
		n.t.Fatal(err)
	}
	n.device = info.Device
}

// identity writes the connection string that a case asks for by a word.
func (n *network) identity(word string) string {
	n.t.Helper()
	device := n.device
	cs, err := iothub.ParseConnectionString("HostName=" + hubName +
		";DeviceId=any;SharedAccessKey=d3Jvbmcga2V5IG9mIG5vYm9keQ==")
	if err == nil && device != "" {
		cs, err = iothub.ParseConnectionString(device)
	}
	if err != nil {
		n.t.Fatal(err)
	}
	switch word {
	case "DEVICE-WRONG":
		cs.SharedAccessKey = secret.New("d3Jvbmcga2V5IG9mIG5vYm9keQ==")
	case "DEVICE-EXPIRED":
		sign, err := iothub.KeySigner(cs.SharedAccessKey)
		if err != nil {
			n.t.Fatal(err)
		}
		if cs.SharedAccessSignature, err = iothub.NewToken(iothub.DeviceResource(cs.HostName, cs.DeviceID, ""), "",
			time.Now().Add(-time.Hour), sign); err != nil {
			n.t.Fatal(err)
		}
		cs.SharedAccessKey = secret.Value{}
	}
	return n.write(word+".txt", cs.Reveal().Reveal())
}

// dnsmasq is a name server without an upstream.
func (n *network) dnsmasq(options ...string) {
	n.t.Helper()
	n.dnsmasqAt(nameServer, options...)
}

func (n *network) dnsmasqAt(address string, options ...string) *blackbox.Process {
	n.t.Helper()
	line := append([]string{"dnsmasq", "-k", "-C", "/dev/null", "--no-resolv", "--no-hosts", "--user=root",
		"--pid-file=", "--bind-interfaces", "--listen-address=" + address}, options...)
	p := n.start("site", line...)
	n.listens(p, "site", "-u", address+":53")
	return p
}

// public is a name server that leads the public name to the hub's address as well.
func (n *network) public() {
	n.t.Helper()
	n.dnsmasq("--host-record="+hubName+","+hubAddress, "--host-record="+azureName+","+hubAddress, "--host-record="+
		parentName+","+hubAddress, "--host-record="+proxyName+","+siteAddress, "--address=/#/")
}

// names is the name server of a site where everything works.
func (n *network) names() {
	n.t.Helper()
	n.dnsmasq("--host-record="+hubName+","+hubAddress, "--host-record="+proxyName+","+siteAddress, "--address=/#/")
}

// names6 knows IPv6 addresses as well.
func (n *network) names6() {
	n.t.Helper()
	n.dnsmasq("--host-record="+hubName+","+hubAddress+","+hubAddress6, "--address=/#/")
}

// unbound asks another name server for everything, and fails where that one refuses.
func (n *network) unbound() {
	n.t.Helper()
	n.listens(n.start("site", "dnsmasq", "-k", "-C", "/dev/null", "--no-resolv", "--no-hosts", "--user=root",
		"--pid-file=", "--bind-interfaces", "--listen-address="+siteAddress, "--port=5353"),
		"site", "-u", siteAddress+":5353")
	conf := "server:\n interface: " + nameServer + "\n access-control: 10.66.0.0/16 allow\n do-daemonize: no\n " +
		"username: \"\"\n chroot: \"\"\n pidfile: \"\"\n use-syslog: no\n module-config: iterator\n" +
		"remote-control:\n control-enable: no\nforward-zone:\n name: \".\"\n forward-addr: " + siteAddress + "@5353\n"
	n.listens(n.start("site", "unbound", "-d", "-c", n.write("unbound.conf", conf)), "site", "-u", nameServer+":53")
}

// squid is the site's proxy, which allows 443 alone.
func (n *network) squid(lines ...string) {
	n.t.Helper()
	n.squidAt("http_port "+proxyAddress, lines...)
}

func (n *network) squidAt(port string, lines ...string) {
	n.t.Helper()
	n.squidIn("site", proxyAddress, port, lines...)
}

// squidIn is squid in a role; the address is waited for.
func (n *network) squidIn(role, address, port string, lines ...string) {
	n.t.Helper()
	conf := append([]string{port, "visible_hostname squid.test", "pid_filename none", "access_log none", "cache_log " +
		n.dir + "/cache.log", "coredump_dir " + n.dir,
		"cache deny all", "cache_mem 1 MB", "shutdown_lifetime 0 seconds", "netdb_filename none", "pinger_enable off",
		"acl tls port 443"}, lines...)
	conf = append(conf, "http_access deny CONNECT !tls", "http_access allow all")
	p := n.start(role, "squid", "-N", "-n", n.prefix, "-f", n.write("squid.conf", strings.Join(conf, "\n")+"\n"))
	n.listens(p, role, "-t", address)
}

func (n *network) write(name, text string) string {
	n.t.Helper()
	path := filepath.Join(n.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil { //nolint:gosec // configuration
		n.t.Fatal(err)
	}
	return path
}

// check runs the command as the client.
func (n *network) check(ctx context.Context, args ...string) *blackbox.Outcome {
	n.t.Helper()
	if n.ca != "" {
		args = append([]string{"--ca-file", n.ca}, args...)
	}
	o, err := bench.edgenet.In(append([]string{"ip", "netns", "exec", n.ns("cli"), "env"}, n.env...)...).Check(ctx,
		args...)
	if err != nil {
		n.t.Fatal(err)
	}
	return o
}

var leftover = regexp.MustCompile(`(?m)^(edgenet(\d+)x\d+-[a-z]+)\b`)

// sweep takes away what a run left behind that was killed: namespaces of processes
// that are no more, and what still runs inside them.
func sweep() {
	list, err := exec.Command("ip", "netns", "list").Output()
	if err != nil {
		return
	}
	for _, m := range leftover.FindAllStringSubmatch(string(list), -1) {
		if _, err := os.Stat("/proc/" + m[2]); err == nil {
			continue
		}
		pids, _ := exec.Command("ip", "netns", "pids", m[1]).Output() //nolint:gosec // a name of this package's form
		for pid := range strings.FieldsSeq(string(pids)) {
			if n, err := strconv.Atoi(pid); err == nil {
				_ = syscall.Kill(n, syscall.SIGKILL)
			}
		}
		_ = exec.Command("ip", "netns", "del", m[1]).Run() //nolint:gosec // see above
		_ = os.RemoveAll(filepath.Join("/etc/netns", m[1]))
	}
}

// outside makes sure that the addresses of the networks exist nowhere on this machine.
func outside() error {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return err
	}
	_, ours, _ := net.ParseCIDR("10.66.0.0/16")
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && ours.Contains(n.IP) {
			return fmt.Errorf("this machine has %s itself: a mistake in a test could reach it", n)
		}
	}
	return nil
}
