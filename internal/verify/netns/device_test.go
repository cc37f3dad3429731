//go:build netns && linux

package netns

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"edgenet/internal/lab/engine"
	"edgenet/internal/ready"
	"edgenet/internal/verify/blackbox"
	"edgenet/internal/verify/testkit"
)

// edgeAddress is where the device's own edgeHub listens; edgeName is what it is called.
const (
	edgeAddress = "127.0.0.1"
	edgeName    = "edge.lab.test" // the lab's own
)

// iotDevice is a whole device in the client's namespace: a file system of its own, an engine
// on its socket, the lab's edgeHub beside it, and a hub that answers.
type iotDevice struct {
	n      *network
	root   string
	module string         // namespace that its module runs in
	info   map[string]any // of the engine
	mounts []string       // commands that mount file systems before the command runs
	user   string         // that runs it; zero means root
	proxy  string         // of edgeAgent; zero means none
	engine string         // version of its API that it answers at least
}

func newDevice(n *network) *iotDevice {
	n.t.Helper()
	n.names()
	n.lab()
	d := &iotDevice{n: n, root: filepath.Join(n.dir, "device"), module: n.ns("cli"), engine: "1.24",
		info: map[string]any{"Driver": "overlay2", "DockerRootDir": "/var/lib/docker", "LoggingDriver": "local"}}
	edge := filepath.Join(n.dir, "edge")
	if err := os.Mkdir(edge, 0o755); err != nil { //nolint:gosec // a certificate
		n.t.Fatal(err)
	}
	p := n.start("cli", bench.edgenet.Path, "lab", "--standard-ports", "--listen", "127.0.0.3", "--edge-listen",
		edgeAddress, "--dir", edge, "--json")
	p.Await(n.t, startTime, "up", func() bool { return json.Valid([]byte(p.Log())) })
	var trust []byte
	for _, name := range []string{n.ca, filepath.Join(edge, "ca.pem")} {
		text, err := os.ReadFile(name)
		if err != nil {
			n.t.Fatal(err)
		}
		trust = append(trust, text...)
	}
	d.files(string(trust))
	return d
}

