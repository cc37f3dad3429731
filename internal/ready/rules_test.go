package ready

import (
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/report"
)

// now is the day of all tests: 1.5 has just gone out of support.
var now = day(2026, 11, 28)

func ptr[T any](v T) *T { return &v }

// healthy is a device that nothing is wrong with.
func healthy() *Facts {
	hub := Container{Name: "edgeHub", Image: "mcr.test/azureiotedge-hub:1.6.1", Log: LogConfig{Driver: "local"},
		Env:    map[string]string{"storageFolder": "/store"},
		Mounts: []Mount{{Type: "bind", Source: "/srv/hub", Destination: "/store", OwnerUID: ptr(HubUID)}},
		Ports:  []Port{{Host: 8883, Container: 8883}}}
	agent := Container{Name: "edgeAgent", Image: "mcr.test/azureiotedge-agent:1.6.1",
		Log: LogConfig{Driver: "json-file", MaxSize: "10m"}, Env: map[string]string{"StorageFolder": "/store"},
		Mounts: []Mount{{Type: "volume", Source: "agent", Destination: "/store"}}}
	module := Container{Name: "filter", Image: "r.test/filter:1.2.3", Log: LogConfig{Driver: "journald"},
		MemoryLimit: 64 << 20}
	ca := Cert{Subject: "CN=Plant CA", CommonName: "Plant CA", IssuerCN: "Contoso Root",
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0), IsCA: true, CanSign: true}
	leaf := Cert{CommonName: "gw.plant.test", Names: []string{"gw.plant.test", "edgehub"},
		NotBefore: now.AddDate(0, 0, -3), NotAfter: now.AddDate(0, 0, 27)}
	var network report.Report
	network.Verdict.Reason = "AMQP works"
	return &Facts{
		Now: now, Live: true,
		Host: Host{OS: Seen(OS{"debian", "12", "amd64"}, "/etc/os-release"),
			Clock: Seen(Clock{OffsetSec: ptr(0.4), Synchronized: ptr(true)}, "check"),
			Units: Seen([]Unit{{Name: "aziot-edged.service", State: "enabled", Active: true},
				{Name: "aziot-keyd.socket", State: "enabled"}}, "systemctl show"),
			Name: Seen("gw", "gethostname"), Resolves: Seen([]string{"10.0.0.5"}, "resolver"),
			Own: Seen([]string{"10.0.0.5", "127.0.0.1"}, "interfaces")},
		Runtime: Runtime{Version: Seen("1.6.0", "aziot-edged --version"), Agent: Seen(agent.Image, "docker.sock"),
			Hub: Seen(hub.Image, "docker.sock")},
		Config: Config{Hostname: Seen("gw.plant.test", "/etc/aziot/config.toml:1"),
			ParentHostname: Seen("", "/etc/aziot/config.toml"),
			Provisioning:   Seen(Provisioning{Source: "dps", Method: "x509"}, "/etc/aziot/config.toml:3"),
			Applied:        Seen(Applied{}, "/etc/aziot"),
			Values:         Seen([]ValueTrouble{}, "/etc/aziot/config.toml"),
			AgentEnv:       Seen([]EnvDifference{}, "docker.sock"),
			Mode:           Seen(FileMode{Mode: 0o600}, "/etc/aziot/config.toml")},
		Certs: Certs{EdgeCA: Seen(EdgeCA{Kind: CAFile, File: CertFile{Certs: []Cert{ca}, KeyMatch: ptr(true)}},
			"/etc/ca.pem"), Identity: Seen(CertFile{Certs: []Cert{ca}, KeyMatch: ptr(true)}, "/etc/id.pem"),
			EST: Seen([]CertFile{{Certs: []Cert{ca}}}, "/etc/est.pem"), TrustBundle: Seen(CertFile{Certs: []Cert{ca}},
				"/etc/trust.pem"), HubLeaf: Seen(Leaf{Chain: []Cert{leaf, ca}, Trusted: ptr(true)}, "127.0.0.1:8883")},
		Engine: Engine{Version: Seen(EngineVersion{Name: "Moby", Version: "28.3.0+azure-1", API: "1.51",
			MinAPI: "1.24"}, "docker.sock"), Info: Seen(EngineInfo{StorageDriver: "overlay2",
			RootDir: "/var/lib/docker", RootFSType: "ext4"}, "docker.sock"),
			Networks: Seen([]Network{{Name: "azure-iot-edge", Subnets: []string{"172.18.0.0/16"}}}, "docker.sock"),
			DNS:      Seen([]Lookup{{Name: "hub", Host: true, Inside: true}}, "netns"),
			MTU:      Seen(MTU{1500, 1500}, "docker.sock"), Usage: Seen(Usage{}, "docker.sock")},
		Containers: Seen([]Container{agent, hub, module}, "docker.sock"),
		Disks: Seen([]Disk{{Path: "/var/lib/docker", Use: "engine", FreeBytes: 50 << 30, TotalBytes: 100 << 30,
			FreeInodes: 900, MostInodes: 1000}}, "statfs"),
		EdgeHub: EdgeHub{TTL: Seen(7200, "twin"), InMemory: Seen(false, "log"),
			ListeningOn: Seen(map[int]string{8883: "edgeHub"}, "/proc/net/tcp"), Children: Seen(3, "metrics"),
			ClientHeads: Seen([]string{"mqtt"}, "docker.sock"), MemoryBytes: Seen(uint64(8<<30), "/proc/meminfo")},
		Registries: Seen([]Registry{{Host: "mcr.test", Reached: true}}, "endpoints --test"),
		Network:    Seen(&network, "check"),
		Manifest:   Seen([]Problem{}, "deployment.json"),
		Deployment: Seen(Deployment{AgentBytes: 4000, Modules: 3}, "deployment.json"),
	}
}

