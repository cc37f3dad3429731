package consistency

import (
	"edgenet/internal/device"
	"edgenet/internal/rule"
	"edgenet/report"
)

// The codes of what is wrong with this host's files, beside those that findings of a
// report have as well.
const (
	ConfigConnection  report.FindingCode = "config.connection-string"
	ConfigPlaceholder report.FindingCode = "config.placeholder"
	ConfigType        report.FindingCode = "config.type"
	ConfigMisplaced   report.FindingCode = "config.misplaced"
	ConfigSpelling    report.FindingCode = "config.spelling"
	ConfigDuplicate   report.FindingCode = "config.duplicate-key"
	ConfigOverridden  report.FindingCode = "config.overridden"
	ConfigLeftover    report.FindingCode = "config.leftover"
	ConfigRefused     report.FindingCode = "config.refused"
)

// codeOf gives a fault's code.
var codeOf = map[device.FaultKind]report.FindingCode{
	device.FaultConnection: ConfigConnection, device.FaultPlaceholder: ConfigPlaceholder, device.FaultType: ConfigType,
	device.FaultMisplaced: ConfigMisplaced, device.FaultSpelling: ConfigSpelling,
	device.FaultDuplicate: ConfigDuplicate, device.FaultRefused: ConfigRefused,
}

// Rules lists what `config show` judges by, beyond the findings of a report.
func Rules() []rule.Row { return append([]rule.Row(nil), rules...) }

var rules = []rule.Row{
	{Code: string(ConfigConnection), Severity: report.SeverityError,
		SeverityNote: "a part that is merely ignored is a warning", Actor: report.ActorHost,
		Meaning: "the daemon refuses the connection string, or takes something else out of it than was meant",
		Follows: "it knows HostName, DeviceId and SharedAccessKey in this spelling alone, takes blanks for part of " +
			"names and values, and accepts a key without its padding",
		Remedy: "Write HostName=HUB;DeviceId=DEVICE;SharedAccessKey=KEY, in this spelling and without blanks.",
		Source: "aziotctl-common, super_config.rs; edgelet-core, settings.rs"},
	{Code: string(ConfigPlaceholder), Severity: report.SeverityError, Actor: report.ActorHost,
		Meaning: "a text of the template stands where a value belongs",
		Follows: "nobody has filled it in, and nothing is known of it",
		Remedy:  "Put the real value in its place, or remove the line.",
		Source:  "the templates of config.toml and config.yaml"},
	{Code: string(ConfigType), Severity: report.SeverityError, Actor: report.ActorHost,
		Meaning: "a number, list or table stands where the reader wants another type",
		Follows: "the daemon refuses the whole file and does not start, or iotedge config apply refuses it",
		Remedy:  "Write texts in quotes, and the environment as a table.",
		Source:  "super_config.rs; yaml_file_source.rs"},
	{Code: string(ConfigMisplaced), Severity: report.SeverityError, Actor: report.ActorHost,
		Meaning: "a key stands in a table or file where nobody looks for it",
		Follows: "it is not absent, and it has no effect", Remedy: "Move it to the table that the finding names.",
		Source: "template.toml: everything below a [heading] belongs to it"},
	{Code: string(ConfigSpelling), Severity: report.SeverityError, Actor: report.ActorHost,
		Meaning: "a key stands in another case than the daemon knows it in",
		Follows: "it has no effect", Remedy: "Write it as the finding does.", Source: "super_config.rs"},
	{Code: string(ConfigDuplicate), Severity: report.SeverityError, Actor: report.ActorHost,
		Meaning: "a key stands twice in one table",
		Follows: "the daemon of 1.1 takes the last one", Remedy: "Leave one.", Source: "yaml-rust, loader"},
	{Code: string(ConfigOverridden), Severity: report.SeverityError, Actor: report.ActorHost,
		Meaning: "another file, or createOptions.Env, wins over what [agent.env] of the configuration says",
		Follows: "it has no effect, before and after iotedge config apply",
		Remedy:  "Change the stronger one, or take it out.",
		Source:  "config-common: config.d in the order of names; edgelet-docker, runtime.rs merge_env"},
	{Code: string(ConfigLeftover), Severity: report.SeverityInfo, Actor: report.ActorHost,
		Meaning: "a file of another generation of IoT Edge was left behind",
		Follows: "nothing reads it, so that nothing in it is a fault",
		Remedy:  "Nothing has to be done. Remove it if it confuses.",
		Source:  "the upgrade leaves /etc/iotedge in place"},
	{Code: string(ConfigRefused), Severity: report.SeverityWarning, Actor: report.ActorHost,
		Meaning: "a table of config.toml lacks a key that the runtime cannot do without, or two settings exclude " +
			"each other",
		Follows: "iotedge config apply refuses the whole file, and the daemons keep what they had",
		Remedy:  "Add the keys that the finding names, or take out one of the two.",
		Source:  "super_config.rs of iotedge and aziotctl-common; tried with iotedge 1.6.0"},
}

// Terms explains those of them that are no findings of a report.
func Terms() []report.Term { return rule.Terms(rules, "a rule of config show") }

// faults says what is wrong with single entries.
func (v *View) faults() {
	for _, f := range v.device.Faults {
		v.add(codeOf[f.Kind], f.Severity, f.Where()+": "+f.Text, f.Remedy)
	}
	for _, l := range v.device.Leftover {
		text := l.File + " is left over from another generation of IoT Edge: nothing reads it"
		if l.Broken {
			text += ", and that it cannot be parsed harms nobody"
		}
		v.add(ConfigLeftover, report.SeverityInfo, report.Clean(text, 300),
			"Nothing has to be done. Remove it if it confuses.")
	}
}

// Reported lists the findings that a check's report has as well, but for what Compared has: the others are
// about files alone.
func (v *View) Reported() []report.Finding {
	known := map[report.FindingCode]bool{}
	for _, f := range report.FindingTable() {
		known[f.Code] = true
	}
	var out []report.Finding
	for _, f := range v.found {
		if known[f.Code] && !f.compares {
			out = append(out, f.Finding)
		}
	}
	return out
}

// Compared are the findings that say no more than that places differ.
func (v *View) Compared() []report.Finding {
	var out []report.Finding
	for _, f := range v.found {
		if f.compares {
			out = append(out, f.Finding)
		}
	}
	return out
}
