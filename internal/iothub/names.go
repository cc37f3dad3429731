package iothub

import (
	"strings"

	"edgenet/report"
)

// Cloud is one of Azure's clouds, with the name suffixes of its IoT services.
type Cloud struct {
	Name   string
	Hub    string // suffix of IoT Hub names, without the leading dot
	DPS    string // suffix of Device Provisioning Service names
	Public bool   // public addresses and public roots are expected
}

// clouds: Azure documentation "Azure IoT Hub endpoints", "sovereign clouds"; the last
// row is the project's own lab, whose names resolve to loopback and whose root is private.
var clouds = []Cloud{
	{"AzureCloud", "azure-devices.net", "azure-devices-provisioning.net", true},
	{"AzureUSGovernment", "azure-devices.us", "azure-devices-provisioning.us", true},
	{"AzureChinaCloud", "azure-devices.cn", "azure-devices-provisioning.cn", true},
	{"lab", "azure-devices.test", "azure-devices-provisioning.test", false},
}

// CloudOf gives the cloud whose suffix the host name is under.
func CloudOf(host string) (Cloud, bool) {
	for _, c := range clouds {
		if under(host, c.Hub) || under(host, c.DPS) {
			return c, true
		}
	}
	return Cloud{}, false
}

// PublicName tells whether public addresses and a public chain are expected of the
// name: it is under an Azure suffix of a real cloud.
func PublicName(host string) bool {
	c, ok := CloudOf(host)
	return ok && c.Public
}

// Role gives the endpoint role of a host name: iothub under a hub suffix of any
// cloud, dps under a provisioning suffix, else a parent gateway.
func Role(host string) report.Endpoint {
	for _, c := range clouds {
		if under(host, c.Hub) {
			return report.EndpointIoTHub
		}
		if under(host, c.DPS) {
			return report.EndpointDPS
		}
	}
	return report.EndpointParent
}

func under(host, suffix string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return strings.HasSuffix(host, "."+suffix) && len(host) > len(suffix)+1
}

// Suffixes lists what the names of hubs end in, in every cloud, the public one first;
// then what those of provisioning services do.
func Suffixes() []string {
	var hubs, dps []string
	for _, c := range clouds {
		hubs, dps = append(hubs, c.Hub), append(dps, c.DPS)
	}
	return append(hubs, dps...)
}
