package module

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"edgenet/internal/image"
	"edgenet/report"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type variables map[string]struct{ Value any }

type moduleSpec struct {
	Version, Type, Status, RestartPolicy, ImagePullPolicy string
	StartupOrder                                          *int
	Settings                                              struct{ Image, CreateOptions string }
	Env                                                   variables
}

type agent struct {
	SchemaVersion string
	Runtime       struct {
		Type     string
		Settings struct{ MinDockerVersion, LoggingOptions string }
	}
	SystemModules map[string]moduleSpec
	Modules       map[string]moduleSpec
}

// properties gives what stands under modulesContent.MODULE.KEY.
func properties(t *testing.T, manifest []byte, module, key string, v any) {
	t.Helper()
	var m struct {
		ModulesContent map[string]map[string]json.RawMessage
	}
	d := json.NewDecoder(bytes.NewReader(manifest))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		t.Fatal(err)
	}
	raw, ok := m.ModulesContent[module][key]
	if !ok {
		t.Fatalf("no %s in %s", key, module)
	}
	if err := json.Unmarshal(raw, v); err != nil {
		t.Fatalf("%s %s: %v", module, key, err)
	}
}

func baseAgent(t *testing.T) agent {
	t.Helper()
	var a agent
	properties(t, Base(), "$edgeAgent", "properties.desired", &a)
	return a
}

// TestBase holds the manifest against what edgeAgent accepts.
func TestBase(t *testing.T) {
	t.Parallel()
	a := baseAgent(t)
	if a.SchemaVersion != "1.1" || a.Runtime.Type != "docker" || a.Runtime.Settings.MinDockerVersion == "" {
		t.Errorf("schema %q, runtime %+v", a.SchemaVersion, a.Runtime)
	}
	if len(a.SystemModules) != 2 {
		t.Errorf("%d system modules", len(a.SystemModules))
	}
	for name, m := range a.SystemModules {
		spec(t, name, m)
		if !strings.HasPrefix(m.Settings.Image, "mcr.microsoft.com/azureiotedge-") {
			t.Errorf("%s: image %s", name, m.Settings.Image)
		}
		if m.Env["StorageFolder"].Value == nil {
			t.Errorf("%s keeps its state in the container", name)
		}
		p, err := report.ParseProtocol(fmt.Sprint(m.Env["UpstreamProtocol"].Value))
		if err != nil || p != report.AMQPWS || m.Env["UpstreamProtocol"].Value != "AmqpWs" {
			t.Errorf("%s: UpstreamProtocol %v, %v", name, m.Env["UpstreamProtocol"].Value, err)
		}
	}
	one, two := a.SystemModules["edgeAgent"], a.SystemModules["edgeHub"]
	if one.Env["UpstreamProtocol"] != two.Env["UpstreamProtocol"] || one.Env["https_proxy"] != two.Env["https_proxy"] {
		t.Error("edgeAgent and edgeHub disagree on protocol or proxy")
	}
	if tag(one) != tag(two) {
		t.Errorf("edgeAgent is %s and edgeHub %s", tag(one), tag(two))
	}
	if two.Status != "running" || two.RestartPolicy != "always" {
		t.Errorf("edgeHub: %+v", two)
	}
}

func tag(m moduleSpec) string { _, tag, _ := strings.Cut(m.Settings.Image, ":"); return tag }

var (
	envName  = regexp.MustCompile(`^[^+#$\s.]+$`)
	fixedTag = regexp.MustCompile(`^[a-z0-9.-]+(/[a-z0-9._-]+)+:[0-9]+\.[0-9]+\.[0-9]+$`)
)

// spec holds one module against the manifest's schema.
func spec(t *testing.T, name string, m moduleSpec) {
	t.Helper()
	if m.Type != "docker" || m.ImagePullPolicy != "on-create" {
		t.Errorf("%s: type %q, pull policy %q", name, m.Type, m.ImagePullPolicy)
	}
	if !fixedTag.MatchString(m.Settings.Image) {
		t.Errorf("%s: image %q, expected a whole version as its tag", name, m.Settings.Image)
	}
	if n := len(m.Settings.CreateOptions); n > 512 {
		t.Errorf("%s: createOptions of %d characters, which the twin splits", name, n)
	}
	for key, v := range m.Env {
		switch v.Value.(type) {
		case string, float64, bool:
		default:
			t.Errorf("%s: env %s is %T", name, key, v.Value)
		}
		if !envName.MatchString(key) {
			t.Errorf("%s: env name %q", name, key)
		}
	}
	if o := options(t, m); o.LogConfig.Type != "json-file" || o.LogConfig.Config["max-size"] == "" ||
		o.LogConfig.Config["max-file"] == "" {
		t.Errorf("%s: its log has no limit: %+v", name, o.LogConfig)
	}
}

