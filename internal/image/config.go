package image

import (
	"encoding/json"
	"fmt"
)

// Platform is what an image runs on; the system is always linux.
type Platform struct {
	Architecture string // GOARCH: amd64, arm64, arm
	Variant      string // v7 for arm of GOARM=7; zero means none
}

func (p Platform) String() string {
	if p.Variant == "" {
		return "linux/" + p.Architecture
	}
	return "linux/" + p.Architecture + "/" + p.Variant
}

// config is the OCI image configuration, as far as this image has one: neither a shell
// nor a HEALTHCHECK, which OCI does not know and the module's HTTP side answers better.
type config struct {
	Created      string    `json:"created"`
	Architecture string    `json:"architecture"`
	OS           string    `json:"os"`
	Variant      string    `json:"variant,omitempty"`
	Config       execution `json:"config"`
	RootFS       rootFS    `json:"rootfs"`
	History      []history `json:"history"`
}

type execution struct {
	User       string            `json:"User"`
	Entrypoint []string          `json:"Entrypoint"`
	Cmd        []string          `json:"Cmd"`
	WorkingDir string            `json:"WorkingDir"`
	Labels     map[string]string `json:"Labels"`
	StopSignal string            `json:"StopSignal"`
}

type rootFS struct {
	Type    string   `json:"type"`
	DiffIDs []string `json:"diff_ids"`
}

type history struct {
	Created   string `json:"created"`
	CreatedBy string `json:"created_by"`
}

// labels are annotations of the OCI image specification.
func labels(version string) map[string]string {
	return map[string]string{
		"org.opencontainers.image.title":       "edgenet",
		"org.opencontainers.image.description": "Finds out how an IoT Edge device reaches its cloud, and what stops it",
		"org.opencontainers.image.licenses":    "MIT",
		"org.opencontainers.image.version":     version,
	}
}

func configJSON(o Options, diffID string) ([]byte, error) {
	const created = "1970-01-01T00:00:00Z"
	return json.Marshal(config{
		Created: created, Architecture: o.Platform.Architecture, OS: "linux", Variant: o.Platform.Variant,
		Config: execution{
			User: fmt.Sprintf("%d:%d", UserID, UserID), Entrypoint: []string{BinaryPath}, Cmd: o.Command,
			WorkingDir: StateDir, Labels: labels(o.Version), StopSignal: "SIGTERM",
		},
		RootFS:  rootFS{"layers", []string{diffID}},
		History: []history{{created, "edgenet " + o.Version}},
	})
}
