package devicelog

import (
	"fmt"
	"strings"
	"time"

	"edgenet/report"
)

// deviceFaults are the device's own: the way to the hub is as good as it was.
func deviceFaults() []Fault {
	one := func(name string, not func(Release) bool, do func(*Device)) Fault {
		return Fault{Name: name, Setup: throughProxy, Not: not, Do: do, Truth: Truth{
			Findings: []report.FindingCode{report.DeviceFault}, Also: []report.FindingCode{report.RegistryPull}}}
	}
	return []Fault{
		one("a port is taken", nil, func(d *Device) {
			d.startFails("driver failed programming external connectivity on endpoint edgeHub (5d0c2f9ab1): Bind for " +
				"0.0.0.0:8883 failed: port is already allocated")
		}),
		one("the engine lost a container", nil, func(d *Device) {
			d.startFails("failed to create task for container: connection error: desc = \"transport: Error while " +
				"dialing: dial unix /run/containerd/s/77b1: connect: connection refused\": unavailable")
		}),
		one("the engine is too new", legacy, func(d *Device) {
			for range 3 {
				d.start("aziot-edged")
				d.rust("aziot-edged", "INFO", "Starting Azure IoT Edge Daemon")
				d.rust("aziot-edged", "INFO", "Initializing module runtime...")
				d.rust("aziot-edged", "ERR!", "Failed to initialize module runtime: container runtime error: HTTP "+
					"400 Bad Request: client version 1.34 is too old. Minimum supported API version is 1.44, please "+
					"upgrade your client to a newer version")
				d.pass(5 * time.Second)
			}
		}),
		one("a store is damaged", nil, func(d *Device) {
			for range 3 {
				d.net("edgeHub", "ERR", "Error getting the next batch for endpoint iothub.\nRocksDbSharp."+
					"RocksDbException: Corruption: block checksum mismatch: stored = 3405794223, computed = 117 in "+
					"/tmp/edgeHub/003147.sst\n   at RocksDbSharp.Native.rocksdb_get()")
				d.some(time.Second, time.Minute)
			}
		}),
		one("the deployment is malformed", nil, func(d *Device) {
			d.net("edgeAgent", "ERR", "Error refreshing edge agent configuration from twin.\nMicrosoft.Azure.Devices."+
				"Edge.Agent.Core.ConfigSources.ConfigFormatException: Agent configuration format is invalid.\n ---> "+
				"Newtonsoft.Json.JsonReaderException: Unexpected character encountered while parsing value: x. Path "+
				"'modules', line 1, position 9.\n   at Newtonsoft.Json.JsonTextReader.ParseValue()")
		}),
	}
}

// startFails is a container that the engine cannot start, as the engine, the daemon and edgeAgent tell it.
func (d *Device) startFails(message string) {
	u := d.daemon()
	for range 3 {
		d.raw("dockerd", fmt.Sprintf(`time="%s" level=error msg="Handler for POST /v1.41/containers/edgeHub/start `+
			`returned error: %s"`, d.now.Format(time.RFC3339Nano), strings.ReplaceAll(message, `"`, `\"`)))
		if d.Legacy {
			d.rust(u, "WARN", "Could not start module edgeHub")
			d.rust(u, "WARN", "\tcaused by: %s", message)
		} else {
			d.rust(u, "WARN", "container runtime error\n\nCaused by:\n    HTTP 500 Internal Server Error: %s", message)
		}
		d.net("edgeAgent", "ERR", "Executing command for operation [\"start\"] failed.\n"+
			"Microsoft.Azure.Devices.Edge.Agent.Edgelet.EdgeletCommunicationException- Message:Error calling start "+
			"module edgeHub: Could not start module edgeHub\n\tcaused by: Could not start module edgeHub\n\tcaused "+
			"by: %s, StatusCode:500, at:   at Microsoft.Azure.Devices.Edge.Agent.Edgelet.Version_2020_07_07."+
			"ModuleManagementHttpClient.StartModuleAsync(String name)", message)
		d.some(20*time.Second, time.Minute)
	}
}
