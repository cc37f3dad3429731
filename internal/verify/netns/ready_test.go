//go:build netns && linux

package netns

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"

	"edgenet/internal/ready"
	"edgenet/internal/verify/blackbox"
)

// aDevice builds a network with a device, or ends the test.
func aDevice(t *testing.T) *iotDevice {
	t.Helper()
	t.Parallel()
	if bench.why != "" {
		blackbox.Miss(t, bench.why)
	}
	return newDevice(newNetwork(t))
}

func listed(rows []ready.Row) string {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%-8s %-22s %s (%s) %s\n", r.Status, r.ID, r.Summary, r.Source, r.Needs)
	}
	return b.String()
}

// ofThisMachine are the rows that say what is true of the disk below the tests, and not of
// the device: how full it is, and that it is a container's.
func ofThisMachine(t *testing.T, id string) bool {
	t.Helper()
	var s syscall.Statfs_t
	if err := syscall.Statfs(bench.dir, &s); err != nil {
		t.Fatal(err)
	}
	const ext4, xfs, btrfs = 0xef53, 0x58465342, 0x9123683e
	disk := slices.Contains([]int64{ext4, xfs, btrfs}, int64(s.Type)) //nolint:unconvert // its size differs by machine
	return id == "disk.free" && s.Bavail*100 < s.Blocks*20 || id == "engine.storage-driver" && !disk
}

// noAlarm wants that nothing is wrong, but for the vendor's registry, which is not in these
// networks, and for what is true of this machine.
func noAlarm(t *testing.T, a ready.Answer) {
	t.Helper()
	for _, r := range a.Rows {
		if r.Status == ready.Unknown && r.Needs == "" {
			t.Errorf("%s does not say what it needs: %s", r.ID, r.Summary)
		}
		bad := r.Status == ready.Error || r.Status == ready.Warning
		if bad && r.ID != "registry.reachable" && !ofThisMachine(t, r.ID) {
			t.Errorf("%s is %s: %s (%s)", r.ID, r.Status, r.Summary, r.Source)
		}
	}
	if t.Failed() {
		t.Log("\n" + listed(a.Rows))
	}
	t.Logf("it took %d ms", a.DurationMs)
	if a.DurationMs > 5000 { // a second on a machine that does nothing else
		t.Errorf("it took %d ms", a.DurationMs)
	}
}

// TestReadyOnAHealthyDevice: the whole command, as root of a device whose hub, edgeHub,
// engine, name server and kernel are real or answer as real ones do.
func TestReadyOnAHealthyDevice(t *testing.T) {
	a := aDevice(t).ready()
	noAlarm(t, a)
	for _, r := range a.Rows {
		if r.Status == ready.Unknown {
			t.Errorf("root of the device does not see %s: %s (%s)", r.ID, r.Summary, r.Needs)
		}
	}
}

// TestReadyAsAnyUser: who may read nothing gets no false alarm, and sees edgeHub's
// certificate and the Edge CA behind it by TLS all the same.
func TestReadyAsAnyUser(t *testing.T) {
	d := aDevice(t)
	d.user = "65534:65534"
	a := d.ready()
	noAlarm(t, a)
	for _, id := range []string{"cert.hub-leaf", "cert.edge-ca"} {
		if !slices.ContainsFunc(a.Rows, func(r ready.Row) bool {
			return r.ID == id && r.Status == ready.OK && strings.Contains(r.Source, "TLS to ")
		}) {
			t.Errorf("%s was not seen by TLS:\n%s", id, listed(a.Rows))
		}
	}
}

// TestReadyLooksInside: what a module's own name server says, of a module that is a real
// process in a network of its own.
func TestReadyLooksInside(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*iotDevice)
		want   ready.Status
		says   string
	}{
		{"as on the host", func(d *iotDevice) {}, ready.OK, "resolve alike"},
		{"another name server that knows nothing", func(d *iotDevice) {
			d.module = d.n.ns("hub")
			d.n.etc("hub", "resolv.conf", "nameserver "+nameServer2+"\n")
			d.n.dnsmasqAt(nameServer2, "--address=/#/")
		}, ready.Error, "not in the modules' network"},
		{"a name server that does not answer", func(d *iotDevice) {
			d.module = d.n.ns("hub")
			d.n.etc("hub", "resolv.conf", "nameserver "+nameServer2+"\n")
		}, ready.Error, "not in the modules' network"},
		{"a proxy that the module's name server does not know", func(d *iotDevice) {
			d.module = d.n.ns("hub")
			d.proxy = "http://" + proxyName + ":3128"
			d.n.etc("hub", "resolv.conf", "nameserver "+nameServer2+"\n")
			d.n.dnsmasqAt(nameServer2, "--host-record="+hubName+","+hubAddress, "--address=/#/")
		}, ready.Error, proxyName + " resolves on the host"},
		{"without root", func(d *iotDevice) { d.user = "65534:65534" }, ready.Unknown, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := aDevice(t)
			tt.change(d)
			expect(t, d.ready("--offline"), "engine.dns", tt.want, tt.says)
		})
	}
}

