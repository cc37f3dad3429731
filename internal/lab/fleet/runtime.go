package fleet

import (
	"encoding/json"
	"slices"

	"edgenet/internal/edgeagent"
)

// runtime is the two containers of a device as they are. Devices that are alike share
// one: there are few, however many devices there are.
type runtime struct {
	state      edgeagent.State
	agent, hub []way
	protocol   int // what edgeAgent gives to modules: amqp to mqttws, or unset
}

// runtimes keeps every runtime that there is, and what each becomes by a manifest.
type runtimes struct {
	known map[string]*runtime
	steps map[step]*runtime
}

type step struct {
	from *runtime
	by   *manifest
}

func newRuntimes() *runtimes {
	return &runtimes{known: make(map[string]*runtime), steps: make(map[step]*runtime)}
}

// of finds the runtime of a state.
func (r *runtimes) of(s edgeagent.State) *runtime {
	key, err := json.Marshal([]any{s.Agent, s.Hub}) // maps are written in order
	if err != nil {
		panic("fleet: " + err.Error()) // maps of strings can always be written
	}
	if known := r.known[string(key)]; known != nil {
		return known
	}
	made := &runtime{state: s, protocol: unset}
	made.agent = waysOf(s.Agent.Env, true)
	if s.Hub != nil {
		made.hub = waysOf(s.Hub.Env, false)
	}
	if p, set := s.Agent.Env.Protocol(); set {
		made.protocol = slices.Index(protocolNames[:], string(p))
	}
	r.known[string(key)] = made
	return made
}

// deploy is what a device becomes by a manifest.
func (r *runtimes) deploy(from *runtime, m *manifest) *runtime {
	at := step{from, m}
	if next := r.steps[at]; next != nil {
		return next
	}
	next := r.of(from.state.Deploy(m.system))
	r.steps[at] = next
	return next
}
