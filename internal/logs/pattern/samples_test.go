package pattern

// exceptionTail is what stands behind a line that carries an error.
const exceptionTail = "\nSystem.Net.Sockets.SocketException (111): Connection refused"

// samples are the sentences of the rows, by their ids.
var samples = map[string]string{
	"agent.start":          "Starting Edge Agent",
	"agent.main":           "Edge Agent Main()",
	"agent.init":           "Initializing Edge Agent.",
	"runtime.version":      "Version - 1.4.20.61282 (4a57b8b0)",
	"runtime.proxy":        "Detected proxy http://edge:****@proxy.corp:3128/",
	"agent.update-mode":    "ModuleUpdateMode: NonBlocking",
	"runtime.features":     `Experimental features configuration: {"Enabled":false}`,
	"runtime.certificates": "Installing certificates [CN=Root:12/31/2030 00:00:00] to Root",
	"agent.attempt":        "Edge agent attempting to connect to IoT Hub via Amqp_Tcp_Only...",
	"agent.connected":      "Edge agent connected to IoT Hub via Amqp_WebSocket_Only.",
	"agent.connect-error":  "Error creating a device-to-cloud connection" + exceptionTail,
	"agent.retry":          "Retrying connection to IoT Hub. Current retry count 4.",
	"agent.setup-error":    "Device client threw non-transient exception during setup" + exceptionTail,
	"agent.status":         "Connection status changed to Disconnected_Retrying with reason Communication_Error",
	"agent.twin": "Obtained Edge agent twin from IoTHub with desired properties version 12 and reported " +
		"properties version 40.",
	"agent.twin-error": "Error getting edge agent twin from IoTHub" +
		exceptionTail,
	"agent.refresh-error": "Error refreshing edge agent configuration from twin." + exceptionTail,
	"agent.no-twin": "Empty edge agent config was received. Attempting to read config from backup " +
		"(/tmp/edgeAgent/backup.json) instead",
	"agent.config-error": "Error getting edge agent config - System.Net.Sockets.SocketException (111): " +
		"Connection refused. Attempting to read config from backup",
	"agent.nothing-deployed": "Deployment config in edge agent's desired properties is empty.",
	"agent.client-closed":    "Current module client closed. Initializing a new one",
	"agent.client-error": "Error setting up new module client" +
		exceptionTail,
	"agent.closing": "Closing module client",
	"agent.idle":    "Edge agent module client timed out due to inactivity, closing...",
	"agent.flapping": "Pulling twin by 'Connected' event has been triggered frequently, 12 times in the last " +
		"120 seconds. This may indicate multiple devices use the same identity.",
	"agent.reported": "Updated reported properties",
	"agent.reported-error": "Updating reported properties failed with error Unable to connect to the remote " +
		"server type System.Net.WebSockets.WebSocketException",
	"agent.no-identity": "Unable to process module sensor add or update as the module identity could not be " +
		"obtained",
	"agent.command-error": `Executing command for operation ["create"] failed.` +
		"\nMicrosoft.Azure.Devices.Edge.Agent.Edgelet.EdgeletCommunicationException- Message:Error calling " +
		"create module: pull image \"contoso.azurecr.io/m:1\": toomanyrequests: rate limit, StatusCode:500",
	"agent.step-error": "Step failed in deployment 12, continuing execution. Failure when running command pull: " +
		"toomanyrequests: rate limit",
	"agent.restart-hub":    "Module 'edgeHub' scheduled to restart after 00:00:10 (00:00:08 left).",
	"agent.restart-module": "Module 'sensor' scheduled to restart after 00:00:10 (00:00:08 left).",
	"agent.daemon-mute": "Shutting down because no response from unix:///var/run/iotedge/mgmt.sock for get " +
		"modules",
	"agent.fatal": "Fatal error building application.\nSystem.UriFormatException: Invalid URI: The URI scheme " +
		"is not valid.",
	"runtime.store-error": "Error creating RocksDB store. Falling back to in-memory " +
		"store.\nRocksDbSharp.RocksDbException: IO error: No space left on device: While appending to file",
	"runtime.signal":   "Received signal of type SIGTERM",
	"runtime.shutdown": "Termination requested, initiating shutdown.",
	"runtime.end":      "Main thread terminated",
	"hub.start":        "Starting Edge Hub",
	"hub.main":         "Edge Hub Main()",
	"hub.init":         "Initializing Edge Hub",
	"hub.protocols":    "Enabling SSL protocols: Tls12",
	"hub.optimize":     "OptimizeForPerformance=True",
	"hub.certificate":  `Loaded server certificate with expiration date of "2031-02-03T04:05:06.0000000Z"`,
	"hub.certificate-expired": "Server certificate is expired (2024-01-02T03:04:05.0000000Z). Not scheduling " +
		"renewal.",
	"hub.certificate-restart": "Restarting process to perform server certificate renewal.",
	"hub.attempt":             "Attempting to connect to IoT Hub for client dev1/$edgeHub via AMQP...",
	"hub.connected": "Created cloud proxy for client dev1/$edgeHub via AMQP, with client operation " +
		"timeout 20 seconds.",
	"hub.connection":     "Created cloud connection for client dev1/$edgeHub",
	"hub.new-connection": "New cloud connection created for device dev1/$edgeHub",
	"hub.initialized":    "Initialized cloud proxy 8f0a2f6c-0b5e-4a60-9f55-1d5b0a7c9e10 for dev1/$edgeHub",
	"hub.connect-error":  "Error creating cloud connection for client dev1/$edgeHub" + exceptionTail,
	"hub.proxy-error": "Error creating or updating the cloud proxy for client dev1/$edgeHub" +
		exceptionTail,
	"hub.open-error":   "Error opening IotHub connection for dev1/$edgeHub" + exceptionTail,
	"hub.device-error": "Error creating new device connection for device dev1/$edgeHub" + exceptionTail,
	"hub.get-error":    "Error getting cloud connection for device dev1/$edgeHub" + exceptionTail,
	"hub.probe-error":  "Error calling IotHub for connectivity test" + exceptionTail,
	"hub.monitor": "Created DeviceConnectivityManager with connected check frequency 00:05:00 and disconnected " +
		"check frequency 00:02:00",
	"hub.no-monitor":         "Device connectivity check disabled",
	"hub.state-connected":    "Entering connected state",
	"hub.state-left":         "Exiting connected state",
	"hub.state-unreachable":  "Entering unreachable state",
	"hub.state-disconnected": "Entering disconnected state",
	"hub.state-back":         "Exiting disconnected state",
	"hub.cloud-state":        "Cloud connection for dev1/$edgeHub is False",
	"hub.status":             "Connection status for dev1/$edgeHub changed to Disconnected",
	"hub.idle":               "Closing cloud proxy 8f0a2f6c for dev1/m1 because of inactivity",
	"hub.closed":             "Closed cloud proxy 8f0a2f6c for dev1/m1",
	"hub.failover":           "Fail-over detected, closing cloud proxy for dev1/m1.",
	"hub.failover-op":        "Operation SendMessageBatch failed for dev1/m1 because of fail-over",
	"hub.hanging": "Error due to sdk hanging and upstream call timed out, closing cloud proxy for " +
		"dev1/$edgeHub.",
	"hub.scope-start": "Starting refresh of device scope identities cache",
	"hub.scope-done":  "Done refreshing device scope identities cache. Waiting for 60 minutes.",
	"hub.scope-error": "Encountered an error while refreshing the device scope identities cache. Will retry the " +
		"operation in 00:00:30." + exceptionTail,
	"hub.service-error": "Error while refreshing the service identity: dev1/m1" + exceptionTail,
	ChildAsks:           "Request starting HTTP/1.1 GET https://edgehub/devices/child1/modules/$edgeAgent?api-version=1",
	ChildAnswer:         "Request finished in 0.6325ms 401 text/html",
	"hub.no-child":      "Device scope not found for dev2. Parent-child relationship is not set.",
	"hub.downstream-certificate": "Invalid client certificate for incoming connection: ::ffff:192.0.2.7, " +
		"Exception: Certificate presented was rejected",
	"hub.token":                  "Obtained new token for client dev1/m1 that expires in 00:59:59",
	"hub.downstream-auth":        "Error authenticating token for dev1/leaf because the token has expired",
	"hub.downstream-credentials": "Credentials for client dev1/leaf are not valid.",
	"hub.invoke-failure":         "[InvokeFailure] Operation failed on checkpointer" + exceptionTail,
	"hub.send-unhandled": "[SendFailureUnhandledException] Unhandled exception" +
		exceptionTail,
	"hub.send-failure":      "[SendFailure] Sending failed. Id: iothub" + exceptionTail,
	"hub.invoke-warning":    "[InvokeWarning] Failed on iothub" + exceptionTail,
	"hub.endpoint-died":     "[Die] Endpoint died. Id: iothub" + exceptionTail,
	"hub.endpoint-back":     "[Revived] Endpoint revived, Id: iothub",
	"hub.dropped":           "[Dead] Dropping 12 messages for endpoint iothub",
	"hub.memory":            "High memory usage detected - using 92% of 104857600 bytes",
	"hub.subscriptions":     "Client dev1/m1 connected to cloud, processing existing subscriptions.",
	"hub.downstream-client": "Client dev1/leaf disconnected",
	"hub.downstream-new":    "New device connection for device dev1/leaf",
	"hub.downstream-twice": "Closing connection for device: dev1/leaf, scopes: , " +
		"Microsoft.Azure.Devices.Edge.Hub.Core.MultipleConnectionsException: Multiple connections detected",
	"hub.downstream-tls":           "TLS handshake failed., System.IO.IOException: Channel is closed, 5e3a10f2",
	"identityd.start":              "Starting service...",
	"daemon.proxy":                 "Detected HTTPS proxy server http://edge:******@proxy.corp:3128/",
	"identityd.provisioning":       "Provisioning starting. Reason: Startup",
	"identityd.manual":             "Updated device info for dev1.",
	"identityd.provisioned":        "Provisioning complete.",
	"identityd.backup":             "Provisioned with backup for dev1.",
	"identityd.dps-send":           "Sending DPS registration request.",
	"identityd.dps-answered":       "Checking DPS registration status.",
	"identityd.dps-wait":           "DPS registration is still in progress.",
	"identityd.dps-assigned":       "Assigned to IoT hub: contoso.azure-devices.net",
	"identityd.dps-complete":       "DPS registration complete.",
	"identityd.dps-done":           "Successfully provisioned with DPS.",
	"identityd.reconcile":          "Identity reconciliation started.",
	"identityd.reconcile-skipped":  "reconcilation skipped since device is not provisioned",
	"identityd.reconcile-skipped2": "Identity reconciliation skipped since device is not provisioned",
	"identityd.reconciled":         "Identity reconciliation complete.",
	"identityd.offline": "Network not available for Identity reconciliation. Using offline backup " +
		"from last run.",
	"identityd.dps-offline": "Reprovisioning failed to communicate with DPS. Using offline backup from " +
		"last run.",
	"identityd.refused": "Could not reconcile Identities with current device data. Reprovisioning.",
	"identityd.http-error": "Failed to send HTTP request (attempt 1 of 2): error trying to connect: tcp connect " +
		"error: Connection refused (os error 111)",
	"identityd.hub-error": "Failed to communicate with IoT Hub (attempt 1 of 1): timed out",
	"edged.http-error": "Failed to send HTTP request (attempt 1 of 2): connection error: Connection reset by " +
		"peer (os error 104)",
	"identityd.throttled":      "HTTP request throttled (attempt 1 of 2). Sleeping for 5 seconds.",
	"identityd.throttled-last": "Final HTTP request throttled (attempt 2 of 2).",
	"identityd.failed": "Failed to provision with IoT Hub, and no valid device backup was found: Hub client " +
		"error\ncaused by: error trying to connect: tcp connect error: Connection refused (os error 111)",
	"identityd.exit": "service encountered an error\ncaused by: Hub client error\ncaused by: tcp connect error: " +
		"Connection refused (os error 111)",
	"identityd.reprovision": "Failed to reprovision device. Running offline. Reprovisioning failure reason: " +
		"error trying to connect: tcp connect error: Connection refused (os error 111).",
	ModuleRequest:       `<-- PUT /identities/modules/$edgeAgent?api-version=2020-09-01&type=aziot {"host": "identityd.sock"}`,
	ModuleAnswer:        `--> 200 {"content-type": "application/json"}`,
	"identityd.request": `<-- GET "/identities/device" {"host": "."}`,
	"identityd.answer":  "--> 404 {}",
	"identityd.answer-error": "!!! internal error\n!!! caused by: error trying to connect: tcp connect error: " +
		"Connection refused (os error 111)",
	"identityd.bad-request": "-!> Error { kind: Parse }",
	"daemon.renewal": "Tried to renew deviceid, but the request failed. Retrying at 2024-11-05 " +
		"10:00:00 UTC.",
	"daemon.renewal-error": "Failed to initialize cert renewal for deviceid: not found",
	"tpmd.key":             "could not read endorsement key from 0x81010001",
	"tpmd.evict":           "could not evict previous auth key",
	"edged.start":          "Starting Azure IoT Edge Daemon",
	"iotedged.start":       "Starting Azure IoT Edge Security Daemon",
	"edged.obtaining":      "Obtaining Edge device provisioning data...",
	"edged.device":         "Device is dev1 on contoso.azure-devices.net",
	"edged.provisioned":    "Finished provisioning edge device.",
	"edged.no-identity": "Failed to obtain device identity: connection error: Connection refused (os " +
		"error 111)",
	"edged.reprovision":       "Requesting device reprovision",
	"edged.identity-mute":     "Identity Service was unreachable. Waiting for Identity Service startup.",
	"edged.reprovision-error": "Failed to reprovision: connection error: Connection reset by peer (os error 104)",
	"edged.cache": "Failed to clear provisioning cache before reprovision: No such file or " +
		"directory (os error 2)",
	"edged.identity-error": "Error in watchdog: Failed to update $edgeAgent identity: Hub client error",
	"edged.pull-error":     `Error in watchdog: Failed to pull Edge runtime module: registry operation error: pull image "mcr.microsoft.com/azureiotedge-agent:1.5"` + "\ncaused by: HTTP 500: dial tcp 192.0.2.7:443: connect: connection refused",
	"edged.watchdog":       "Error in watchdog: Could not start module edgeAgent",
	"edged.watching":       "Watchdog checking Edge runtime status",
	"iotedged.watching":    "Checking edge runtime status",
	"edged.watchdog-end":   "Watchdog error count has exceeded allowed retries",
	"edged.pulling":        "Pulling image via tag mcr.microsoft.com/azureiotedge-agent:1.5...",
	"edged.pulled":         "Successfully pulled image mcr.microsoft.com/azureiotedge-agent:1.5",
	"edged.pull-failed": "Could not pull image mcr.microsoft.com/azureiotedge-agent:1.0\ncaused by: Get " +
		"https://mcr.microsoft.com/v2/: dial tcp 192.0.2.7:443: connect: connection refused",
	"edged.engine-error": "container runtime error\nCaused by:\n    HTTP 500 Internal Server Error: Get " +
		"\"https://mcr.microsoft.com/v2/\": net/http: TLS handshake timeout",
	"edged.change":   "Change to device information detected",
	"edged.stopping": "Stopping all modules...",
	"edged.removing": "Removing all modules...",
	"edged.renewal":  "Edge CA renewal stopped all modules",
	"edged.moved":    "Device provisioning has changed. Restarting...",
	"edged.auth":     "Auth for edgeAgent failed",
	"edged.only":     "Only edgeAgent is authorized for this endpoint; pid 12 not authorized.",
	"edged.server-error": "Internal server error: A request to Azure IoT Hub failed\ncaused by: connection " +
		"error: Connection reset by peer (os error 104)",
	"iotedged.dps":          `Starting DPS registration with scope_id "0ne00000000", registration_id "dev1"`,
	"iotedged.dps-assigned": `DPS registration assigned device "dev1" in hub "contoso.azure-devices.net"`,
	DPSPoll: "Some(DeviceRegistrationResult { status: Some(\"failed\"), error_code: Some(400207), error_message: " +
		"Some(\"Custom allocation failed with status code: 500\") })",
	"iotedged.unprovisioned": "Could not provision device\ncaused by: tcp connect error: Connection refused (os " +
		"error 111)",
	"iotedged.backup": "Restoring device credentials from backup",
	"iotedged.runtime-error": "A module runtime error occurred.\ncaused by: Could not get identity " +
		"$edgeAgent\ncaused by: HTTP request failed: [401 Unauthorized] " +
		"{\"Message\":\"ErrorCode:IotHubNotFound;Unauthorized\"}",
	"iotedged.identity": "Could not get identity $edgeAgent\ncaused by: tcp connect error: Connection refused " +
		"(os error 111)",
	"iotedged.http":          `HTTP request failed: [401 Unauthorized] {"errorCode":401002,"message":"Unauthorized"}`,
	"iotedged.connect":       `Error { kind: Connect, cause: Some(Custom { kind: Other, error: StringError("failed to lookup address information: Name or service not known") }) }`,
	"iotedged.local":         "server connection error: (connection closed)",
	"daemon.network-gone":    "network 3f1d2c not found",
	"dockerd.next":           `Attempting next endpoint for pull after error: Get "https://mcr.microsoft.com/v2/": dial tcp 192.0.2.7:443: connect: connection refused`,
	"dockerd.pull":           "Not continuing with pull after error: toomanyrequests: rate limit",
	"dockerd.handler":        `Handler for POST /v1.41/images/create returned error: Get "https://mcr.microsoft.com/v2/": dial tcp: lookup mcr.microsoft.com on 192.0.2.53:53: no such host`,
	"dockerd.registry":       `Error trying v2 registry: Get "https://mcr.microsoft.com/v2/": net/http: TLS handshake timeout`,
	"dockerd.resolver":       `[resolver] failed to query external DNS server: read udp 172.17.0.1:40000->192.0.2.53:53: i/o timeout`,
	"systemd.restarts":       "aziot-identityd.service: Scheduled restart job, restart counter is at 18.",
	"systemd.exited":         "aziot-identityd.service: Main process exited, code=exited, status=1/FAILURE",
	"systemd.edged-stopped":  "Stopped Azure IoT Edge daemon.",
	"systemd.engine-stopped": "Stopped Docker Application Container Engine.",
	"clock.unset": "System clock time unset or jumped backwards, restored from recorded timestamp: Tue " +
		"2024-11-05 10:00:00 UTC",
	"kernel.no-clock":    "rtc-ds1307 1-0068: hctosys: unable to read the hardware clock",
	"systemd.build-time": "System time before build time, advancing clock.",
	"clock.silent":       "Timed out waiting for reply from 192.0.2.123:123 (ntp.example).",
	"clock.wrong":        "System clock wrong by 86400.250000 seconds",
	"module.names":       "socket.gaierror: [Errno -3] Temporary failure in name resolution",
	"edged.runtime-start": "Failed to initialize module runtime: container runtime error\nCaused by:\n    HTTP " +
		"400 Bad Request: client version 1.34 is too old. Minimum supported API version is 1.44",
	"edged.settings": "Failed to load settings: missing field `hostname`",
	"iotedged.start-failed": "The daemon could not start up successfully: Could not initialize module runtime\n" +
		`caused by: Invalid URL "unix:///var/run/docker.sock": Socket file could not be found`,
	"edged.module-start": "Failed to start module sensor, error Failed to listen on workload socket: Is a " +
		"directory (os error 21)",
	"iotedged.module-start": "Could not start module sensor\ncaused by: OCI runtime create failed: no such file",
	"edged.runtime-error": "A module runtime error occurred.\ncaused " +
		`by: HTTP response error: [404 Not Found] {"message":"Hub client error\ncaused by: {\"errorCode\":404010,` +
		`\"message\":\"Device dev1 Module $edgeAgent at IotHub contoso not registered.\"}"}`,
	"agent.reconcile-error": "Reconcile failed because of the an exception\nSystem.AggregateException: One or " +
		"more errors occurred. (Error calling start module edgeHub: Could not start module edgeHub\n        " +
		"caused by: Bind for 0.0.0.0:5671 failed: port is already allocated)",
	"agent.reconcile-config": "Reconcile failed because of invalid configuration " +
		"format\nMicrosoft.Azure.Devices.Edge.Agent.Core.ConfigSources.ConfigFormatException: Agent " +
		"configuration format is invalid.",
	"tpmd.device": "WARNING:tcti:src/tss2-tcti/tcti-device.c:440:Tss2_Tcti_Device_Init() Failed to open default " +
		"TCTI device file /dev/tpmrm0: Permission denied",
	"tpmd.device-error": "ERROR:tcti:src/tss2-tcti/tcti-device.c:451:Tss2_Tcti_Device_Init() Failed to open " +
		"specified TCTI device file /dev/tpmrm0: Permission denied",
	"runtime.store": "Error processing a message\nRocksDbSharp.RocksDbException: Corruption: block checksum " +
		"mismatch",
	otherError: "A sentence of a later " +
		"edition\nMicrosoft.Azure.Devices.Client.Exceptions.QuotaExceededException: Total number of messages on " +
		"IotHub 'contoso' exceeded the allocated quota.",
	"runtime.unhandled": "Unhandled exception. System.IO.IOException: Failed to bind to address " +
		"http://0.0.0.0:9600: address already in use.",
	"runtime.unhandled-old": "Unhandled Exception: System.IO.IOException: Failed to bind to address " +
		"http://0.0.0.0:443: address already in use.",
	"dockerd.settings": "unable to configure the Docker daemon with file /etc/docker/daemon.json: invalid " +
		"character '}'",
	"dockerd.ends": "failed to start daemon: Error initializing network controller: error obtaining controller " +
		"instance",
	"dockerd.port": "Failed to allocate and map port 443-443: Error starting userland proxy: listen tcp4 " +
		"0.0.0.0:443: bind: address already in use",
	"dockerd.start": "Handler for POST /v1.41/containers/edgeHub/start returned error: driver failed " +
		"programming external connectivity on endpoint edgeHub (9a0a27144c66): Bind for 0.0.0.0:443 failed: " +
		"port is already allocated",
	"container.platform":     "exec /bin/sh: exec format error",
	"kernel.read-only":       "EXT4-fs (mmcblk0p3): Remounting filesystem read-only",
	"daemon.read-only":       "Read-only file system (os error 30)",
	"identityd.backup-error": "Failed to save module information backup state: Read-only file system (os error 30)",
	"kernel.blocked": "[UFW BLOCK] IN=br-5c1b OUT=eno1 SRC=172.18.0.3 DST=192.0.2.7 PROTO=TCP SPT=48550 " +
		"DPT=8883 SYN",
	"kernel.link-down": "igb 0000:01:00.0 eno1: igb: eno1 NIC Link is Down",
	"kernel.link-up":   "igb 0000:01:00.0 eno1: igb: eno1 NIC Link is Up 1000 Mbps",
	"kernel.memory-hub": "Memory cgroup out of memory: Killed process 7741 (dotnet) total-vm:3411224kB, " +
		"UID:13623 pgtables:1",
	"kernel.memory-agent": "Out of memory: Killed process 7742 (dotnet) total-vm:3411224kB, UID:13622 pgtables:1",
	"kernel.memory":       "Out of memory: Killed process 7741 (dotnet) total-vm:3411224kB, UID:0",
	"module.hub-name": "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: " +
		"Hostname mismatch, certificate is not valid for 'edgeHub'. (_ssl.c:997)",
	"module.hub-name-tagged": "ERROR Hostname mismatch, certificate is not valid for 'edgeHub'. (_ssl.c:997)",
	"container.no-time":      "1900-01-00 00:00:00  Starting Edge Agent",
	"config.parent":          `parent_hostname = "parent.example"`,
	CheckHost:                "\u00d7 host can connect to and perform TLS handshake with iothub AMQP port - Error",
	CheckContainer:           "\u00d7 container on the default network can connect to upstream AMQP port - Error",
	CheckHostOK:              "\u221a host can connect to and perform TLS handshake with iothub HTTPS / WebSockets port - OK",
	PortOpen:                 "Connection to contoso.azure-devices.net (192.0.2.7) 5671 port [tcp/amqps] succeeded!",
	"console.ncat-open":      "Ncat: Connected to 192.0.2.7:5671.",
	"console.curl-open":      "* Connected to contoso.azure-devices.net (192.0.2.7) port 443 (#0)",
	PortClosed:               "nc: connect to contoso.azure-devices.net (192.0.2.7) port 5671 (tcp) failed: Connection timed out",
	"console.curl-refused": "curl: (7) Failed to connect to contoso.azure-devices.net port 5671 after 3 ms: " +
		"Connection refused",
	"console.curl-silent": "curl: (28) Failed to connect to contoso.azure-devices.net port 5671 after 130000 " +
		"ms: Timed out",
	Verified:                "verify error:num=19:self-signed certificate in certificate chain",
	"console.curl-verified": "curl: (60) SSL certificate problem: unable to get local issuer certificate",
	Issuer:                  "issuer=C = US, O = Example, CN = Example Inspection CA",
	"console.depth":         "depth=1 CN = Example Inspection CA",
	"console.curl-issuer":   "*  issuer: C=US; O=Example; CN=Example Inspection CA",
	Expired:                 "DPS identity 'device-id' expired at 2024-11-19 20:36:10 UTC",
	"console.pull":          `Error response from daemon: Get "https://mcr.microsoft.com/v2/": net/http: TLS handshake timeout`,
}
