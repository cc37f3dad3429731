package gather

import "encoding/json"

// section is what stands under a module's name in a manifest: its desired properties under
// one key, or under two as in a twin.
type section map[string]json.RawMessage

func (s section) desired() json.RawMessage {
	if d := s["properties.desired"]; d != nil {
		return d
	}
	var p struct {
		Desired json.RawMessage `json:"desired"`
	}
	if json.Unmarshal(s["properties"], &p) != nil {
		return nil
	}
	return p.Desired
}

// ownKeys tell whose twin it is that does not say so itself.
var ownKeys = map[string]string{"$edgeAgent": "systemModules", "$edgeHub": "storeAndForwardConfiguration"}

// desired finds a module's desired properties in the forms that manifests have, a twin
// among them; nil where there are none.
func desired(text []byte, twin string) json.RawMessage {
	var top section
	if json.Unmarshal(text, &top) != nil {
		return nil
	}
	var outer section
	_ = json.Unmarshal(top["content"], &outer) // as IoT Hub's configurations have it
	for _, raw := range []json.RawMessage{top["modulesContent"], top["moduleContent"], outer["modulesContent"], text} {
		var modules map[string]json.RawMessage
		var s section
		if json.Unmarshal(raw, &modules) == nil && json.Unmarshal(modules[twin], &s) == nil {
			if d := s.desired(); d != nil {
				return d
			}
		}
	}
	d := top.desired()
	var id string
	_ = json.Unmarshal(top["moduleId"], &id)
	var keys map[string]json.RawMessage
	if json.Unmarshal(d, &keys) != nil || id != "" && id != twin || id == "" && keys[ownKeys[twin]] == nil {
		return nil
	}
	return d
}
