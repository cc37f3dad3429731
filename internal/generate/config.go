package generate

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"

	"edgenet/internal/edgeagent"
	"edgenet/internal/jsonedit"
	"edgenet/internal/manifest"
	"edgenet/internal/proxyurl"
	"edgenet/report"
)

// pair is a variable for edgeAgent.
type pair struct{ key, value string }

func (in Input) variables() []pair {
	out := []pair{{edgeagent.VarProtocol, in.Protocol.RuntimeName()}}
	if in.Proxy != nil {
		out = append(out, pair{edgeagent.VarProxy, in.Proxy.URL()})
	}
	return out
}

// quote is a double-quoted string that JSON, YAML and TOML read alike.
func quote(s string) string { return jsonedit.Quote(s) }

// config writes what the daemon gives to the first edgeAgent: the whole config.toml
// where that can be changed line by line and proven, else the part to put in.
func (s *Set) config(in Input) {
	const what = "edgeAgent, when the daemon creates it"
	if in.Device.Old {
		var b strings.Builder
		b.WriteString("agent:\n  env:\n")
		for _, v := range in.variables() {
			fmt.Fprintf(&b, "    %s: %s\n", v.key, quote(v.value))
		}
		s.add(in, File{Path: "/etc/iotedge/config.yaml.part", What: what +
			": put these lines into agent.env of /etc/iotedge/config.yaml", Text: b.String()})
		return
	}
	var b strings.Builder
	b.WriteString("[agent.env]\n")
	for _, v := range in.variables() {
		fmt.Fprintf(&b, "%s = %s\n", v.key, quote(v.value))
	}
	file := in.Device.ConfigPath()
	if text, err := in.Device.ReadFile(file); err == nil {
		table, whole := agentTable(string(text))
		before := withAgent(string(text), table)
		if out, ok := mergeTOML(before, in.variables()); ok && whole {
			s.add(in, File{Path: file, What: what, Text: out, Shown: table + b.String(), Merged: true})
			return
		}
	}
	s.add(in, File{Path: file + ".part", What: what + ": put these lines into [agent.env] of " + path.Base(file) +
		", in place of those with the same names; [agent] needs its name and type, and [agent.config] the image, " +
		"beside it, or iotedge config apply refuses the file", Text: b.String()})
}

// deployment writes the manifest, or the part of it that has to be there.
func (s *Set) deployment(in Input) error {
	if in.Manifest != nil {
		out, err := in.Manifest.Set(manifest.Change{Protocol: in.Protocol, Proxy: in.Proxy})
		if err != nil {
			return err
		}
		s.add(in, File{Path: path.Base(in.Manifest.File), What: "edgeAgent and edgeHub, from the deployment on",
			Text: string(out), Shown: s.envPart(in), Merged: true})
		return nil
	}
	s.add(in, File{Path: "deployment-env.json",
		What: "edgeAgent and edgeHub, from the deployment on: both env objects of systemModules, in every deployment " +
			"that reaches this device", Text: s.envPart(in)})
	return nil
}

// envPart is env of both system modules, as a manifest has it.
func (*Set) envPart(in Input) string {
	env := map[string]any{}
	for _, v := range in.variables() {
		env[v.key] = map[string]string{"value": v.value}
	}
	text, err := json.MarshalIndent(map[string]any{"edgeAgent": map[string]any{"env": env},
		"edgeHub": map[string]any{"env": env}}, "", "  ")
	if err != nil { // strings always encode
		return ""
	}
	return string(text) + "\n"
}

