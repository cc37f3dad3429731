package edgeagent

// The facts that the rules follow from, as the findings and tests cite them.
const (
	// FactCreateOnce is why an edited configuration does not reach edgeAgent.
	FactCreateOnce = "aziot-edged creates edgeAgent from [agent] only where no edgeAgent container exists, or a dead " +
		"one (aziot-edged, watchdog.rs); iotedge config apply does not change an existing one (iotedge#6231)"
	// FactEmptyLabel is why a bare deployment leaves the first edgeAgent alone.
	FactEmptyLabel = "aziot-edged labels the edgeAgent that it creates with an empty environment (edgelet-settings, " +
		"init.rs); edgeAgent compares the deployment with that label, with the image and with createOptions"
	// FactRecreate is why a deployment drops what it does not repeat.
	FactRecreate = "a deployment that differs re-creates edgeAgent with the deployment's environment alone " +
		"(iotedge#5421)"
	// FactInherit is why the protocol sticks.
	FactInherit = "edgeAgent gives its own UpstreamProtocol to every module that it creates and whose env has none " +
		"(CreateOrUpdateCommand.cs)"
	// FactNoProxy is why the proxy does not.
	FactNoProxy = "edgeAgent gives https_proxy to no module (CreateOrUpdateCommand.cs)"
	// FactCreateEnv is why createOptions beats env.
	FactCreateEnv = "createOptions.Env wins over env where the daemon merges them (edgelet-docker, runtime.rs " +
		"merge_env)"
	// FactUnsetAgent is edgeAgent's default.
	FactUnsetAgent = "edgeAgent without UpstreamProtocol tries Amqp, then AmqpWs (ModuleClientProvider.cs)"
	// FactUnsetHub is edgeHub's default.
	FactUnsetHub = "edgeHub without UpstreamProtocol uses Amqp over TCP alone (CloudConnectionProvider.cs; the " +
		"fallback was removed in 2018)"
	// FactSilent is why a misspelt protocol goes unnoticed.
	FactSilent = "a value that is none of Amqp, AmqpWs, Mqtt, MqttWs counts as unset, without a line in the log " +
		"(UpstreamProtocol.cs)"
	// FactRestart is why a restart changes nothing.
	FactRestart = "a container keeps the environment that it was created with"
)
