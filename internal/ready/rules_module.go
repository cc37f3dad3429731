package ready

import (
	"fmt"
	"slices"
	"strings"

	"edgenet/internal/practice"
	"edgenet/report"
)

func moduleRules() []Rule {
	return []Rule{
		{
			ID:       "image.debug",
			Group:    GroupDeployment,
			Severity: "warning",
			Actor:    report.ActorHost,
			Looks:    "image tags",
			Holds:    "no image is a debug build",
			Remedy:   "Deploy the release build of the module.",
			Source:   "production checklist: don't use debug versions",
			judge:    imageDebug,
		},
		{
			ID:       "image.latest",
			Group:    GroupDeployment,
			Severity: "warning",
			Actor:    report.ActorHost,
			Looks:    "tags of the modules' images",
			Holds:    "each names one version",
			Remedy:   "Give each build a tag of its own, and deploy that.",
			Source:   "production checklist: manage versions",
			judge:    imageLatest,
		},
		{
			ID:       "ports.debug",
			Group:    GroupDeployment,
			Severity: "warning",
			Actor:    report.ActorHost,
			Looks:    "published ports",
			Holds:    "no debugger's port is published",
			Remedy:   "Remove the port of the debugger from createOptions.",
			Source:   "ports of the IoT Edge module templates",
			judge:    portsDebug,
		},
		{
			ID:       "module.limits",
			Group:    GroupDeployment,
			Severity: "info",
			Actor:    report.ActorHost,
			Looks:    "memory limits of the containers",
			Holds:    "a module that grows cannot take the device with it",
			Remedy:   "Set HostConfig.Memory in createOptions.",
			Source:   "production checklist: resource limits",
			judge:    moduleLimits,
		},
		{
			ID:       "module.restart",
			Group:    GroupDeployment,
			Severity: "warning",
			Actor:    report.ActorHost,
			Looks:    "restart policies of the containers",
			Holds:    "edgeAgent starts modules, and the engine does not",
			Remedy:   "Leave RestartPolicy out of createOptions, and use the module's restartPolicy.",
			Source:   "edgeAgent and the engine would both start it",
			judge:    moduleRestart,
		},
	}
}

// moduleRights are the rules over what a module may do and what it carries.
func moduleRights() []Rule {
	return []Rule{
		{
			ID:       "module.privileged",
			Group:    GroupSecurity,
			Severity: "warning",
			Actor:    report.ActorHost,
			Looks:    "rights of the containers",
			Holds:    "no module has the whole host: privileged, its process or network namespace, the engine's socket",
			Remedy:   "Give the module the single device or capability that it needs.",
			Source:   "production checklist: security",
			judge:    modulePrivileged,
		},
		{
			ID:       "module.secrets",
			Group:    GroupSecurity,
			Severity: "warning",
			Actor:    report.ActorHost,
			Looks:    "names of environment variables",
			Holds:    "no secret stands in a module's environment, where everybody who may ask the engine reads it",
			Remedy:   "Mount the secret as a file, or let the module fetch it.",
			Source:   "practice in the field",
			judge:    moduleSecrets,
		},
	}
}

// modules are the containers that no part of the runtime is.
func (f *Facts) modules() []Container {
	return slices.DeleteFunc(
		slices.Clone(f.Containers.Value),
		func(c Container) bool { return c.Name == "edgeAgent" || c.Name == "edgeHub" },
	)
}

// each asks one question of each container: text is empty where nothing is wrong.
func each(f *Facts, list []Container, what string, s Status, fine string, ask func(Container) string) []Row {
	if rows := unseen(f.Containers, what); rows != nil {
		return rows
	}
	var rows []Row
	for _, c := range list {
		if text := ask(c); text != "" {
			rows = append(rows, one(s, f.Containers.Source, "%s: %s", report.Clean(c.Name, 80), text)...)
		}
	}
	if rows == nil && len(list) > 0 {
		rows = one(OK, f.Containers.Source, "%s", fmt.Sprintf(fine, len(list)))
	}
	return rows
}

func imageDebug(f *Facts) []Row {
	return each(
		f,
		f.Containers.Value,
		"the containers' images",
		Warning,
		"none of %d images is a debug build",
		func(c Container) string {
			_, tag, _ := practice.SplitImage(c.Image)
			if practice.DebugBuild(tag) {
				return "the image " + report.Clean(c.Image, 120) + " is a debug build"
			}
			return ""
		},
	)
}

func imageLatest(f *Facts) []Row {
	return each(
		f,
		f.modules(),
		"the modules' images",
		Warning,
		"all %d modules have a tag of their own",
		func(c Container) string {
			_, tag, digest := practice.SplitImage(c.Image)
			switch {
			case digest, placeholder(c.Image):
				return ""
			case tag == "":
				return "its image has no tag, so it is whatever latest is"
			case tag == "latest":
				return "its image is latest"
			}
			return ""
		},
	)
}

func portsDebug(f *Facts) []Row {
	return each(
		f,
		f.Containers.Value,
		"published ports",
		Warning,
		"none of %d containers publishes a debugger's port",
		func(c Container) string {
			for _, p := range c.Ports {
				if practice.DebugPort(p.Container) {
					return fmt.Sprintf("port %d, which debuggers use, is published as %d", p.Container, p.Host)
				}
			}
			return ""
		},
	)
}

func moduleLimits(f *Facts) []Row {
	return each(
		f,
		f.modules(),
		"limits of the containers",
		Info,
		"all %d modules have a memory limit",
		func(c Container) string {
			if c.MemoryLimit > 0 {
				return ""
			}
			return "it may take all of the machine's memory"
		},
	)
}

func moduleRestart(f *Facts) []Row {
	return each(
		f,
		f.Containers.Value,
		"restart policies",
		Warning,
		"the engine restarts none of %d containers by itself",
		func(c Container) string {
			if c.RestartPolicy == "" || c.RestartPolicy == "no" {
				return ""
			}
			return "the engine restarts it as well (" + report.Clean(c.RestartPolicy, 30) + ")"
		},
	)
}

func modulePrivileged(f *Facts) []Row {
	return each(
		f,
		f.Containers.Value,
		"rights of the containers",
		Warning,
		"none of %d containers has the host's powers",
		func(c Container) string {
			r := practice.Rights{Privileged: c.Privileged, NetworkMode: c.NetworkMode, PIDMode: c.PIDMode,
				CapAdd: c.CapAdd}
			if c.Name != "edgeAgent" { // which is given the engine's socket
				for _, m := range c.Mounts {
					r.Mounted = append(r.Mounted, m.Source)
				}
			}
			return strings.Join(r.Excess(), ", ")
		},
	)
}

func moduleSecrets(f *Facts) []Row {
	return each(
		f,
		f.modules(),
		"environments of the containers",
		Warning,
		"no variable of %d modules is named like a secret",
		func(c Container) string {
			var names []string
			for name := range c.Env {
				if c.Env[name] != "" && practice.SecretName(name) {
					names = append(names, report.Clean(name, 60))
				}
			}
			slices.Sort(names)
			if names == nil {
				return ""
			}
			return strings.Join(names, ", ") + " can be read by everybody who may ask the engine"
		},
	)
}
