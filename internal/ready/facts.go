package ready

import (
	"time"

	"edgenet/report"
)

// Facts is everything that rules may look at. Gathering fills what it can; the rest
// stays unseen.
type Facts struct {
	Now    time.Time
	Live   bool // this host runs; false for an image, a backup or a support bundle
	Device Device

	Host       Host
	Runtime    Runtime
	Config     Config
	Certs      Certs
	Engine     Engine
	Containers Fact[[]Container] // the runtime's, edgeAgent and edgeHub among them
	Disks      Fact[[]Disk]
	EdgeHub    EdgeHub
	Registries Fact[[]Registry]
	// Network is the report of a check; unseen with --offline.
	Network Fact[*report.Report]
	// Settings are the findings over settings and deployment that need no probe; a check's
	// report holds them as well.
	Settings Fact[[]report.Finding]
	// Manifest holds what lint finds in the deployment that was given or is running.
	Manifest Fact[[]Problem]
	// Deployment is what else the manifest says.
	Deployment Fact[Deployment]
}

// Deployment is what a deployment manifest says beside what lint judges.
type Deployment struct {
	AgentBytes int // of edgeAgent's desired properties, as they are sent
	Modules    int
	Logins     []Login
	Unbounded  []string // modules that set a log of their own without a bound
}

// Login is a login to a registry in a deployment.
type Login struct {
	Registry, User string
	Password       bool   // there is one
	Variable       string // name of a template's variable that stands in place of a value
}

// Host is the machine.
type Host struct {
	OS       Fact[OS]
	Clock    Fact[Clock]
	Units    Fact[[]Unit] // the runtime's and the engine's
	Snap     bool
	Name     Fact[string]   // gethostname
	Resolves Fact[[]string] // addresses that the configured hostname resolves to here
	Own      Fact[[]string] // addresses of this host
	Parent   Fact[[]string] // addresses that the parent's name resolves to here; unseen where there is none
}

// OS is the distribution.
type OS struct{ ID, VersionID, Arch string } // as in os-release; Arch as in GOARCH

// Clock is what is known of the time here.
type Clock struct {
	OffsetSec    *float64 // to the hub's Date header; positive: this clock is ahead
	Synchronized *bool    // as timedated or the kernel says
	RTC          bool     // a battery-backed clock is there
}

// Unit is a systemd unit.
type Unit struct {
	Name       string
	State      string // is-enabled: enabled, disabled, static, masked, …
	Active     bool   // is-active
	Restarts   int
	ExitStatus int
}

// Runtime is the IoT Edge daemon.
type Runtime struct {
	Version Fact[string] // of aziot-edged, or iotedge up to 1.1
	Agent   Fact[string] // image of edgeAgent that runs
	Hub     Fact[string] // image of edgeHub that runs
}

// Config is what config.toml and the files that are made of it say.
type Config struct {
	Present        bool // a configuration file of the runtime is there, readable or not
	Old            bool // it is the one of 1.1 and before
	Hostname       Fact[string]
	ParentHostname Fact[string] // empty value: not nested
	Provisioning   Fact[Provisioning]
	Applied        Fact[Applied]
	Values         Fact[[]ValueTrouble]
	AgentEnv       Fact[[]EnvDifference]
	Mode           Fact[FileMode] // of config.toml, which can hold keys
	UpstreamSet    Fact[string]   // UpstreamProtocol for the first edgeAgent
	IPv6           Fact[bool]     // the modules' network is to have IPv6
}

// Provisioning is how the device gets its identity.
type Provisioning struct {
	Source       string // manual, dps
	Method       string // sas, x509, tpm
	InlineKey    bool   // a symmetric key stands in config.toml itself
	Reprovision  string // auto_reprovisioning_mode; empty: the default, OnErrorOnly
	Registration string

	ReprovisionAt string // file and line of that mode
}

// Applied compares config.toml with the files that iotedge config apply made of it.
type Applied struct {
	Newer     []string // made files whose content does not follow from config.toml
	Missing   []string // made files that are not there
	Overrides []string // drop-ins that win over what apply made
}

// ValueTrouble is a value that a daemon refuses or misreads.
type ValueTrouble struct {
	Key, Value, Place string // Place: file and line
	Kind              ValueKind
	// Said is what was found, Remedy what to do, and Severity how grave it is, where the kind
	// is ValueFault or ValueBroken.
	Said, Remedy string
	Severity     report.Severity
}

// ValueKind is what is wrong with a value.
type ValueKind string

// The kinds, each from the daemons' own parsers.
const (
	ValueTimeoutLow    ValueKind = "cloud_timeout_sec below 70"
	ValueRenewUnit     ValueKind = "renewal threshold without a unit that is known"
	ValueHostnameLong  ValueKind = "hostname longer than 64 characters"
	ValueUnknownKey    ValueKind = "key that nobody reads"
	ValueMisplaced     ValueKind = "key in a table where nobody reads it"
	ValueBroken        ValueKind = "a file that its daemon cannot read"
	ValueFault         ValueKind = "an entry that does not do what it was written for"
	ValueElevatedAllow ValueKind = "allow_elevated_docker_permissions is true"
)

// EnvDifference is a variable that the running edgeAgent has otherwise than configured.
type EnvDifference struct{ Name, Configured, Running string } // values are masked where they can hold a secret

// FileMode is who may read a file.
type FileMode struct {
	Path         string
	Mode         uint32
	Owner        string
	WorldRead    bool
	HoldsSecrets bool
}

// Disk is a file system that the runtime fills.
type Disk struct {
	Path, Use              string // Use: engine, edgeHub's store, identity service
	FreeBytes, TotalBytes  uint64
	FreeInodes, MostInodes uint64 // 0: the file system has no such number
	FSType                 string
	Needs                  string // what would be needed to measure it; empty where it was
}

// Problem is a finding of lint.
type Problem struct {
	Rule, Summary, Remedy, File, Module string
	Line, Column                        int
	Severity                            report.Severity
}

// Registry is one registry that images come from, as it was tried.
type Registry struct {
	Host    string
	Reached bool
	Cause   report.Cause
	Why     string
	Actor   report.Actor
}
