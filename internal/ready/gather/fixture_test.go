package gather

import (
	"context"
	"crypto/tls"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"edgenet/internal/lab/engine"
	"edgenet/internal/lab/pki"
	"edgenet/internal/ready"
)

// fixture is a device of files, certificates, an engine on a socket and an edgeHub that
// shows a certificate.
type fixture struct {
	t       testing.TB
	root    string
	ca      *pki.Authority
	engine  map[string]any // answers by their paths
	hub     map[string]any // edgeHub's description
	agent   map[string]any
	machine machine
	options Options
}

func (f *fixture) write(name, text string) {
	f.t.Helper()
	p := filepath.Join(f.root, name)
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

const superTOML = `hostname = "gw.plant.test"
trust_bundle_cert = "file:///etc/certs/root.pem"
[provisioning]
source = "dps"
global_endpoint = "https://global.azure-devices-provisioning.net"
id_scope = "0ne1"
[provisioning.attestation]
method = "tpm"
registration_id = "gw"
[edge_ca]
cert = "file:///etc/certs/ca.pem"
pk = "file:///etc/certs/ca.key.pem"
[agent]
name = "edgeAgent"
type = "docker"
[agent.config]
image = "mcr.microsoft.com/azureiotedge-agent:1.5"
[agent.env]
UpstreamProtocol = "AmqpWs"
`

// nestedTOML is a device below a parent, which DPS cannot provision.
var nestedTOML = "parent_hostname = \"gw1.corp\"\n" + strings.NewReplacer("source = \"dps\"\n", "source = \"manual\"\n",
	"global_endpoint = \"https://global.azure-devices-provisioning.net\"\n", "", "id_scope = \"0ne1\"\n",
	"connection_string = \"HostName=h;DeviceId=d;SharedAccessKey=c2VjcmV0\"\n", "[provisioning.attestation]\n", "",
	"method = \"tpm\"\n", "", "registration_id = \"gw\"\n", "").Replace(superTOML)

func healthy(t testing.TB) *fixture {
	t.Helper()
	f := &fixture{t: t, root: t.TempDir()}
	var err error
	if f.ca, err = pki.NewAuthority(pkix.Name{CommonName: "Plant Root"}); err != nil {
		t.Fatal(err)
	}
	f.write("etc/aziot/config.toml", superTOML)
	f.write(
		"etc/aziot/identityd/config.d/00-super.toml",
		"hostname = \"gw.plant.test\"\n[provisioning]\nsource = \"dps\"\nglobal_endpoint = "+
			"\"https://global.azure-devices-provisioning.net\"\nscope_id = \"0ne1\"\n",
	)
	f.write(
		"etc/aziot/keyd/config.d/00-super.toml",
		"[preloaded_keys]\naziot-edged-ca = \"file:///etc/certs/ca.key.pem\"\n",
	)
	f.write(
		"etc/aziot/certd/config.d/00-super.toml",
		"[preloaded_certs]\naziot-edged-ca = \"file:///etc/certs/ca.pem\"\n",
	)
	f.write(
		"etc/aziot/edged/config.d/00-super.toml",
		"hostname = \"gw.plant.test\"\n[agent.config]\nimage = \"mcr.microsoft.com/azureiotedge-agent:1.5\"\n"+
			"[agent.env]\nUpstreamProtocol = \"AmqpWs\"\n",
	)
	f.write("var/lib/dpkg/status", "Package: aziot-edge\nStatus: install ok installed\nVersion: 1.6.0-1\n\n")
	f.write("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n")
	f.write("etc/certs/root.pem", string(f.ca.PEM()))
	f.write("etc/certs/ca.pem", string(f.ca.PEM()))
	f.write("etc/certs/ca.key.pem", "")
	f.agent = box(
		"edgeAgent",
		map[string]any{
			"Labels": map[string]string{"net.azure-devices.edge.env": "{}"},
			"Env":    []string{"UpstreamProtocol=AmqpWs"},
		},
	)
	f.hub = box("edgeHub", map[string]any{})
	f.hub["HostConfig"].(map[string]any)["PortBindings"] = map[string]any{
		"8883/tcp": []map[string]string{{"HostPort": strconv.Itoa(f.serveHub())}},
	}
	f.engine = map[string]any{
		"/_ping": "OK",
		"/version": map[string]any{
			"Version":       "28.3.0+azure-1",
			"ApiVersion":    "1.51",
			"MinAPIVersion": "1.24",
			"Platform":      map[string]string{"Name": "Moby"},
		},
		"/info": map[string]any{
			"Driver":        "overlay2",
			"DockerRootDir": f.root,
			"LoggingDriver": "local",
		},
		"/networks": []map[string]any{
			{
				"Id":   "0123456789abcdef",
				"Name": "azure-iot-edge",
				"IPAM": map[string]any{"Config": []map[string]string{{"Subnet": "198.51.100.0/24"}}},
			},
		},
		"/system/df":               map[string]any{"Images": []any{}, "Volumes": []any{}},
		"/containers/edgeHub/logs": "x Starting Edge Hub x",
	}
	f.machine = sound()
	for name, text := range f.machine.files() {
		f.write(name, text)
	}
	f.options = Options{Root: f.root, Live: true, Now: time.Now(), Engine: f.serveEngine()}
	return f
}

// box is a container as the engine describes it.
func box(name string, config map[string]any) map[string]any {
	config["Image"] = "mcr.test/azureiotedge-" + strings.ToLower(strings.TrimPrefix(name, "edge")) + ":1.6.1"
	env, _ := config["Env"].([]string)
	config["Env"] = append(env, "storageFolder=/store", "SECRET_KEY=hunter2")
	return map[string]any{
		"Id":         name,
		"Name":       "/" + name,
		"Config":     config,
		"State":      map[string]any{"Status": "running", "Pid": 0},
		"HostConfig": map[string]any{"LogConfig": map[string]any{"Type": "local"}},
		"Mounts":     []map[string]string{{"Type": "volume", "Name": name, "Destination": "/store"}},
	}
}

// serveHub shows edgeHub's certificate on a port of loopback.
func (f *fixture) serveHub() int {
	f.t.Helper()
	leaf, err := f.ca.Issue(pki.Leaf{Names: []string{"gw.plant.test", "edgehub"}})
	if err != nil {
		f.t.Fatal(err)
	}
	l, err := tls.Listen(
		"tcp",
		"127.0.0.1:0",
		&tls.Config{Certificates: []tls.Certificate{leaf}, MinVersion: tls.VersionTLS12},
	)
	if err != nil {
		f.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.SetDeadline(time.Now().Add(5 * time.Second))
			_ = c.(*tls.Conn).Handshake()
			_ = c.Close()
		}
	}()
	f.t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().(*net.TCPAddr).Port
}

