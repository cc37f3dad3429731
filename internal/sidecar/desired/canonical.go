package desired

import (
	"bytes"
	"encoding/json"
	"strings"

	"edgenet/internal/proxyurl"
	"edgenet/internal/secret"
)

// Canonical puts a section into one form, so that the same one is not taken for another:
// keys sorted, without $version and the like. What somebody wrote into it that may be
// a secret is masked, as the section is kept on the disk; the masked URL is refused as
// the other was. What is no object stays as it is.
func Canonical(section json.RawMessage) json.RawMessage {
	var keys map[string]json.RawMessage
	if json.Unmarshal(section, &keys) != nil {
		return masked(section)
	}
	kept := make(map[string]json.RawMessage, len(keys))
	for key, value := range keys {
		if len(secret.Hidden(key)) > 0 {
			key = secret.Show(key, 200)
		}
		if !strings.HasPrefix(key, "$") {
			kept[key] = masked(value)
		}
	}
	b, err := json.Marshal(kept) // sorts the keys, and compacts the values
	if err != nil {
		return section
	}
	return b
}

// masked hides what Show would, in every text of a value.
func masked(value json.RawMessage) json.RawMessage {
	var v any
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return value
	}
	v, changed := maskedValue(v)
	if !changed {
		return value
	}
	b, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage("null") // what was decoded can be encoded
	}
	return b
}

func maskedValue(v any) (out any, changed bool) {
	switch v := v.(type) {
	case string:
		if p, err := proxyurl.Parse(v, ""); err == nil && !p.HasAuth {
			return v, false // host and port, which the proxies are tried by
		}
		if len(secret.Hidden(v)) > 0 {
			return secret.Show(v, len(v)+len(secret.Mask)), true
		}
	case []any:
		for i := range v {
			one, c := maskedValue(v[i])
			v[i], changed = one, changed || c
		}
		return v, changed
	case map[string]any:
		for key := range v {
			one, c := maskedValue(v[key])
			v[key], changed = one, changed || c
		}
		return v, changed
	}
	return v, false
}
