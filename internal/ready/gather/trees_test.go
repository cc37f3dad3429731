package gather

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/internal/ready"
)

// tree is a state of the fixture's device: what is changed, and what the row then says.
type tree struct {
	status ready.Status
	change func(*fixture)
}

// three are the states that every row has to be brought into.
type three struct{ ok, wrong, unknown tree }

func as(s ready.Status, change func(*fixture)) tree { return tree{s, change} }

func asIt(*fixture) {}

// unreadable puts a directory where a file belongs: nobody reads that, root included.
func unreadable(name string) func(*fixture) {
	return func(f *fixture) {
		f.t.Helper()
		_ = os.Remove(filepath.Join(f.root, name))
		if err := os.MkdirAll(filepath.Join(f.root, name), 0o755); err != nil {
			f.t.Fatal(err)
		}
	}
}

func noSocket(f *fixture) { f.options.Engine = filepath.Join(f.root, "none.sock") }

func config(more string) func(*fixture) {
	return func(f *fixture) { f.write("etc/aziot/config.toml", superTOML+more) }
}

func replaced(old, now string) func(*fixture) {
	return func(f *fixture) { f.write("etc/aziot/config.toml", strings.Replace(superTOML, old, now, 1)) }
}

func hubHost(key string, value any) func(*fixture) {
	return func(f *fixture) { f.hub["HostConfig"].(map[string]any)[key] = value }
}

func hubEnv(pairs ...string) func(*fixture) {
	return func(f *fixture) {
		f.hub["Config"].(map[string]any)["Env"] = append([]string{"storageFolder=/store"}, pairs...)
	}
}

func version(key string, value any) func(*fixture) {
	return func(f *fixture) { f.engine["/version"].(map[string]any)[key] = value }
}

func image(of func(*fixture) map[string]any, name string) func(*fixture) {
	return func(f *fixture) { of(f)["Config"].(map[string]any)["Image"] = name }
}

func hubBox(f *fixture) map[string]any   { return f.hub }
func agentBox(f *fixture) map[string]any { return f.agent }

// certificate writes a certificate of its own key, and the key, and gives the files' names.
func (f *fixture) certificate(name string, change func(*x509.Certificate)) {
	f.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		f.t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "Plant CA"},
		NotBefore: time.Now().AddDate(0, -1, 0), NotAfter: time.Now().AddDate(1, 0, 0),
		BasicConstraintsValid: true, IsCA: true, KeyUsage: x509.KeyUsageCertSign}
	change(c)
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		f.t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		f.t.Fatal(err)
	}
	f.write(name+".pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	f.write(name+".key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
}

func certificate(name, more string, change func(*x509.Certificate)) func(*fixture) {
	return func(f *fixture) {
		f.certificate(name, change)
		if more != "" {
			config("")(f)
			f.write("etc/aziot/config.toml", strings.Replace(superTOML, `method = "tpm"`, more, 1))
		}
	}
}

func expired(c *x509.Certificate) { c.NotAfter = time.Now().AddDate(0, 0, -1) }
func asIs(*x509.Certificate)      {}

const identityX509 = "method = \"x509\"\nidentity_cert = \"file:///etc/certs/id.pem\"\n" +
	"identity_pk = \"file:///etc/certs/id.key.pem\""

const estCerts = "[cert_issuance.est.auth]\nidentity_cert = \"file:///etc/certs/est.pem\"\n" +
	"identity_pk = \"file:///etc/certs/est.key.pem\"\n"

func estFile(change func(*x509.Certificate)) func(*fixture) {
	return func(f *fixture) { f.certificate("etc/certs/est", change); config(estCerts)(f) }
}

// planned is an image without an engine, whose deployment has one module.
func planned(image, host string) func(*fixture) {
	return func(f *fixture) {
		f.options.Live, f.options.Engine = false, ""
		f.options.Deployment = []byte(`{"modulesContent":{"$edgeAgent":{"properties.desired":{"systemModules":{},` +
			`"modules":{"m":{"settings":{"image":"` + image + `","createOptions":"{\"HostConfig\":{` + host +
			`}}"},"env":{"INTERVAL":{"value":"hunter2"}}}}}}}}`)
	}
}

// store binds a directory of another user for edgeHub's store, with the mode.
func store(mode os.FileMode) func(*fixture) {
	return func(f *fixture) {
		dir := f.t.TempDir()
		if os.Getuid() == 0 {
			dir = owned(f.t, 4242)
		}
		if err := os.Chmod(dir, mode); err != nil { //nolint:gosec // who may enter is what is tested
			f.t.Fatal(err)
		}
		f.hub["Mounts"] = []map[string]string{{"Type": "bind", "Source": dir, "Destination": "/store"}}
		f.hub["Config"].(map[string]any)["User"] = ""
	}
}

