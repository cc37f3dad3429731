package gather

import (
	"encoding/json"

	"edgenet/internal/ready"
)

// deploymentNeeds is what rows over a deployment need where none was given: the device keeps
// it encrypted.
const deploymentNeeds = "the deployment manifest (--manifest FILE)"

// deployment reads what the manifest says of edgeHub, and what lint finds in it.
func (g *gatherer) deployment() {
	f := g.facts
	if len(g.Deployment) == 0 {
		f.Deployment = ready.LeftOut[ready.Deployment]("the deployment", deploymentNeeds)
		f.EdgeHub.TTL = ready.LeftOut[int]("the deployment", deploymentNeeds)
		return
	}
	if g.Problems != nil {
		f.Manifest = ready.Seen(g.Problems(), g.DeploymentFile)
	}
	if d, ok := deploymentOf(g.Deployment); ok {
		f.Deployment = ready.Seen(d, g.DeploymentFile)
		g.planned()
	} else {
		f.Deployment = ready.Unseen[ready.Deployment](
			g.DeploymentFile, "a deployment that holds $edgeAgent's desired properties")
	}
	f.EdgeHub.TTL = ready.Unseen[int](g.DeploymentFile, "a deployment that holds $edgeHub's timeToLiveSecs as a number")
	hub := desired(g.Deployment, "$edgeHub")
	if hub == nil {
		return
	}
	var s struct {
		Store struct {
			TTL    *float64         `json:"timeToLiveSecs"`
			Limits *json.RawMessage `json:"storeLimits"`
		} `json:"storeAndForwardConfiguration"`
	}
	if json.Unmarshal(hub, &s) != nil {
		return
	}
	if s.Store.TTL != nil {
		f.EdgeHub.TTL = ready.Seen(int(max(-1, min(*s.Store.TTL, 1<<31))), g.DeploymentFile)
	}
	f.EdgeHub.StoreLimited = ready.Seen(s.Store.Limits != nil, g.DeploymentFile)
}
