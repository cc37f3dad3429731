package report

// Vantage is the place that a report was made from, as far as it decides what can be
// reached. It is there where two places are compared.
type Vantage struct {
	Resolvers  []string    `json:"resolvers"` // in the system's order
	Interfaces []Interface `json:"interfaces"`
	Gateways   []string    `json:"gateways"` // of the default routes: address and interface
}

// Interface is one network interface that is up; loopback is left out.
type Interface struct {
	Name       string   `json:"name"`
	MTU        int      `json:"mtu"`
	Addresses  []string `json:"addresses"`            // with their prefix lengths
	Forwarding *bool    `json:"forwarding,omitempty"` // whether IPv4 that comes in here is forwarded
}

// Container is the same check from a container on the runtime's network. Beside it the
// report's own results are the host's, and its verdict is drawn from both: HTTPS from
// where the daemon stands, everything else from where edgeAgent and edgeHub do.
type Container struct {
	Engine        string       `json:"engine"` // its socket
	Network       string       `json:"network"`
	NetworkSource string       `json:"networkSource"`      // config.toml, config.yaml, default, or fallback: the network meant is not there
	Internal      bool         `json:"internal,omitempty"` // the engine lets nothing out of the network
	Subnets       []string     `json:"subnets"`            // of the network
	Report        *Report      `json:"report,omitempty"`   // absent: nothing came, and error says why
	Error         string       `json:"error,omitempty"`
	Differences   []Difference `json:"differences"`
}

// Difference is one path that goes otherwise in the container than on the host.
type Difference struct {
	Result    string   `json:"result"` // the id, the same in both reports
	Protocol  Protocol `json:"protocol"`
	Route     string   `json:"route"`
	Host      string   `json:"host"`      // ok, or the cause
	Container string   `json:"container"` // ok, or the cause
	Why       string   `json:"why"`
	Remedy    string   `json:"remedy,omitempty"`
	Actor     Actor    `json:"actor"`
}