func dpkg(v string) func(*fixture) {
	return func(f *fixture) {
		f.write("var/lib/dpkg/status", "Package: aziot-edge\nStatus: install ok installed\nVersion: "+v+"\n\n")
	}
}

// trees has the rows that a device of files and sockets can bring into all three states.
func trees() map[string]three {
	gone := as(ready.Unknown, noSocket)
	unread := as(ready.Unknown, unreadable("etc/aziot/config.toml"))
	return map[string]three{
		"cert.edge-ca": {as(ready.OK, asIt), as(ready.Error, certificate("etc/certs/ca", "", expired)),
			as(ready.Unknown, unreadable("etc/certs/ca.pem"))},
		"cert.identity": {as(ready.OK, certificate("etc/certs/id", identityX509, asIs)),
			as(ready.Error, certificate("etc/certs/id", identityX509, expired)), unread},
		"cert.est": {as(ready.OK, estFile(asIs)), as(ready.Error, estFile(expired)),
			as(ready.Unknown, func(f *fixture) { estFile(asIs)(f); unreadable("etc/certs/est.pem")(f) })},
		"cert.trust-bundle": {as(ready.OK, asIt), as(ready.Error, certificate("etc/certs/root", "", expired)),
			as(ready.Unknown, unreadable("etc/certs/root.pem"))},
		"cert.hub-leaf": {as(ready.OK, asIt), as(ready.Error, replaced("gw.plant.test", "other.test")),
			as(ready.Unknown, hubHost("PortBindings", map[string]any{}))},
		"cert.demo": {as(ready.OK, asIt), as(ready.Error, certificate("etc/certs/root", "",
			func(c *x509.Certificate) { c.Subject.CommonName = "Azure_IoT_Hub_CA_Cert_Test_Only" })),
			as(ready.Unknown, unreadable("etc/certs/ca.pem"))},
		"config.values": {as(ready.OK, asIt),
			as(ready.Error, replaced("hostname", "cloud_timeout_sec = 10\nhostname")), unread},
		"config.applied": {as(ready.OK, asIt), as(ready.Warning, replaced("gw.plant.test", "other.test")), unread},
		"config.agent-env": {as(ready.OK, asIt), as(ready.Warning, func(f *fixture) {
			f.agent["Config"].(map[string]any)["Env"] = []string{"UpstreamProtocol=Amqp"}
		}), gone},
		"prov.method": {as(ready.OK, asIt), as(ready.Warning, replaced("method = \"tpm\"",
			"method = \"symmetric_key\"\nsymmetric_key = { value = \"aHVudGVyMg==\" }")), unread},
		"prov.offline-boot": {as(ready.OK, asIt),
			as(ready.Warning, replaced("hostname", "auto_reprovisioning_mode = \"AlwaysOnStartup\"\nhostname")),
			unread},
		"os.support": {as(ready.OK, asIt), as(ready.Info, func(f *fixture) {
			f.write("etc/os-release", "ID=debian\nVERSION_ID=\"11\"\n")
		}), as(ready.Unknown, unreadable("etc/os-release"))},
		"engine.api": {as(ready.OK, asIt), as(ready.Warning, version("MinAPIVersion", "1.44")), gone},
		"engine.kind": {as(ready.OK, asIt), as(ready.Warning,
			func(f *fixture) {
				version("Platform", map[string]string{"Name": "Docker Engine - Community"})(f)
				version("Version", "28.3.0")(f)
			}), gone},
		"engine.eol": {as(ready.OK, asIt), as(ready.Warning, version("Version", "20.10.11+azure-2")), gone},
		"engine.logs": {as(ready.OK, asIt),
			as(ready.Warning, hubHost("LogConfig", map[string]any{"Type": "json-file"})), gone},
		"engine.network": {as(ready.OK, asIt), as(ready.Error, func(f *fixture) {
			f.engine["/networks"].([]map[string]any)[0]["IPAM"] = map[string]any{
				"Config": []map[string]string{{"Subnet": "0.0.0.0/1"}, {"Subnet": "128.0.0.0/1"}}}
		}), gone},
		"disk.docker": {as(ready.OK, asIt), as(ready.Info, func(f *fixture) {
			f.engine["/system/df"] = map[string]any{"Images": []any{}, "Volumes": []any{map[string]any{
				"Name": "v", "UsageData": map[string]any{"RefCount": 0, "Size": int64(3 << 30)}}}}
		}), gone},
		"release.support": {as(ready.OK, asIt), as(ready.Error, dpkg("1.4.20-1")),
			as(ready.Unknown, func(f *fixture) { f.write("var/lib/dpkg/status", "") })},
		"release.skew": {as(ready.OK, asIt),
			as(ready.Warning, image(hubBox, "mcr.test/azureiotedge-hub:1.4.3")), gone},
		"release.rolling-tag": {as(ready.OK, asIt),
			as(ready.Warning, image(agentBox, "mcr.test/azureiotedge-agent:1.6")), gone},
		"image.debug": {as(ready.OK, asIt), as(ready.Warning, image(hubBox, "mcr.test/hub:1.6.1-debug")), gone},
		"ports.debug": {as(ready.OK, asIt), as(ready.Warning, hubHost("PortBindings",
			map[string]any{"5678/tcp": []map[string]string{{"HostPort": "5678"}}})), gone},
		"module.restart": {as(ready.OK, asIt),
			as(ready.Warning, hubHost("RestartPolicy", map[string]any{"Name": "always"})), gone},
		"module.privileged": {as(ready.OK, asIt), as(ready.Warning, hubHost("Privileged", true)), gone},
		"store.memory": {as(ready.OK, asIt), as(ready.Error, func(f *fixture) {
			f.engine["/containers/edgeHub/logs"] = "Starting Edge Hub\nFalling back to in-memory store."
		}), as(ready.Unknown, func(f *fixture) { f.engine["/containers/edgeHub/logs"] = "later lines" })},
		"store.persist": {as(ready.OK, asIt), as(ready.Warning, func(f *fixture) { f.hub["Mounts"] = nil }), gone},
		"store.owner":   {as(ready.OK, store(0o777)), as(ready.Error, store(0o755)), gone},
		"image.latest": {as(ready.OK, planned("r.test/m:1.2.3", "")),
			as(ready.Warning, planned("r.test/m:latest", "")), gone},
		"module.limits": {as(ready.OK, planned("r.test/m:1.2.3", `\"Memory\":67108864`)),
			as(ready.Info, planned("r.test/m:1.2.3", "")), gone},
		"module.secrets": {as(ready.OK, planned("r.test/m:1.2.3", "")),
			as(ready.Warning, func(f *fixture) {
				planned("r.test/m:1.2.3", "")(f)
				f.options.Deployment = []byte(strings.Replace(string(f.options.Deployment), "INTERVAL",
					"DB_PASSWORD", 1))
			}), gone},
		"hub.heads": {as(ready.OK, asIt), as(ready.Warning, hubEnv("mqttSettings__enabled=false")), gone},
		"hub.clients": {as(ready.OK, hubHost("PortBindings", map[string]any{})),
			as(ready.Warning, func(f *fixture) { hubEnv("MaxConnectedClients=0")(f) }),
			as(ready.Unknown, hubHost("PortBindings",
				map[string]any{"8883/tcp": []map[string]string{{"HostPort": "1"}}}))},
	}
}

// elsewhere are the rows that a tree cannot bring into all three states, and where that is
// done.
var elsewhere = map[string]string{
	"engine.dns": "inside a network namespace: internal/verify/netns, TestReadyLooksInside",
}

// TestTrees brings each row into all three states on a device of files, certificates and
// sockets.
func TestTrees(t *testing.T) {
	t.Parallel()
	table := trees()
	maps.Copy(table, machineTrees())
	maps.Copy(table, deploymentTrees())
	for _, r := range ready.Rules() {
		cases, has := table[r.ID]
		if !has && elsewhere[r.ID] == "" && r.Severity != "question" {
			t.Errorf("no tree brings %s into its states", r.ID)
		}
		for _, x := range []struct {
			name string
			tree
		}{{"ok", cases.ok}, {"wrong", cases.wrong}, {"unknown", cases.unknown}} {
			if !has {
				continue
			}
			t.Run(r.ID+"/"+x.name, func(t *testing.T) {
				t.Parallel()
				f := healthy(t)
				x.change(f)
				rows := f.judge()[r.ID]
				if !slices.ContainsFunc(rows, func(row ready.Row) bool { return row.Status == x.status }) {
					t.Errorf("want %s, got %+v", x.status, rows)
				}
			})
		}
	}
}
