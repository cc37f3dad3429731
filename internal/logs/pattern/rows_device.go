package pattern

import "edgenet/report"

// otherError is the row of lines that no row knows, whose errors are read for what a service or this host itself says:
// which call it was that failed is then not known.
const otherError = "runtime.other"

// The users of the images of edgeHub and edgeAgent (their Dockerfiles), as the kernel prints them of whom it kills.
const (
	hubsUser   = " UID:13623 "
	agentsUser = " UID:13622 "
)

const notNetwork = "anything of the network"

// deviceRows are lines about the device itself. What of it fails, the table of errors tells.
var deviceRows = []Row{
	{ID: "edged.runtime-start", On: Edged, Prefix: "Failed to initialize module runtime", Kind: Fact,
		Chain: ChainLocal, Role: RoleLocal, Means: "the daemon cannot use the container engine, and ends",
		Not: notNetwork,
		Sample: "Failed to initialize module runtime: container runtime error\nCaused by:\n    HTTP 400 Bad " +
			"Request: client version 1.34 is too old. Minimum supported API version is 1.44", Level: 'E'},
	{ID: "edged.settings", On: Edged, Prefix: "Failed to load settings: ", Kind: Fact, Role: RoleLocal,
		Fail: &settings, Means: "the daemon does not start for its configuration", Not: notNetwork,
		Sample: "Failed to load settings: missing field `hostname`", Level: 'E'},
	{ID: "iotedged.start-failed", On: Iotedged, Prefix: "The daemon could not start up successfully", Kind: Fact,
		Chain: ChainLocal, Role: RoleLocal, Means: "the daemon ends at once", Not: notNetwork,
		Sample: "The daemon could not start up successfully: Could not initialize module runtime\n" +
			`caused by: Invalid URL "unix:///var/run/docker.sock": Socket file could not be found`, Level: 'E'},
	{ID: "edged.module-start", On: Edged, Prefix: "Failed to start module ", Kind: Fact, Chain: ChainLocal,
		Role: RoleLocal, Means: "a module cannot be started", Not: notNetwork, Sample: "Failed to start module " +
			"sensor, error Failed to listen on workload socket: Is a directory (os error 21)", Level: 'I'},
	{ID: "iotedged.module-start", On: Iotedged, Prefix: "Could not start module ", Kind: Fact, Chain: ChainLocal,
		Role: RoleLocal, Means: "a module cannot be started", Not: notNetwork,
		Sample: "Could not start module sensor\ncaused by: OCI runtime create failed: no such file", Level: 'W'},
	{ID: "edged.runtime-error", On: Edged, Prefix: "A module runtime error occurred.", Kind: Refused,
		Chain: ChainLocal, Role: RoleLocal, Means: "a request to the engine or to identityd failed",
		Not: "the way to the hub, unless its answer is quoted", Sample: "A module runtime error " +
			"occurred.\ncaused " +
			`by: HTTP response error: [404 Not Found] {"message":"Hub client error\ncaused by: {\"errorCode\":404010,` +
			`\"message\":\"Device dev1 Module $edgeAgent at IotHub contoso not registered.\"}"}`, Level: 'W'},
	{ID: "agent.reconcile-error", On: Agent, Prefix: "Reconcile failed because of the an exception", Kind: Refused,
		Chain: ChainPull, Role: RoleRegistry, Means: "a deployment could not be carried out",
		Not: "the way to the hub",
		Sample: "Reconcile failed because of the an exception\nSystem.AggregateException: One or more errors " +
			"occurred. (Error calling start module edgeHub: Could not start module edgeHub\n        caused by: " +
			"Bind for 0.0.0.0:5671 failed: port is already allocated)", Level: 'W'},
	// edgeAgent, Agent.cs; #7489
	{ID: "agent.reconcile-config", On: Agent, Prefix: "Reconcile failed because of invalid configuration format",
		Kind: Fact, Chain: ChainCloud, Role: RoleLocal,
		Means: "the deployment is not carried out: it does not have the form that the runtime understands",
		Not:   "the way to the hub", Level: 'W',
		Sample: "Reconcile failed because of invalid configuration " +
			"format\nMicrosoft.Azure.Devices.Edge.Agent.Core.ConfigSources.ConfigFormatException: Agent " +
			"configuration format is invalid."},
	// tpm2-tss, tcti-device.c, which writes into the service's output by itself
	{ID: "tpmd.device", On: Tpmd, Prefix: "WARNING:tcti:", Has: "Permission denied", Kind: Fact, Role: RoleLocal,
		Fail: &tpmRights, Bare: true, Means: "the TPM service may not open the TPM", Not: notNetwork, Level: 'S',
		Sample: "WARNING:tcti:src/tss2-tcti/tcti-device.c:440:Tss2_Tcti_Device_Init() Failed to open default " +
			"TCTI device file /dev/tpmrm0: Permission denied"},
	{ID: "tpmd.device-error", On: Tpmd, Prefix: "ERROR:tcti:", Has: "Permission denied", Kind: Fact,
		Role: RoleLocal,
		Fail: &tpmRights, Bare: true, Means: "the TPM service may not open the TPM", Not: notNetwork, Level: 'S',
		Sample: "ERROR:tcti:src/tss2-tcti/tcti-device.c:451:Tss2_Tcti_Device_Init() Failed to open specified " +
			"TCTI device file /dev/tpmrm0: Permission denied"},
	{ID: "runtime.store", On: net, Has: "RocksDbSharp.RocksDbException", deep: true, Kind: Fact, Chain: ChainCloud,
		Role: RoleLocal, Means: "a store of the runtime fails", Not: "the way to the hub", Level: 'W',
		Sample: "Error processing a message\nRocksDbSharp.RocksDbException: Corruption: block checksum mismatch"},
	{ID: otherError, On: net, Has: "Exception", deep: true, Kind: Fact, Chain: ChainCloud, Role: RoleLocal,
		Means: "a line that is not known carries an error that is", Not: "the way to the hub", Level: 'W',
		Sample: "A sentence of a later " +
			"edition\nMicrosoft.Azure.Devices.Client.Exceptions.QuotaExceededException: Total number of " +
			"messages on IotHub 'contoso' exceeded the allocated quota."},
	{ID: "runtime.unhandled", On: net, Prefix: "Unhandled exception. ", Kind: Fact, Chain: ChainLocal, Bare: true,
		Role: RoleLocal, Means: "the process ends for an error that nobody expected", Level: 'E',
		Sample: "Unhandled exception. System.IO.IOException: Failed to bind to address http://0.0.0.0:9600: " +
			"address already in use."},
	{ID: "runtime.unhandled-old", On: net, Prefix: "Unhandled Exception: ", Kind: Fact, Chain: ChainLocal,
		Bare: true,
		Role: RoleLocal, Means: "the process ends for an error that nobody expected", Level: 'E',
		Sample: "Unhandled Exception: System.IO.IOException: Failed to bind to address http://0.0.0.0:443: " +
			"address already in use."},
	{ID: "dockerd.settings", On: Dockerd, Prefix: "unable to configure the Docker daemon", Kind: Fact,
		Role: RoleLocal,
		Fail: &engineEnds, Means: "the engine does not start for its configuration", Not: notNetwork, Level: 'E',
		Sample: "unable to configure the Docker daemon with file /etc/docker/daemon.json: invalid character '}'"},
	{ID: "dockerd.ends", On: Dockerd, Prefix: "failed to start daemon: ", Kind: Fact, Role: RoleLocal,
		Fail: &engineEnds, Means: "the engine does not start", Not: notNetwork, Level: 'E',
		Sample: "failed to start daemon: Error initializing network controller: error obtaining controller " +
			"instance"},
	{ID: "dockerd.port", On: Dockerd, Prefix: "Failed to allocate and map port", Kind: Fact, Chain: ChainLocal,
		Role: RoleLocal, Means: "a port of this host cannot be published", Not: notNetwork,
		Sample: "Failed to allocate and map port 443-443: Error starting userland proxy: listen tcp4 " +
			"0.0.0.0:443: bind: address already in use", Level: 'W'},
	{ID: "dockerd.start", On: Dockerd, Prefix: "Handler for POST /", Has: "/start returned error: ", Kind: Fact,
		Chain: ChainLocal, Role: RoleLocal, Means: "a container cannot be started", Not: notNetwork,
		Sample: "Handler for POST /v1.41/containers/edgeHub/start returned error: driver failed programming " +
			"external connectivity on endpoint edgeHub (9a0a27144c66): Bind for 0.0.0.0:443 failed: port is " +
			"already allocated", Level: 'E'},
	{ID: "container.platform", On: net | Module, Has: "exec format error", Kind: Fact, Chain: ChainLocal,
		Role: RoleLocal, Means: "a container's program is not for this processor", Not: notNetwork,
		Sample: "exec /bin/sh: exec format error", Level: 'S'},
	{ID: "kernel.read-only", On: Kernel, Has: "Remounting filesystem read-only", Kind: Fact, Chain: ChainLocal,
		Role: RoleLocal, Means: "the kernel met errors of a disk, and lets nobody write to it", Not: notNetwork,
		Sample: "EXT4-fs (mmcblk0p3): Remounting filesystem read-only", Level: 'S'},
	{ID: "daemon.read-only", On: aziot, Prefix: "Read-only file system", Kind: Fact, Chain: ChainLocal,
		Role:  RoleLocal,
		Means: "a service cannot write", Not: notNetwork, Sample: "Read-only file system (os error 30)",
		Level: 'E'},
	{ID: "identityd.backup-error", On: Identityd, Prefix: "Failed to save module information backup state",
		Kind:  Fact,
		Chain: ChainLocal, Role: RoleLocal, Means: "the identity service cannot keep what it knows of a module",
		Not:    notNetwork,
		Sample: "Failed to save module information backup state: Read-only file system (os error 30)",
		Level:  'W'},
	{ID: "kernel.blocked", On: Kernel, Has: "[UFW BLOCK] ",
		re:   `OUT=(?P<unit>\S+) .*PROTO=TCP .*DPT=(?P<status>\d+)`,
		Kind: Fact, Role: RoleLocal, Means: "this host's own firewall dropped a packet", Not: "that the runtime " +
			"sent it",
		Level: 'S', Sample: "[UFW BLOCK] IN=br-5c1b OUT=eno1 SRC=172.18.0.3 DST=192.0.2.7 PROTO=TCP SPT=48550 " +
			"DPT=8883 SYN"},
	{ID: "kernel.link-down", On: Kernel, Has: "Link is Down", Kind: Fact, Role: RoleLocal, Level: 'S',
		Means: "a network interface has no link", Not: "that the way to the hub goes by it",
		Sample: "igb 0000:01:00.0 eno1: igb: eno1 NIC Link is Down"},
	{ID: "kernel.link-up", On: Kernel, Has: "Link is Up", Kind: Fact, Role: RoleLocal, Level: 'S',
		Means: "a network interface has a link", Sample: "igb 0000:01:00.0 eno1: igb: eno1 NIC Link is Up 1000 " +
			"Mbps"},
	{ID: "kernel.memory-hub", On: Kernel, Has: hubsUser, Kind: Fact, Chain: ChainLocal, Ends: Hub, Role: RoleLocal,
		Means: "the kernel killed edgeHub for want of memory", Not: notNetwork, Level: 'S',
		Sample: "Memory cgroup out of memory: Killed process 7741 (dotnet) total-vm:3411224kB, UID:13623 " +
			"pgtables:1"},
	{ID: "kernel.memory-agent", On: Kernel, Has: agentsUser, Kind: Fact, Chain: ChainLocal, Ends: Agent,
		Role: RoleLocal, Means: "the kernel killed edgeAgent for want of memory", Not: notNetwork, Level: 'S',
		Sample: "Out of memory: Killed process 7742 (dotnet) total-vm:3411224kB, UID:13622 pgtables:1"},
	{ID: "kernel.memory", On: Kernel, Has: "ut of memory: Killed process", Kind: Fact, Chain: ChainLocal,
		Role: RoleLocal, Means: "the kernel killed a process for want of memory", Not: notNetwork,
		Sample: "Out of memory: Killed process 7741 (dotnet) total-vm:3411224kB, UID:0", Level: 'S'},
}

var engineEnds = Failure{Certainty: Proves, Finding: report.DeviceFault, Whole: true,
	Detail: "the container engine does not start", Do: "Act on its last lines (journalctl -u docker -n 50); " +
		"dockerd --validate tries its configuration."}

var tpm = Failure{Certainty: Proves, Finding: report.DeviceFault, Whole: true,
	Detail: "the TPM does not do what it is asked for", Do: "Look who else uses the TPM, at the rights of " +
		"/dev/tpmrm0 (user aziottpm), and at journalctl -u aziot-tpmd."}

var tpmRights = Failure{Certainty: Proves, Finding: report.DeviceFault, Whole: true,
	Detail: "the TPM service may not open the TPM (permission denied)", Do: "Give the user aziottpm the right " +
		"to /dev/tpmrm0: a udev rule with the group tss, and the user in that group; images that were built for " +
		"the board often lack both."}

var settings = Failure{Certainty: Proves, Finding: report.DeviceFault, Whole: true,
	Detail: "the daemon cannot use its configuration", Do: "Run iotedge check, and iotedge config apply."}
