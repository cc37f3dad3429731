package devicelog

import (
	"fmt"
	"time"
)

// Live lets healthy days go by.
func (d *Device) Live(days int) {
	for range days * 20 {
		d.some(20*time.Minute, 124*time.Minute)
		d.noise()
	}
}

// noise is something that healthy devices print and that misleads.
func (d *Device) noise() {
	all := []func(*Device){(*Device).noiseHub, (*Device).noiseLeaf, (*Device).noiseAgent, (*Device).noiseDaemons,
		(*Device).noiseHost, (*Device).noiseModule}
	all[d.rnd.IntN(len(all))](d)
}

func (d *Device) noiseHub() {
	switch d.rnd.IntN(7) {
	case 0:
		d.net("edgeHub", "INF", "Starting refresh of device scope identities cache")
		d.net("edgeHub", "INF", "Done refreshing device scope identities cache. Waiting for 60 minutes.")
	case 1: // one call was slow
		d.net("edgeHub", "INF", "Exiting connected state")
		d.net("edgeHub", "INF", "Entering unreachable state")
		d.pass(4 * time.Second)
		d.net("edgeHub", "INF", "Entering connected state")
	case 2:
		d.net("edgeHub", "INF", "Obtained new token for client %s/sensor that expires in 00:59:59.88", device)
	case 3:
		d.net("edgeHub", "INF", "Closing cloud proxy 0f0e for %s/leaf3 because of inactivity", device)
		d.net("edgeHub", "INF", "Closed cloud proxy 0f0e for %s/leaf3", device)
	case 4:
		d.net("edgeHub", "INF", "Cloud connection for %s/leaf3 is True", device)
		d.net("edgeHub", "INF", "Connection status for %s/leaf3 changed to ConnectionEstablished", device)
	case 5:
		d.net("edgeHub", "INF", "Client %s/sensor connected to cloud, processing existing subscriptions.", device)
	case 6:
		d.net("edgeHub", "INF", "Skipping cache refresh, waiting 41 seconds until refreshing again.")
	}
}

// noiseLeaf is about devices and modules behind edgeHub.
func (d *Device) noiseLeaf() {
	d.token++
	switch d.rnd.IntN(7) {
	case 0:
		d.net("edgeHub", "WRN", "TLS handshake failed., System.IO.IOException: Channel is closed, %08x", d.token)
	case 1:
		d.net("edgeHub", "INF", "Client leaf%d disconnected", d.token)
		d.net("edgeHub", "INF", "Device connection removed for device leaf%d", d.token)
	case 2:
		d.net("edgeHub", "WRN", "Closing connection for device: leaf3, scopes: , Microsoft.Azure.Devices.Edge.Hub."+
			"Core.MultipleConnectionsException: Multiple connections detected for device leaf3\n   at "+
			"Microsoft.Azure.Devices.Edge."+
			"Hub.Core.ConnectionManager.AddDeviceConnection(IIdentity identity, IDeviceProxy deviceProxy)")
	case 3:
		d.net("edgeHub", "WRN", "Error authenticating token for leaf9 because the token did not match the primary "+
			"or the "+
			"secondary key. Error - Invalid signature")
	case 4:
		d.net("edgeHub", "INF", "Credentials for client leaf9 are not valid.")
	case 5:
		d.net("edgeHub", "WRN", "TLS handshake failed., System.Security.Authentication.AuthenticationException: "+
			"Authentication failed because the remote party sent a TLS alert: 'CertificateUnknown'.\n ---> "+
			"Interop+OpenSsl+SslException: SSL Handshake failed with OpenSSL error - SSL_ERROR_SSL., %08x", d.token)
	case 6:
		d.net("edgeHub", "INF", "New device connection for device leaf%d", d.token)
	}
}

func (d *Device) noiseAgent() {
	switch d.rnd.IntN(6) {
	case 0:
		d.net("edgeAgent", "INF", "Updated reported properties")
	case 1:
		d.net("edgeAgent", "INF", "Module 'sensor' scheduled to restart after 10s (08s left).")
	case 2: // the client is replaced, and all is well
		d.net("edgeAgent", "INF", "Current module client closed. Initializing a new one")
		d.agentTry(d.here)
	case 3:
		d.net("edgeAgent", "INF", `Plan execution started for deployment 31`)
		d.net("edgeAgent", "INF", `Executing command: "Command Group: (\n  [Stop module sensor]\n  [Start module sensor]\n)"`)
		d.net("edgeAgent", "INF", `Plan execution ended for deployment 31`)
	case 4:
		d.net("edgeAgent", "INF", "HealthRestartPlanner is clearing restart stats for module 'sensor' as it has been "+
			"running healthy for 00:10:00.")
	case 5: // the host is updated
		d.Stop()
		d.Boot(d.here)
	}
}

func (d *Device) noiseDaemons() {
	switch d.rnd.IntN(4) {
	case 0, 1:
		d.watchdog()
	case 2:
		if !d.Legacy {
			d.rust("aziot-certd", "INFO", `<-- GET "/certificates/aziot-edged-ca?api-version=2020-09-01" {"host": "x:0"}`)
			d.rust("aziot-certd", "INFO", `--> 404 {"content-type": "application/json"}`)
		}
	case 3:
		d.rust(d.daemon(), "INFO", "Auth for sensor failed: no processes found for module sensor")
	}
}

// noiseHost is what other programs of the host print.
func (d *Device) noiseHost() {
	switch d.rnd.IntN(5) {
	case 0:
		d.raw("NetworkManager", fmt.Sprintf("<info>  [%d.1] dhcp4 (eth0): state changed bound -> extended",
			d.now.Unix()))
	case 1:
		d.raw("sshd", "Connection reset by 203.0.113.9 port 51022 [preauth]")
	case 2:
		d.raw("dockerd", fmt.Sprintf(`time="%s" level=info msg="ignoring event" module=libcontainerd `+
			`topic=/tasks/delete type="*events.TaskDelete"`, d.now.Format(time.RFC3339Nano)))
	case 3:
		d.raw("systemd-resolved", "Server returned error NXDOMAIN, mitigating potential DNS violation DVE-2018-0001, "+
			"retrying "+
			"transaction with reduced feature level UDP.")
	case 4:
		d.raw("chronyd", "Selected source 192.0.2.123 (2.pool.ntp.org)")
	}
}

// noiseModule is a customer's module, whose troubles are its own.
func (d *Device) noiseModule() {
	switch d.rnd.IntN(3) {
	case 0:
		d.raw("sensor", "[ERROR] could not connect to opc.tcp://10.7.0.3:4840: [Errno 111] Connection refused")
	case 1:
		d.raw("sensor", "System.Net.Sockets.SocketException (113): No route to host\n   at Plant.Modbus.Connect()")
	case 2:
		d.raw("sensor", d.now.UTC().Format("2006-01-02T15:04:05Z")+" INFO  Machine temperature:98.2, ambient 21.0")
	}
}
