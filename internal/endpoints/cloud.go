package endpoints

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/internal/iothub"
	"edgenet/internal/secret"
	"edgenet/report"
)

// Cloud holds a cloud's names: Azure documentation "IoT Hub endpoints", "Azure
// Government", "Azure China", and that of its registries.
type Cloud struct {
	Name     string
	Spelling []string // for --cloud
	Hub      string   // suffix
	DPS      string   // the global endpoint
	Registry string   // Microsoft's, for the runtime's images
	Data     string   // pattern of its layers
	ACR      string   // suffix of private registries
	Blob     string   // suffix of their storage
}

var clouds = []Cloud{
	{"AzureCloud", []string{"public", "azurecloud", "azure", "global"}, "azure-devices.net",
		"global.azure-devices-provisioning.net", "mcr.microsoft.com", "*.data.mcr.microsoft.com", "azurecr.io",
		"blob.core.windows.net"},
	{"AzureUSGovernment", []string{"usgov", "usgovernment", "azureusgovernment", "gov"}, "azure-devices.us",
		"global.azure-devices-provisioning.us", "mcr.microsoft.com", "*.data.mcr.microsoft.com", "azurecr.us",
		"blob.core.usgovcloudapi.net"},
	{"AzureChinaCloud", []string{"china", "azurechinacloud", "mooncake"}, "azure-devices.cn",
		"global.azure-devices-provisioning.cn", "mcr.azure.cn", "*.data.mcr.azure.cn", "azurecr.cn",
		"blob.core.chinacloudapi.cn"},
}

// FindCloud gives a cloud by its name or a usual short form; empty means AzureCloud.
func FindCloud(name string) (Cloud, error) {
	key := strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(name))
	for _, c := range clouds {
		if key == "" || slices.Contains(c.Spelling, key) {
			return c, nil
		}
	}
	return Cloud{}, fmt.Errorf("unknown cloud %q: expected public, usgov or china", secret.Show(name, 40))
}

// CloudOf gives the cloud whose hubs have such names, false for any other name.
func CloudOf(host string) (Cloud, bool) {
	known, ok := iothub.CloudOf(host)
	for _, c := range clouds {
		if ok && c.Name == known.Name {
			return c, true
		}
	}
	return Cloud{}, false
}

// PublicCloud is the one that everybody is in who does not say otherwise.
func PublicCloud() Cloud { return clouds[0] }

// IsHub tells whether a name is that of a hub of a cloud.
func IsHub(host string) bool {
	_, known := CloudOf(host)
	return known && iothub.Role(host) == report.EndpointIoTHub
}