// TestHealthyDevice: nothing is wrong, nothing unknown, and the questions are asked.
func TestHealthyDevice(t *testing.T) {
	rows, v := Judge(healthy())
	for _, r := range rows {
		if r.bad() > 0 || r.Status == Unknown {
			t.Errorf("%s is %s: %s", r.ID, r.Status, r.Summary)
		}
	}
	if !v.Ready || v.First != "" || v.Questions == 0 {
		t.Errorf("verdict %+v", v)
	}
}

// TestNothingSeen: what nobody looked at is skipped, what could not be read is unknown;
// neither is fine, and neither is an alarm.
func TestNothingSeen(t *testing.T) {
	rows, v := Judge(&Facts{Now: now})
	for _, r := range rows {
		if r.Status == OK || r.bad() > 0 {
			t.Errorf("%s is %s of nothing: %s", r.ID, r.Status, r.Summary)
		}
		if r.Status == Unknown && r.Needs == "" {
			t.Errorf("%s does not say what it needs", r.ID)
		}
	}
	if v.Errors+v.Warnings > 0 {
		t.Errorf("verdict %+v", v)
	}
}

func hubOf(f *Facts) *Container   { return f.container("edgeHub") }
func agentOf(f *Facts) *Container { return f.container("edgeAgent") }