func (f *fixture) serveEngine() string {
	f.t.Helper()
	dir, err := os.MkdirTemp("", "eng")
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "s")
	s := &engine.Server{Answer: f.answer}
	stop, err := s.Serve(path)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = stop() })
	return path
}

// answer tells of the device's containers; what it does not know the lab's engine answers.
func (f *fixture) answer(r *http.Request, path string) any {
	if r.Method != http.MethodGet {
		f.t.Errorf("the engine was asked to %s %s", r.Method, r.URL)
	}
	if told := f.engine[path]; told != nil {
		return told
	}
	switch path {
	case "/containers/json":
		return []map[string]any{
			{"Id": "edgeHub", "Names": []string{"/edgeHub"}},
			{"Id": "edgeAgent", "Names": []string{"/edgeAgent"}},
			{"Id": "other", "Names": []string{"/postgres"}},
		}
	case "/containers/edgeHub/json":
		return f.hub
	case "/containers/edgeAgent/json":
		return f.agent
	}
	return nil
}

func (f *fixture) judge() map[string][]ready.Row {
	f.t.Helper()
	f.options.Machine = f.machine.options(f.t)
	rows, _ := ready.Judge(All(context.Background(), f.options))
	out := map[string][]ready.Row{}
	for _, r := range rows {
		out[r.ID] = append(out[r.ID], r)
		if r.Status == ready.Unknown && r.Needs == "" {
			f.t.Errorf("%s does not say what it needs", r.ID)
		}
		if strings.Contains(fmt.Sprint(r), "hunter2") {
			f.t.Errorf("a secret is shown: %+v", r)
		}
	}
	return out
}