// expect wants a row with a status and words.
func expect(t *testing.T, a ready.Answer, id string, s ready.Status, says string) {
	t.Helper()
	if !slices.ContainsFunc(a.Rows, func(r ready.Row) bool {
		return r.ID == id && r.Status == s && strings.Contains(r.Summary, says)
	}) {
		t.Errorf("no row %s is %s and says %q:\n%s", id, s, says, listed(a.Rows))
	}
}

// TestReadyOnABrokenDevice breaks the machine itself, for real, one thing at a time.
func TestReadyOnABrokenDevice(t *testing.T) {
	mount := func(lines ...string) func(*iotDevice) { return func(d *iotDevice) { d.mounts = lines } }
	for _, tt := range []struct {
		name, id string
		change   func(*iotDevice)
		want     ready.Status
		says     string
	}{
		{"a full disk", "disk.free", mount("mount -t tmpfs -o size=64m tmpfs var/lib/docker",
			"head -c 80m /dev/zero >var/lib/docker/image 2>/dev/null || true"), ready.Error,
			"0 bytes of 64.0 MiB are free"},
		{"no inode left", "disk.free", mount("mount -t tmpfs -o size=2g,nr_inodes=20 tmpfs var/lib/docker",
			"cd var/lib/docker", "touch $(seq 40) 2>/dev/null || true", "cd ../../.."), ready.Error,
			"0 of 20 inodes are free"},
		{"images in memory", "engine.storage-driver", mount("mount -t tmpfs -o size=2g tmpfs var/lib/docker"),
			ready.Error, "on tmpfs"},
		{"a modem's MTU", "engine.mtu", func(d *iotDevice) {
			d.n.must("ip", "-n", d.n.ns("cli"), "link", "set", "out", "mtu", "1280")
		}, ready.Warning, "one of 1280"},
		{"no default route", "engine.mtu", func(d *iotDevice) {
			d.n.must("ip", "-n", d.n.ns("cli"), "route", "del", "default")
		}, ready.Unknown, ""},
		{"a route that the modules' network covers", "engine.network", func(d *iotDevice) {
			d.n.must("ip", "-n", d.n.ns("cli"), "route", "add", "198.51.100.0/25", "via", fwAddress)
		}, ready.Error, "198.51.100.0/25"},
		{"a hostname that leads elsewhere", "host.name", func(d *iotDevice) {
			d.write("etc/hosts", "127.0.0.1 localhost\n203.0.113.9 "+edgeName+"\n")
		}, ready.Warning, "not this host"},
		{"no name server", "host.name", func(d *iotDevice) {
			d.write("etc/hosts", "127.0.0.1 localhost\n")
			d.write("etc/resolv.conf", "nameserver "+nameServer2+"\noptions timeout:1 attempts:1\n")
		}, ready.Unknown, ""},
		{"a parent that is nowhere", "nested", func(d *iotDevice) {
			d.write("etc/aziot/config.toml", "parent_hostname = \"parent.test\"\nhostname = \""+edgeName+"\"\n")
		}, ready.Error, "no address"},
		{"Docker 29", "engine.api", func(d *iotDevice) { d.engine = "1.44" }, ready.Warning, "1.44"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := aDevice(t)
			tt.change(d)
			expect(t, d.ready("--offline"), tt.id, tt.want, tt.says)
		})
	}
}

// TestReadyBehindAFirewall: what a firewall drops is the network's error, and the registry's.
func TestReadyBehindAFirewall(t *testing.T) {
	d := aDevice(t)
	d.n.firewall("meta l4proto tcp drop")
	a := d.ready()
	expect(t, a, "upstream", ready.Error, "No UpstreamProtocol works")
	expect(t, a, "registry.reachable", ready.Error, "does not answer")
	if a.Verdict.First != "upstream" {
		t.Errorf("%s comes first", a.Verdict.First)
	}
}