type hostConfig struct {
	Binds          []string
	ReadonlyRootfs bool
	CapDrop        []string
	CapAdd         []string
	SecurityOpt    []string
	Privileged     bool
	Memory         int64
	PidsLimit      int
	CPUShares      int `json:"CpuShares"`
	NetworkMode    string
	LogConfig      struct {
		Type   string
		Config map[string]string
	}
}

// options reads createOptions; a field that this test does not know is an error, so that
// nothing gets in unseen.
func options(t *testing.T, m moduleSpec) hostConfig {
	t.Helper()
	var o struct{ HostConfig hostConfig }
	d := json.NewDecoder(strings.NewReader(m.Settings.CreateOptions))
	d.DisallowUnknownFields()
	if err := d.Decode(&o); err != nil {
		t.Fatalf("createOptions %s: %v", m.Settings.CreateOptions, err)
	}
	return o.HostConfig
}

// TestEdgenetIsAGuest: the module has limits and no privileges, and its volume is where
// the image's user may write.
func TestEdgenetIsAGuest(t *testing.T) {
	t.Parallel()
	m := baseAgent(t).Modules["edgenet"]
	spec(t, "edgenet", m)
	if m.Status != "running" || m.RestartPolicy != "always" || m.Version == "" || m.StartupOrder == nil ||
		*m.StartupOrder != 1 {
		t.Errorf("edgenet: %+v", m)
	}
	o := options(t, m)
	if !o.ReadonlyRootfs || o.Privileged || len(o.CapAdd) > 0 || !slices.Equal(o.CapDrop, []string{"ALL"}) ||
		!slices.Contains(o.SecurityOpt, "no-new-privileges") || o.NetworkMode != "" {
		t.Errorf("edgenet may too much: %+v", o)
	}
	if o.Memory <= 0 || o.Memory > 64<<20 || o.PidsLimit <= 0 || o.CPUShares <= 0 || o.CPUShares >= 1024 {
		t.Errorf("edgenet has no limits: %+v", o)
	}
	if want := "edgenet-state:" + image.StateDir; !slices.Equal(o.Binds, []string{want}) {
		t.Errorf("edgenet mounts %v, want %s", o.Binds, want)
	}
	for name, v := range m.Env {
		if s := fmt.Sprint(v.Value); strings.Contains(s, "@") {
			t.Errorf("edgenet: env %s holds credentials: %s", name, s)
		}
	}
}

// TestLayered: it adds the same module to any base deployment, and touches nothing else.
func TestLayered(t *testing.T) {
	t.Parallel()
	var m struct {
		ModulesContent map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(Layered(), &m); err != nil {
		t.Fatal(err)
	}
	for name, keys := range m.ModulesContent {
		for key := range keys {
			if (name+" "+key) != "edgenet properties.desired" && name+" "+
				key != "$edgeAgent properties.desired.modules.edgenet" && name+" "+
				key != "$edgeHub properties.desired.routes.edgenet" {
				t.Errorf("the layer sets %s of %s", key, name)
			}
		}
	}
	var layer moduleSpec
	properties(t, Layered(), "$edgeAgent", "properties.desired.modules.edgenet", &layer)
	a, err := json.Marshal(layer)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(baseAgent(t).Modules["edgenet"])
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Errorf("the module differs between the manifests:\n%s\n%s", a, b)
	}
}

// TestRoutes: transitions leave by the module's output, and by no other.
func TestRoutes(t *testing.T) {
	t.Parallel()
	const want = "FROM /messages/modules/edgenet/outputs/edgenet INTO $upstream"
	var hub struct {
		SchemaVersion string
		Routes        map[string]struct {
			Route    string
			Priority int
		}
		StoreAndForwardConfiguration struct{ TimeToLiveSecs int }
	}
	properties(t, Base(), "$edgeHub", "properties.desired", &hub)
	if hub.SchemaVersion != "1.1" || len(hub.Routes) != 1 || hub.Routes["edgenet"].Route != want ||
		hub.StoreAndForwardConfiguration.TimeToLiveSecs <= 0 {
		t.Errorf("edgeHub: %+v", hub)
	}
	var route string
	properties(t, Layered(), "$edgeHub", "properties.desired.routes.edgenet", &route)
	if route != want {
		t.Errorf("route %q", route)
	}
	for _, manifest := range [][]byte{Base(), Layered()} {
		var desired struct{ Expected string }
		properties(t, manifest, "edgenet", "properties.desired", &desired)
		if got := baseAgent(t).SystemModules["edgeHub"].Env["UpstreamProtocol"].Value; got != desired.Expected {
			t.Errorf("expected %q, and the deployment sets %v", desired.Expected, got)
		}
	}
}
