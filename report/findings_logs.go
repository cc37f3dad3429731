package report

// The findings that logs give besides those of checks.
const (
	UpstreamNever           FindingCode = "upstream.never"
	UpstreamFlapping        FindingCode = "upstream.flapping"
	UpstreamReasonNotLogged FindingCode = "upstream.reason-not-logged"
	IdentityCrashLoop       FindingCode = "identity.crash-loop"
	IdentityDuplicate       FindingCode = "identity.duplicate"
	IdentityDeleted         FindingCode = "identity.deleted"
	StorageFull             FindingCode = "storage.full"
	EdgeCAExpired           FindingCode = "edge-ca.expired"
	RegistryPull            FindingCode = "registry.pull"
	EngineDNS               FindingCode = "engine.dns"
	LogIncomplete           FindingCode = "log.incomplete"
	DeviceFault             FindingCode = "device.fault"
)

var logsFindings = []FindingInfo{
	{Code: UpstreamNever, Group: GroupLog, Weigh: alwaysError, Actor: ActorUnknown,
		Rule:   "a component's log shows tries and never a success",
		Means:  "this component did not reach the hub in the time that the log covers",
		Remedy: "Act on the cause that the log gives. Where it gives none, run edgenet check on the device."},
	{Code: UpstreamFlapping, Group: GroupLog, Weigh: alwaysWarning, Actor: ActorNetwork,
		Rule:  "a connection that comes and goes",
		Means: "an unstable line, an idle time that is too short, or a second device with this identity",
		Remedy: "Look whether the losses keep to a rhythm, and whether another device uses this identity; edgenet " +
			"check --hold tells how long an idle connection lives."},
	{Code: UpstreamReasonNotLogged, Group: GroupLog, Weigh: alwaysWarning,
		Actor: ActorHost,
		Rule:  "a try fails or a connection is lost, and nothing in the log says why",
		Means: "at its usual level the runtime does not print the reason",
		Remedy: "Run edgenet check on the device, or set RuntimeLogLevel=Debug for edgeAgent and edgeHub and read " +
			"the log again."},
	{Code: IdentityCrashLoop, Group: GroupLog, Weigh: alwaysError, Actor: ActorHost,
		Rule:   "a daemon ends and is started again and again",
		Means:  "what other components say of its socket is a consequence",
		Remedy: "Read the last lines of the daemon that ends (journalctl -u aziot-identityd) and act on them first."},
	{Code: IdentityDuplicate, Group: GroupLog, Weigh: alwaysError, Actor: ActorCredentials,
		Rule:  "the hub ends a connection because another one with the same identity began",
		Means: "two devices, or an old copy of this one, use the same identity and throw each other out",
		Remedy: "Find the second user of this identity (a cloned image, a restored backup) and give it one of its " +
			"own."},
	{Code: IdentityDeleted, Group: GroupLog, Weigh: alwaysError, Actor: ActorService,
		Rule:  "the service says that it does not know the device, or that the hub does not exist",
		Means: "the device was deleted or disabled, or the name of the hub is wrong",
		Remedy: "Ask the hub's administrator whether the device exists and is enabled, and compare the hub's name " +
			"with the device's configuration."},
	{Code: StorageFull, Group: GroupLog, Weigh: alwaysError, Actor: ActorHost,
		Rule:   "a write fails for want of space",
		Means:  "the runtime cannot keep messages, state or images",
		Remedy: "Make room on the disk: old images, logs without rotation, the store of edgeHub."},
	{Code: EdgeCAExpired, Group: GroupLog, Weigh: alwaysError, Actor: ActorHost,
		Rule:   "edgeHub's own server certificate is past its time",
		Means:  "modules and leaf devices cannot connect to edgeHub; this is not the way to the hub",
		Remedy: "Renew the Edge CA certificate, check this host's clock, and restart the runtime."},
	{Code: RegistryPull, Group: GroupLog, Weigh: alwaysError, Actor: ActorHost,
		Rule:  "an image cannot be pulled",
		Means: "modules stay away or stay old; this is not the way to the hub",
		Remedy: "Act on the engine's own text: the registry's name and port in the allowlist, the engine's proxy, or " +
			"the credentials and the tag."},
	{Code: EngineDNS, Group: GroupLog, Weigh: alwaysError, Actor: ActorHost,
		Rule:  "names do not resolve in containers while the host's own daemons resolve them",
		Means: "containers use a name server that the host does not use, or cannot reach it",
		Remedy: "Set dns in /etc/docker/daemon.json to a name server that containers can reach, and restart the " +
			"engine."},
	{Code: LogIncomplete, Group: GroupLog, Weigh: alwaysWarning, Actor: ActorHost,
		Rule:   "the log could not have shown the trouble that was looked for",
		Means:  "that nothing was found says nothing",
		Remedy: "Collect what is missing: sudo iotedge support-bundle --since 7d takes all of it."},
	{Code: DeviceFault, Group: GroupLog, Weigh: alwaysError, Actor: ActorHost,
		Rule: "a line names a fault of the device itself: its engine, a port, a key, a store, its memory, its " +
			"deployment",
		Means:  "what fails is on the device; no firewall, proxy or hub is at fault for it",
		Remedy: "Act on the line that says so, on the device itself."},
}