// wrongs breaks one thing of a healthy device at a time.
var wrongs = []struct {
	name, id string
	status   Status
	says     string // part of the summary
	brk      func(*Facts)
}{
	{"out of support", "release.support", Error, "ended on 2026-11-10",
		func(f *Facts) { f.Runtime.Version.Value = "1.5.21" }},
	{"soon out of support", "release.support", Warning, "ends on 2028-11-14",
		func(f *Facts) { f.Now = day(2028, 8, 1) }},
	{"newer than known", "release.support", Unknown, "newer than what",
		func(f *Facts) { f.Runtime.Version.Value = "1.9.0" }},
	{"no version", "release.support", Unknown, "could not be read", func(f *Facts) {
		f.Runtime.Version = Unseen[string]("aziot-edged --version", "aziot-edged to be installed")
	}},
	{"agent and hub differ", "release.skew", Warning, "different releases",
		func(f *Facts) { f.Runtime.Hub.Value = "mcr.test/azureiotedge-hub:1.5.44" }},
	{"agent newer than daemon", "release.skew", Warning, "edgeAgent is newer",
		func(f *Facts) { f.Runtime.Version.Value = "1.5.21" }},
	{"patches differ", "release.skew", OK, "same age",
		func(f *Facts) { f.Runtime.Agent.Value = "mcr.test/azureiotedge-agent:1.6.9" }},
	{"rolling", "release.rolling-tag", Warning, "rolling tag 1.5",
		func(f *Facts) { f.Runtime.Agent.Value = "mcr.test/azureiotedge-agent:1.5" }},
	{"rolling with platform", "release.rolling-tag", Warning, "rolling",
		func(f *Facts) { f.Runtime.Agent.Value = "r.test:5000/a:1.5-linux-arm32v7" }},
	{"no tag, port in the registry", "release.rolling-tag", Warning, "no tag",
		func(f *Facts) { f.Runtime.Hub.Value = "r.test:5000/hub" }},
	{"digest", "release.rolling-tag", OK, "digest", func(f *Facts) { f.Runtime.Hub.Value = "r.test/hub@sha256:00" }},
	{"Docker 29 with 1.5", "engine.api", Warning, "names no version", func(f *Facts) {
		f.Runtime.Version.Value = "1.5.21"
		f.Engine.Version.Value.MinAPI = "1.44"
	}},
	{"Docker 29.5 with 1.6", "engine.api", OK, "answers API 1.41",
		func(f *Facts) { f.Engine.Version.Value.MinAPI = "1.40" }},
	{"old engine with 1.6", "engine.api", Warning, "up to 1.40", func(f *Facts) { f.Engine.Version.Value.API = "1.40" }},
	{"engine closed", "engine.api", Unknown, "could not be read",
		func(f *Facts) { f.Engine.Version = Unseen[EngineVersion]("docker.sock", "root") }},
	{"podman", "engine.kind", Error, "no engine", func(f *Facts) {
		f.Engine.Version.Value = EngineVersion{Name: "Podman Engine", Version: "5.0.0", Podman: true}
	}},
	{"docker ce", "engine.kind", Warning, "not what is supported", func(f *Facts) {
		f.Engine.Version.Value = EngineVersion{Name: "Docker Engine - Community", Version: "28.0.0"}
	}},
	{"microsoft's moby", "engine.kind", OK, "",
		func(f *Facts) { f.Engine.Version.Value = EngineVersion{Version: "20.10.11+azure-2"} }},
	{"ended engine", "engine.eol", Warning, "no fixes since 2023-12-10",
		func(f *Facts) { f.Engine.Version.Value.Version = "20.10.11+azure-2" }},
	{"ended engine of a distribution", "engine.eol", Info, "the distribution",
		func(f *Facts) { f.Engine.Version.Value.Version = "20.10.24+dfsg1" }},
	{"overlap", "engine.network", Error, "172.18.0.9",
		func(f *Facts) { f.Engine.Networks.Value[0].Overlaps = []string{"name server 172.18.0.9"} }},
	{"dns inside", "engine.dns", Error, "hub resolves on the host",
		func(f *Facts) { f.Engine.DNS.Value[0].Inside = false }},
	{"dns nowhere", "engine.dns", OK, "", func(f *Facts) { f.Engine.DNS.Value[0] = Lookup{Name: "hub"} }},
	{"dns unseen", "engine.dns", Unknown, "not seen", func(f *Facts) { f.Engine.DNS.Value[0].InsideUnknown = true }},
	{"mtu", "engine.mtu", Warning, "1430", func(f *Facts) { f.Engine.MTU.Value.Egress = 1430 }},
	{"vfs", "engine.storage-driver", Warning, "vfs", func(f *Facts) { f.Engine.Info.Value.StorageDriver = "vfs" }},
	{"tmpfs", "engine.storage-driver", Error, "gone", func(f *Facts) { f.Engine.Info.Value.RootFSType = "tmpfs" }},
	{"log without end", "engine.logs", Warning, "3.0 GiB",
		func(f *Facts) { agentOf(f).Log, agentOf(f).LogBytes = LogConfig{Driver: "json-file"}, 3<<30 }},
	{"rubbish", "disk.docker", Info, "unused images",
		func(f *Facts) { f.Engine.Usage.Value.DanglingImagesBytes = 5 << 30 }},
	{"full disk", "disk.free", Error, "free", func(f *Facts) { f.Disks.Value[0].FreeBytes = 1 << 20 }},
	{"nearly full disk", "disk.free", Warning, "free", func(f *Facts) { f.Disks.Value[0].FreeBytes = 10 << 30 }},
	{"no inodes", "disk.free", Error, "inodes", func(f *Facts) { f.Disks.Value[0].FreeInodes = 10 }},
	{"in the container", "store.persist", Warning, "inside its container", func(f *Facts) { hubOf(f).Mounts = nil }},
	{"anonymous volume", "store.persist", Warning, "without a name",
		func(f *Facts) { agentOf(f).Mounts[0].Anonymous = true }},
	{"tmpfs store", "store.persist", Warning, "memory", func(f *Facts) { hubOf(f).Mounts[0].Type = "tmpfs" }},
	{"a mount with a like name", "store.persist", Warning, "inside",
		func(f *Facts) { hubOf(f).Mounts[0].Destination = "/sto" }},
	{"fresh device", "store.persist", OK, "", func(f *Facts) { f.Containers.Value = f.Containers.Value[:1] }},
	{"foreign owner", "store.owner", Error, "belongs to user 1000",
		func(f *Facts) { hubOf(f).Mounts[0].OwnerUID = ptr(1000) }},
	{"closed parent", "store.owner", Error, "cannot enter", func(f *Facts) { hubOf(f).Mounts[0].Blocked = "/srv" }},
	{"foreign owner who lets everybody in", "store.owner", OK, "belongs to user 1000",
		func(f *Facts) { hubOf(f).Mounts[0].OwnerUID, hubOf(f).Mounts[0].Open = ptr(1000), true }},
	{"old distribution", "os.support", Info, "debian 11", func(f *Facts) { f.Host.OS.Value.VersionID = "11" }},
	{"unbuilt architecture", "os.support", Info, "riscv64", func(f *Facts) { f.Host.OS.Value.Arch = "riscv64" }},
	{"minor release", "os.support", OK, "rhel 9.4", func(f *Facts) { f.Host.OS.Value = OS{"rhel", "9.4", "amd64"} }},
	{"no name", "os.support", Unknown, "does not say", func(f *Facts) { f.Host.OS.Value.ID = "" }},
	{"snap", "os.support", OK, "snap", func(f *Facts) { f.Host.Snap, f.Host.OS.Value.ID = true, "ubuntu-core" }},
	{"devices unseen", "hub.clients", Unknown, "stands in the hub", func(f *Facts) {
		f.EdgeHub.Children = Fact[int]{}
	}},
	{"no devices", "hub.clients", OK, "no port", func(f *Facts) {
		f.EdgeHub.Children, hubOf(f).Ports = Fact[int]{}, nil
	}},
	{"in memory", "store.memory", Error, "memory", func(f *Facts) { f.EdgeHub.InMemory.Value = true }},
	{"head off and used", "hub.heads", Error, "mqtt head is off",
		func(f *Facts) { hubOf(f).Env["mqttSettings__enabled"] = "false" }},
	{"head off and bound", "hub.heads", Warning, "published all the same", func(f *Facts) {
		hubOf(f).Env["MQTTSETTINGS__ENABLED"] = "False"
		f.EdgeHub.ClientHeads.Value = nil
	}},
	{"ttl zero", "hub.ttl", Error, "at once", func(f *Facts) { f.EdgeHub.TTL.Value = 0 }},
	{"ttl short", "hub.ttl", Warning, "half an hour", func(f *Facts) { f.EdgeHub.TTL.Value = 100 }},
	{"ttl endless", "hub.ttl", Info, "never", func(f *Facts) { f.EdgeHub.TTL.Value = -1 }},
	{"small machine", "hub.performance", Warning, "1.0 GiB", func(f *Facts) { f.EdgeHub.MemoryBytes.Value = 1 << 30 }},
	{"small arm machine", "hub.performance", OK, "", func(f *Facts) {
		f.EdgeHub.MemoryBytes.Value,
			f.Host.OS.Value.Arch = 1<<30, "arm64"
	}},
	{"port taken", "hub.ports", Error, "nginx", func(f *Facts) { f.EdgeHub.ListeningOn.Value[8883] = "nginx" }},
	{"too many devices", "hub.clients", Warning, "takes 101", func(f *Facts) { f.EdgeHub.Children.Value = 101 }},
	{"quickstart", "cert.edge-ca", Warning, "quickstart", func(f *Facts) {
		f.Certs.EdgeCA.Value.Kind,
			f.Certs.EdgeCA.Value.AutoRenew = CAQuickstart, true
	}},
	{"edge ca expired", "cert.edge-ca", Error, "expired on",
		func(f *Facts) { f.Certs.EdgeCA.Value.File.Certs[0].NotAfter = now.Add(-time.Hour) }},
	{"edge ca from the future", "cert.edge-ca", Error, "from the future",
		func(f *Facts) { f.Certs.EdgeCA.Value.File.Certs[0].NotBefore = now.Add(time.Hour) }},
	{"edge ca ends soon", "cert.edge-ca", Warning, "nothing renews",
		func(f *Facts) { f.Certs.EdgeCA.Value.File.Certs[0].NotAfter = now.AddDate(0, 0, 20) }},
	{"edge ca ends now", "cert.edge-ca", Error, "in 2 days",
		func(f *Facts) { f.Certs.EdgeCA.Value.File.Certs[0].NotAfter = now.AddDate(0, 0, 2) }},
	{"renewal overdue", "cert.edge-ca", Warning, "should have renewed itself", func(f *Facts) {
		f.Certs.EdgeCA.Value.AutoRenew = true
		f.Certs.EdgeCA.Value.File.Certs[0].NotBefore, f.Certs.EdgeCA.Value.File.Certs[0].NotAfter = now.AddDate(0, 0,
			-80), now.AddDate(0, 0, 10)
	}},
	{"renewal not due", "cert.edge-ca", OK, "renews itself", func(f *Facts) {
		f.Certs.EdgeCA.Value.AutoRenew = true
		f.Certs.EdgeCA.Value.File.Certs[0].NotBefore, f.Certs.EdgeCA.Value.File.Certs[0].NotAfter = now.AddDate(0, 0,
			-70), now.AddDate(0, 0, 20)
	}},
	// As the real aziot-edged 1.6.0 did it, with certificates of minutes.
	{"renewal by a percentage of its own", "cert.edge-ca", OK, "renews itself", func(f *Facts) {
		f.Certs.EdgeCA.Value.AutoRenew, f.Certs.EdgeCA.Value.Threshold.Percent = true, 90
		f.Certs.EdgeCA.Value.File.Certs[0].NotBefore, f.Certs.EdgeCA.Value.File.Certs[0].NotAfter = now.AddDate(0, 0,
			-90), now.AddDate(0, 0, 10)
	}},
	{"renewal by days before the end", "cert.edge-ca", OK, "renews itself", func(f *Facts) {
		f.Certs.EdgeCA.Value.AutoRenew, f.Certs.EdgeCA.Value.Threshold.Before = true, 5*24*time.Hour
		f.Certs.EdgeCA.Value.File.Certs[0].NotBefore, f.Certs.EdgeCA.Value.File.Certs[0].NotAfter = now.AddDate(0, 0,
			-80), now.AddDate(0, 0, 10)
	}},
	{"renewal by days before the end, overdue", "cert.edge-ca", Warning, "should have renewed itself", func(f *Facts) {
		f.Certs.EdgeCA.Value.AutoRenew, f.Certs.EdgeCA.Value.Threshold.Before = true, 5*24*time.Hour
		f.Certs.EdgeCA.Value.File.Certs[0].NotBefore, f.Certs.EdgeCA.Value.File.Certs[0].NotAfter = now.AddDate(0, 0,
			-88), now.AddDate(0, 0, 2)
	}},
	{"renewal earlier than usual, overdue", "cert.edge-ca", Warning, "should have renewed itself", func(f *Facts) {
		f.Certs.EdgeCA.Value.AutoRenew, f.Certs.EdgeCA.Value.Threshold.Before = true, 60*24*time.Hour
		f.Certs.EdgeCA.Value.File.Certs[0].NotBefore, f.Certs.EdgeCA.Value.File.Certs[0].NotAfter = now.AddDate(0, 0,
			-40), now.AddDate(0, 0, 50)
	}},
	{"cannot sign", "cert.edge-ca", Error, "may not sign",
		func(f *Facts) { f.Certs.EdgeCA.Value.File.Certs[0].CanSign = false }},
	{"wrong key", "cert.edge-ca", Error, "private key",
		func(f *Facts) { f.Certs.EdgeCA.Value.File.KeyMatch = ptr(false) }},
	{"named as the device", "cert.edge-ca", Error, "common name",
		func(f *Facts) { f.Certs.EdgeCA.Value.File.Certs[0].CommonName = "GW.plant.test" }},
	{"closed directory", "cert.edge-ca", Error, "aziotcs cannot read", func(f *Facts) {
		f.Certs.EdgeCA.Value.File.Blocked, f.Certs.EdgeCA.Value.File.User = []string{"/root"}, "aziotcs"
	}},
	{"intermediate expires first", "cert.edge-ca", Error, "certificate 2", func(f *Facts) {
		c := f.Certs.EdgeCA.Value.File.Certs[0]
		c.NotAfter = now.Add(-time.Hour)
		f.Certs.EdgeCA.Value.File.Certs = append(f.Certs.EdgeCA.Value.File.Certs, c)
	}},
	{"no root", "cert.edge-ca", Unknown, "could not be read",
		func(f *Facts) { f.Certs.EdgeCA = Unseen[EdgeCA]("/var/lib/aziot/certd", "root") }},
	{"demo", "cert.demo", Error, "test scripts", func(f *Facts) {
		f.Certs.EdgeCA.Value.File.Certs[0].IssuerCN = "Azure_IoT_Hub_Intermediate_Cert_Test_Only"
	}},
	{"identity", "cert.identity", Error, "expired", func(f *Facts) {
		f.Certs.Identity.Value.Certs = append(slices.Clone(f.Certs.Identity.Value.Certs),
			Cert{CommonName: "Root", NotBefore: now.AddDate(-9, 0, 0), NotAfter: now.AddDate(0, 0, -1)})
	}},
	{"est", "cert.est", Warning, "in 10 days", func(f *Facts) {
		f.Certs.EST.Value[0].Certs = []Cert{{NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(0, 0, 10)}}
	}},
	{"trust bundle", "cert.trust-bundle", Error, "expired",
		func(f *Facts) { f.Certs.TrustBundle.Value.Certs = []Cert{{NotAfter: now.AddDate(0, 0, -1)}} }},
	{"leaf for another name", "cert.hub-leaf", Error, "for old.plant.test", func(f *Facts) {
		f.Certs.HubLeaf.Value.Chain[0].Names, f.Certs.HubLeaf.Value.Chain[0].CommonName = []string{"old.plant.test"},
			"old.plant.test"
	}},
	{"leaf expired", "cert.hub-leaf", Error, "expired",
		func(f *Facts) { f.Certs.HubLeaf.Value.Chain[0].NotAfter = now.Add(-time.Minute) }},
	{"leaf untrusted", "cert.hub-leaf", Error, "trust bundle",
		func(f *Facts) { f.Certs.HubLeaf.Value.Trusted = ptr(false) }},
	{"timeout", "config.values", Error, "least is 70", func(f *Facts) {
		f.Config.Values.Value = []ValueTrouble{{Key: "cloud_timeout_sec", Value: "10", Place: "config.toml:4",
			Kind: ValueTimeoutLow}}
	}},
	{"unit", "config.values", Error, "%, min and day", func(f *Facts) {
		f.Config.Values.Value = []ValueTrouble{{Key: "threshold", Value: "10d", Place: "config.toml:9",
			Kind: ValueRenewUnit}}
	}},
	{"key that nobody reads", "config.values", Warning, "nobody reads", func(f *Facts) {
		f.Config.Values.Value = []ValueTrouble{{Key: "x", Place: "config.toml:7", Kind: ValueUnknownKey}}
	}},
	{"never applied", "config.applied", Warning, "never applied",
		func(f *Facts) { f.Config.Applied.Value.Missing = []string{"edged"} }},
	{"a drop-in wins", "config.applied", Warning, "wins over",
		func(f *Facts) { f.Config.Applied.Value.Overrides = []string{"/etc/aziot/edged/config.d/99.toml"} }},
	{"agent of yesterday", "config.agent-env", Warning, "UpstreamProtocol",
		func(f *Facts) { f.Config.AgentEnv.Value = []EnvDifference{{Name: "UpstreamProtocol"}} }},
	{"inline key", "prov.method", Warning, "symmetric key",
		func(f *Facts) { f.Config.Provisioning.Value.InlineKey = true }},
	{"inline key for all to read", "prov.method", Error, "every user", func(f *Facts) {
		f.Config.Provisioning.Value.InlineKey, f.Config.Mode.Value = true, FileMode{Mode: 0o644, WorldRead: true}
	}},
	{"copy for all to read", "prov.method", Warning, "this copy", func(f *Facts) {
		f.Live, f.Config.Provisioning.Value.InlineKey, f.Config.Mode.Value = false, true,
			FileMode{Mode: 0o644, WorldRead: true}
	}},
	{"needs the cloud", "prov.offline-boot", Warning, "AlwaysOnStartup",
		func(f *Facts) { f.Config.Provisioning.Value.Reprovision = "AlwaysOnStartup" }},
	{"nested", "nested", Info, "parent.test", func(f *Facts) { f.Config.ParentHostname.Value = "parent.test" }},
	{"clock late", "clock", Error, "301 s late", func(f *Facts) { f.Host.Clock.Value.OffsetSec = ptr(-301.0) }},
	{"clock ahead", "clock", Warning, "ahead", func(f *Facts) { f.Host.Clock.Value.OffsetSec = ptr(61.0) }},
	{"nobody sets the clock", "clock", Warning, "nothing sets",
		func(f *Facts) { f.Host.Clock.Value.Synchronized = ptr(false) }},
	{"clock unseen", "clock", Unknown, "not seen", func(f *Facts) { f.Host.Clock.Value = Clock{} }},
	{"long name", "host.name", Error, "64", func(f *Facts) { f.Config.Hostname.Value = strings.Repeat("a", 65) }},
	{"name elsewhere", "host.name", Warning, "not this host",
		func(f *Facts) { f.Host.Resolves.Value = []string{"10.9.9.9"} }},
	{"name nowhere", "host.name", Warning, "no address", func(f *Facts) { f.Host.Resolves.Value = nil }},
	{"cloud name that leads here", "host.name", OK, "leads to this host",
		func(f *Facts) { f.Config.Hostname.Value = "gw.contoso.example" }},
	{"disabled", "boot.enabled", Error, "disabled", func(f *Facts) { f.Host.Units.Value[0].State = "disabled" }},
	{"settings", "boot.enabled", Error, "because of its settings", func(f *Facts) {
		f.Host.Units.Value[0].Active,
			f.Host.Units.Value[0].ExitStatus = false, 153
	}},
	{"restarts", "boot.enabled", Warning, "7 times", func(f *Facts) { f.Host.Units.Value[0].Restarts = 7 }},
	{"debug image", "image.debug", Warning, "debug build",
		func(f *Facts) { f.Containers.Value[2].Image = "r.test/filter:1.2.3-amd64.debug" }},
	{"latest", "image.latest", Warning, "latest",
		func(f *Facts) { f.Containers.Value[2].Image = "r.test/filter:latest" }},
	{"debugger", "ports.debug", Warning, "5678",
		func(f *Facts) { f.Containers.Value[2].Ports = []Port{{Host: 5678, Container: 5678}} }},
	{"podman's logs", "engine.logs", Unknown, "not what Podman tells", func(f *Facts) {
		f.Engine.Version.Value.Podman, f.Containers.Value[2].Log = true, LogConfig{Driver: "json-file"}
	}},
	{"no limit", "module.limits", Info, "memory", func(f *Facts) { f.Containers.Value[2].MemoryLimit = 0 }},
	{"two who restart", "module.restart", Warning, "always",
		func(f *Facts) { f.Containers.Value[2].RestartPolicy = "always" }},
	{"privileged", "module.privileged", Warning, "privileged",
		func(f *Facts) { f.Containers.Value[2].Privileged = true }},
	{"engine's socket", "module.privileged", Warning, "socket",
		func(f *Facts) { f.Containers.Value[2].Mounts = []Mount{{Source: "/var/run/docker.sock"}} }},
	{"secret", "module.secrets", Warning, "DB_PASSWORD", func(f *Facts) {
		f.Containers.Value[2].Env = map[string]string{"DB_PASSWORD": "****", "IOTEDGE_AUTHTOKEN": "x"}
	}},
	{"registry", "registry.reachable", Error, "r.test does not answer", func(f *Facts) {
		f.Registries.Value = append(f.Registries.Value, Registry{Host: "r.test", Cause: report.TCPTimeout,
			Why: "no answer"})
	}},
	{"settings of a device that is offline", "upstream", Error, "not set", func(f *Facts) {
		f.Network = Fact[*report.Report]{}
		f.Settings = Seen([]report.Finding{{Code: "x", Actor: report.ActorHost, Severity: report.SeverityError,
			Summary: "not set", Remedy: "Set it."}}, "config show")
	}},
	{"no way", "upstream", Error, "AMQP works", func(f *Facts) { f.Network.Value.Verdict.ExitCode = 1 }},
	{"a finding", "upstream", Warning, "clock", func(f *Facts) {
		f.Network.Value.Findings = []report.Finding{{Code: report.ClockSkew, Severity: report.SeverityWarning,
			Summary: "the clock"}}
	}},
	{"too large", "manifest.size", Error, "40000 of 32768", func(f *Facts) { f.Deployment.Value.AgentBytes = 40000 }},
	{"nearly too many", "manifest.size", Warning, "45 of 50", func(f *Facts) { f.Deployment.Value.Modules = 45 }},
	{"admin", "registry.admin-user", Warning, "admin user", func(f *Facts) {
		f.Deployment.Value.Logins = []Login{{Registry: "plant.azurecr.io", User: "Plant", Password: true}}
	}},
	{"token", "registry.admin-user", OK, "none of 1", func(f *Facts) {
		f.Deployment.Value.Logins = []Login{{Registry: "plant.azurecr.io", User: "puller", Password: true}}
	}},
	{"no password", "registry.password", Error, "no password",
		func(f *Facts) { f.Deployment.Value.Logins = []Login{{Registry: "r.test", User: "u"}} }},
	{"template's variable", "registry.password", Warning, "REG_PASS", func(f *Facts) {
		f.Deployment.Value.Logins = []Login{{Registry: "r.test", User: "u", Password: true, Variable: "REG_PASS"}}
	}},
	{"password not tried", "registry.password", Unknown, "not tried",
		func(f *Facts) { f.Deployment.Value.Logins = []Login{{Registry: "r.test", User: "u", Password: true}} }},
	{"own log", "logs.unbounded", Warning, "filter",
		func(f *Facts) { f.Deployment.Value.Unbounded = []string{"filter"} }},
	{"leaf about to be replaced", "cert.hub-leaf", OK, "starts anew", func(f *Facts) {
		f.Certs.HubLeaf.Value.Chain[0].NotBefore, f.Certs.HubLeaf.Value.Chain[0].NotAfter = now.AddDate(0, 0, -29),
			now.AddDate(0, 0, 1)
	}},
	{"edge ca file gone", "cert.edge-ca", Error, "is not there",
		func(f *Facts) { f.Certs.EdgeCA.Value.File = CertFile{Path: "/etc/ca.pem", Missing: true} }},
	{"edge ca file empty", "cert.edge-ca", Error, "cannot be used",
		func(f *Facts) { f.Certs.EdgeCA.Value.File = CertFile{Broken: "no certificate in it"} }},
	{"by sight, soon", "cert.edge-ca", Warning, "was not seen", func(f *Facts) {
		f.Certs.EdgeCA.Value.Kind, f.Certs.EdgeCA.Value.BySight = CAUnknown, true
		f.Certs.EdgeCA.Value.File.Certs[0].NotAfter = now.AddDate(0, 0, 20)
	}},
	{"quickstart unseen", "cert.edge-ca", Warning, "quickstart",
		func(f *Facts) { f.Certs.EdgeCA.Value = EdgeCA{Kind: CAQuickstart} }},
	{"lint", "manifest.refused", Error, "refused", func(f *Facts) {
		f.Manifest.Value = []Problem{{Rule: "manifest.refused", Severity: report.SeverityError, Summary: "refused",
			File: "d.json", Line: 3}}
	}},
}

