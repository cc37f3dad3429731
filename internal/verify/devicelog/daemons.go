package devicelog

import (
	"fmt"
	"strings"
	"time"
)

const identityd = "aziot-identityd"

// identityBoot starts the identity service. Without a backup a failure ends the process, which systemd starts again.
func (d *Device) identityBoot(n Network) {
	tries := 1
	if n.crashes(d) {
		tries = 8
	}
	for i := range tries {
		if i > 0 {
			d.systemd("aziot-identityd.service: Scheduled restart job, restart counter is at %d.", i)
			d.systemd("Stopped Azure IoT Identity Service.")
			d.systemd("Started Azure IoT Identity Service.")
			d.start(identityd)
		}
		d.identityStart(n)
		d.some(5*time.Second, 7*time.Second)
	}
}

func (d *Device) identityStart(n Network) {
	d.rust(identityd, "INFO", "Starting service...")
	d.rust(identityd, "INFO", "Version - %s", strings.Replace(d.Name, "1.6.1", "1.6.0", 1))
	if d.Proxy != "" {
		d.rust(identityd, "INFO", "Detected HTTPS proxy server http://gw:******@%s/", d.Proxy)
	}
	d.rust(identityd, "INFO", "Provisioning starting. Reason: Startup")
	if d.Manual {
		d.rust(identityd, "INFO", "Updated device info for %s.", device)
	} else if n.dps != nil {
		d.rust(identityd, "INFO", "Sending DPS registration request.")
		d.refused(n.dps(d), "DPS client error")
		return
	} else if n.https(d) != nil {
		d.rust(identityd, "INFO", "Provisioned with backup for %s.", device)
	} else {
		d.provision()
	}
	d.rust(identityd, "INFO", "Provisioning complete.")
	d.reconcile(n)
	d.rust(identityd, "INFO", "Starting server...")
}

func (d *Device) provision() {
	d.rust(identityd, "INFO", "Sending DPS registration request.")
	d.pass(2 * time.Second)
	d.rust(identityd, "INFO", "Checking DPS registration status.")
	d.rust(identityd, "INFO", "DPS registration is still in progress.")
	d.pass(3 * time.Second)
	d.rust(identityd, "INFO", "Checking DPS registration status.")
	d.rust(identityd, "INFO", "Assigned to IoT hub: %s", hub)
	d.rust(identityd, "INFO", "DPS registration complete.")
	d.rust(identityd, "INFO", "Successfully provisioned with DPS.")
}

func (d *Device) reconcile(n Network) {
	reason := ""
	if d.Terse || d.NET >= 8 {
		reason = " Reason: Startup"
	}
	d.rust(identityd, "INFO", "Identity reconciliation started.%s", reason)
	bad := n.https(d)
	if bad == nil {
		d.pass(time.Second)
		d.rust(identityd, "INFO", `Hub identity "$edgeAgent" already exists`)
		d.rust(identityd, "INFO", `Hub identity "$edgeHub" already exists`)
		d.rust(identityd, "INFO", "Identity reconciliation complete.")
		return
	}
	d.retried(bad)
	if n.answered {
		d.rust(identityd, "INFO", "Could not reconcile Identities with current device data. Reprovisioning.")
		d.refusedChain("Hub client error", bad)
		return
	}
	d.rust(identityd, "WARN", "Network not available for Identity reconciliation. Using offline backup from last run.")
}

// retried prints what each try of a request says.
func (d *Device) retried(chain []string) {
	shown := strings.Join(chain, ": ")
	if d.Terse {
		shown = chain[0]
	}
	for i := range 2 {
		d.pass(3 * time.Second)
		d.rust(identityd, "WARN", "Failed to send HTTP request (attempt %d of 2): %s", i+1, shown)
	}
}

// refused ends the process for a failure at DPS.
func (d *Device) refused(chain []string, outer string) {
	if len(chain) > 1 {
		d.retried(chain)
	}
	d.refusedChain(outer, chain)
}

