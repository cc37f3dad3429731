package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// meaning is a line of a list that help texts and man pages have: an exit code, a
// variable, a file.
type meaning struct{ name, text string }

// exits is what the exit codes of a command mean, where it has more to say than the
// ones of all.
func exits(cmd *cobra.Command) []meaning {
	if list := fleetExits(cmd.CommandPath()); list != nil {
		return list
	}
	all := []meaning{
		{"0", "the job is done"}, {"2", "wrong usage, or input that cannot be read: nothing was done"},
		{"4", "an output could not be written"}, {"130", "interrupted"},
	}
	with := func(good string, more ...meaning) []meaning {
		out := append([]meaning{{"0", good}}, more...)
		return append(out, all[1:]...)
	}
	switch cmd.CommandPath() {
	case "edgenet check":
		return checkExits()
	case "edgenet endpoints":
		return with(
			"the list is printed, and with --test all that is needed answers",
			meaning{"1", "with --test, something needed does not answer; with --failed, something has to be opened"},
		)
	case "edgenet ready":
		return with(
			"nothing is wrong of severity error; with --strict, no warning either",
			meaning{"1", "a row is an error; with --strict, a warning"},
		)
	case "edgenet config show":
		return []meaning{
			{"0", "the places agree"},
			{"1", "a finding is an error"},
			{"2", "wrong usage, or a file is broken"},
			all[2],
			all[3],
		}
	case "edgenet manifest lint":
		return []meaning{
			{"0", "no errors"},
			{"1", "errors"},
			{"2", "wrong usage, or a file that cannot be read or is no manifest"},
			all[2],
			all[3],
		}
	case "edgenet logs":
		return []meaning{
			{"0", "no trouble, and the log could have shown it"},
			{"1", "trouble, or the log could not have shown it"},
			{"2", "wrong usage, or nothing of it can be read, or is such a log"},
			all[2],
			all[3],
		}
	case "edgenet diff":
		return with("the same", meaning{"1", "different"})
	}
	return all
}

func checkExits() []meaning {
	return []meaning{
		{
			"0",
			"good: HTTPS works, and an UpstreamProtocol, the expected one if one is expected; with --expect-closed, " +
				"all of it is closed",
		},
		{"1", "no UpstreamProtocol works, or HTTPS does not; with --expect-closed, something is open"},
		{"2", "wrong usage, or input that cannot be read: nothing was probed"},
		{"3", "another protocol works than the expected one"},
		{"4", "the answer is good, and an output could not be written"},
		{"130", "interrupted: what had been found is printed"},
	}
}

// variables are those of the environment that a command reads.
func variables(cmd *cobra.Command) []meaning {
	terminal := []meaning{
		{"NO_COLOR", "no colours"}, {"TERM", "dumb: no colours, and nothing that moves"},
		{"LC_ALL, LC_CTYPE, LANG", "whether the terminal shows UTF-8"},
	}
	proxies := []meaning{
		{"https_proxy, HTTPS_PROXY", "a proxy to test, where no flag names one"},
		{"no_proxy, NO_PROXY", "what they leave out, for findings"},
	}
	switch cmd.CommandPath() {
	case "edgenet check":
		return append(append([]meaning{
			{"EDGENET_CONNECTION_STRING", "the identity of --depth auth, in place of --connection-string-file"},
			{"IOTEDGE_IOTHUBHOSTNAME, IOTEDGE_GATEWAYHOSTNAME, UpstreamProtocol",
				"in a module, where nothing else says them"},
			{"DOCKER_HOST", "the container engine of --from container"},
		}, proxies...), terminal...)
	case "edgenet module":
		return append([]meaning{
			{"IOTEDGE_*", "who the module is, as the runtime tells every module"},
			{"EdgeHubConnectionString, EDGENET_CONNECTION_STRING_FILE", "the same, for development"},
			{
				"EDGENET_STATE, EDGENET_HTTP_LISTEN, EDGENET_HTTP_HOSTS, EDGENET_ALLOW, EDGENET_CONNECT_TO, " +
					"EDGENET_PROXY_CREDENTIALS, EDGENET_EDGEHUB_METRICS",
				"each as its flag",
			},
			{"EDGENET_HTTP", "all: report and page are served to every neighbour, too"},
			{"RuntimeLogLevel", "of the log"},
		}, proxies...)
	case "edgenet config show", "edgenet config generate", "edgenet endpoints":
		return append(proxies, terminal...)
	}
	return append(fleetVariables(cmd.CommandPath()), terminal...)
}

// files are those that a command reads where no flag names one.
func files(cmd *cobra.Command) []meaning {
	device := []meaning{
		{"/etc/aziot/config.toml, /etc/aziot/*/config.d", "settings of the runtime, 1.2 and later"},
		{"/etc/iotedge/config.yaml", "settings of the runtime, 1.1 and before"},
		{"/var/lib/aziot/identityd/device_info", "the hub that the device was provisioned to"},
		{"/etc/docker/daemon.json, systemd's units and drop-ins", "proxies of engine and daemons"},
	}
	switch cmd.CommandPath() {
	case "edgenet check", "edgenet config show", "edgenet config generate", "edgenet endpoints":
		return device
	case "edgenet module":
		return []meaning{{"/var/lib/edgenet", "the state, unless --state says otherwise"}}
	}
	return nil
}

// lists tells which commands have such lists: those that do something.
func lists(cmd *cobra.Command) bool {
	return cmd.Runnable() && !cmd.HasAvailableSubCommands() || cmd.Name() == "lab"
}

// exitText is the list as help has it.
func exitText(cmd *cobra.Command) string {
	if !lists(cmd) {
		return ""
	}
	var b strings.Builder
	b.WriteString("\nExit codes:\n")
	for _, e := range exits(cmd) {
		fmt.Fprintf(&b, "  %-4s %s\n", e.name, e.text)
	}
	return b.String()
}

// manSection is a list as a man page has it; nothing where it is empty.
func manSection(b *strings.Builder, title string, list []meaning) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, ".SH %s\n", title)
	for _, m := range list {
		fmt.Fprintf(b, ".TP\n.B %s\n%s.\n", roff(m.name), roff(m.text))
	}
}
