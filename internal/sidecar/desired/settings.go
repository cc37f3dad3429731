package desired

import (
	"time"

	"edgenet/report"
)

// Settings are the desired properties as they count. They are comparable by reflect and
// never changed in place.
type Settings struct {
	Interval  time.Duration // between full checks
	Watch     time.Duration // between looks at the path in use
	Heartbeat time.Duration // between twin writes where nothing changes
	FailAfter int           // full checks in a row before the recommendation changes

	Expected  report.Protocol   // what the deployment sets as UpstreamProtocol; zero means not said
	Prefer    []report.Protocol // zero means report.DefaultPreference
	Proxies   []string          // URLs without credentials, in order
	Protocols []report.Protocol // zero means all five
	Endpoints []Endpoint
	Telemetry bool
	Hold      time.Duration // how long idle connections are tried; zero means not
}

// Endpoint is a host to try beside the hub, by TCP and TLS.
type Endpoint struct {
	Name string // key in the twin: letters, digits, underscores
	Host string
	Port int
}

// The bounds of the contract and, where it has none, of reason.
const (
	defaultInterval  = 21600 * time.Second
	minInterval      = 900
	defaultWatch     = 300 * time.Second
	minWatch         = 60
	defaultHeartbeat = 21600 * time.Second
	minHeartbeat     = 300
	maxPeriod        = 30 * 24 * 3600 // seconds: a month
	defaultFailAfter = 3
	maxFailAfter     = 100
	maxHold          = 3600
	maxPlaces        = 8 // proxies and endpoints, each
	maxNameLength    = 24
)

// Defaults are the settings of an empty section.
func Defaults() Settings {
	return Settings{Interval: defaultInterval, Watch: defaultWatch, Heartbeat: defaultHeartbeat,
		FailAfter: defaultFailAfter, Telemetry: true}
}
