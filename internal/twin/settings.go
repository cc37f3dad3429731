package twin

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"edgenet/internal/iothub"
	"edgenet/internal/secret"
	"edgenet/report"
)

// The variables that are read: edgeAgent gives every module the IOTEDGE_ ones, the
// vendor's SDKs read the next two, the last is edgenet's own.
const (
	varWorkload   = "IOTEDGE_WORKLOADURI"
	varVersion    = "IOTEDGE_APIVERSION"
	varScheme     = "IOTEDGE_AUTHSCHEME"
	varDevice     = "IOTEDGE_DEVICEID"
	varModule     = "IOTEDGE_MODULEID"
	varGeneration = "IOTEDGE_MODULEGENERATIONID"
	varHub        = "IOTEDGE_IOTHUBHOSTNAME"
	varGateway    = "IOTEDGE_GATEWAYHOSTNAME"
	varString     = "EdgeHubConnectionString"
	varCA         = "EdgeModuleCACertificateFile"
	varStringFile = "EDGENET_CONNECTION_STRING_FILE"
)

// maxFile bounds the files that variables name, in bytes.
const maxFile = 1 << 20

// Settings are what the environment says of the module. They hold either the
// workload API or a key.
type Settings struct {
	Identity
	// WorkloadURI and APIVersion lead to the workload API; empty with a key.
	WorkloadURI, APIVersion string
	// Key is the module's own, from a connection string.
	Key secret.Value
	// CAFile holds edgeHub's roots as PEM; empty means the workload API's trust bundle.
	CAFile string
}

// VariableError names a variable of the environment that cannot be used.
type VariableError struct {
	Name string
	Err  error
}

// Error is NAME: what is wrong and what is expected.
func (e *VariableError) Error() string { return e.Name + ": " + e.Err.Error() }

// Unwrap gives what is wrong.
func (e *VariableError) Unwrap() error { return e.Err }

func variable(name, format string, args ...any) error {
	return &VariableError{name, fmt.Errorf(format, args...)}
}

// FromEnvironment reads who the module is. A connection string, for development, comes
// before the runtime's own variables. Files that it names are read, nothing is
// contacted. Errors are *VariableError and never hold a secret.
func FromEnvironment(getenv func(string) string) (Settings, error) {
	text, name := getenv(varString), varString
	if file := getenv(varStringFile); file != "" {
		if text != "" {
			return Settings{}, variable(varStringFile, "%s is set too: expected one of them", varString)
		}
		b, err := readFile(file)
		if err != nil {
			return Settings{}, &VariableError{varStringFile, err}
		}
		text, name = string(b), varStringFile
	}
	if text != "" {
		return fromString(text, name, getenv)
	}
	return fromRuntime(getenv)
}

// fromRuntime reads what edgeAgent gives every module.
func fromRuntime(getenv func(string) string) (Settings, error) {
	s := Settings{
		Identity: Identity{
			Hub: getenv(varHub), Gateway: getenv(varGateway), Device: getenv(varDevice),
			Module: getenv(varModule), Generation: getenv(varGeneration),
		},
		WorkloadURI: getenv(varWorkload), APIVersion: getenv(varVersion),
	}
	if s.WorkloadURI == "" {
		return Settings{}, variable(varWorkload,
			"not set: expected unix:///PATH as edgeAgent sets it in every module; outside of IoT Edge set %s or %s",
			varString, varStringFile)
	}
	if _, err := NewWorkload(s.WorkloadURI, s.APIVersion); err != nil {
		return Settings{}, variable(varWorkload, "%q: %w", secret.Show(s.WorkloadURI, 100), err)
	}
	if scheme := getenv(varScheme); scheme != "" && !strings.EqualFold(scheme, "sasToken") {
		return Settings{}, variable(varScheme, "%q: expected sasToken", secret.Show(scheme, 40))
	}
	if s.Gateway == "" {
		return Settings{}, &VariableError{varGateway, ErrNoGateway}
	}
	if !isID(s.Generation) {
		return Settings{}, variable(varGeneration, "%q: expected the module's generation id, which signing needs",
			secret.Show(s.Generation, 60))
	}
	return s, s.named(map[string]string{varHub: "hub", varGateway: "gateway", varDevice: "device", varModule: "module"})
}

