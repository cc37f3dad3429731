package logs_test

import (
	"fmt"
	"time"

	"edgenet/report"
)

// faulty are the faults: what happens, and what may be said of it.
var faulty = []struct {
	name    string
	cause   report.Cause // empty: none may be named as proved, and this is among what is left open
	open    report.Cause
	finding report.FindingCode
	do      func(*world)
}{
	{"none", "", "", "", func(*world) {}},
	{"proxy refuses", report.TCPRefused, "", "", func(w *world) {
		w.fails(9, "System.Net.Http.HttpRequestException: Connection refused (proxy.corp:3128)\n ---> "+
			"System.Net.Sockets.SocketException (111): Connection refused")
	}},
	{"proxy forbids", report.ConnectForbidden, "", "", func(w *world) {
		w.fails(9, "System.Net.Http.HttpRequestException: The proxy tunnel request to proxy "+
			"'http://proxy.corp:3128/' failed with status code '403'.")
	}},
	{"proxy wants a login", "", report.ConnectAuthRejected, "", func(w *world) {
		w.fails(9, "System.Net.Http.HttpRequestException: The proxy tunnel request to proxy "+
			"'http://proxy.corp:3128/' failed with status code '407'.")
	}},
	{"5671 refused", report.TCPRefused, "", report.FirewallPortBlocked, func(w *world) {
		w.amqp = "AMQP"
		w.fails(9, "System.Net.Sockets.SocketException (111): Connection refused")
	}},
	{"5671 dropped", report.TCPTimeout, "", report.ProtocolUnsetHub, func(w *world) {
		w.amqp = "AMQP"
		w.fails(9, "System.Net.Sockets.SocketException (110): Connection timed out")
	}},
	{"inspection", report.TLSUntrusted, "", report.TLSInspection, func(w *world) {
		w.fails(9, "System.Security.Authentication.AuthenticationException: The remote certificate is invalid "+
			"because of errors in the certificate chain: PartialChain")
	}},
	{"certificate for another name", report.TLSNameMismatch, "", "", func(w *world) {
		w.fails(9, "System.Security.Authentication.AuthenticationException: The remote certificate is invalid "+
			"according to the validation procedure: RemoteCertificateNameMismatch")
	}},
	{"container's resolver", "", report.DNSTimeout, report.EngineDNS, func(w *world) {
		w.amqp = "AMQP"
		w.fails(9, "System.Net.Sockets.SocketException (00000001, 11): Resource temporarily unavailable")
	}},
	{"a timer alone", "", report.TLSMTU, "", func(w *world) {
		w.fails(9, "System.TimeoutException: The operation did not complete within the allocated time 00:00:20 for "+
			"object connection.")
	}},
	{"upgrade refused", report.WSStatus, "", "", func(w *world) {
		w.fails(9, "System.Net.WebSockets.WebSocketException (0x80004005): The server returned status code '502' "+
			"when status code '101' was expected.")
	}},
	{"deleted", report.AuthUnknownDevice, "", report.IdentityDeleted, func(w *world) {
		w.fails(9, "Microsoft.Azure.Devices.Client.Exceptions.DeviceNotFoundException: Put token failed. "+
			"status-code: 404, status-description: Device dev1/$edgeHub at IotHub contoso not registered.")
	}},
	{"key", report.AuthRejected, "", "", func(w *world) {
		for range 9 {
			w.pass(3 * time.Minute)
			w.net("edgeHub", "INF", "Attempting to connect to IoT Hub for client dev1/$edgeHub via "+w.amqp+"...")
			w.net("edgeHub", "WRN", "Error creating cloud connection for client "+
				"dev1/$edgeHub\nMicrosoft.Azure.Devices.Client.Exceptions.UnauthorizedException: Put token failed. "+
				"status-code: 401, status-description: Unauthorized.")
		}
	}},
	{"clock", report.AuthClock, "", report.ClockSkew, func(w *world) {
		w.net("edgeHub", "INF", "Termination requested, initiating shutdown.")
		w.pass(4 * time.Second)
		w.hub("fails")
		for range 3 {
			w.pass(10 * time.Second)
			w.net("edgeHub", "WRN", "Error creating cloud connection for client "+
				"dev1/$edgeHub\nMicrosoft.Azure.Devices.Client.Exceptions.UnauthorizedException: Put token failed. "+
				"status-code: 401, status-description: The specified SAS token is expired.")
		}
	}},
	{"two timeouts, and no word", "", report.HoldDropped, report.UpstreamReasonNotLogged, func(w *world) {
		w.net("edgeHub", "INF", "Exiting connected state")
		w.net("edgeHub", "INF", "Entering unreachable state")
		w.pass(20 * time.Second)
		w.net("edgeHub", "INF", "Entering disconnected state")
		w.pass(2 * time.Hour)
		w.net("edgeHub", "INF", "Client dev1/leaf7 disconnected")
	}},
	{"agent cut off, and no word", "", report.ConnectForbidden, report.UpstreamReasonNotLogged, func(w *world) {
		w.net("edgeAgent", "INF", "Termination requested, initiating shutdown.")
		w.pass(4 * time.Second)
		w.agent("fails")
		for range 20 {
			w.pass(time.Minute)
			w.net("edgeAgent", "INF", "Edge agent attempting to connect to IoT Hub via Amqp_WebSocket_Only...")
		}
	}},
	{"identityd crashes", "", "", report.IdentityCrashLoop, func(w *world) {
		for i := range 6 {
			w.pass(5 * time.Second)
			w.say("systemd", fmt.Sprintf("aziot-identityd.service: Scheduled restart job, restart counter is at %d.",
				i+1))
			w.rust("aziot-identityd", "INFO", "Starting service...")
			w.rust("aziot-identityd", "INFO", "Identity reconciliation started.")
			w.rust("aziot-edged", "WARN", "Failed to send HTTP request (attempt 1 of 2): connection error: "+
				"Connection reset by peer (os error 104)")
		}
	}},
	{"pull refused", "", "", report.RegistryPull, func(w *world) {
		w.rust("aziot-edged", "INFO", "Pulling image via tag mcr.microsoft.com/azureiotedge-hub:1.5...")
		w.rust("aziot-edged", "ERR!", "container runtime error\n\nCaused by:\n    HTTP 500 Internal Server Error: "+
			"Get \"https://mcr.microsoft.com/v2/\": dial tcp 192.0.2.7:443: connect: connection refused")
	}},
	{"disk full", "", "", report.StorageFull, func(w *world) {
		w.net("edgeHub", "ERR", "Error creating RocksDB store. Falling back to in-memory "+
			"store.\nRocksDbSharp.RocksDbException: IO error: No space left on device: While appending to file: "+
			"/tmp/edgeHub/000123.log: No space left on device")
	}},
	{"quota", "", "", report.ServiceUnwell, func(w *world) {
		w.net("edgeHub", "WRN", "[SendFailure] Sending failed. Id: "+
			"iothub\nMicrosoft.Azure.Devices.Client.Exceptions.QuotaExceededException: Total number of messages on "+
			"IotHub 'contoso' exceeded the allocated quota. Max allowed message count : '8000', current message "+
			"count : '8001'.")
	}},
	{"edge CA expired", "", "", report.EdgeCAExpired, func(w *world) {
		w.net("edgeHub", "WRN", "Server certificate is expired (2024-03-01T00:00:00.0000000Z). Not scheduling renewal.")
	}},
	{"thrown out", "", "", report.IdentityDuplicate, func(w *world) {
		for range 8 {
			w.pass(20 * time.Second)
			w.net("edgeHub", "INF", "Error creating new device connection for device "+
				"dev1/$edgeHub\nMicrosoft.Azure.Amqp.AmqpException: The link with identifier x was closed due to "+
				"link stealing")
			w.net("edgeHub", "INF", "Created cloud proxy for client dev1/$edgeHub via "+w.amqp+
				", with client operation timeout 20 seconds.")
		}
	}},
}
