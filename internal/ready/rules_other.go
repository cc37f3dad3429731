package ready

import (
	"fmt"
	"slices"

	"edgenet/report"
)

// networkRules are the check's verdict and findings, one row each.
func networkRules() []Rule {
	return []Rule{
		{ID: "upstream", Group: GroupNetwork, Severity: "as the check's findings have it", Actor: report.ActorHost,
			Looks: "the report of edgenet check", Holds: "HTTPS and the configured UpstreamProtocol work",
			Remedy: "edgenet check tells it in full.",
			Replaces: []string{
				"host-connect-iothub-amqp",
				"host-connect-iothub-https",
				"host-connect-iothub-mqtt",
				"host-connect-dps-endpoint",
				"container-default-connect-upstream-amqp",
				"container-default-connect-upstream-https",
				"container-default-connect-upstream-mqtt",
				"container-connect-upstream-amqp",
				"container-connect-upstream-https",
				"container-connect-upstream-mqtt",
				"proxy-settings",
			},
			Source: "edgenet check", judge: upstream},
	}
}

func upstream(f *Facts) []Row {
	n := f.Network
	if !n.Known() {
		return slices.Concat(unseen(n, "the way to the hub"), findingRows(f.Settings.Value, f.Settings.Source))
	}
	v := n.Value.Verdict
	s := OK
	if v.ExitCode != 0 {
		s = Error
	}
	rows := []Row{{Status: s, Source: n.Source, Summary: v.Reason}}
	rows = append(rows, findingRows(n.Value.Findings, n.Source)...)
	for _, r := range rows[1:] { // the verdict's own words say what is, the finding's what to do
		if s == Error && r.Status == Error {
			rows[0].Remedy, rows[0].Actor = r.Remedy, r.Actor
			break
		}
	}
	return rows
}

// findingRows are findings of a report as rows.
func findingRows(list []report.Finding, source string) []Row {
	var rows []Row
	for _, x := range list {
		s := map[report.Severity]Status{report.SeverityError: Error, report.SeverityWarning: Warning,
			report.SeverityInfo: Info}[x.Severity]
		rows = append(
			rows,
			Row{
				Status:   s,
				Actor:    x.Actor,
				Summary:  x.Summary,
				Remedy:   x.Remedy,
				Source:   source,
				Evidence: map[string]any{"finding": x.Code},
			},
		)
	}
	return rows
}

// manifestRules are lint's findings on the deployment.
func manifestRules() []Rule {
	return []Rule{
		{ID: "manifest.refused", Group: GroupDeployment, Severity: "as manifest lint has it", Actor: report.ActorHost,
			Looks:  "the deployment, by the rules of edgenet manifest lint",
			Holds:  "edgeAgent takes it, and nothing in it cuts the device off",
			Remedy: "edgenet manifest lint tells it in full.", Source: "edgenet manifest lint", judge: manifestRows},
	}
}

func manifestRows(f *Facts) []Row {
	m := f.Manifest
	if !m.Looked() {
		return []Row{{Status: Skipped, Needs: "the deployment manifest (--manifest FILE)",
			Summary: "no deployment manifest was given"}}
	}
	if rows := unseen(m, "the deployment"); rows != nil {
		return rows
	}
	var rows []Row
	refused, template := false, false
	for _, p := range m.Value {
		refused = refused || p.Rule == "manifest.refused"
		template = template || p.Rule == "manifest.placeholder"
		s := map[report.Severity]Status{report.SeverityError: Error, report.SeverityWarning: Warning,
			report.SeverityInfo: Info}[p.Severity]
		x := Row{
			ID:      p.Rule,
			Status:  s,
			Summary: p.Summary,
			Remedy:  p.Remedy,
			Source:  fmt.Sprintf("%s:%d", p.File, p.Line),
		}
		if p.Module != "" {
			x.Evidence = map[string]any{"module": p.Module, "column": p.Column}
		}
		rows = append(rows, x)
	}
	switch {
	case rows == nil:
		rows = one(OK, m.Source, "lint has nothing to say of the deployment")
	case !refused && template: // what stands in a placeholder's place can still be refused
		rows = append(rows, Row{Status: Unknown, Source: m.Source,
			Needs:   "the deployment that comes out of the template",
			Summary: "whether edgeAgent takes what comes out of the template was not seen"})
	case !refused:
		rows = append(rows, one(OK, m.Source, "edgeAgent and edgeHub take the deployment")...)
	}
	return rows
}

// registryRules look at where images come from.
func registryRules() []Rule {
	return []Rule{{ID: "registry.reachable", Group: GroupRegistry, Severity: "error", Actor: report.ActorFirewall,
		Looks: "the registries of all images", Holds: "each answers from this device",
		Remedy: "Allow HTTPS (443) from this device to the registry and its data endpoints: edgenet endpoints " +
			"lists them.",
		Replaces: []string{
			"check-agent-image",
		}, Source: "edgenet endpoints --test; no password is sent", judge: registryReachable}}
}

func registryReachable(f *Facts) []Row {
	r := f.Registries
	if rows := unseen(r, "the registries"); rows != nil {
		return rows
	}
	var rows []Row
	for _, x := range r.Value {
		host := report.Clean(x.Host, 120)
		if x.Reached {
			rows = append(rows, one(OK, r.Source, "%s answers", host)...)
			continue
		}
		row := one(Error, r.Source, "%s does not answer: %s", host, report.Clean(x.Why, 200))
		row[0].Evidence = map[string]any{"cause": x.Cause}
		if x.Actor != "" {
			row[0].Actor = x.Actor
		}
		row[0].Remedy = registryRemedy(x.Actor, host)
		rows = append(rows, row...)
	}
	return tidy(rows)
}

// registryRemedy is what whoever has to act can do; nothing for whom the rule's own is right.
func registryRemedy(a report.Actor, host string) string {
	switch a {
	case report.ActorDNS:
		return "Let the name servers of this device find " + host +
			": edgenet endpoints lists every name that is needed."
	case report.ActorProxy:
		return "Let the proxy pass CONNECT " + host + ":443: edgenet endpoints lists every name that is needed."
	case report.ActorHost, report.ActorUser, report.ActorCredentials:
		return "See what stops it: edgenet endpoints --test tells the step."
	case report.ActorParent:
		return "See whether the parent passes images on (its module IoTEdgeAPIProxy)."
	}
	return ""
}

// questions are the parts of the checklist that nothing on a device can show.
func questions() []Rule {
	ask := func(id string, g Group, text string) Rule {
		return Rule{
			ID:       id,
			Group:    g,
			Severity: "question",
			Actor:    report.ActorHost,
			Looks:    "nothing on the device shows it",
			Holds:    "you can say yes",
			Source:   "production checklist",
			judge:    func(*Facts) []Row { return []Row{{Status: Question, Summary: text}} },
		}
	}
	return []Rule{
		ask(
			"management.plan",
			GroupManagement,
			"Is there a plan for updating firmware, operating system, runtime and certificates of this device, and "+
				"for reaching it when the cloud does not?",
		),
		ask(
			"management.deployment",
			GroupManagement,
			"Who owns this device's deployment? An automatic deployment overwrites what was set for the device alone.",
		),
		ask(
			"management.pipeline",
			GroupManagement,
			"Are deployments built and tested before they reach devices, and rolled out to a few first?",
		),
		ask("logs.upload", GroupLogs, "Where do the logs go before they are rotated away?"),
		ask(
			"security.registry",
			GroupSecurity,
			"Does each device have registry credentials of its own, which can pull and nothing else?",
		),
	}
}