func (d *Device) refusedChain(outer string, chain []string) {
	d.rust(identityd, "ERR!", "Failed to provision with IoT Hub, and no valid device backup was found: %s", outer)
	d.rust(identityd, "ERR!", "service encountered an error")
	d.rust(identityd, "ERR!", "caused by: %s", outer)
	for i := range chain {
		if d.Terse {
			d.rust(identityd, "ERR!", "caused by: %s", chain[i])
		} else {
			d.rust(identityd, "ERR!", "caused by: %s", strings.Join(chain[i:], ": "))
		}
	}
	d.rust(identityd, "ERR!", "   0: <unknown>")
	d.systemd("aziot-identityd.service: Main process exited, code=exited, status=1/FAILURE")
	d.systemd("aziot-identityd.service: Failed with result 'exit-code'.")
}

// identityCall is edged asking for an identity, which the identity service asks the hub for.
func (d *Device) identityCall(n Network) {
	bad := n.https(d)
	if d.Legacy {
		d.legacyCall(bad)
		return
	}
	d.rust(identityd, "INFO", `<-- PUT "/identities/modules/sensor?api-version=2020-09-01&type=aziot" {"content-type": `+
		`"application/json", "host": "2f72756e2f617a696f742f6964656e74697479642e736f636b:0"}`)
	if bad == nil {
		d.rust(identityd, "INFO", `--> 200 {"content-type": "application/json"}`)
		return
	}
	d.retried(bad)
	d.rust(identityd, "INFO", `--> 404 {"content-type": "application/json"}`)
	if d.rnd.IntN(2) == 0 {
		d.net("edgeAgent", "INF", "Unable to process module sensor add or update as the module identity could not be "+
			"obtained")
	}
	if d.rnd.IntN(2) == 0 {
		d.rust("aziot-edged", "WARN", "Error in watchdog: Failed to update $edgeAgent identity: Hub client "+
			"error\ncaused by: %s",
			strings.Join(bad, "\ncaused by: "))
	}
}

func (d *Device) edgedBoot() {
	d.rust("aziot-edged", "INFO", "Starting Azure IoT Edge Daemon")
	d.rust("aziot-edged", "INFO", "Version - %s", d.Name)
	d.rust("aziot-edged", "INFO", "Initializing module runtime...")
	d.rust("aziot-edged", "INFO", "Using runtime network id azure-iot-edge")
	d.rust("aziot-edged", "INFO", "Successfully initialized module runtime")
	d.rust("aziot-edged", "INFO", "Obtaining Edge device provisioning data...")
	// the sockets of the others are not there yet, as on every boot
	d.rust("aziot-edged", "WARN", "Failed to send HTTP request (attempt 1 of 2): %s", d.localError())
	d.rust("aziot-edged", "INFO", "Device is %s on %s", device, hub)
	d.rust("aziot-edged", "INFO", "Using existing Edge CA certificate")
	d.rust("aziot-edged", "INFO", "Starting management API...")
	d.rust("aziot-edged", "INFO", "Starting watchdog with 60 second period...")
	d.watchdog()
}

// edgedWaits is the daemon without an identity service.
func (d *Device) edgedWaits() {
	d.rust("aziot-edged", "INFO", "Starting Azure IoT Edge Daemon")
	d.rust("aziot-edged", "INFO", "Version - %s", d.Name)
	for range 6 {
		d.rust("aziot-edged", "INFO", "Obtaining Edge device provisioning data...")
		d.rust("aziot-edged", "WARN", "Failed to send HTTP request (attempt 1 of 2): %s", d.localError())
		d.pass(3 * time.Second)
		d.rust("aziot-edged", "WARN", "Failed to send HTTP request (attempt 2 of 2): %s", d.localError())
		d.rust("aziot-edged", "WARN", "Failed to obtain device identity: %s", d.localError())
		d.rust("aziot-edged", "WARN", "Identity Service was unreachable. Waiting for Identity Service startup.")
		d.pass(5 * time.Second)
	}
}

func (d *Device) localError() string {
	if d.Terse {
		return "client error (Connect)"
	}
	return "error trying to connect: Connection refused (os error 111)"
}

