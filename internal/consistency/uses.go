package consistency

import (
	"strings"

	"edgenet/internal/device"
	"edgenet/internal/proxyurl"
)

// usedBy says who uses a setting of a place, and for what.
func usedBy(p device.Place, n device.Name) string {
	switch n {
	case device.Protocol:
		return protocolUse(p)
	case device.Proxy, device.HTTPProxy:
		return proxyUse(p, n)
	case device.NoProxy:
		switch c, _ := p.Component(); c {
		case proxyurl.Engine:
			return "docker: which registries to reach directly"
		case proxyurl.Module:
			return "the module itself, if it asks"
		}
		return "nobody on the way to the hub"
	}
	return identityUse(p, n)
}

func protocolUse(p device.Place) string {
	switch p {
	case device.ConfigTOML:
		return "edgeAgent when created, after config apply"
	case device.ConfigD, device.ConfigYAML:
		return "edgeAgent when created"
	case device.EdgeAgent:
		return "edgeAgent now, and modules that it creates"
	case device.EdgeHub:
		return "edgeHub now"
	case ManifestAgent:
		return "edgeAgent, from the deployment on"
	case ManifestHub:
		return "edgeHub, from the deployment on"
	case device.ModuleEnv:
		return "this module, told by edgeAgent"
	}
	return "the module itself, if it asks"
}

func proxyUse(p device.Place, n device.Name) string {
	if n == device.HTTPProxy {
		if c, _ := p.Component(); c == proxyurl.Engine {
			return "docker: registries without TLS"
		}
		return "the module itself, if it asks"
	}
	switch p {
	case device.ConfigTOML, device.ConfigD, device.ConfigYAML:
		return "edgeAgent when created: AmqpWs, MqttWs"
	case device.EdgeAgent:
		return "edgeAgent now: AmqpWs, MqttWs"
	case device.EdgeHub:
		return "edgeHub now: AmqpWs, MqttWs, REST"
	case ManifestAgent:
		return "edgeAgent, from the deployment on"
	case ManifestHub:
		return "edgeHub, from the deployment on"
	case device.IdentityUnit:
		return "aziot-identityd: HTTPS to hub and DPS"
	case device.CertdUnit:
		return "aziot-certd: HTTPS to an EST server"
	case device.EdgedUnit:
		return "aziot-edged: iotedge check alone"
	case device.OldUnit:
		return "iotedged: HTTPS to hub and DPS"
	case device.EngineUnit, device.DaemonJSON:
		return "docker: image pulls"
	case device.ProcessEnv, device.ModuleEnv:
		return "this edgenet"
	case device.Environment:
		return "logins alone"
	case device.DockerCLI:
		return "the docker command alone"
	}
	if strings.HasPrefix(string(p), "container:") {
		return "the module itself, if it asks"
	}
	return ""
}

func identityUse(p device.Place, n device.Name) string {
	switch {
	case p == device.DeviceInfo || p == device.Backup:
		return "what the runtime was provisioned as"
	case p == device.EdgeAgent || p == device.EdgeHub:
		return "the running container"
	case p == device.ModuleEnv:
		return "this module"
	case n == device.TrustBundle:
		return "edgeAgent, edgeHub and modules: further roots"
	case n == device.Parent:
		return "everything upstream, in place of the hub"
	case n == device.Hub && p == device.ConfigYAML:
		return "iotedged, edgeAgent, edgeHub"
	case n == device.Hub:
		return "aziot-identityd, edgeAgent, edgeHub"
	}
	return "provisioning"
}
