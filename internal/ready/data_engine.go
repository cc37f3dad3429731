package ready

import "time"

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

// dockerFloors are the oldest API that the daemon speaks, by its release: it does not
// negotiate (docker-rs/src/apis/configuration.rs of Azure/iotedge).
func dockerFloors() map[string]string {
	return map[string]string{"1.1": "1.34", "1.2": "1.34", "1.3": "1.34", "1.4": "1.34", "1.5": "1.34", "1.6": "1.41"}
}