// files are the device's: as the runtime's packages and iotedge config apply leave them.
func (d *iotDevice) files(trust string) {
	d.n.t.Helper()
	unit := func(name, state string) string {
		return "Id=" + name + "\nLoadState=loaded\nUnitFileState=" + state +
			"\nActiveState=active\nNRestarts=0\nExecMainStatus=0\n\n"
	}
	const shared = "hostname = \"" + edgeName + "\"\n"
	const manual = "[provisioning]\nsource = \"manual\"\niothub_hostname = \"" + hubName + "\"\ndevice_id = \"gw\"\n" +
		"[provisioning.authentication]\nmethod = \"sas\"\n"
	const agent = "[agent]\nname = \"edgeAgent\"\ntype = \"docker\"\n[agent.config]\nimage = " +
		"\"mcr.microsoft.com/azureiotedge-agent:1.5\"\n"
	for name, text := range map[string]string{
		"etc/aziot/config.toml": shared + "trust_bundle_cert = \"file:///etc/certs/trust.pem\"\n" + manual +
			"device_id_pk = { uri = \"file:///etc/certs/key\" }\n[edge_ca]\ncert = \"file:///etc/certs/ca.pem\"\n" +
			"pk = \"file:///etc/certs/ca.key.pem\"\n" + agent + "[agent.env]\nUpstreamProtocol = \"AmqpWs\"\n",
		"etc/aziot/identityd/config.d/00-super.toml": shared + manual + "device_id_pk = \"device-id\"\n",
		"etc/aziot/keyd/config.d/00-super.toml": "[preloaded_keys]\naziot-edged-ca = \"file:///etc/certs/ca.key.pem\"\n" +
			"device-id = \"file:///etc/certs/key\"\n",
		"etc/aziot/certd/config.d/00-super.toml": "[preloaded_certs]\naziot-edged-ca = \"file:///etc/certs/ca.pem\"\n" +
			"aziot-edged-trust-bundle = [\"aziot-edged-ca\", \"trust-bundle-user\"]\n" +
			"trust-bundle-user = \"file:///etc/certs/trust.pem\"\n",
		"etc/aziot/edged/config.d/00-super.toml": shared +
			"trust_bundle_cert = \"aziot-edged-trust-bundle\"\n" + agent +
			"[agent.env]\nUpstreamProtocol = \"AmqpWs\"\n",
		"etc/certs/trust.pem": trust, "etc/certs/ca.pem": string(bench.authority.PEM()),
		"etc/certs/ca.key.pem": "", "etc/certs/key": "",
		"etc/os-release":      "ID=debian\nVERSION_ID=\"12\"\n",
		"etc/resolv.conf":     "nameserver " + nameServer + "\n",
		"etc/hosts":           "127.0.0.1 localhost\n" + edgeAddress + " " + edgeName + "\n",
		"etc/passwd":          "root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n",
		"var/lib/dpkg/status": "Package: aziot-edge\nStatus: install ok installed\nVersion: 1.6.0-1\n\n",
		"tools/timedatectl":   "#!/usr/bin/sh\necho NTPSynchronized=yes\n",
		"tools/systemctl": "#!/usr/bin/sh\ncat <<'END'\n" + unit("aziot-edged.service", "enabled") +
			unit("docker.service", "enabled") + "END\n",
		"proc/.keep": "", "sys/.keep": "", "usr/.keep": "", "dev/null": "", "var/lib/docker/.keep": "",
		"var/lib/aziot/.keep": "",
	} {
		d.write(name, text)
	}
	for _, link := range []string{"bin", "lib", "lib64"} {
		if err := os.Symlink("usr/"+link, filepath.Join(d.root, link)); err != nil {
			d.n.t.Fatal(err)
		}
	}
	d.n.must("cp", bench.edgenet.Path, filepath.Join(d.root, "edgenet"))
	for _, tool := range []string{"timedatectl", "systemctl"} {
		d.n.must("chmod", "755", filepath.Join(d.root, "tools", tool))
	}
	d.n.must("chmod", "600", filepath.Join(d.root, "etc/aziot/config.toml")) // as the packages have it
	for _, service := range []string{"identityd", "keyd", "certd", "edged"} {
		d.n.must("chmod", "700", filepath.Join(d.root, "etc/aziot", service, "config.d"))
	}
}

