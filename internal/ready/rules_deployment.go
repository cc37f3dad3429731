package ready

import (
	"fmt"
	"strings"

	"edgenet/internal/practice"
	"edgenet/report"
)

func deploymentRules() []Rule {
	return []Rule{
		{
			ID:       "manifest.size",
			Group:    GroupDeployment,
			Severity: "error above 32 KiB or 50 modules, warning from four fifths",
			Actor:    report.ActorHost,
			Looks:    "the size of edgeAgent's desired properties, and the number of modules",
			Holds:    "both are below the hub's limits",
			Remedy:   "Shorten createOptions, or split the deployment into layers.",
			Source:   "documentation: IoT Edge limits and restrictions",
			judge:    manifestSize,
		},
		{ID: "registry.admin-user", Group: GroupRegistry, Severity: "warning", Actor: report.ActorCredentials,
			Looks:  "user names of registryCredentials",
			Holds:  "none is the registry's admin user, whose name is the registry's",
			Remedy: "Make a token or service principal that can pull, and nothing else.",
			Source: "production checklist: manage access to your container registry", judge: registryAdmin},
		{
			ID:       "registry.password",
			Group:    GroupRegistry,
			Severity: "error where there is none",
			Actor:    report.ActorCredentials,
			Looks:    "logins of registryCredentials",
			Holds:    "each has a user and a password, and no template's variable in its place",
			Remedy:   "Write the login into the deployment, or let the build fill in the variable.",
			Source:   "thread 7120 of Azure/iotedge: a password that is out of date is tried again every few seconds",
			judge:    registryPassword,
		},
		{ID: "logs.unbounded", Group: GroupLogs, Severity: "warning", Actor: report.ActorHost,
			Looks: "LogConfig in createOptions of the deployment",
			Holds: "no module sets a log of its own that grows without end",
			Remedy: "Add max-size and max-file to the module's LogConfig, or leave LogConfig out and set the " +
				"engine's default.", Source: "production checklist: adjust log settings for each container app",
			judge: logsUnbounded},
	}
}

func manifestSize(f *Facts) []Row {
	d := f.Deployment
	if rows := unseen(d, "the deployment"); rows != nil {
		return rows
	}
	x := d.Value
	s := OK
	switch {
	case x.AgentBytes > practice.MostTwinBytes || x.Modules > practice.MostModules:
		s = Error
	case x.AgentBytes > practice.MostTwinBytes*4/5 || x.Modules > practice.MostModules*4/5:
		s = Warning
	}
	rows := one(
		s,
		d.Source,
		"edgeAgent's desired properties have %d of %d bytes, with %d of %d modules",
		x.AgentBytes,
		practice.MostTwinBytes,
		x.Modules,
		practice.MostModules,
	)
	rows[0].Evidence = map[string]any{"bytes": x.AgentBytes, "modules": x.Modules}
	return rows
}

func registryAdmin(f *Facts) []Row {
	d := f.Deployment
	if rows := unseen(d, "the logins to registries"); rows != nil {
		return rows
	}
	var rows []Row
	for _, l := range d.Value.Logins {
		if practice.AdminUser(l.Registry, l.User) {
			rows = append(
				rows,
				one(Warning, d.Source, "%s is logged in to as its admin user, who may push and delete", l.Registry)...)
		}
	}
	switch {
	case rows == nil && len(d.Value.Logins) > 0:
		rows = one(OK, d.Source, "none of %d logins is a registry's admin user", len(d.Value.Logins))
	case rows == nil:
		rows = one(OK, d.Source, "the deployment logs in to no registry")
	}
	return rows
}

func registryPassword(f *Facts) []Row {
	d := f.Deployment
	if rows := unseen(d, "the logins to registries"); rows != nil {
		return rows
	}
	var rows []Row
	for _, l := range d.Value.Logins {
		switch {
		case l.Variable != "":
			rows = append(
				rows,
				one(
					Warning,
					d.Source,
					"the login to %s holds the variable %s: right for a template, wrong for what is sent to a device",
					l.Registry,
					l.Variable,
				)...)
		case l.User == "" || !l.Password:
			rows = append(rows, one(Error, d.Source, "the login to %s has no user or no password", l.Registry)...)
		}
	}
	switch {
	case rows == nil && len(d.Value.Logins) == 0:
		rows = one(OK, d.Source, "the deployment logs in to no registry, so no password of it can be out of date")
	case rows == nil:
		rows = []Row{
			{Status: Unknown, Source: d.Source, Needs: "a pull on the device (iotedge restart MODULE, or docker pull)",
				Summary: fmt.Sprintf(
					"whether %d logins to registries are still accepted was not tried: no password is sent",
					len(d.Value.Logins),
				)},
		}
	}
	return rows
}

func logsUnbounded(f *Facts) []Row {
	d := f.Deployment
	if rows := unseen(d, "the deployment"); rows != nil {
		return rows
	}
	if list := d.Value.Unbounded; len(list) > 0 {
		return one(
			Warning,
			d.Source,
			"the deployment gives %s a log that grows without end (json-file without max-size)",
			strings.Join(list, ", "),
		)
	}
	return one(OK, d.Source, "no module of the deployment sets a log of its own without a bound")
}
