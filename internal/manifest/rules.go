package manifest

import (
	"slices"

	"edgenet/internal/rule"
	"edgenet/report"
)

// Rule names a check of Lint. Those that are findings of a report have their codes.
type Rule string

// The rules.
const (
	RuleUnreadable  Rule = "manifest.unreadable" // no manifest that can be read
	RuleRefused     Rule = "manifest.refused"    // edgeAgent, or edgeHub, refuses the whole deployment
	RuleName        Rule = "manifest.name"       // a key that no twin takes
	RuleOptions     Rule = "manifest.create-options"
	RuleSystem      Rule = "manifest.system-module" // missing, or where it cannot be
	RuleDuplicate   Rule = "manifest.duplicate-key"
	RuleForm        Rule = "manifest.form"
	RuleEncoding    Rule = "manifest.encoding"
	RulePlaceholder Rule = "manifest.placeholder"
	// edgeAgent, edgeHub, env and createOptions differ, or a value is ignored
	RuleProtocol     Rule = "protocol.inconsistent"
	RuleUnsetHub     Rule = "protocol.unset-hub"
	RuleSpelling     Rule = "protocol.spelling" // accepted by the runtime, unknown to iotedge check
	RuleProxyURL     Rule = "proxy.scheme"      // what a component cannot read
	RuleProxyMissing Rule = "proxy.missing"     // one system module has a proxy, the other has none
	RuleNoProtocol   Rule = "proxy.no-protocol" // a proxy, and no protocol that goes through it
	RuleProxyLimits  Rule = "proxy.runtime-limits"
	RuleNoProxy      Rule = "proxy.no-proxy-ignored"
	RuleUnread       Rule = "variable.unread"
	RuleContradicts  Rule = "variable.contradiction"
	RuleExpected     Rule = "module.expected"
)

// Rules lists all rules in the order of the JUnit output.
func Rules() []Rule {
	var out []Rule
	for _, r := range Table() {
		out = append(out, Rule(r.Code))
	}
	return out
}

// Table lists what is known of every rule.
func Table() []rule.Row { return slices.Concat(table, productionTable) }

const (
	setBoth = "Give both system modules the same: edgenet manifest set FILE --protocol P --proxy URL."
)

