package twin_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"edgenet/internal/twin"
)

// edgeAgent holds the variables that it sets.
var edgeAgent = map[string]string{
	"IOTEDGE_WORKLOADURI": "unix:///var/run/iotedge/workload.sock", "IOTEDGE_APIVERSION": "2022-08-03",
	"IOTEDGE_AUTHSCHEME": "sasToken",
	"IOTEDGE_DEVICEID":   "d", "IOTEDGE_MODULEID": "edgenet", "IOTEDGE_MODULEGENERATIONID": "637000000000000000",
	"IOTEDGE_IOTHUBHOSTNAME": "h.azure-devices.net", "IOTEDGE_GATEWAYHOSTNAME": "edge-device",
}

const (
	testKey = "c2VjcmV0IGtleSBmb3IgdGVzdHM="
	ownText = "HostName=h.azure-devices.net;DeviceId=d;ModuleId=m;SharedAccessKey=" + testKey + ";GatewayHostName=edge"
)

// with is an environment with changes: NAME, VALUE, …
func with(base map[string]string, changes ...string) func(string) string {
	env := maps.Clone(base)
	if env == nil {
		env = map[string]string{}
	}
	for i := 0; i < len(changes); i += 2 {
		env[changes[i]] = changes[i+1]
	}
	return func(name string) string { return env[name] }
}

