package ready

import "time"

// support is a release of the runtime and when its support ends.
type support struct {
	Release string // MAJOR.MINOR
	LTS     bool
	Ends    time.Time
	Source  string
}

// supports are the releases that are known.
func supports() []support {
	const history = "IoT Edge version history, 2026-03-02"
	return []support{
		{"1.1", true, day(2022, 12, 13), history},
		{"1.2", false, day(2022, 6, 30), history + " (the month is given)"},
		{"1.3", false, day(2022, 8, 31), history + " (the month is given)"},
		{"1.4", true, day(2024, 11, 12), history},
		{"1.5", true, day(2026, 11, 10), history},
		{"1.6", true, day(2028, 11, 14), "CHANGELOG of Azure/iotedge, release 1.6.0 of 2026-07-14"},
	}
}

// warnBefore is how long before the end of support a row warns.
const warnBefore = 180 * 24 * time.Hour

// Users of the system modules' containers since 1.2 (agentStart.sh, hubStart.sh).
const (
	AgentUID = 13622
	HubUID   = 13623
)