func (d *Device) watchdog() {
	u := d.daemon()
	if d.Legacy {
		d.rust(u, "INFO", "[mgmt] - - - [%s UTC] \"GET /modules?api-version=2020-07-07 HTTP/1.1\" 200 OK 2217 "+
			"\"-\" \"-\" auth_id(-)", d.now.UTC().Format("2006-01-02 15:04:05.000000000"))
		d.rust(u, "INFO", "Checking edge runtime status")
		d.rust(u, "INFO", "Edge runtime is running.")
		return
	}
	d.rust(u, "INFO", "Watchdog checking Edge runtime status")
	d.rust(u, "INFO", "Edge runtime is running")
}

// legacyBoot is iotedged's start: it provisions by itself.
func (d *Device) legacyBoot(n Network) {
	u := "iotedged"
	d.rust(u, "INFO", "Starting Azure IoT Edge Security Daemon")
	d.rust(u, "INFO", "Version - %s", d.Name)
	if d.Proxy != "" {
		d.rust(u, "INFO", "Detected HTTPS proxy server http://gw@%s", d.Proxy)
	}
	d.rust(u, "INFO", "Using runtime network id azure-iot-edge")
	d.rust(u, "INFO", "Initializing hsm...")
	d.rust(u, "INFO", "Finished initializing hsm.")
	if !d.Manual {
		d.rust(u, "INFO", `Starting DPS registration with scope_id "0ne00AABBCC", registration_id "%s"`, device)
		if n.dps != nil || n.https(d) != nil {
			d.rust(u, "INFO", "Restoring device credentials from backup")
		} else {
			d.rust(u, "INFO", `DPS registration assigned device "%s" in hub "%s"`, device, hub)
		}
	}
	d.rust(u, "INFO", "Initializing the module runtime...")
	d.rust(u, "INFO", "Finished initializing the module runtime.")
	d.watchdog()
}

func (d *Device) legacyCall(bad []string) {
	if bad == nil {
		return
	}
	d.rust("iotedged", "WARN", "Error in watchdog when checking for edge runtime status:")
	d.rust("iotedged", "WARN", "A module runtime error occurred.")
	for _, l := range []string{"Could not get identity $edgeAgent",
		"Could not perform HTTP request", strings.Join(bad, ": ")} {
		d.rust("iotedged", "WARN", "\tcaused by: %s", l)
	}
	if d.rnd.IntN(2) == 0 {
		d.net("edgeAgent", "INF", "Unable to process module sensor add or update as the module identity could not be "+
			"obtained")
	}
}

// PullFails is an image that does not come: the engine says why, and edged and the agent repeat it.
func (d *Device) PullFails(message string) {
	image := "mcr.microsoft.com/azureiotedge-simulated-temperature-sensor:1.5"
	u := d.daemon()
	for range 4 {
		d.raw("dockerd", fmt.Sprintf(`time="%s" level=error msg="Handler for POST /v1.41/images/create returned error: %s"`,
			d.now.Format(time.RFC3339Nano), strings.ReplaceAll(message, `"`, `\"`)))
		if d.Legacy {
			d.rust(u, "INFO", "Pulling image %s...", image)
			d.rust(u, "WARN", "Could not pull image %s", image)
			d.rust(u, "WARN", "\tcaused by: %s", message)
		} else {
			d.rust(u, "INFO", "Pulling image via tag %s...", image)
			d.rust(u, "WARN", "container runtime error\n\nCaused by:\n    HTTP 500 Internal Server Error: %s", message)
		}
		d.net("edgeAgent", "ERR", "Executing command for operation [\"create\"] failed.\n"+
			"Microsoft.Azure.Devices.Edge.Agent.Edgelet.EdgeletCommunicationException- Message:Error calling prepare "+
			"update "+
			"for module sensor: Could not prepare update for module sensor\n\tcaused by: Could not pull image "+
			"%s\n\tcaused by: "+
			"%s, StatusCode:500, at:   at "+
			"Microsoft.Azure.Devices.Edge.Agent.Edgelet.Version_2020_07_07.ModuleManagement"+
			"HttpClient.HandleException(Exception exception, String operation)", image, message)
		d.some(40*time.Second, 3*time.Minute)
	}
}