func write(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestFromEnvironment(t *testing.T) {
	t.Parallel()
	ca := startLab(t).Info().CAFile
	want := twin.Identity{Hub: "h.azure-devices.net", Gateway: "edge-device", Device: "d", Module: "edgenet",
		Generation: "637000000000000000"}
	s, err := twin.FromEnvironment(with(edgeAgent))
	if err != nil || s.Identity != want || s.WorkloadURI == "" || !s.Key.IsZero() {
		t.Errorf("runtime: %+v, %v", s, err)
	}
	own := twin.Identity{Hub: "h.azure-devices.net", Gateway: "edge", Device: "d", Module: "m"}
	for name, env := range map[string]func(string) string{
		"string and CA":        with(nil, "EdgeHubConnectionString", ownText, "EdgeModuleCACertificateFile", ca),
		"string before others": with(edgeAgent, "EdgeHubConnectionString", ownText),
		"file": with(nil, "EDGENET_CONNECTION_STRING_FILE", write(t, ownText+"\n"),
			"EdgeModuleCACertificateFile", ca),
	} {
		s, err := twin.FromEnvironment(env)
		if err != nil || s.Identity != own || s.Key.Reveal() != testKey {
			t.Errorf("%s: %+v, %v", name, s, err)
			continue
		}
		c, err := s.Config()
		if err != nil || c.Identity != own {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if digest, err := c.Sign(context.Background(), "text"); err != nil || len(digest) != 32 {
			t.Errorf("%s: signs %d bytes, %v", name, len(digest), err)
		}
		if name == "string before others" { // whose roots are the workload API's, which is not there
			continue
		}
		if pool, err := c.Roots(context.Background()); err != nil || pool == nil {
			t.Errorf("%s: roots %v", name, err)
		}
	}
}

// Errors name the variable, what stands there and what is expected, and no secret.
func TestFromEnvironmentRefuses(t *testing.T) {
	t.Parallel()
	const file = "EDGENET_CONNECTION_STRING_FILE"
	cut := func(part string) string { return strings.Replace(ownText, part, "", 1) }
	for name, tt := range map[string]struct {
		env      func(string) string
		variable string
		words    string
	}{
		"nothing": {with(nil), "IOTEDGE_WORKLOADURI", "edgeAgent sets it"},
		"no gateway": {with(edgeAgent, "IOTEDGE_GATEWAYHOSTNAME", ""), "IOTEDGE_GATEWAYHOSTNAME",
			"never connects to the hub itself"},
		"gateway is hub": {with(edgeAgent, "IOTEDGE_GATEWAYHOSTNAME", "h.azure-devices.net"),
			"IOTEDGE_GATEWAYHOSTNAME", "is an IoT Hub"},
		"bad gateway": {with(edgeAgent, "IOTEDGE_GATEWAYHOSTNAME", "a/b"), "IOTEDGE_GATEWAYHOSTNAME",
			`"a/b": expected edgeHub's host name`},
		"no hub": {with(edgeAgent, "IOTEDGE_IOTHUBHOSTNAME", ""), "IOTEDGE_IOTHUBHOSTNAME",
			"expected a host name"},
		"no device": {with(edgeAgent, "IOTEDGE_DEVICEID", ""), "IOTEDGE_DEVICEID", "expected a device id"},
		"no module": {with(edgeAgent, "IOTEDGE_MODULEID", "a b"), "IOTEDGE_MODULEID",
			`"a b": expected a module id`},
		"no generation": {with(edgeAgent, "IOTEDGE_MODULEGENERATIONID", ""), "IOTEDGE_MODULEGENERATIONID",
			"expected the module's generation id"},
		"scheme": {with(edgeAgent, "IOTEDGE_AUTHSCHEME", "x509"), "IOTEDGE_AUTHSCHEME",
			`"x509": expected sasToken`},
		"workload uri": {with(edgeAgent, "IOTEDGE_WORKLOADURI", "fd://x"), "IOTEDGE_WORKLOADURI",
			`"fd://x": expected unix:///PATH`},
		"workload https": {with(edgeAgent, "IOTEDGE_WORKLOADURI", "https://h:1"), "IOTEDGE_WORKLOADURI",
			"expected unix:///PATH"},
		"not a string": {with(nil, "EdgeHubConnectionString", testKey), "EdgeHubConnectionString",
			"expected KEY=VALUE"},
		"string w/o gw": {with(nil, "EdgeHubConnectionString", cut(";GatewayHostName=edge")),
			"EdgeHubConnectionString", "no GatewayHostName"},
		"string w/o mod": {with(nil, "EdgeHubConnectionString", cut("ModuleId=m;")), "EdgeHubConnectionString",
			"no ModuleId"},
		"string with x509": {with(nil, "EdgeHubConnectionString", strings.Replace(ownText, "SharedAccessKey="+testKey,
			"x509=true", 1)), "EdgeHubConnectionString", "no SharedAccessKey"},
		"string to hub": {with(nil, "EdgeHubConnectionString",
			strings.Replace(ownText, "=edge", "=h.azure-devices.net", 1)), "EdgeHubConnectionString", "is an IoT Hub"},
		"no CA": {with(nil, "EdgeHubConnectionString", ownText), "EdgeModuleCACertificateFile",
			"expected a PEM file"},
		"CA not there": {with(nil, "EdgeHubConnectionString", ownText, "EdgeModuleCACertificateFile",
			"/nowhere/ca.pem"), "EdgeModuleCACertificateFile", "/nowhere/ca.pem"},
		"CA no PEM": {with(nil, "EdgeHubConnectionString", ownText, "EdgeModuleCACertificateFile",
			write(t, "x")), "EdgeModuleCACertificateFile", "expected certificates in PEM"},
		"file not there": {with(nil, file, "/nowhere"), file, "/nowhere"},
		"file too long":  {with(nil, file, write(t, strings.Repeat("x", 2<<20))), file, "longer than 1 MiB"},
		"both": {with(nil, file, "/nowhere", "EdgeHubConnectionString", ownText), file,
			"expected one of them"},
	} {
		_, err := twin.FromEnvironment(tt.env)
		var bad *twin.VariableError
		if !errors.As(err, &bad) || bad.Name != tt.variable || !strings.Contains(err.Error(), tt.words) ||
			!strings.HasPrefix(err.Error(), tt.variable+": ") {
			t.Errorf("%s: %v, want %s: …%s", name, err, tt.variable, tt.words)
		}
		if err != nil && strings.Contains(err.Error(), testKey) {
			t.Errorf("%s: a secret in %v", name, err)
		}
	}
}

// Whatever stands in the environment is taken or refused, and what is taken makes a
// Config that would never dial a hub.
func FuzzFromEnvironment(f *testing.F) {
	f.Add("unix:///var/run/w.sock", "edge", "h.azure-devices.net", "d", "m", "1", "")
	f.Add("http://127.0.0.1:1", "h", "h", "d", "m", "1", ownText)
	f.Fuzz(func(t *testing.T, uri, gateway, hub, device, module, generation, text string) {
		env := with(nil, "IOTEDGE_WORKLOADURI", uri, "IOTEDGE_GATEWAYHOSTNAME", gateway, "IOTEDGE_IOTHUBHOSTNAME", hub,
			"IOTEDGE_DEVICEID", device, "IOTEDGE_MODULEID", module, "IOTEDGE_MODULEGENERATIONID", generation,
			"EdgeHubConnectionString", text)
		s, err := twin.FromEnvironment(env)
		if err != nil {
			return
		}
		if _, err := s.Config(); err != nil {
			t.Errorf("%+v makes no Config: %v", s, err)
		}
		if s.Gateway == "" || strings.EqualFold(s.Gateway, s.Hub) || strings.HasSuffix(strings.ToLower(s.Gateway),
			".azure-devices.net") {
			t.Errorf("gateway %q", s.Gateway)
		}
	})
}
