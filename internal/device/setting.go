package device

import (
	"fmt"
	"strings"

	"edgenet/internal/secret"
	"edgenet/report"
)

// Name says what a setting is about.
type Name string

// The names.
const (
	Hub          Name = "hub"
	Parent       Name = "parent"
	DeviceID     Name = "device-id"
	Provisioning Name = "provisioning"
	DPS          Name = "dps-endpoint"
	Protocol     Name = "protocol"
	Proxy        Name = "proxy"      // for https destinations
	HTTPProxy    Name = "http-proxy" // for http destinations alone: registries without TLS
	NoProxy      Name = "no_proxy"
	TrustBundle  Name = "trust-bundle"
	Image        Name = "image"
	Engine       Name = "engine"
	Auth         Name = "authentication" // of the device: sas, x509, symmetric_key, tpm
	Registry     Name = "registry"       // that edgeAgent's image is logged in to
	EST          Name = "est"            // a server that issues certificates
	NTP          Name = "ntp"            // a time server of this host
)

// Place is where settings stand; each has one reader or group of readers.
type Place string

// The places. Units and containers carry a name behind a colon: unit:aziot-identityd,
// container:edgeAgent.
const (
	ConfigTOML   Place = "config.toml"
	ConfigD      Place = "config.d" // what `iotedge config apply` made of config.toml
	DeviceInfo   Place = "device_info"
	ConfigYAML   Place = "config.yaml"
	Backup       Place = "provisioning_backup"
	Environment  Place = "environment" // /etc/environment
	DaemonJSON   Place = "daemon.json"
	DockerCLI    Place = "docker-cli" // ~/.docker/config.json
	ModuleEnv    Place = "module-env" // this process runs as a module
	ProcessEnv   Place = "env"        // of this process
	TimeSync     Place = "timesyncd"
	unitPrefix         = "unit:"
	boxPrefix          = "container:"
	EdgeAgent    Place = boxPrefix + "edgeAgent"
	EdgeHub      Place = boxPrefix + "edgeHub"
	EngineUnit   Place = unitPrefix + "docker"
	IdentityUnit Place = unitPrefix + "aziot-identityd"
	EdgedUnit    Place = unitPrefix + "aziot-edged"
	CertdUnit    Place = unitPrefix + "aziot-certd"
	OldUnit      Place = unitPrefix + "iotedge"
)

// Unit tells whether the place is a systemd unit, and which one.
func (p Place) Unit() (string, bool) { return strings.CutPrefix(string(p), unitPrefix) }

// Container tells whether the place is a running container, and which one.
func (p Place) Container() (string, bool) { return strings.CutPrefix(string(p), boxPrefix) }

// Setting is one value, where it stands, and whether its reader gets it.
type Setting struct {
	Name  Name
	Place Place
	File  string // as the device has it, not below --root; empty for containers and environments
	Key   string // as written: agent.env.https_proxy, HTTPS_PROXY …
	Line  int    // from 1; 0 where the file has no lines that matter
	Value secret.Value
	// Lost says why no reader gets the value: overridden, misspelt, no use here. Empty
	// means that one does. Loss is its kind.
	Lost string
	Loss Loss
	// Note is what is odd about it although it is read.
	Note string
}

// Loss says of what kind the reason is that nobody gets a value.
type Loss string

// The kinds. Empty beside a reason means another one.
const (
	LossOverridden    Loss = "overridden"     // a later file says otherwise
	LossLeftover      Loss = "leftover"       // of a generation that is not in force
	LossType          Loss = "type"           // its reader refuses the file for it
	LossCreateOptions Loss = "create-options" // createOptions.Env wins
	LossSystemd       Loss = "systemd"        // systemd ignores the assignment
	LossForm          Loss = "form"           // of another program's file
)

func (s *Setting) lose(l Loss, reason string) { s.Loss, s.Lost = l, reason }

// Where is file, line and key in one text.
func (s Setting) Where() string {
	at := s.File
	if at == "" {
		at = string(s.Place)
	}
	if s.Line > 0 {
		at = fmt.Sprintf("%s:%d", at, s.Line)
	}
	return report.Clean(at+" "+s.Key, 200)
}

// SyntaxError is a file that its format's grammar does not fit.
type SyntaxError struct {
	File     string
	Line     int
	Expected string
	Place    Place
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s:%d: expected %s", report.Clean(e.File, 200), e.Line, report.Clean(e.Expected, 400))
}

// Unread is a file or socket that is there and could not be read.
type Unread struct {
	File, Reason string
}

func (u Unread) Error() string {
	return report.Clean(secret.Path(u.File), 200) + ": " + report.Clean(u.Reason, 200)
}