// steps in the order that never strands the device: first what can only help, then the
// deployment over the connection that still works, last the container.
func (s *Set) steps(in Input) {
	expect := in.Protocol.RuntimeName()
	s.step("Make sure that it works from this host", nil, []string{"edgenet check --expect " + expect + proxyFlag(in)},
		"nothing that follows helps if it does not")
	if in.Inspection {
		s.trust(in)
	}
	if in.Proxy != nil {
		s.step("Give the proxy to the container engine and the daemons: install the drop-ins; daemon.json only where "+
			"docker version says 23.0 or later",
			append(stronger(in), "systemctl daemon-reload", "systemctl restart "+engineUnit(in), restart(in)),
			append(showUnits(in),
				"docker info --format '{{.HTTPSProxy}}'"), "image pulls, and the daemons' HTTPS to hub and DPS; the "+
				"containers' connections are not touched but for the engine's restart")
	}
	if in.Device.Old {
		s.step("Put protocol"+andProxy(in)+" into agent.env of /etc/iotedge/config.yaml",
			[]string{"systemctl restart iotedge"}, nil, "this is what a new edgeAgent gets")
	} else {
		s.step("Put protocol"+andProxy(in)+" into [agent.env] of config.toml", []string{"iotedge config apply"}, nil,
			"this is what a new edgeAgent gets; "+edgeagent.FactCreateOnce)
	}
	s.step("Deploy the manifest with both for edgeAgent and edgeHub",
		[]string{"az iot edge set-modules --hub-name HUB --device-id DEVICE --content deployment.json"},
		[]string{"docker inspect edgeAgent edgeHub --format '{{.Name}} {{.State.Status}}'"},
		"over the connection that works still: "+edgeagent.FactRecreate+". Where the device is cut off already, "+
			"change the deployment in the cloud all the same before the next step, or it takes the setting away again")
	s.step("Only where edgeAgent does not have it afterwards", []string{"docker rm -f edgeAgent"}, nil,
		"the daemon makes a new one within a minute; before the deployment is right this would strand the device")
	s.step("Verify", nil, []string{"edgenet config show", "edgenet check --expect " + expect, "iotedge list"}, "")
}

func (s *Set) step(title string, commands, verify []string, why string) {
	s.Steps = append(s.Steps, Step{title, commands, verify, why})
}

// trust is where the CA of an inspecting proxy has to go: both places.
func (s *Set) trust(in Input) {
	key, apply := "trust_bundle_cert = \"file:///var/aziot/certs/trust-bundle.pem\" at the top of config.toml",
		"iotedge config apply"
	if in.Device.Old {
		key, apply = "certificates.trusted_ca_certs in config.yaml", "systemctl restart iotedge"
	}
	s.step("Better than a CA: have the hub exempted from TLS inspection. Else install the inspection's CA for the "+
		"host and for the containers",
		[]string{"cp ca.crt /usr/local/share/ca-certificates/ && update-ca-certificates   # Red Hat: " +
			"/etc/pki/ca-trust/source/anchors, update-ca-trust",
			"install -D -m 644 trust-bundle.pem /var/aziot/certs/trust-bundle.pem   # one file: this CA and any that " +
				"is there already",
			"# set " + key, apply, "systemctl restart " + engineUnit(in)},
		nil, "the daemons and the engine trust the host's store, edgeAgent and edgeHub their image's roots and the "+
			"trust bundle; X.509 device authentication cannot work through inspection")
}

func engineUnit(in Input) string {
	if in.Device.Snap {
		return "snap.docker.dockerd"
	}
	return "docker"
}

func restart(in Input) string {
	switch {
	case in.Device.Old:
		return "systemctl restart iotedge"
	case in.Device.Snap:
		return "snap restart azure-iot-identity azure-iot-edge"
	}
	return "iotedge system restart"
}

func showUnits(in Input) []string {
	var units []string
	for _, u := range services(in.Device) {
		units = append(units, u.unit)
	}
	return []string{"systemctl show --property=Environment " + strings.Join(units, " ") + "   # shows the password"}
}

func andProxy(in Input) string {
	if in.Proxy != nil {
		return " and proxy"
	}
	return ""
}

func proxyFlag(in Input) string {
	switch {
	case in.Proxy == nil:
		return " --route direct"
	case in.Proxy.HasAuth:
		return fmt.Sprintf(" --proxy %s://%s --proxy-credentials FILE", in.Proxy.Scheme, in.Proxy.Address())
	}
	return " --proxy " + in.Proxy.String()
}

// Warnings are what has to be said before anything is written.
func Warnings(in Input) []string {
	var out []string
	if in.Proxy != nil && !in.Protocol.Proxied() {
		out = append(out,
			fmt.Sprintf("%s never goes through a proxy: only the daemons and the engine will use %s. AmqpWs and "+
				"MqttWs go through it.",
				in.Protocol.RuntimeName(), in.Proxy))
	}
	if in.Proxy != nil && in.Proxy.Loopback() {
		out = append(out, fmt.Sprintf("%s is this host's own loopback: the daemons and the engine reach it, edgeAgent "+
			"and edgeHub, which run in containers, do not. %s", in.Proxy, proxyurl.LoopbackRemedy))
	}
	if in.Protocol == report.HTTPS {
		out = append(out, "HTTPS is no UpstreamProtocol")
	}
	return append(append(out, refusals(in)...), strongerConfig(in)...)
}
