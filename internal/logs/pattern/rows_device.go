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
		Not:   notNetwork,
		Level: 'E'},
	{ID: "edged.settings", On: Edged, Prefix: "Failed to load settings: ", Kind: Fact, Role: RoleLocal,
		Fail: &settings, Means: "the daemon does not start for its configuration", Not: notNetwork,
		Level: 'E'},
	{ID: "iotedged.start-failed", On: Iotedged, Prefix: "The daemon could not start up successfully", Kind: Fact,
		Chain: ChainLocal, Role: RoleLocal, Means: "the daemon ends at once", Not: notNetwork,
		Level: 'E'},
	{ID: "edged.module-start", On: Edged, Prefix: "Failed to start module ", Kind: Fact, Chain: ChainLocal,
		Role: RoleLocal, Means: "a module cannot be started", Not: notNetwork, Level: 'I'},
	{ID: "iotedged.module-start", On: Iotedged, Prefix: "Could not start module ", Kind: Fact, Chain: ChainLocal,
		Role: RoleLocal, Means: "a module cannot be started", Not: notNetwork,
		Level: 'W'},
	{ID: "edged.runtime-error", On: Edged, Prefix: "A module runtime error occurred.", Kind: Refused,
		Chain: ChainLocal, Role: RoleLocal, Means: "a request to the engine or to identityd failed",
		Not: "the way to the hub, unless its answer is quoted", Level: 'W'},
	{ID: "agent.reconcile-error", On: Agent, Prefix: "Reconcile failed because of the an exception", Kind: Refused,
		Chain: ChainPull, Role: RoleRegistry, Means: "a deployment could not be carried out",
		Not:   "the way to the hub",
		Level: 'W'},
	// edgeAgent, Agent.cs; #7489
	{ID: "agent.reconcile-config", On: Agent, Prefix: "Reconcile failed because of invalid configuration format",
		Kind: Fact, Chain: ChainCloud, Role: RoleLocal,
		Means: "the deployment is not carried out: it does not have the form that the runtime understands",
		Not:   "the way to the hub", Level: 'W'},
	// tpm2-tss, tcti-device.c, which writes into the service's output by itself
	{ID: "tpmd.device", On: Tpmd, Prefix: "WARNING:tcti:", Has: "Permission denied", Kind: Fact, Role: RoleLocal,
		Fail: &tpmRights, Bare: true, Means: "the TPM service may not open the TPM", Not: notNetwork, Level: 'S'},
	{ID: "tpmd.device-error", On: Tpmd, Prefix: "ERROR:tcti:", Has: "Permission denied", Kind: Fact,
		Role: RoleLocal,
		Fail: &tpmRights, Bare: true, Means: "the TPM service may not open the TPM", Not: notNetwork, Level: 'S'},
	{ID: "runtime.store", On: net, Has: "RocksDbSharp.RocksDbException", deep: true, Kind: Fact, Chain: ChainCloud,
		Role: RoleLocal, Means: "a store of the runtime fails", Not: "the way to the hub", Level: 'W'},
	{ID: otherError, On: net, Has: "Exception", deep: true, Kind: Fact, Chain: ChainCloud, Role: RoleLocal,
		Means: "a line that is not known carries an error that is", Not: "the way to the hub", Level: 'W'},
	{ID: "runtime.unhandled", On: net, Prefix: "Unhandled exception. ", Kind: Fact, Chain: ChainLocal, Bare: true,
		Role: RoleLocal, Means: "the process ends for an error that nobody expected", Level: 'E'},
	{ID: "runtime.unhandled-old", On: net, Prefix: "Unhandled Exception: ", Kind: Fact, Chain: ChainLocal,
		Bare: true,
		Role: RoleLocal, Means: "the process ends for an error that nobody expected", Level: 'E'},
	{ID: "dockerd.settings", On: Dockerd, Prefix: "unable to configure the Docker daemon", Kind: Fact,
		Role: RoleLocal,
		Fail: &engineEnds, Means: "the engine does not start for its configuration", Not: notNetwork, Level: 'E'},
	{ID: "dockerd.ends", On: Dockerd, Prefix: "failed to start daemon: ", Kind: Fact, Role: RoleLocal,
		Fail: &engineEnds, Means: "the engine does not start", Not: notNetwork, Level: 'E'},
	{ID: "dockerd.port", On: Dockerd, Prefix: "Failed to allocate and map port", Kind: Fact, Chain: ChainLocal,
		Role: RoleLocal, Means: "a port of this host cannot be published", Not: notNetwork,
		Level: 'W'},
	{ID: "dockerd.start", On: Dockerd, Prefix: "Handler for POST /", Has: "/start returned error: ", Kind: Fact,
		Chain: ChainLocal, Role: RoleLocal, Means: "a container cannot be started", Not: notNetwork,
		Level: 'E'},
	{ID: "container.platform", On: net | Module, Has: "exec format error", Kind: Fact, Chain: ChainLocal,
		Role: RoleLocal, Means: "a container's program is not for this processor", Not: notNetwork,
		Level: 'S'},
	{ID: "kernel.read-only", On: Kernel, Has: "Remounting filesystem read-only", Kind: Fact, Chain: ChainLocal,
		Role: RoleLocal, Means: "the kernel met errors of a disk, and lets nobody write to it", Not: notNetwork,
		Level: 'S'},
	{ID: "daemon.read-only", On: aziot, Prefix: "Read-only file system", Kind: Fact, Chain: ChainLocal,
		Role:  RoleLocal,
		Means: "a service cannot write", Not: notNetwork, Level: 'E'},
	{ID: "identityd.backup-error", On: Identityd, Prefix: "Failed to save module information backup state",
		Kind:  Fact,
		Chain: ChainLocal, Role: RoleLocal, Means: "the identity service cannot keep what it knows of a module",
		Not:   notNetwork,
		Level: 'W'},
	{ID: "kernel.blocked", On: Kernel, Has: "[UFW BLOCK] ",
		re:   `(?P<unit>IN=\S* OUT=\S*) .*PROTO=TCP .*DPT=(?P<status>\d+)`,
		Kind: Fact, Role: RoleLocal, Means: "this host's own firewall dropped a packet", Not: "that the runtime " +
			"sent it",
		Level: 'S'},
	{ID: "kernel.link-down", On: Kernel, Has: "Link is Down", Kind: Fact, Role: RoleLocal, Level: 'S',
		Means: "a network interface has no link", Not: "that the way to the hub goes by it"},
	{ID: "kernel.link-up", On: Kernel, Has: "Link is Up", Kind: Fact, Role: RoleLocal, Level: 'S',
		Means: "a network interface has a link"},
	{ID: "kernel.memory-hub", On: Kernel, Has: hubsUser, Kind: Fact, Chain: ChainLocal, Ends: Hub, Role: RoleLocal,
		Means: "the kernel killed edgeHub for want of memory", Not: notNetwork, Level: 'S'},
	{ID: "kernel.memory-agent", On: Kernel, Has: agentsUser, Kind: Fact, Chain: ChainLocal, Ends: Agent,
		Role: RoleLocal, Means: "the kernel killed edgeAgent for want of memory", Not: notNetwork, Level: 'S'},
	{ID: "kernel.memory", On: Kernel, Has: "ut of memory: Killed process", Kind: Fact, Chain: ChainLocal,
		Role: RoleLocal, Means: "the kernel killed a process for want of memory", Not: notNetwork,
		Level: 'S'},
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
