package ready

// Engine is the container engine, as its socket tells.
type Engine struct {
	Version  Fact[EngineVersion]
	Info     Fact[EngineInfo]
	Networks Fact[[]Network]
	DNS      Fact[[]Lookup] // names looked up on the host and inside the modules' network
	MTU      Fact[MTU]
	Usage    Fact[Usage]
}

// EngineVersion is /version.
type EngineVersion struct {
	Name       string // Platform.Name or the first component
	Version    string
	API        string // newest
	MinAPI     string // oldest that is answered
	Podman     bool
	Snap       bool
	Components []string
}

// EngineInfo is /info.
type EngineInfo struct {
	StorageDriver, RootDir, RootFSType string
	LogDriver                          string
	LoopbackStorage                    bool
}

// Network is a network of the engine.
type Network struct {
	Name    string
	Subnets []string
	MTU     int
	// Overlaps are routes, name servers and proxies of the host that lie inside.
	Overlaps []string
	IPv6     bool
	Modules  bool // it is the runtime's
}

// Lookup is one name in two places.
type Lookup struct {
	Name          string
	Host, Inside  bool // it has an address there
	InsideUnknown bool // nobody could look inside
}

// MTU compares the modules' network with the way out.
type MTU struct{ Network, Egress int }

// Usage is what lies around in the engine.
type Usage struct{ DanglingImagesBytes, UnusedVolumesBytes int64 }

// Container is one module's container.
type Container struct {
	Name, Image, State string
	Env                map[string]string // names as they are written; secrets are masked
	Mounts             []Mount
	Log                LogConfig
	LogBytes           int64 // size of its log file; -1: unknown
	Ports              []Port
	MemoryLimit        int64
	CPULimit           int64 // NanoCpus
	Privileged         bool
	NetworkMode        string
	PIDMode            string
	CapAdd             []string
	RestartPolicy      string
	User               string
	Planned            bool // read from a deployment: no such container was seen
}

// Mount is a place of the container that lies outside of it.
type Mount struct {
	Type        string // bind, volume, tmpfs
	Source      string
	Destination string
	Anonymous   bool   // a volume without a name of its own
	OwnerUID    *int   // of the source; nil: unknown
	Blocked     string // the source, where it belongs to the container's user, who may not enter or write all the same
	Open        bool   // whoever owns it: the container's user may enter and write
}

// LogConfig is a container's log after all defaults were merged.
type LogConfig struct {
	Driver  string
	MaxSize string
	MaxFile string
}

// Port is a published port.
type Port struct {
	Host, Container int
	Protocol        string
}