func TestRules(t *testing.T) {
	tried := map[string]bool{}
	for _, tt := range wrongs {
		tried[tt.id] = true
		t.Run(tt.id+"/"+tt.name, func(t *testing.T) {
			f := healthy()
			tt.brk(f)
			rows, v := Judge(f)
			i := slices.IndexFunc(rows, func(r Row) bool {
				return r.ID == tt.id && r.Status == tt.status && strings.Contains(r.Summary, tt.says)
			})
			if i < 0 {
				for _, r := range rows {
					if r.ID == tt.id {
						t.Errorf("%s: %s", r.Status, r.Summary)
					}
				}
				t.Fatalf("no row %s is %s and says %q", tt.id, tt.status, tt.says)
			}
			r := rows[i]
			if r.bad() > 0 && (r.Remedy == "" || r.Actor == "" || r.Source == "") {
				t.Errorf("a bad row without remedy, actor or source: %+v", r)
			}
			if r.Status == Unknown && r.Needs == "" {
				t.Errorf("it does not say what it needs: %+v", r)
			}
			if tt.status == Error && (v.Ready || v.First == "") {
				t.Errorf("verdict %+v", v)
			}
			if tt.status == OK && tt.id != "store.persist" && v.First == tt.id {
				t.Errorf("a fine row comes first: %+v", v)
			}
		})
	}
	for _, r := range Rules() {
		if !tried[r.ID] && r.Severity != "question" {
			t.Errorf("nothing makes %s say that something is wrong", r.ID)
		}
	}
}

// TestRuleBook: every row of the book is complete and stands once.
func TestRuleBook(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range Rules() {
		if seen[r.ID] {
			t.Errorf("%s stands twice", r.ID)
		}
		seen[r.ID] = true
		if r.Looks == "" || r.Holds == "" || r.Source == "" || r.Severity == "" || r.Actor == "" ||
			!slices.Contains(Groups(), r.Group) || r.Remedy == "" && r.Severity != "question" {
			t.Errorf("%s is not complete: %+v", r.ID, r)
		}
	}
}
