package gather

import (
	"strings"
	"testing"

	"edgenet/internal/manifest"
	"edgenet/internal/ready"
)

// The parts of a deployment that nothing is wrong with.
const (
	goodAgent = `"$edgeAgent":{"properties.desired":{"schemaVersion":"1.1","runtime":{"type":"docker","settings":` +
		`{"registryCredentials":{"r":{"address":"plant.azurecr.io","username":"puller","password":"hunter2"}}}},` +
		`"systemModules":{"edgeAgent":{"type":"docker","settings":{"image":"mcr.test/azureiotedge-agent:1.6.1"},` +
		`"env":{"UpstreamProtocol":{"value":"AmqpWs"}}},"edgeHub":{"type":"docker","status":"running",` +
		`"restartPolicy":"always","settings":{"image":"mcr.test/azureiotedge-hub:1.6.1"},` +
		`"env":{"UpstreamProtocol":{"value":"AmqpWs"}}}},"modules":{}}}`
	goodHub = `"$edgeHub":{"properties.desired":{"schemaVersion":"1.1","routes":{},` +
		`"storeAndForwardConfiguration":{"timeToLiveSecs":86400}}}`
	moduleLog = `"modules":{"m":{"type":"docker","status":"running","restartPolicy":"always","settings":{"image":` +
		`"plant.azurecr.io/m:1.2.3","createOptions":"{\"HostConfig\":{\"LogConfig\":{\"Type\":\"json-file\"}}}"}}}`
)

// layered is a layer, which holds single properties.
const layered = `"$edgeAgent":{"properties.desired.modules.m":{"type":"docker","status":"running",` +
	`"restartPolicy":"always","settings":{"image":"plant.azurecr.io/m:1.2.3"}}}`

// deployed gives the device a deployment, linted as the command does.
func deployed(sections string, swaps ...string) func(*fixture) {
	return func(f *fixture) {
		f.t.Helper()
		text := swap(f.t, `{"modulesContent":{`+sections+`}}`, swaps)
		m, err := manifest.Parse("deployment.json", []byte(text))
		if err != nil {
			f.t.Fatal(err)
		}
		f.options.Deployment, f.options.DeploymentFile = m.Doc.Text, "deployment.json"
		f.options.Problems = func() []ready.Problem {
			out := []ready.Problem{}
			for _, p := range manifest.Lint(m) {
				out = append(out, ready.Problem{Rule: string(p.Rule), Summary: p.Summary, Remedy: p.Remedy,
					File: p.File, Line: p.Line, Severity: p.Severity})
			}
			return out
		}
	}
}

// deploymentTrees are the rows over a deployment: what is given, and what it does not hold.
func deploymentTrees() map[string]three {
	const both = goodAgent + "," + goodHub
	good, untried := as(ready.OK, deployed(both)), as(ready.Unknown, deployed(both)) // a password is never sent
	agentMissing, hubMissing := as(ready.Unknown, deployed(layered)), as(ready.Unknown, deployed(goodAgent))
	return map[string]three{
		"manifest.refused": {good, as(ready.Error, deployed(both, `"type":"docker","settings":{"image"`,
			`"type":"podman","settings":{"image"`)),
			as(ready.Unknown, deployed(both, "azureiotedge-hub:1.6.1", "azureiotedge-hub:${TAG}"))},
		"manifest.size": {good, as(ready.Error, func(f *fixture) { f.options.Deployment = manyModules(60) }),
			agentMissing},
		"registry.admin-user": {good, as(ready.Warning, deployed(both, "puller", "plant")), agentMissing},
		"registry.password": {as(ready.OK, deployed(both, `"r":{"address":"plant.azurecr.io","username":"puller",`+
			`"password":"hunter2"}`, "")), as(ready.Error, deployed(both, `,"password":"hunter2"`, "")), untried},
		"logs.unbounded": {good, as(ready.Warning, deployed(both, `"modules":{}`, moduleLog)), agentMissing},
		"hub.ttl":        {good, as(ready.Warning, deployed(both, "86400", "60")), hubMissing},
	}
}

// swap replaces texts of a deployment, each of which has to be there.
func swap(t testing.TB, text string, swaps []string) string {
	t.Helper()
	for i := 0; i+1 < len(swaps); i += 2 {
		if !strings.Contains(text, swaps[i]) {
			t.Fatalf("%q is not in the deployment", swaps[i])
		}
		text = strings.Replace(text, swaps[i], swaps[i+1], 1)
	}
	return text
}