var table = []rule.Row{
	{Code: string(RuleUnreadable), Severity: report.SeverityError, Actor: report.ActorHost,
		Meaning: "the file is no JSON, or holds no deployment manifest, or more than one",
		Follows: "nothing in it was judged",
		Remedy:  "Correct the place that the message names, or give the file that holds the manifest.",
		Source:  "JSON (RFC 8259); az iot edge set-modules and the portal read strictly"},
	{Code: string(RuleRefused), Severity: report.SeverityError, Actor: report.ActorHost,
		Meaning: "a member of the deployment has a form or value that edgeAgent, or of its own section edgeHub, " +
			"cannot read",
		Follows: "edgeAgent refuses the whole deployment: the modules stay as they are, and lastDesiredStatus is " +
			"400 or 412",
		Remedy: "Correct the member that the message names.",
		Source: "DeploymentConfig.cs, TypeSpecificSerDe.cs, DockerModule.cs, EnvVal.cs, EdgeAgentConnection.cs; " +
			"EdgeHubConfigParser.cs"},
	{Code: string(RuleName), Severity: report.SeverityError, Actor: report.ActorHost,
		SeverityNote: "a name that only other tools refuse is a warning",
		Meaning:      "a key of desired properties holds a dot, a blank, a $ or a control character",
		Follows:      "IoT Hub refuses the deployment: no twin takes such a key",
		Remedy:       "Use letters, digits, - and _.",
		Source:       "documentation of device twins; ^[a-zA-Z0-9_-]+$ in the deployment schema"},
	{Code: string(RuleOptions), Severity: report.SeverityError, Actor: report.ActorHost,
		SeverityNote: "what the runtime reads though it is no JSON is a warning",
		Meaning: "createOptions is no JSON object, one of its parts is missing, or it is JSON for the " +
			"runtime alone",
		Follows: "edgeAgent refuses the whole deployment; what is merely lenient it reads, and other tools " +
			"stumble over it",
		Remedy: "Write createOptions as a JSON object in a string; what is longer than 512 characters goes on " +
			"in createOptions01 …",
		Source: "DockerConfig.cs, JsonEx.cs; Newtonsoft.Json"},
	{Code: string(RuleSystem), Severity: report.SeverityError, Actor: report.ActorHost,
		SeverityNote: "another spelling that the runtime reads is a warning",
		Meaning:      "a base deployment lacks edgeAgent or edgeHub, or a layered one holds one of them",
		Follows:      "the device loses the module, or the deployment is not applied",
		Remedy:       "Name edgeAgent and edgeHub in the base deployment, and in no layered one.",
		Source:       "documentation of module composition and of layered deployments"},
	{Code: string(RuleDuplicate), Severity: report.SeverityWarning, Actor: report.ActorHost,
		Meaning: "an object of the manifest holds the same key twice",
		Follows: "the runtime takes the last, other readers the first or none",
		Remedy:  "Leave one.",
		Source:  "Newtonsoft.Json; RFC 8259, section 4"},
	{Code: string(RuleForm), Severity: report.SeverityWarning, Actor: report.ActorHost,
		Meaning: "the manifest stands in a form that not every tool takes",
		Follows: "it was read and judged all the same; az or the portal may refuse it",
		Remedy: "Write it as az iot edge set-modules takes it: modulesContent, in it $edgeAgent, in that " +
			"properties.desired.",
		Source: "REST API of IoT Hub, apply configuration on a device"},
	{Code: string(RuleEncoding), Severity: report.SeverityWarning, Actor: report.ActorHost,
		SeverityNote: "UTF-16 is information",
		Meaning:      "the file is not written in UTF-8",
		Follows:      "what reads it as UTF-8 refuses it, or changes it",
		Remedy:       "Save it as UTF-8.",
		Source:       "RFC 8259, section 8.1"},
	{Code: string(RulePlaceholder), Severity: report.SeverityInfo, Actor: report.ActorHost,
		Meaning: "values are placeholders of a template",
		Follows: "nobody knows what will stand there, and it was not judged",
		Remedy:  "Lint what comes out of the template.",
		Source:  "the form of the value"},
	{Code: string(RuleProtocol), Severity: report.SeverityError, Actor: report.ActorHost,
		SeverityNote: "an empty value is a warning",
		Meaning: "edgeAgent and edgeHub have different protocols or proxies, createOptions.Env hides another " +
			"value, or the runtime ignores one",
		Follows: "one of the two goes another way than was meant",
		Remedy:  setBoth,
		Source:  "UpstreamProtocol.cs; edgelet-docker, runtime.rs merge_env"},
	{Code: string(RuleUnsetHub), Severity: report.SeverityWarning, Actor: report.ActorHost,
		SeverityNote: "information where no proxy and no protocol is set at all",
		Meaning:      "edgeHub has no UpstreamProtocol of its own",
		Follows:      "unset it uses AMQP over TCP alone, without the fallback that edgeAgent has",
		Remedy:       "Set it explicitly for both: edgenet manifest set FILE --protocol P.",
		Source:       "CloudConnectionProvider.cs; CreateOrUpdateCommand.cs"},
	{Code: string(RuleSpelling), Severity: report.SeverityWarning, Actor: report.ActorHost,
		Meaning: "a value of UpstreamProtocol is spelled otherwise than Amqp, AmqpWs, Mqtt or MqttWs",
		Follows: "the runtime reads it, and iotedge check does not know it",
		Remedy:  "Write Amqp, AmqpWs, Mqtt or MqttWs.",
		Source:  "UpstreamProtocol.cs; edgelet, upstream_protocol"},
	{Code: string(RuleProxyURL), Severity: report.SeverityError, Actor: report.ActorHost,
		SeverityNote: "what depends on the version is a warning",
		Meaning:      "one of the runtime's programs cannot use the proxy's URL as it is written",
		Follows:      "it fails at its start, or goes without the proxy",
		Remedy:       "Write http://[user:password@]host:port, special characters percent-encoded.",
		Source:       "Proxy.cs"},
	{Code: string(RuleProxyMissing), Severity: report.SeverityError, Actor: report.ActorHost,
		Meaning: "one of edgeAgent and edgeHub has a proxy, and the other has none",
		Follows: "the one without it tries the direct way: edgeAgent passes no proxy on",
		Remedy:  setBoth,
		Source:  "CreateOrUpdateCommand.cs; iotedge#5421"},
	{Code: string(RuleNoProtocol), Severity: report.SeverityError, Actor: report.ActorHost,
		Meaning: "a proxy is set, and no UpstreamProtocol",
		Follows: "edgeHub then uses AMQP over TCP, which goes through no proxy, so that the proxy is never used",
		Remedy:  "Set AmqpWs or MqttWs for both: edgenet manifest set FILE --protocol AmqpWs.",
		Source:  "CloudConnectionProvider.cs; the networking documentation of the runtime"},
	{Code: string(RuleProxyLimits), Severity: report.SeverityError, Actor: report.ActorHost,
		SeverityNote: "what is merely of no use is a warning",
		Meaning:      "the runtime cannot use the proxy in this combination",
		Follows:      "what is meant to go through the proxy does not",
		Remedy:       "Use an http:// proxy, with AmqpWs or MqttWs.",
		Source:       "Proxy.cs; Agent.cs"},
	{Code: string(RuleNoProxy), Severity: report.SeverityWarning, Actor: report.ActorHost,
		Meaning: "no_proxy is set beside a proxy",
		Follows: "nobody on the way to the hub honours it",
		Remedy:  "Do not count on it.",
		Source:  "iot-identity-service issue 493; Proxy.cs"},
	{Code: string(RuleUnread), Severity: report.SeverityWarning, Actor: report.ActorHost,
		Meaning: "a variable is named nearly like one that the runtime reads",
		Follows: "nobody reads it",
		Remedy:  "Write the name that the message gives.",
		Source:  "EnvironmentVariables.md of the runtime"},
	{Code: string(RuleContradicts), Severity: report.SeverityError, Actor: report.ActorHost,
		Meaning: "a variable stands there in two spellings with different values",
		Follows: ".NET ignores the case of names: which value counts is not defined",
		Remedy:  "Leave one.",
		Source:  ".NET, configuration by environment variables"},
	{Code: string(RuleExpected), Severity: report.SeverityWarning, Actor: report.ActorHost,
		Meaning: "edgenet's own module is told to expect another protocol than the deployment sets",
		Follows: "it would call a healthy device wrong",
		Remedy:  "edgenet manifest set keeps both in step.",
		Source:  "the module's desired properties"},
}
