package ready

import (
	"cmp"
	"fmt"
	"strings"

	"edgenet/report"
)

func configRules() []Rule {
	const apply = "Run iotedge config apply."
	return []Rule{
		{
			ID:       "config.values",
			Group:    GroupDevice,
			Severity: "error where a daemon refuses the value, else warning",
			Actor:    report.ActorHost,
			Looks:    "values of config.toml that the daemons refuse or misread",
			Holds:    "there is none",
			Remedy:   "Correct the value, then iotedge config apply.",
			Replaces: []string{"identityd-config-well-formed", "aziot-edged-config-well-formed"},
			Source:   "the daemons' own parsers",
			judge:    configValues,
		},
		{ID: "config.applied", Group: GroupDevice, Severity: "warning", Actor: report.ActorHost,
			Looks: "config.toml and the files that iotedge config apply makes of it, by content",
			Holds: "they say the same", Remedy: apply, Replaces: []string{"configs-up-to-date", "config-up-to-date"},
			Source: "compared by content: times lie after a restore", judge: configApplied},
		{ID: "config.agent-env", Group: GroupDevice, Severity: "warning", Actor: report.ActorHost,
			Looks:  "the running edgeAgent's environment and [agent.env]",
			Holds:  "they agree, where no deployment sets them",
			Remedy: "Run docker rm -f edgeAgent: the daemon makes it anew with the settings of config.toml.",
			Source: "limits: edge agent environment variables", judge: configAgentEnv},
		{
			ID:       "prov.method",
			Group:    GroupSecurity,
			Severity: "warning where a key stands in config.toml",
			Actor:    report.ActorHost,
			Looks:    "how the device proves who it is",
			Holds:    "by a TPM or a certificate, or by a key that is not in config.toml itself",
			Remedy:   "Use X.509 or a TPM, or move the key into a file or a PKCS#11 token.",
			Source:   "documentation: security of provisioning",
			judge:    provMethod,
		},
		{ID: "prov.offline-boot", Group: GroupDevice, Severity: "warning", Actor: report.ActorHost,
			Looks: "auto_reprovisioning_mode", Holds: "it is not AlwaysOnStartup, which needs the cloud at each start",
			Remedy: `Set auto_reprovisioning_mode = "OnErrorOnly", then iotedge config apply.`,
			Source: "provision.rs of Azure/iotedge", judge: provOffline},
	}
}

func configValues(f *Facts) []Row {
	v := f.Config.Values
	if rows := unseen(v, "config.toml"); rows != nil {
		return rows
	}
	var rows []Row
	for _, t := range v.Value {
		s := Error
		switch t.Kind {
		case ValueUnknownKey, ValueMisplaced:
			s = Warning
		case ValueElevatedAllow:
			s = Info
		case ValueFault:
			s = map[report.Severity]Status{report.SeverityError: Error, report.SeverityWarning: Warning,
				report.SeverityInfo: Info}[t.Severity]
		}
		key, value := report.Clean(t.Key, 80), report.Clean(t.Value, 60)
		text := map[ValueKind]string{
			ValueTimeoutLow: fmt.Sprintf("%s = %s is refused: the least is 70 s", key, value),
			ValueRenewUnit: fmt.Sprintf("%s = %s is refused: the units are %%, min and day (10d, as a page of "+
				"the documentation has it, is none)", key, value),
			ValueHostnameLong: fmt.Sprintf("hostname has %d characters: it goes into a certificate's name, which "+
				"takes 64", len(t.Value)),
			ValueUnknownKey:    fmt.Sprintf("nobody reads %s", key),
			ValueMisplaced:     fmt.Sprintf("nobody reads %s here", key),
			ValueBroken:        report.Clean(t.Said, 300),
			ValueFault:         report.Clean(key+": "+t.Said, 300),
			ValueElevatedAllow: "modules may ask for any power of the engine (allow_elevated_docker_permissions)",
		}[t.Kind]
		r := one(s, t.Place, "%s", text)
		r[0].Remedy = t.Remedy
		if s == Info {
			r[0].Remedy = "Set allow_elevated_docker_permissions = false if no module needs it."
		}
		rows = append(rows, r...)
	}
	if rows == nil {
		rows = one(OK, v.Source, "the daemons take every value")
	}
	return rows
}

func configApplied(f *Facts) []Row {
	a := f.Config.Applied
	if rows := unseen(a, "the files that iotedge config apply makes"); rows != nil {
		return rows
	}
	var rows []Row
	if x := a.Value.Missing; len(x) > 0 {
		rows = append(rows, one(Warning, a.Source, "config.toml was never applied for %s", strings.Join(x, ", "))...)
	}
	if x := a.Value.Newer; len(x) > 0 {
		rows = append(
			rows,
			one(Warning, a.Source, "config.toml says something else than what runs: %s", strings.Join(x, ", "))...)
	}
	for _, x := range a.Value.Overrides {
		r := one(Warning, x, "%s wins over what config.toml says", report.Clean(x, 120))
		r[0].Remedy = "Move the setting into config.toml, remove the file, and run iotedge config apply."
		rows = append(rows, r...)
	}
	if rows == nil {
		rows = one(OK, a.Source, "what config.toml says is what the daemons have")
	}
	return rows
}

func configAgentEnv(f *Facts) []Row {
	e := f.Config.AgentEnv
	if rows := unseen(e, "edgeAgent's environment"); rows != nil {
		return rows
	}
	if len(e.Value) == 0 {
		return one(OK, e.Source, "the running edgeAgent has what config.toml says")
	}
	var names []string
	for _, d := range e.Value {
		names = append(names, d.Name)
	}
	return one(
		Warning,
		e.Source,
		"the running edgeAgent has another value of %s than config.toml",
		strings.Join(names, ", "),
	)
}

func provMethod(f *Facts) []Row {
	p := f.Config.Provisioning
	if rows := unseen(p, "how the device is provisioned"); rows != nil {
		return rows
	}
	m := f.Config.Mode
	if p.Value.InlineKey {
		rows := one(Warning, p.Source, "a symmetric key stands in config.toml")
		if m.Known() && m.Value.WorldRead && !f.Live { // copies often lose their modes
			rows[0].Summary = fmt.Sprintf(
				"a symmetric key stands in config.toml, and every user can read this copy of the file (mode %04o)",
				m.Value.Mode,
			)
		} else if m.Known() && m.Value.WorldRead {
			rows[0].Status, rows[0].Summary = Error,
				fmt.Sprintf("a symmetric key stands in config.toml, and every user can read the file (mode %04o)",
					m.Value.Mode)
			rows[0].Remedy = "chmod 0600 /etc/aziot/config.toml, and replace the key: it has to be taken as known."
		}
		return rows
	}
	return one(
		OK,
		p.Source,
		"the device proves who it is by %s (%s)",
		cmp.Or(report.Clean(p.Value.Method, 40), "a method that is not told"),
		cmp.Or(report.Clean(p.Value.Source, 40), "source not told"),
	)
}

func provOffline(f *Facts) []Row {
	p := f.Config.Provisioning
	if rows := unseen(p, "auto_reprovisioning_mode"); rows != nil {
		return rows
	}
	if p.Value.Reprovision == "AlwaysOnStartup" {
		return one(
			Warning,
			cmp.Or(p.Value.ReprovisionAt, p.Source),
			"auto_reprovisioning_mode is AlwaysOnStartup: the device starts no module while the cloud cannot be "+
				"reached",
		)
	}
	return one(OK, p.Source, "the device starts without the cloud")
}
