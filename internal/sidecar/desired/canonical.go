package desired

import (
	"encoding/json"
	"strings"

	"edgenet/internal/secret"
)

// Canonical puts a section into one form, so that the same one is not taken for another:
// keys sorted, without $version and the like. Credentials that somebody wrote into a
// proxy's URL are masked, as the section is kept on the disk; the masked URL is refused as
// the other was. What is no object stays as it is.
func Canonical(section json.RawMessage) json.RawMessage {
	var keys map[string]json.RawMessage
	if json.Unmarshal(section, &keys) != nil {
		return section
	}
	for key, value := range keys {
		switch {
		case strings.HasPrefix(key, "$"):
			delete(keys, key)
		case key == "proxies":
			keys[key] = masked(value)
		}
	}
	b, err := json.Marshal(keys) // sorts the keys, and compacts the values
	if err != nil {
		return section
	}
	return b
}

// masked hides what stands before the last @ of a text, or of the texts in a list.
func masked(value json.RawMessage) json.RawMessage {
	var list []json.RawMessage
	var out any
	if json.Unmarshal(value, &list) == nil && list != nil {
		for i, item := range list {
			list[i] = masked(item)
		}
		out = list
	} else {
		var text string
		if json.Unmarshal(value, &text) != nil || !strings.Contains(text, "@") {
			return value
		}
		scheme, rest, ok := strings.Cut(text, "://")
		if ok {
			scheme += "://"
		} else {
			scheme, rest = "", text
		}
		out = scheme + secret.Mask + rest[strings.LastIndex(rest, "@"):]
	}
	b, err := json.Marshal(out)
	if err != nil {
		return json.RawMessage("null") // texts alone: cannot be
	}
	return b
}
