package hub

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// The documented limits of twins: sizes in bytes, counted as the documentation
// says (keys and values, strings by their UTF-8, numbers 8, booleans 4).
const (
	maxTags        = 8 << 10
	maxProperties  = 32 << 10
	maxStringValue = 4 << 10
	maxKey         = 1 << 10
	maxTwinDepth   = 10
	maxInteger     = 4503599627370495
)

// object is a JSON object.
type object = map[string]any

// section is tags, desired or reported.
type section struct {
	values  object
	version int64
	updated time.Time
}

// twin is guarded by Hub.mu.
type twin struct {
	tags, desired, reported section
	version                 int64 // of the whole; the service's ETag
}

func newTwin(now time.Time) *twin {
	empty := func() section { return section{values: object{}, version: 1, updated: now} }
	return &twin{tags: empty(), desired: empty(), reported: empty(), version: 1}
}

// etag is the whole twin's, in quotes as HTTP wants it.
func (t *twin) etag() string { return strconv.Quote("AAAA" + strconv.FormatInt(t.version, 36)) }

// parseObject reads one JSON object and nothing behind it, numbers as written.
func parseObject(b []byte) (object, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var o object
	if err := d.Decode(&o); err != nil {
		return nil, refuse(400, "ArgumentInvalid", "the body is not a JSON object")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, refuse(400, "ArgumentInvalid", "something follows the JSON object")
	}
	if o == nil {
		return nil, refuse(400, "ArgumentInvalid", "null is not a JSON object")
	}
	return o, nil
}

// update merges patch into a section, or puts it in its place, and keeps the
// limit. Nothing changes where an error comes back.
func (t *twin) update(s *section, patch object, replace bool, limit int, now time.Time) error {
	delete(patch, "$version")
	delete(patch, "$metadata")
	if err := validate(patch, 1); err != nil {
		return err
	}
	merged := object{}
	if !replace {
		merged = s.values
	}
	merged = merge(merged, patch)
	if n := size(merged); n > limit {
		return refuse(400, "ArgumentInvalid", "%d bytes, at most %d are allowed", n, limit)
	}
	s.values, s.updated = merged, now
	s.version++
	t.version++
	return nil
}

// merge returns old with patch merged in (RFC 7396): null deletes, objects merge,
// anything else, arrays too, is replaced as a whole.
func merge(old, patch object) object {
	out := maps.Clone(old)
	if out == nil {
		out = object{}
	}
	for key, value := range patch {
		switch value := value.(type) {
		case nil:
			delete(out, key)
		case object:
			below, _ := out[key].(object)
			out[key] = merge(below, value)
		default:
			out[key] = value
		}
	}
	return out
}

// validate holds keys, depth and values against the twin's rules.
func validate(o object, depth int) error {
	if depth > maxTwinDepth {
		return refuse(400, "ArgumentInvalid", "deeper than %d levels", maxTwinDepth)
	}
	for key, value := range o {
		if err := validateKey(key); err != nil {
			return err
		}
		if err := validateValue(value, depth); err != nil {
			return err
		}
	}
	return nil
}

func validateKey(key string) error {
	bad := strings.ContainsAny(key, ".$ ") || strings.ContainsFunc(key, unicode.IsControl)
	if key == "" || len(key) > maxKey || bad {
		return refuse(400, "ArgumentInvalid",
			"a key that is empty, longer than %d bytes, or holds a control character, space or one of . $", maxKey)
	}
	return nil
}

// validateReported adds what edgeHub refuses beyond the hub: # and any whitespace
// in keys.
func validateReported(o object) error {
	if err := validate(o, 1); err != nil {
		return err
	}
	for key, value := range o {
		if strings.ContainsFunc(key, func(r rune) bool { return r == '#' || unicode.IsSpace(r) }) {
			return refuse(400, "", "a key with # or whitespace")
		}
		if below, ok := value.(object); ok {
			if err := validateReported(below); err != nil {
				return err
			}
		}
	}
	return nil
}

func validateValue(value any, depth int) error {
	switch value := value.(type) {
	case object:
		return validate(value, depth+1)
	case string:
		if len(value) > maxStringValue {
			return refuse(400, "ArgumentInvalid", "a string longer than %d bytes", maxStringValue)
		}
	case json.Number:
		if n, err := value.Int64(); err == nil && (n > maxInteger || n < -maxInteger-1) {
			return refuse(400, "ArgumentInvalid", "the integer %d is out of range", n)
		}
	case []any:
		for _, item := range value {
			if item == nil {
				return refuse(400, "ArgumentInvalid", "null inside an array")
			}
			if err := validateValue(item, depth+1); err != nil {
				return err
			}
		}
		if depth >= maxTwinDepth {
			return refuse(400, "ArgumentInvalid", "deeper than %d levels", maxTwinDepth)
		}
	}
	return nil
}

// size counts as the documentation does.
func size(value any) int {
	switch value := value.(type) {
	case object:
		n := 0
		for key, v := range value {
			n += len(key) + size(v)
		}
		return n
	case []any:
		n := 0
		for _, v := range value {
			n += size(v)
		}
		return n
	case string:
		return len(value)
	case json.Number:
		return 8
	case bool:
		return 4
	}
	return 0
}

// withVersion is a section as clients see it.
func (s *section) withVersion() object {
	out := maps.Clone(s.values)
	out["$version"] = s.version
	return out
}

// client is the twin as its device or module sees it: no tags, no metadata.
func (t *twin) client() []byte {
	return mustJSON(object{"desired": t.desired.withVersion(), "reported": t.reported.withVersion()})
}

// mustJSON encodes what was decoded from JSON, which cannot fail.
func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("hub: %v", err))
	}
	return b
}
