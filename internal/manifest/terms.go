package manifest

import "edgenet/report"

// Terms explains the rules that are no findings of a report.
func Terms() []report.Term {
	const kind = "a lint rule"
	return []report.Term{
		{Code: string(RuleSpelling), Kind: kind, Severity: "warning", Actor: report.ActorHost,
			Rule:   "a value of UpstreamProtocol is spelled otherwise than Amqp, Mqtt, AmqpWs or MqttWs",
			Means:  "the runtime reads it, and iotedge check does not know it",
			Remedy: "Write Amqp, Mqtt, AmqpWs or MqttWs."},
		{Code: string(RuleProxyMissing), Kind: kind, Severity: "error", Actor: report.ActorHost,
			Rule:   "one of edgeAgent and edgeHub has a proxy, and the other has none",
			Means:  "the one without it tries the direct way, which is closed where a proxy is needed",
			Remedy: "Give both the same proxy: edgenet manifest set FILE --proxy URL."},
		{Code: string(RuleDuplicate), Kind: kind, Severity: "error", Actor: report.ActorHost,
			Rule:   "an object of the manifest holds the same key twice",
			Means:  "which of the two counts depends on who reads it",
			Remedy: "Leave one of them."},
		{Code: string(RuleOptions), Kind: kind, Severity: "error", Actor: report.ActorHost,
			Rule:   "createOptions is no JSON document, or one of its pieces is missing",
			Means:  "the module is not created",
			Remedy: "Write createOptions as a JSON document in a string; what is longer than 512 characters goes on in createOptions01 and so on."},
		{Code: string(RuleSystem), Kind: kind, Severity: "error", Actor: report.ActorHost,
			Rule:   "a base deployment lacks edgeAgent or edgeHub, or a layered one holds one of them",
			Means:  "the deployment is not applied",
			Remedy: "Name both system modules in the base deployment, and none in a layered one."},
	}
}
