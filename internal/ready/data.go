package ready

import "time"

// DataDate is when the tables below were last compared with their sources. A row that
// rests on them says so once they are older than a year.
var DataDate = day(2026, 11, 28)

const staleAfter = 365 * 24 * time.Hour

func day(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }

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

// dockerFloors are the oldest API that the daemon speaks, by its release: it does not
// negotiate (docker-rs/src/apis/configuration.rs of Azure/iotedge).
func dockerFloors() map[string]string {
	return map[string]string{"1.1": "1.34", "1.2": "1.34", "1.3": "1.34", "1.4": "1.34", "1.5": "1.34", "1.6": "1.41"}
}

// engineEnd is when an engine's release line ends.
type engineEnd struct {
	Name, Line string
	Ends       time.Time
	Source     string
}

// engineEnds are the lines of Docker Engine (Moby) whose end is known. Distributions may
// mend their own builds for longer.
func engineEnds() []engineEnd {
	const list = "endoflife.date/docker-engine, after moby's BRANCHES-AND-TAGS.md"
	return []engineEnd{
		{"docker", "18.09", day(2019, 8, 22), list},
		{"docker", "19.03", day(2021, 1, 8), list},
		{"docker", "20.10", day(2023, 12, 10), list},
		{"docker", "23.0", day(2025, 5, 19), list},
		{"docker", "24.0", day(2024, 6, 8), list},
		{"docker", "26.0", day(2024, 6, 8), list},
		{"docker", "26.1", day(2025, 2, 17), list},
		{"docker", "27", day(2025, 5, 3), list},
	}
}

// demoNames are common names of the certificates that the documentation's scripts make
// (tools/CACertificates/certGen.sh of Azure/iotedge), and of 1.1's quickstart.
func demoNames() []string {
	return []string{
		"Azure_IoT_Hub_CA_Cert_Test_Only",
		"Azure_IoT_Hub_Intermediate_Cert_Test_Only",
		"Azure IoT Hub CA Cert Test Only",
		"Test Edge Owner CA",
	}
}

// Users of the system modules' containers since 1.2 (agentStart.sh, hubStart.sh).
const (
	AgentUID = 13622
	HubUID   = 13623
)

// staleData is what to say of old tables; nothing while they are young.
func staleData(now time.Time) string {
	if now.Sub(DataDate) > staleAfter {
		return " (the table behind this is of " + DataDate.Format(time.DateOnly) + ": a newer edgenet may know better)"
	}
	return ""
}

// Date is one row of the dated tables, as pages show it.
type Date struct {
	What   string
	Ends   time.Time
	Source string
}

// Dates lists what ends when.
func Dates() []Date {
	var out []Date
	for _, s := range supports() {
		out = append(out, Date{"IoT Edge " + s.Release, s.Ends, s.Source})
	}
	for _, e := range engineEnds() {
		out = append(out, Date{"engine " + e.Name + " " + e.Line, e.Ends, e.Source})
	}
	return out
}
