package check

import (
	"time"

	"edgenet/internal/inputs"
	"edgenet/internal/outputs"
)

// Options are what a check is asked for, as people write it. The zero value checks the hub
// that this host's settings name, once, on all paths, and prints the text.
type Options struct {
	Hub       string   // zero means what this host's settings say
	DPS       bool     // check the provisioning service in place of the hub
	All       bool     // also try the other endpoints that the device needs
	Targets   string   // file of hubs, one a line
	Unordered bool     // of the list: what is done first is written first
	Parallel  int      // connections at once, of a list; zero means sweep.DefaultSlots
	Resume    string   // JSON lines of a list's earlier run: what stands there is not probed again
	Root      string   // of the file system with the device's settings; zero means the process' own
	Manifest  string   // file to compare the settings with
	Labels    []string // KEY=VALUE, for the report
	Anonymous bool     // the report names no device

	Lab      bool // check the built-in lab
	Scenario string
	Faults   []string

	inputs.Ways
	Proxies          []string // URLs; zero means what settings and environment say
	ProxyCredentials string
	Routes           []string // direct, proxy; zero means both

	Protocols []string      // zero means all
	Depth     string        // zero means protocol
	Attempts  int           // zero means 1
	Timeout   time.Duration // zero means probe.DefaultTimeout
	Deadline  time.Duration // zero means probe.DefaultDeadline, lengthened by attempts and hold
	Hold      time.Duration // zero means not at all
	From      string        // host or container; zero means host

	Identity Identity

	Expect       string   // zero means what this host's settings say
	Prefer       []string // zero means report.DefaultPreference
	ExpectClosed []string // PROTOCOL@ROUTE

	Wait  time.Duration // until the answer is good, for so long at most; zero means not at all
	Keep  string        // how much history --every keeps; zero means outputs.DefaultKeep
	Every time.Duration // from the beginning of a round to the next; zero means once

	outputs.Options
	Verbose, Quiet bool

	// Inside is set in the container of --from container.
	Inside bool
}

// Identity is who logs in at depth auth.
type Identity struct {
	ConnectionStringFile string // zero means the variable EDGENET_CONNECTION_STRING
	Cert, Key            string // files
	NotInUse             bool   // the user's word that nobody uses it
}

func (i Identity) given() bool { return i.ConnectionStringFile != "" || i.Cert != "" || i.Key != "" }

// shortestEvery keeps a typing error from becoming a load: a hub counts every
// connection of a fleet.
const shortestEvery = 100 * time.Millisecond
