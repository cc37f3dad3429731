package pattern

import "edgenet/report"

// FailedByItself is the row of a service's error that is none of a request to the cloud, without the reason.
const FailedByItself = "device.internal"

// ServiceMute is the row of a service of this host that another one does not reach.
const ServiceMute = "device.service-mute"

// ReadOnly is the row of a file system that takes no more, of which most else follows.
const ReadOnly = "device.read-only"

const engineDo = "Start the container engine, and see that the user of the runtime may open its socket."

const memoryDo = "Where the kernel's line says Memory cgroup, the container's own limit is reached: raise it in " +
	"the module's create options. Else give the device more memory, or bound the modules that take it."

// deviceErrors are met on this host, on the way to nobody else. They come before the errors of the network, whose words
// some of them use. The sources are the engine's (moby), the runtime's and the identity service's own texts, and
// threads of Azure/iotedge where they were met, by number.
var deviceErrors = []errorRow{
	// moby's port allocator and proxy; #851, #7134
	{id: "device.port", of: fromAny, never: true, any: []string{"port is already allocated", "address already " +
		"in use",
		"Ports are not available"}, fail: Failure{Certainty: Proves, Finding: report.DeviceFault, Whole: true,
		Detail: "a port that a container publishes is taken by another program of this host",
		Do:     "Stop what listens there (ss -ltnp), or publish another port in the module's create options."}},
	// #856, iot-edge-v1#653
	{id: "device.port-error", of: fromAny, never: true, any: []string{"Error starting userland proxy",
		"driver failed programming external connectivity"}, fail: Failure{Certainty: Proves,
		Finding: report.DeviceFault, Whole: true, Detail: "the engine cannot publish a container's port",
		Do: "Look in the engine's log; restarting the engine builds its rules anew."}},
	// #1735; docker's own client says the second
	{id: "device.engine-gone", of: fromAny, never: true, any: []string{"Socket file could not be found",
		"Cannot connect to the Docker daemon", "docker.sock: connect: "}, fail: Failure{Certainty: Proves,
		Finding: report.DeviceFault, Whole: true, Detail: "the container engine's socket does not answer",
		Do: engineDo}},
	// hyper's words over a Unix socket that is not there, as edged puts them under its own; #7319
	{id: "device.engine-missing", of: fromPull, never: true,
		any: []string{"error trying to connect: No such file or directory"}, fail: Failure{Certainty: Proves,
			Finding: report.DeviceFault, Whole: true,
			Detail: "the container engine's socket is not there", Do: engineDo}},
	// moby, a bind mount of the create options; Industrial-IoT#1668
	{id: "device.bind-path", of: fromAny, never: true, any: []string{"bind source path does not exist"},
		fail: Failure{Certainty: Proves, Finding: report.DeviceFault, Whole: true,
			Detail: "a folder that a module's create options bind does not exist on this host", Do: "Make the " +
				"folder on this host, or correct the path in the module's create options."}},
	// moby's version middleware
	{id: "device.engine-api", of: fromAny, never: true, any: []string{"is too old. Minimum supported API " +
		"version is"},
		fail: Failure{Certainty: Proves, Finding: report.DeviceFault, Whole: true,
			Detail: "the container engine no longer speaks the version of its API that the runtime uses",
			Do: "Update aziot-edge, or let the engine accept older clients again (DOCKER_MIN_API_VERSION), or " +
				"go back to the engine's release before."}},
	// runc; #5967, #6856
	{id: "device.mount", of: fromAny, never: true, any: []string{"Are you trying to mount a directory onto a file",
		"Failed to listen on workload socket: Is a directory"}, fail: Failure{Certainty: Proves,
		Finding: report.DeviceFault, Whole: true, Detail: "a folder stands where a module's socket belongs",
		Do: "Stop the runtime, remove the module's container and the folder of that name, and start the runtime " +
			"again."}},
	// #6003
	{id: "device.shim", of: fromAny, never: true, any: []string{"/run/containerd/s/"},
		fail: Failure{Certainty: Proves, Finding: report.DeviceFault, Whole: true, Detail: "the engine has lost " +
			"the process that keeps a container", Do: "Restart the container engine, and remove the container " +
			"that does not start."}},
	// the kernel's ENOEXEC, by runc or by the shell of an image
	{id: "device.platform", of: fromAny, never: true, any: []string{"exec format error"},
		fail: Failure{Certainty: Proves, Finding: report.DeviceFault, Whole: true, Detail: "an image is built " +
			"for another processor than this host's",
			Do: "Whoever writes the deployment: name the image's tag for this architecture, or one of several " +
				"architectures."}},
	// containerd, which still holds the task of a container that the engine is to start
	{id: "device.container-left", of: fromAny, never: true, any: []string{"container with id exists",
		"container with given ID already exists"}, fail: Failure{Certainty: Proves, Finding: report.DeviceFault,
		Whole: true, Detail: "the engine still holds the rest of a container, so that it cannot be started",
		Do: "Remove that container (docker rm -f NAME): the runtime makes it anew. If it comes back, restart the " +
			"engine, and update it."}},
	{id: "device.container", of: fromAny, never: true, any: []string{"OCI runtime create failed",
		"failed to create shim task", "failed to create task for container"}, fail: Failure{Certainty: Proves,
		Finding: report.DeviceFault, Whole: true, Detail: "the engine cannot make a container's process",
		Do: "Look at the engine's text: a path, a device or a program that does not exist on this host."}},
	// moby's layer store, which renames a new layer to a folder that a lost one has left behind
	{id: "device.layers", of: fromAny, never: true, any: []string{"failed to register layer: rename "},
		also: ": file exists", fail: Failure{Certainty: Proves, Finding: report.DeviceFault, Whole: true,
			Detail: "the engine's store of images is damaged: it holds a layer that it does not know, and no image " +
				"with that layer can be pulled",
			Do: "Stop the engine, remove the folder under layerdb that the line names, and start it; if that does " +
				"not do, clear the engine's data (/var/lib/docker). Look at the disk, and at how the power goes."}},
	// workload API of edged; toolboc/azure-iot-edge-device-container#9
	{id: "device.workload-api", of: fromAny, never: true, any: []string{"Invalid or missing API version"},
		fail: Failure{Certainty: Proves, Finding: report.DeviceFault, Whole: true,
			Detail: "the daemon does not know the version of its API that the image asks for", Do: "Update the " +
				"daemon and the images of edgeAgent and edgeHub to the same edition."}},
	// the sockets by which the parts of the runtime talk on this host
	{id: "device.socket", of: fromAny, never: true, any: []string{".sock"}, re: `(?i)permission denied`,
		fail: Failure{Certainty: Proves, Finding: report.DeviceFault, Whole: true,
			Detail: "a part of the runtime may not open another one's socket", Do: "Look at owner and rights of " +
				"the socket and its folder, and at what guards them (AppArmor, SELinux, user namespaces of the " +
				"engine)."}},
	// the kernel's EROFS, and what it says when it does so
	{id: ReadOnly, of: fromAny, never: true, any: []string{"Read-only file system", "read-only file system",
		"Remounting filesystem read-only"}, fail: Failure{Certainty: Proves, Finding: report.DeviceFault,
		Whole: true, Detail: "a file system of this host is read-only", Do: "Read the kernel's log (dmesg): a " +
			"disk or card that fails is made read-only by the kernel, and has to be replaced, or checked " +
			"(fsck); if it was mounted so on purpose, give the runtime a place to write."}},
	// RocksDB; #961, #4262, #3418
	{id: "device.store-corrupt", of: fromNET, any: []string{"RocksDbException: Corruption"},
		fail: Failure{Certainty: Proves, Finding: report.DeviceFault, Whole: true, Detail: "a store of the " +
			"runtime is damaged",
			Do: "Stop the module, move its store away and start it: messages in it are lost. Look at the disk, " +
				"and at how the power goes."}},
	{id: "device.store-locked", of: fromNET, any: []string{"While lock file"}, fail: Failure{Certainty: Proves,
		Finding: report.DeviceFault, Whole: true, Detail: "a store of the runtime is locked by another process, " +
			"and messages are held in memory alone",
		Do: "See that one module alone uses this storage folder, and that its file system can lock files."}},
	{id: "device.files", of: fromAny, never: true, any: []string{"Too many open files"},
		fail: Failure{Certainty: Proves, Finding: report.DeviceFault, Whole: true, Detail: "there are too many " +
			"open files",
			Do: "Raise the limit of open files for the engine (fs.file-max, LimitNOFILE), and look for who " +
				"holds them."}},
	// edgeAgent, DockerConfig.GetCreateOptions; #7489
	{id: "device.create-options", of: fromNET, any: []string{"JsonReaderException", "JsonSerializationException"},
		frame: "GetCreateOptions", fail: Failure{Certainty: Proves, Finding: report.DeviceFault, Whole: true,
			Detail: "the create options of a module in the deployment are no JSON",
			Do: "Whoever writes the deployment: createOptions is a JSON text within the JSON, without comments, " +
				"and goes on in createOptions01 and so on after 512 characters; edgenet manifest lint reads it."}},
	// edgeAgent, TwinConfigSource; edgeHub has the same exception
	{id: "device.deployment", of: fromNET, any: []string{"ConfigFormatException", "configuration format is invalid",
		"InvalidSchemaVersionException"}, fail: Failure{Certainty: Proves, Finding: report.DeviceFault, Whole: true,
		Detail: "the deployment does not have the form that the runtime understands", Do: "Whoever writes the " +
			"deployment: compare it with the runtime's schema (edgenet manifest lint)."}},
	// aziot-certd, est.rs; #6835, #6895. The EST server is neither on this host nor on the way to the hub
	{id: "est.refused", of: fromRust, never: true, any: []string{"EST endpoint did not return successful response"},
		re: `response: (?P<a>40[13][^"]{0,20}?) b?"`, fail: Failure{Certainty: Proves, Finding: report.DeviceFault,
			Whole: true, Detail: "the EST server does not accept the credentials with which the certificates " +
				"service asks for a certificate, and answers",
			Do: "Compare user and password, or the bootstrap certificate, of [cert_issuance.est] in " +
				"/etc/aziot/config.toml with what the EST server's owner gave out.",
			Actor: report.ActorCredentials, Beside: true}},
	{id: "est.status", of: fromRust, never: true, any: []string{"EST endpoint did not return successful response"},
		re: `response: (?P<a>\d{3}[^"]{0,30}?)(?: b?"|$)`, fail: Failure{Certainty: Proves,
			Finding: report.DeviceFault, Whole: true, Detail: "the EST server gives the certificates service no " +
				"certificate, and answers", Do: "Ask whoever runs the EST server what its log says of this " +
				"request; look at the URL in [cert_issuance.est], too.", Actor: report.ActorService, Beside: true}},
	{id: "est.answer", of: fromRust, never: true, any: []string{"EST response "}, fail: Failure{Certainty: Proves,
		Finding: report.DeviceFault, Whole: true, Detail: "what answers at the EST server's URL does not speak " +
			"EST", Do: "Look at the URL in [cert_issuance.est] of /etc/aziot/config.toml: it ends in " +
			"/.well-known/est, with a label behind it where the server wants one.",
		Actor: report.ActorService, Beside: true}},
	// aziot-tpmd, error.rs; meta-iotedge#132, #6658
	// TPM2_ActivateCredential, which alone needs the endorsement key that the enrolment holds
	{id: TPMCredential, of: fromRust, never: true, any: []string{"integrity check failed"},
		under: "could not import auth key", fail: Failure{
			Certainty: Proves, Finding: report.DeviceFault, Whole: true, Actor: report.ActorCredentials,
			Detail: "the TPM refuses the key that the provisioning service sent for it", Do: "The enrolment holds " +
				"the endorsement key of another TPM, or this TPM was cleared or replaced: read the endorsement " +
				"key anew on the device, and set it in the enrolment."}},
	{id: TPMImport, of: fromRust, never: true, any: []string{"could not import auth key"}, fail: Failure{
		Certainty: Proves, Finding: report.DeviceFault, Whole: true,
		Detail: "the TPM refuses the key that the provisioning service sent for it", Do: "Look what the TPM says " +
			"at that moment (journalctl -u aziot-tpmd), whether something else owns or fills it (tpm2_getcap), and, " +
			"on a virtual machine, at its virtual TPM. The lines do not say why it refuses."}},
	{id: "device.tpm", of: fromRust, never: true, any: []string{"could not initialize TPM", "could not get TPM " +
		"keys",
		"could not sign with auth key"}, fail: Failure{Certainty: Suggests,
		Finding: report.DeviceFault, Detail: tpm.Detail, Do: tpm.Do, Whole: true}},
	// aziot-keyd, error.rs; #4853, #6005
	{id: "device.key-user", of: fromRust, never: true, any: []string{"is not authorized to access the key"},
		fail: Failure{Certainty: Proves, Finding: report.DeviceFault, Whole: true,
			Detail: "a service is not allowed to use a key", Do: "Run iotedge config apply, which writes who " +
				"may use which key."}},
	// the identity service's client of the keys service, on a socket
	{id: "device.keys-mute", of: fromRust, never: true, any: []string{"(os error "}, under: "Key client error",
		fail: Failure{Certainty: Proves, Finding: report.DeviceFault, Whole: true,
			Detail: "the keys service does not answer", Do: "Look at systemctl status aziot-keyd " +
				"aziot-keyd.socket, and at journalctl -u aziot-keyd."}},
	// hyper's connector for TCP says "tcp connect error" before the kernel's words; that for a socket here does not
	{id: ServiceMute, of: fromRust, any: []string{"error trying to connect: Connection refused",
		"error trying to connect: No such file or directory", "error trying to connect: Permission denied"},
		fail: Failure{Certainty: Suggests, Finding: report.DeviceFault, Whole: true, Detail: "another service " +
			"of the runtime does not answer on its socket (keys or certificates)", Do: "Look at systemctl " +
			"status aziot-keyd aziot-certd, and at their journal: the one that ends says why."}},
	{id: "device.key-library", of: fromRust, never: true, any: []string{"cannot open shared object file"},
		fail: Failure{Certainty: Proves, Finding: report.DeviceFault, Whole: true, Detail: "a library of the " +
			"runtime's services is missing", Do: "Install the package aziot-identity-service again, and see " +
			"what removed its files."}},
	// aziot-certd, lib.rs; #7063
	{id: "device.issuance", of: fromRust, never: true, any: []string{"is configured to be issued by"},
		fail: Failure{
			Certainty: Proves, Finding: report.DeviceFault, Whole: true, Detail: "a certificate is to be issued " +
				"in a way that is not configured: the EST server's URL, or the local CA, is missing",
			Do: "Set it in /etc/aziot/config.toml ([cert_issuance]) and run iotedge config apply."}},
	{id: "device.keys-error", of: fromRust, never: true, any: []string{"Key client error"}, fail: Failure{
		Certainty: Suggests, Finding: report.DeviceFault, Detail: "the identity service does not get from the " +
			"keys service what it asks for", Do: "Read journalctl -u aziot-keyd at that moment."}},
	{id: "device.key", of: fromRust, never: true, any: []string{"AZIOT_KEYS_RC_ERR_EXTERNAL", "could not load key",
		"could not generate key", "could not create key", "could not load libaziot-keys"},
		fail: Failure{Certainty: Proves, Finding: report.DeviceFault, Whole: true,
			Detail: "the keys service cannot use a key: its file, its rights or its hardware", Do: "Look at " +
				"owner and rights of the key's file (user aziotks), and at journalctl -u aziot-keyd."}},
	// an error of the service itself inside one of a client: what failed was no request to the cloud
	{id: FailedByItself, of: fromRust, never: true, any: []string{"internal error"}, under: " client error",
		fail: Failure{Certainty: Suggests, Finding: report.DeviceFault, Detail: "the identity service failed by " +
			"itself, most often for a key or a certificate that it was refused", Do: "Read journalctl -u " +
			"aziot-keyd -u aziot-certd at that moment."}},
	{id: FailedByItself, of: fromRust, never: true, any: []string{"could not create certificate"}, fail: Failure{
		Certainty: Suggests, Finding: report.DeviceFault,
		Detail: "the identity service gets no certificate from the certificates service", Do: "Read journalctl " +
			"-u aziot-certd -u aziot-keyd at that moment."}},
	{id: "device.memory-hub", of: fromAny, never: true, any: []string{hubsUser}, also: "ut of memory: Killed " +
		"process",
		fail: Failure{Certainty: Proves, Finding: report.DeviceFault, Whole: true,
			Detail: "the kernel killed edgeHub for want of memory", Do: memoryDo}},
	{id: "device.memory-agent", of: fromAny, never: true, any: []string{agentsUser},
		also: "ut of memory: Killed process", fail: Failure{Certainty: Proves, Finding: report.DeviceFault,
			Whole: true, Detail: "the kernel killed edgeAgent for want of memory", Do: memoryDo}},
	{id: "device.memory", of: fromAny, never: true, any: []string{"ut of memory: Killed process"},
		re: `Killed process \d+ \((?P<a>dotnet|aziot[\w-]*|iotedged?|dockerd|containerd[\w-]*)\)`,
		fail: Failure{Certainty: Proves, Finding: report.DeviceFault, Whole: true,
			Detail: "the kernel killed a process of the runtime for want of memory:", Do: memoryDo}},
}
