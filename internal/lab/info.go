package lab

import (
	"net"
	"path/filepath"
	"strconv"
	"strings"

	"edgenet/internal/iothub"
	"edgenet/internal/lab/fleet"
	"edgenet/internal/lab/hub"
)

// Info is how to use a running lab. It holds the lab's keys, which open nothing
// else.
type Info struct {
	Hub          string            `json:"hub"`
	Gateway      string            `json:"gateway"`
	Addresses    Addresses         `json:"addresses"`
	CAFile       string            `json:"caFile"`
	WorkloadURI  string            `json:"workloadUri"`
	EngineURI    string            `json:"engineUri,omitempty"`
	Ports        Ports             `json:"ports"`
	ConnectTo    []string          `json:"connectTo"` // HOST:PORT:ADDR:PORT
	Device       string            `json:"deviceConnectionString"`
	Module       string            `json:"moduleConnectionString"`
	Service      string            `json:"serviceConnectionString"`
	Proxies      []ProxyInfo       `json:"proxies"`
	DNS          string            `json:"dns"`
	ModuleEnv    map[string]string `json:"moduleEnv"`
	Provisioning Provisioning      `json:"provisioning"`
	// Fleet is the lab's own count of its fleet, Bearer a token that its service API takes
	// in place of a policy's. Both are left out without a fleet.
	Fleet  *fleet.Count `json:"fleet,omitempty"`
	Bearer string       `json:"bearerToken,omitempty"`
}

// Addresses are where the services listen.
type Addresses struct {
	Hub     string `json:"hub"`
	Gateway string `json:"gateway"`
}

// Ports are where the services listen.
type Ports struct {
	AMQPS     int `json:"amqps"`
	MQTTS     int `json:"mqtts"`
	HTTPS     int `json:"https"`
	EdgeAMQPS int `json:"edgeAmqps"`
	EdgeMQTTS int `json:"edgeMqtts"`
	EdgeHTTPS int `json:"edgeHttps"`
}

// ProxyInfo names one proxy.
type ProxyInfo struct {
	Name  string `json:"name"`
	URL   string `json:"url"`
	About string `json:"about,omitempty"`
}

// Proxy is the URL of the proxy of that name, empty for an unknown one.
func (i Info) Proxy(name string) string {
	for _, p := range i.Proxies {
		if p.Name == name {
			return p.URL
		}
	}
	return ""
}

// Info tells how to use the lab.
func (l *Lab) Info() Info {
	i := Info{
		Hub: HubName, Gateway: GatewayName,
		Addresses: Addresses{l.options.Listen, l.options.EdgeListen},
		CAFile:    filepath.Join(l.dir, "ca.pem"),
		Ports: Ports{
			l.number("amqps"), l.number("mqtts"), l.number("https"),
			l.number("edgeAmqps"), l.number("edgeMqtts"), l.number("edgeHttps"),
		},
		Device: l.connectionString(hub.Identity{Device: DeviceID}),
		Module: l.connectionString(hub.Identity{Device: DeviceID, Module: ModuleID}),
		Service: iothub.ConnectionString{
			HostName: HubName, SharedAccessKeyName: hub.PolicyOwner, SharedAccessKey: l.hub.PolicyKey(hub.PolicyOwner),
		}.Reveal().Reveal(),
		DNS: l.dns.address,
	}
	for _, x := range l.proxies {
		i.Proxies = append(i.Proxies, ProxyInfo{x.name, x.url(), x.about})
	}
	i.ConnectTo = append(l.connectTo(HubName, "amqps", "mqtts", "https"), l.connectTo(GatewayName, "edgeAmqps",
		"edgeMqtts", "edgeHttps")...)
	i.Provisioning = l.provisioning()
	i.WorkloadURI, i.EngineURI = l.workloadURI, l.engineURI
	i.ModuleEnv = l.moduleEnv(i)
	if l.fleet != nil {
		count := l.fleet.Count()
		i.Fleet, i.Bearer = &count, l.hub.Bearer().Reveal()
	}
	return i
}

// number is a port's.
func (l *Lab) number(place string) int {
	_, text, _ := net.SplitHostPort(l.ports[place].address)
	n, _ := strconv.Atoi(text) // of an address that the kernel gave
	return n
}

func (l *Lab) connectionString(id hub.Identity) string {
	key, err := l.hub.Key(id)
	if err != nil {
		return ""
	}
	return iothub.ConnectionString{HostName: HubName, DeviceID: id.Device, ModuleID: id.Module,
		SharedAccessKey: key}.Reveal().Reveal()
}

// connectTo leads a name's standard ports to where the lab really listens.
func (l *Lab) connectTo(name string, places ...string) []string {
	out := make([]string, len(places))
	for i, place := range places {
		host, port, _ := net.SplitHostPort(l.ports[place].address)
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		out[i] = name + ":" + strconv.Itoa(standard[i]) + ":" + host + ":" + port
	}
	return out
}