func (d *iotDevice) write(name, text string) {
	d.n.t.Helper()
	p := filepath.Join(d.root, name)
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil { //nolint:gosec // as on a device
		d.n.t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil { //nolint:gosec // as on a device
		d.n.t.Fatal(err)
	}
}

// serve is the engine with edgeAgent, edgeHub and one module, whose process is a real one
// in the module's namespace.
func (d *iotDevice) serve() {
	d.n.t.Helper()
	p := blackbox.Start(d.n.t, nil, "ip", "netns", "exec", d.module, "sh", "-c", "echo up; exec sleep 600")
	p.Await(d.n.t, startTime, "up", func() bool { return strings.Contains(p.Log(), "up") })
	box := func(name string, image string, env ...string) map[string]any {
		return map[string]any{"Id": name, "Name": "/" + name,
			"Config": map[string]any{"Image": hubName + "/" + image + ":1.6.1",
				"Env":    append(env, "storageFolder=/store"),
				"Labels": map[string]string{"net.azure-devices.edge.owner": "Microsoft.Azure.Devices.Edge.Agent"}},
			"State":      map[string]any{"Status": "running", "Pid": 0},
			"HostConfig": map[string]any{"LogConfig": map[string]any{"Type": "local"}, "Memory": 64 << 20},
			"Mounts":     []map[string]string{{"Type": "volume", "Name": name, "Destination": "/store"}}}
	}
	agentEnv := []string{"UpstreamProtocol=AmqpWs"}
	if d.proxy != "" {
		agentEnv = append(agentEnv, "https_proxy="+d.proxy)
	}
	hub := box("edgeHub", "azureiotedge-hub", "UpstreamProtocol=AmqpWs")
	hub["NetworkSettings"] = map[string]any{"Networks": map[string]any{
		"azure-iot-edge": map[string]string{"IPAddress": edgeAddress}}}
	module := box("filter", "filter")
	module["State"] = map[string]any{"Status": "running", "Pid": p.Pid()}
	answers := map[string]any{
		"/info": d.info,
		"/version": map[string]any{"Version": "28.3.0+azure-1", "ApiVersion": "1.51", "MinAPIVersion": d.engine,
			"Platform": map[string]string{"Name": "Moby"}},
		"/networks": []map[string]any{{"Id": "0123456789abcdef", "Name": "azure-iot-edge",
			"IPAM": map[string]any{"Config": []map[string]string{{"Subnet": "198.51.100.0/24"}}}}},
		"/system/df":               map[string]any{"Images": []any{}, "Volumes": []any{}},
		"/containers/edgeHub/logs": "x Starting Edge Hub x",
		"/containers/json": []map[string]any{{"Id": "edgeHub", "Names": []string{"/edgeHub"}},
			{"Id": "edgeAgent", "Names": []string{"/edgeAgent"}}, {"Id": "filter", "Names": []string{"/filter"},
				"Labels": map[string]string{"net.azure-devices.edge.owner": "Microsoft.Azure.Devices.Edge.Agent"}}},
		"/containers/edgeHub/json":   hub,
		"/containers/edgeAgent/json": box("edgeAgent", "azureiotedge-agent", agentEnv...),
		"/containers/filter/json":    module,
	}
	socket := filepath.Join(d.root, "var/run/docker.sock")
	if err := os.MkdirAll(filepath.Dir(socket), 0o755); err != nil { //nolint:gosec // as on a device
		d.n.t.Fatal(err)
	}
	stop, err := (&engine.Server{Answer: func(_ *http.Request, path string) any { return answers[path] }}).Serve(socket)
	if err != nil {
		d.n.t.Fatal(err)
	}
	d.n.t.Cleanup(func() { _ = stop() })
	d.n.must("chmod", "660", socket)
}

// ready runs the command on the device, as its host would.
func (d *iotDevice) ready(args ...string) ready.Answer {
	d.n.t.Helper()
	var a ready.Answer
	if out := d.run(append([]string{"-f", "json"}, args...)...); json.Unmarshal(out, &a) != nil {
		d.n.t.Fatalf("no answer: %s", out)
	}
	return a
}

// run gives what the command prints.
func (d *iotDevice) run(args ...string) []byte {
	d.n.t.Helper()
	d.serve()
	lines := append([]string{"set -e", "cd " + d.root, "mount -t proc proc proc", "mount -t sysfs sysfs sys",
		"mount --rbind /usr usr",
		"mount --bind /dev/null dev/null"}, d.mounts...)
	user := ""
	if d.user != "" {
		user = "--userspec=" + d.user
	}
	lines = append(lines, "exec chroot "+user+
		" . /usr/bin/env -i PATH=/tools:/usr/bin SSL_CERT_FILE=/etc/certs/trust.pem "+
		"/edgenet ready "+strings.Join(args, " "))
	cmd := exec.CommandContext(testkit.Within(d.n.t, time.Minute), "ip", "netns", "exec", d.n.ns("cli"), "sh", "-c",
		strings.Join(lines, "\n")) //nolint:gosec // lines of this file
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		d.n.t.Fatalf("%v\n%s\n%s", err, out.String(), said.String())
	}
	return append(out.Bytes(), said.Bytes()...)
}
