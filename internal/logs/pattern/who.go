package pattern

import "strings"

// signs lead from a name that a wrapping, a file or an engine gives to who it is, the
// longest first where one holds another.
var signs = []struct {
	sign string
	who  Who
}{
	{"edgeagent", Agent}, {"edge-agent", Agent}, {"azureiotedge-agent", Agent}, {"iotedge-agent", Agent},
	{"edgehub", Hub}, {"edge-hub", Hub}, {"azureiotedge-hub", Hub}, {"iotedge-hub", Hub},
	{"identityd", Identityd}, {"iotedged", Iotedged}, {"aziot-edged", Edged}, {"iot-edge.edged", Edged},
	{"certd", Certd}, {"keyd", Keyd}, {"tpmd", Tpmd},
	{"dockerd", Dockerd}, {"timesyncd", Clockd}, {"chronyd", Clockd},
}

// WhoIs tells who a name stands for; zero where the name says nothing. Names of other
// containers are modules'.
func WhoIs(name string) Who {
	if name == "" {
		return 0
	}
	n := strings.ToLower(name)
	n = strings.TrimSuffix(strings.TrimPrefix(n, "/"), ".service")
	for _, s := range signs {
		if strings.Contains(n, s.sign) {
			return s.who
		}
	}
	switch n {
	case "edged":
		return Edged
	case "iotedge":
		return Iotedged
	case "docker", "moby-engine", "moby":
		return Dockerd
	case "systemd", "systemd[1]", "init.scope":
		return Systemd
	}
	if n == "kernel" {
		return Kernel
	}
	if isID(n) {
		return 0
	}
	return Module
}

// Runtime tells whether one is a part of the runtime, or its engine.
func Runtime(who Who) bool { return who&(net|daemon|Dockerd) != 0 }

// isID tells an engine's id of a container from a name.
func isID(n string) bool {
	if len(n) < 12 || len(n) > 64 {
		return false
	}
	return strings.Trim(n, "0123456789abcdef") == ""
}

// others are programs whose logs are taken for the runtime's, by what a line of theirs holds.
var others = [...]string{"mosquitto", "Telegraf", "nginx", "InfluxDB", "Grafana", "Node-RED", "Zigbee2MQTT",
	"Home Assistant", "kubelet", "containerd", "sshd"}

// Other gives the name of another program that a line without a sender holds; empty where it holds none that is known.
func Other(text []byte) string {
	for _, name := range others {
		if strings.Contains(string(text), name) {
			return name
		}
	}
	return ""
}
