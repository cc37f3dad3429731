package manifest

import (
	"edgenet/internal/rule"
	"edgenet/report"
)

// Rule names a check of Lint. Those that are findings of a report have their codes.
type Rule string

// The rules.
const (
	RuleUnreadable   Rule = "manifest.unreadable" // no manifest that can be read
	RuleRefused      Rule = "manifest.refused"    // edgeAgent, or edgeHub, refuses the whole deployment
	RuleName         Rule = "manifest.name"       // a key that no twin takes
	RuleOptions      Rule = "manifest.create-options"
	RuleSystem       Rule = "manifest.system-module" // missing, or where it cannot be
	RuleDuplicate    Rule = "manifest.duplicate-key"
	RuleForm         Rule = "manifest.form"
	RuleEncoding     Rule = "manifest.encoding"
	RulePlaceholder  Rule = "manifest.placeholder"
	RuleProtocol     Rule = "protocol.inconsistent" // edgeAgent, edgeHub, env and createOptions differ, or a value is ignored
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
	out := make([]Rule, len(table))
	for i, r := range table {
		out[i] = Rule(r.Code)
	}
	return out
}

// Table lists what is known of every rule.
func Table() []rule.Row { return append([]rule.Row(nil), table...) }

const (
	setBoth = "Give both system modules the same: edgenet manifest set FILE --protocol P --proxy URL."
)

var table = []rule.Row{
	row(RuleUnreadable, report.SeverityError, "",
		"The file is no JSON, or holds no deployment manifest, or more than one.",
		"Correct the place that the message names, or give the file that holds the manifest.", "JSON (RFC 8259); az iot edge set-modules and the portal read strictly"),
	row(RuleRefused, report.SeverityError, "",
		"edgeAgent cannot read the deployment, and refuses all of it: the modules stay as they are, and lastDesiredStatus is 400 or 412. Of $edgeHub's section edgeHub does the same.",
		"Correct the member that the message names.", "DeploymentConfig.cs, TypeSpecificSerDe.cs, DockerModule.cs, EnvVal.cs, EdgeAgentConnection.cs; EdgeHubConfigParser.cs"),
	row(RuleName, report.SeverityError, "a name that only other tools refuse is a warning",
		"A key of desired properties holds a dot, a blank, a $ or a control character: IoT Hub refuses the deployment.",
		"Use letters, digits, - and _.", "documentation of device twins; ^[a-zA-Z0-9_-]+$ in the deployment schema"),
	row(RuleOptions, report.SeverityError, "what the runtime reads though it is no JSON is a warning",
		"createOptions cannot be read, and edgeAgent refuses the whole deployment for it; or it is read although it is no strict JSON, and other tools will stumble over it.",
		"Write createOptions as a JSON object in a string; what is longer than 512 characters goes on in createOptions01 …", "DockerConfig.cs, JsonEx.cs; Newtonsoft.Json"),
	row(RuleSystem, report.SeverityError, "another spelling that the runtime reads is a warning",
		"A base deployment lacks a system module, or a layered one holds one.",
		"Name edgeAgent and edgeHub in the base deployment, and in no layered one.", "documentation of module composition and of layered deployments"),
	row(RuleDuplicate, report.SeverityWarning, "",
		"A key stands twice in one object. The runtime takes the last, other readers the first or none.", "Leave one.", "Newtonsoft.Json; RFC 8259, section 4"),
	row(RuleForm, report.SeverityWarning, "", "The manifest is read, and stands in a form that not every tool takes.",
		"Write it as {\"modulesContent\": {\"$edgeAgent\": {\"properties.desired\": …}}}.",
		"REST API of IoT Hub, apply configuration on a device"),
	row(RuleEncoding, report.SeverityWarning, "UTF-16 is information",
		"The file is not written in UTF-8: what reads it as UTF-8 refuses it, or changes it.", "Save it as UTF-8.", "RFC 8259, section 8.1"),
	row(RulePlaceholder, report.SeverityInfo, "",
		"Values are placeholders of a template. Nobody knows what they will be, and they are not judged.", "Lint what comes out of the template.", "the form of the value"),
	row(RuleProtocol, report.SeverityError, "an empty value is a warning",
		"edgeAgent and edgeHub would use different protocols or proxies, createOptions.Env hides another value, or the runtime ignores one without a word.",
		setBoth, "UpstreamProtocol.cs; edgelet-docker, runtime.rs merge_env"),
	row(RuleUnsetHub, report.SeverityWarning, "information where no proxy and no protocol is set at all",
		"edgeHub has no UpstreamProtocol of its own. Unset it uses AMQP over TCP alone, without the fallback that edgeAgent has.",
		"Set it explicitly for both: edgenet manifest set FILE --protocol P.", "CloudConnectionProvider.cs; CreateOrUpdateCommand.cs"),
	row(RuleSpelling, report.SeverityWarning, "",
		"The runtime reads this spelling of UpstreamProtocol, and iotedge check does not.", "Write Amqp, AmqpWs, Mqtt or MqttWs.", "UpstreamProtocol.cs; edgelet, upstream_protocol"),
	row(RuleProxyURL, report.SeverityError, "what depends on the version is a warning",
		"One of the runtime's programs cannot use the proxy's URL as it is written.", "Write http://[user:password@]host:port, special characters percent-encoded.", "Proxy.cs"),
	row(RuleProxyMissing, report.SeverityError, "",
		"One system module has a proxy and the other has none: edgeAgent passes none on.", setBoth, "CreateOrUpdateCommand.cs; iotedge#5421"),
	row(RuleNoProtocol, report.SeverityError, "",
		"A proxy is set, and no UpstreamProtocol: edgeHub then uses AMQP over TCP, which goes through no proxy, so that the proxy is never used.",
		"Set AmqpWs or MqttWs for both: edgenet manifest set FILE --protocol AmqpWs.", "CloudConnectionProvider.cs; the networking documentation of the runtime"),
	row(RuleProxyLimits, report.SeverityError, "what is merely of no use is a warning",
		"The runtime cannot use the proxy in this combination.", "Use an http:// proxy, with AmqpWs or MqttWs.", "Proxy.cs; Agent.cs"),
	row(RuleNoProxy, report.SeverityWarning, "", "Nobody on the way to the hub honours no_proxy.",
		"Do not count on it.", "iot-identity-service issue 493; Proxy.cs"),
	row(RuleUnread, report.SeverityWarning, "",
		"A variable is named nearly like one that the runtime reads. Nobody reads it.", "Write the name that the message gives.", "EnvironmentVariables.md of the runtime"),
	row(RuleContradicts, report.SeverityError, "",
		"A variable stands there in two spellings with different values. .NET ignores the case of names: which value counts is not defined.", "Leave one.", ".NET, configuration by environment variables"),
	row(RuleExpected, report.SeverityWarning, "",
		"edgenet's own module is told to expect another protocol than the deployment sets: it would call a healthy device wrong.",
		"edgenet manifest set keeps both in step.", "the module's desired properties"),
}

func row(r Rule, s report.Severity, note, meaning, remedy, source string) rule.Row {
	return rule.Row{Code: string(r), Severity: s, SeverityNote: note, Actor: report.ActorHost, Meaning: meaning,
		Remedy: remedy, Source: source}
}
