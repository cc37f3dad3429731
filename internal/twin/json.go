package twin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
)

// Bounds of JSON from edgeHub. A twin's sections may have 32 KiB each as the hub
// counts, which leaves out punctuation; a method's payload 128 KiB.
const (
	maxMessage   = 256 << 10 // bytes of any one message: edgeHub's own bound for what it takes
	maxJSONDepth = 32        // twins may have 10, and payloads are their callers' own
)

// object is a JSON object.
type object = map[string]any

var (
	errNoObject = errors.New("not a JSON object")
	errTooDeep  = fmt.Errorf("JSON deeper than %d levels", maxJSONDepth)
	errNoJSON   = errors.New("not JSON")
)

// depthOf is how deep objects and arrays are nested in a text that may be no JSON.
func depthOf(text []byte) int {
	depth, deepest, quoted := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

// checkJSON tells whether a text from edgeHub is JSON of a sane depth.
func checkJSON(text []byte) error {
	if depthOf(text) > maxJSONDepth {
		return errTooDeep
	}
	if !json.Valid(text) {
		return errNoJSON
	}
	return nil
}

// parseObject reads one JSON object, numbers as they are written.
func parseObject(text []byte) (object, error) {
	if depthOf(text) > maxJSONDepth {
		return nil, errTooDeep
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var o object
	if err := d.Decode(&o); err != nil || o == nil {
		return nil, errNoObject
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errNoObject
	}
	return o, nil
}

// merge is old with patch merged in (RFC 7396); neither is changed.
func merge(old, patch object) object {
	out := maps.Clone(old)
	if out == nil {
		out = object{}
	}
	for key, value := range patch {
		switch v := value.(type) {
		case nil:
			delete(out, key)
		case object:
			below, _ := out[key].(object)
			out[key] = merge(below, v)
		default:
			out[key] = v
		}
	}
	return out
}

// difference is the patch that makes now out of old.
func difference(old, now object) object {
	patch := object{}
	for key := range old {
		if _, still := now[key]; !still {
			patch[key] = nil
		}
	}
	for key, value := range now {
		before, there := old[key]
		above, isObject := value.(object)
		below, wasObject := before.(object)
		switch {
		case isObject && wasObject:
			if d := difference(below, above); len(d) > 0 {
				patch[key] = d
			}
		case !there || !reflect.DeepEqual(before, value):
			patch[key] = value
		}
	}
	return patch
}

// encode writes what was read from JSON, which cannot fail.
func encode(o object) json.RawMessage {
	b, err := json.Marshal(o)
	if err != nil {
		return json.RawMessage("{}")
	}
	return b
}