// named checks the identity and says which variable is at fault.
func (s Settings) named(variables map[string]string) error {
	err := s.Identity.check()
	if err == nil {
		return nil
	}
	for name, word := range variables {
		if rest, ok := strings.CutPrefix(err.Error(), word+" "); ok {
			return &VariableError{name, &worded{rest, err}}
		}
	}
	return err
}

// worded is an error in other words.
type worded struct {
	text string
	err  error
}

func (w *worded) Error() string { return w.text }
func (w *worded) Unwrap() error { return w.err }

// fromString reads a connection string as the vendor's SDKs take it in modules.
func fromString(text, name string, getenv func(string) string) (Settings, error) {
	c, err := iothub.ParseConnectionString(text)
	if err != nil {
		return Settings{}, &VariableError{name, err}
	}
	s := Settings{
		Identity: Identity{Hub: c.HostName, Gateway: c.GatewayHostName, Device: c.DeviceID, Module: c.ModuleID},
		Key:      c.SharedAccessKey, CAFile: getenv(varCA), WorkloadURI: getenv(varWorkload),
		APIVersion: getenv(varVersion),
	}
	switch {
	case s.Gateway == "":
		return Settings{}, &VariableError{name, fmt.Errorf("no GatewayHostName: %w", ErrNoGateway)}
	case s.Module == "":
		return Settings{}, variable(name, "no ModuleId: expected a module's connection string, as edgenet has a "+
			"module twin")
	case s.Key.IsZero():
		return Settings{}, variable(name, "no SharedAccessKey: expected one, as tokens have to be renewed")
	}
	if err := s.Identity.check(); err != nil {
		return Settings{}, &VariableError{name, err}
	}
	return s, s.rootsNamed()
}

// rootsNamed checks that edgeHub's certificate can be verified.
func (s Settings) rootsNamed() error {
	if s.CAFile != "" {
		if _, err := rootsOf(s.CAFile); err != nil {
			return &VariableError{varCA, err}
		}
		return nil
	}
	if s.WorkloadURI == "" {
		return variable(varCA, "not set: expected a PEM file with the root of edgeHub's certificate")
	}
	if _, err := NewWorkload(s.WorkloadURI, s.APIVersion); err != nil {
		return variable(varWorkload, "%q: %w", secret.Show(s.WorkloadURI, 100), err)
	}
	return nil
}

// Config is how to connect with these settings. The caller sets the rest of it.
func (s Settings) Config() (Config, error) {
	c := Config{Identity: s.Identity}
	if s.WorkloadURI != "" {
		w, err := NewWorkload(s.WorkloadURI, s.APIVersion)
		if err != nil {
			return Config{}, variable(varWorkload, "%q: %w", secret.Show(s.WorkloadURI, 100), err)
		}
		c.Sign = func(ctx context.Context, text string) ([]byte, error) { return w.Sign(ctx, s.Identity, text) }
		c.Roots = w.Roots
	}
	if !s.Key.IsZero() {
		sign, err := iothub.KeySigner(s.Key)
		if err != nil {
			return Config{}, err
		}
		c.Sign = func(_ context.Context, text string) ([]byte, error) { return sign(text) }
	}
	if s.CAFile != "" {
		c.Roots = func(context.Context) (*x509.CertPool, error) { return rootsOf(s.CAFile) }
	}
	return c, c.check()
}

func rootsOf(file string) (*x509.CertPool, error) {
	b, err := readFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		return nil, fmt.Errorf("%s: expected certificates in PEM", report.Clean(file, 100))
	}
	return pool, nil
}

// readFile reads a file that a variable names.
func readFile(name string) ([]byte, error) {
	f, err := os.Open(name) //nolint:gosec // the operator names it
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was only read
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = errors.New(report.Clean(name, 100) + ": longer than 1 MiB")
	}
	return b, err
}
