package manifest

import (
	"edgenet/internal/rule"
	"edgenet/report"
)

// The rules of production. They have the names that the rows of ready have, which judges
// the same on the device itself.
const (
	RuleRollingTag  Rule = "release.rolling-tag"
	RuleDebugImage  Rule = "image.debug"
	RuleLatest      Rule = "image.latest"
	RuleDebugPort   Rule = "ports.debug"
	RulePrivileged  Rule = "module.privileged"
	RuleRestart     Rule = "module.restart"
	RuleSecrets     Rule = "module.secrets"
	RuleLimits      Rule = "module.limits"
	RulePersist     Rule = "store.persist"
	RuleTTL         Rule = "hub.ttl"
	RuleHeads       Rule = "hub.heads"
	RulePerformance Rule = "hub.performance"
	RuleLogs        Rule = "logs.unbounded"
	RuleAdminUser   Rule = "registry.admin-user"
	RuleSize        Rule = "manifest.size"
)

const checklist = "documentation: prepare to deploy in production"

var productionTable = []rule.Row{
	{Code: string(RuleSize), Severity: report.SeverityError, Actor: report.ActorHost,
		SeverityNote: "from four fifths of a limit a warning",
		Meaning:      "edgeAgent's desired properties are larger than 32 KiB, or name more than 50 modules",
		Follows:      "the hub refuses the deployment",
		Remedy:       "Shorten createOptions, or split the deployment into layers.",
		Source:       "documentation: IoT Edge limits and restrictions"},
	{Code: string(RuleRollingTag), Severity: report.SeverityWarning, Actor: report.ActorHost,
		Meaning: "the image of a system module has a tag that moves, or none",
		Follows: "two devices with the same deployment can run different code",
		Remedy:  "Write a full version such as 1.5.44, or a digest.", Source: checklist + ", use specific tags"},
	{Code: string(RuleLatest), Severity: report.SeverityWarning, Actor: report.ActorHost,
		Meaning: "a module's image is latest, or has no tag",
		Follows: "nobody can tell which build a device runs",
		Remedy:  "Give each build a tag of its own, and deploy that.", Source: checklist + ", manage versions"},
	{Code: string(RuleDebugImage), Severity: report.SeverityWarning, Actor: report.ActorHost,
		Meaning: "an image is a debug build", Follows: "it is slower, larger, and waits for a debugger",
		Remedy: "Deploy the release build of the module.", Source: checklist + ", do not use debug versions"},
	{Code: string(RuleDebugPort), Severity: report.SeverityWarning, Actor: report.ActorHost,
		Meaning: "a port on which debuggers listen is published",
		Follows: "whoever reaches the device can run code in the module",
		Remedy:  "Remove the port from createOptions.", Source: "ports of the IoT Edge module templates"},
	{Code: string(RulePrivileged), Severity: report.SeverityWarning, Actor: report.ActorHost,
		Meaning: "a module has powers over the whole host",
		Follows: "a fault in the module is a fault of the device",
		Remedy:  "Give the module the single device or capability that it needs.", Source: checklist + ", security"},
	{Code: string(RuleRestart), Severity: report.SeverityWarning, Actor: report.ActorHost,
		Meaning: "createOptions tells the engine to restart the module",
		Follows: "edgeAgent and the engine both start it, and neither knows of the other",
		Remedy:  "Leave RestartPolicy out of createOptions, and use the module's restartPolicy.",
		Source:  "edgeAgent, restart policies"},
	{Code: string(RuleSecrets), Severity: report.SeverityWarning, Actor: report.ActorHost,
		Meaning: "a variable that is named like a secret has a value",
		Follows: "everybody who may read the deployment, or ask the engine, reads it",
		Remedy:  "Mount the secret as a file, or let the module fetch it.", Source: "practice in the field"},
	{Code: string(RuleLimits), Severity: report.SeverityWarning, Actor: report.ActorHost,
		SeverityNote: "one information for all modules in the profile default",
		Meaning:      "a module has no memory limit", Follows: "one that grows takes the device with it",
		Remedy: "Set HostConfig.Memory in createOptions.", Source: checklist + ", resource limits"},
	{Code: string(RulePersist), Severity: report.SeverityInfo, Actor: report.ActorHost,
		Meaning: "edgeHub's store lies inside its container",
		Follows: "what waits for the hub is gone when the container is made anew",
		Remedy:  "Bind a directory of the host, and set storageFolder to it.",
		Source:  "documentation: give modules access to a device's local storage"},
	{Code: string(RuleTTL), Severity: report.SeverityWarning, Actor: report.ActorHost,
		SeverityNote: "that they never expire is information",
		Meaning:      "edgeHub keeps messages for less time than its cleanup takes to come round, or for ever",
		Follows:      "an outage of half an hour loses data; for ever can fill the disk",
		Remedy:       "Set timeToLiveSecs to the longest outage that must lose nothing.",
		Source:       "edgeHub, MessageCleanupIntervalSecs is 1800"},
	{Code: string(RuleHeads), Severity: report.SeverityWarning, Actor: report.ActorHost,
		Meaning: "a protocol head of edgeHub is off, and its port is published",
		Follows: "clients reach a port on which nobody speaks",
		Remedy:  "Switch the head on, or take its port out of PortBindings.",
		Source:  checklist + ", disable unused protocols"},
	{Code: string(RulePerformance), Severity: report.SeverityWarning, Actor: report.ActorHost,
		SeverityNote: "in the profile constrained alone",
		Meaning:      "edgeHub is not told to save memory",
		Follows:      "on a small device it sets aside much of it to be fast",
		Remedy:       "Set OptimizeForPerformance to false for edgeHub.",
		Source:       checklist + ", reduce memory space used by edgeHub"},
	{Code: string(RuleLogs), Severity: report.SeverityWarning, Actor: report.ActorHost,
		Meaning: "a module sets a log of its own without a bound", Follows: "it grows until the disk is full",
		Remedy: "Add max-size and max-file to LogConfig, or leave it out and set the engine's default.",
		Source: checklist + ", adjust log settings for each container app"},
	{Code: string(RuleAdminUser), Severity: report.SeverityWarning, Actor: report.ActorCredentials,
		Meaning: "a login is the registry's admin user", Follows: "whoever has it may push and delete",
		Remedy: "Make a token or service principal that can pull, and nothing else.",
		Source: checklist + ", manage access to your container registry"},
}
