package iothub

import (
	"testing"

	"edgenet/report"
)

func TestNames(t *testing.T) {
	for _, tt := range []struct {
		host, cloud string
		public      bool
		role        report.Endpoint
	}{
		{"hub.azure-devices.net", "AzureCloud", true, report.EndpointIoTHub},
		{"HUB.Azure-Devices.NET.", "AzureCloud", true, report.EndpointIoTHub},
		{"hub.device.azure-devices.net", "AzureCloud", true, report.EndpointIoTHub},
		{"global.azure-devices-provisioning.net", "AzureCloud", true, report.EndpointDPS},
		{"hub.azure-devices.us", "AzureUSGovernment", true, report.EndpointIoTHub},
		{"x.azure-devices-provisioning.us", "AzureUSGovernment", true, report.EndpointDPS},
		{"hub.azure-devices.cn", "AzureChinaCloud", true, report.EndpointIoTHub},
		{"x.azure-devices-provisioning.cn", "AzureChinaCloud", true, report.EndpointDPS},
		{"lab.azure-devices.test", "lab", false, report.EndpointIoTHub},
		{"x.azure-devices-provisioning.test", "lab", false, report.EndpointDPS},
		{"azure-devices.net", "", false, report.EndpointParent},
		{".azure-devices.net", "", false, report.EndpointParent},
		{"hubazure-devices.net", "", false, report.EndpointParent},
		{"hub.azure-devices.net.evil.test", "", false, report.EndpointParent},
		{"gateway.corp", "", false, report.EndpointParent},
		{"10.0.0.1", "", false, report.EndpointParent},
		{"", "", false, report.EndpointParent},
	} {
		c, ok := CloudOf(tt.host)
		if c.Name != tt.cloud || ok != (tt.cloud != "") || PublicName(tt.host) != tt.public ||
			Role(tt.host) != tt.role {
			t.Errorf("%q: cloud %q, public %v, role %s", tt.host, c.Name, PublicName(tt.host), Role(tt.host))
		}
	}
}
