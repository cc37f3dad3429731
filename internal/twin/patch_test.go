package twin_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"edgenet/internal/twin"
)

// nested is an object of so many levels.
func nested(levels int) string {
	return strings.Repeat(`{"k":`, levels-1) + `{}` + strings.Repeat(`}`, levels-1)
}

func TestCheckPatch(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 4096)
	good := []string{
		`{}`, ` {"a":null}`, `{"a":{"b":null}}`, `{"a":[1,"x",[true],{"b":2}]}`, `{"a":1.5e300,"b":-0}`, `{"Ä_-1":"ü"}`,
		`{"a":4503599627370495,"b":-4503599627370496}`, `{"a":"` + long + `"}`, `{"` + strings.Repeat("k", 1024) +
			`":1}`, nested(10),
		`{"a":` + strings.Repeat("[", 9) + strings.Repeat("]", 9) + `}`,
	}
	for _, patch := range good {
		if err := twin.CheckPatch([]byte(patch)); err != nil {
			t.Errorf("%.60s: %v", patch, err)
		}
	}
	for patch, path := range map[string]string{
		``: "", `null`: "", `[]`: "", `"x"`: "", `{"a":1`: "", `{"a":1} {}`: "", `{"a":1}x`: "", `{'a':1}`: "",
		`{"a":nul}`: "a",
		`{"a.b":1}`: "a.b", `{"$version":1}`: "$version", `{"a b":1}`: "a b", `{"a#":1}`: "a#", `{"a\u0085":1}`: "a",
		`{"a\u0001":1}`: "a·", `{"":1}`: "",
		`{"o":{"p":[{"a.b":1}]}}`: "o/p/a.b", `{"a":1,"a":2}`: "a", `{"a":{"b":1,"b":2}}`: "a/b",
		`{"a":[1,null]}`: "a", `{"a":[[null]]}`: "a", `{"a":[{"b":null}]}`: "ok",
		`{"a":4503599627370496}`: "a", `{"a":-4503599627370497}`: "a", `{"a":99999999999999999999}`: "a",
		`{"a":[4503599627370496]}`: "a", `{"a":1e999}`: "a",
		`{"a":"` + long + `x"}`: "a", `{"a":["` + long + `x"]}`: "a", `{"` + strings.Repeat("k", 1025) + `":1}`: "",
		nested(11): "",
		`{"a":` + strings.Repeat("[", 10) + strings.Repeat("]", 10) + `}`: "",
		`{"a":["` + strings.Repeat(long+`","`, 8) + `"]}`:                 "", strings.Repeat("[", 40000): "",
	} {
		err := twin.CheckPatch([]byte(patch))
		if path == "ok" {
			if err != nil {
				t.Errorf("%s: %v", patch, err)
			}
			continue
		}
		var bad *twin.PatchError
		if !errors.As(err, &bad) || bad.Path != path {
			t.Errorf("%.60s: %v, want path %q", patch, err, path)
		}
	}
}

// What the check lets through is a JSON object that encoding/json reads as well.
func FuzzCheckPatch(f *testing.F) {
	for _, seed := range []string{`{"a":{"b":[1,"x",null]},"c":null}`, `{"a":1,"a":2}`, `{"a":4503599627370496}`,
		`{"a.b":1}`, nested(11), `{"a":"\ud800"}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, patch []byte) {
		err := twin.CheckPatch(patch)
		var bad *twin.PatchError
		if err != nil && !errors.As(err, &bad) {
			t.Fatalf("%T", err)
		}
		var o map[string]any
		if err == nil && (json.Unmarshal(patch, &o) != nil || o == nil) {
			t.Errorf("%q passes", patch)
		}
		if err != nil && len(fmt.Sprint(err)) > 400 {
			t.Errorf("an error of %d bytes", len(fmt.Sprint(err)))
		}
	})
}
