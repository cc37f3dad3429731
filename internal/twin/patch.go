package twin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"edgenet/internal/secret"
	"edgenet/report"
)

// Limits of reported properties: the hub's documentation of device twins, and
// edgeHub's own check (ReportedPropertiesValidator.cs), whichever is stricter.
const (
	maxPatch    = 32 << 10 // bytes of the JSON text: edgeHub counts it whole
	maxString   = 4096     // bytes of UTF-8
	maxKey      = 1024     // bytes of UTF-8
	maxDepth    = 10       // levels of objects and arrays, the patch itself included
	maxIntValue = 4503599627370495
)

// PatchError is what CheckPatch finds.
type PatchError struct {
	Path   string // keys joined by slashes; empty for the whole patch
	Reason string
}

// Error says where and why.
func (e *PatchError) Error() string {
	if e.Path == "" {
		return "twin patch: " + e.Reason
	}
	return "twin patch: " + e.Path + ": " + e.Reason
}

// CheckPatch holds a merge patch of reported properties against the twin's rules.
// edgeHub acknowledges a patch before the hub has seen it, and what the hub refuses
// later nobody hears of, so it has to be right before it is sent. Errors are
// *PatchError.
func CheckPatch(patch json.RawMessage) error {
	if len(patch) > maxPatch {
		return &PatchError{"", fmt.Sprintf("%d bytes of JSON, at most %d are allowed", len(patch), maxPatch)}
	}
	if depthOf(patch) > maxDepth {
		return &PatchError{"", fmt.Sprintf("deeper than %d levels", maxDepth)}
	}
	d := json.NewDecoder(bytes.NewReader(patch))
	d.UseNumber()
	first, err := d.Token()
	if err != nil || first != json.Delim('{') {
		return &PatchError{"", "not a JSON object"}
	}
	if err := checkObject(d, nil); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &PatchError{"", "something follows the JSON object"}
	}
	return nil
}

// at makes an error of a place.
func at(path []string, format string, args ...any) error {
	return &PatchError{secret.Show(strings.Join(path, "/"), 100), fmt.Sprintf(format, args...)}
}

// checkObject reads an object up to its end. Token by token, as a map would hide a
// key that stands there twice.
func checkObject(d *json.Decoder, path []string) error {
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		key, ok := t.(string)
		if err != nil || !ok {
			return at(path, "not JSON")
		}
		below := append(path[:len(path):len(path)], key)
		if err := checkKey(below, key); err != nil {
			return err
		}
		if seen[key] {
			return at(below, "the key stands there twice")
		}
		seen[key] = true
		if err := checkValue(d, below, false); err != nil {
			return err
		}
	}
	return endOf(d, path)
}

func endOf(d *json.Decoder, path []string) error {
	if _, err := d.Token(); err != nil {
		return at(path, "not JSON")
	}
	return nil
}

func checkKey(path []string, key string) error {
	bad := func(r rune) bool { return strings.ContainsRune(".$#", r) || unicode.IsControl(r) || unicode.IsSpace(r) }
	switch {
	case key == "":
		return at(path, "an empty key")
	case len(key) > maxKey:
		return at(path[:len(path)-1], "a key of %d bytes, at most %d are allowed", len(key), maxKey)
	case strings.ContainsFunc(key, bad):
		return at(path, "a key with white space, a control character, or one of . $ #")
	}
	return nil
}

// checkValue reads one value; null deletes a key, and in an array it is forbidden.
func checkValue(d *json.Decoder, path []string, inArray bool) error {
	t, err := d.Token()
	if err != nil {
		return at(path, "not JSON")
	}
	switch v := t.(type) {
	case json.Delim:
		if v == '{' {
			return checkObject(d, path)
		}
		for d.More() {
			if err := checkValue(d, path, true); err != nil {
				return err
			}
		}
		return endOf(d, path)
	case string:
		if len(v) > maxString {
			return at(path, "a string of %d bytes, at most %d are allowed", len(v), maxString)
		}
	case json.Number:
		return checkNumber(path, v)
	case nil:
		if inArray {
			return at(path, "null inside an array")
		}
	}
	return nil
}

// checkNumber: integers have to fit 53 bits, others a double.
func checkNumber(path []string, n json.Number) error {
	if strings.ContainsAny(n.String(), ".eE") {
		if _, err := strconv.ParseFloat(n.String(), 64); err != nil {
			return at(path, "the number %s is out of range", report.Clean(n.String(), 30))
		}
		return nil
	}
	if i, err := n.Int64(); err != nil || i > maxIntValue || i < -maxIntValue-1 {
		return at(path, "the integer %s is out of range, larger ones go as strings", report.Clean(n.String(), 30))
	}
	return nil
}
