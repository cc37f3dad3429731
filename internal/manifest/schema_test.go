package manifest_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestSchema: what Set writes has the documented form, as what it was given has.
func TestSchema(t *testing.T) {
	c := jsonschema.NewCompiler()
	s, err := c.Compile("testdata/manifest.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	valid := func(file string) error {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
		if err != nil {
			return err
		}
		if m, ok := v.(map[string]any); ok && m["content"] != nil {
			v = m["content"]
		}
		return s.Validate(v)
	}
	for _, file := range corpus(t) {
		if err := valid(file); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		if err := valid(strings.TrimSuffix(file, ".json") + ".want"); err != nil {
			t.Errorf("what %s becomes: %v", filepath.Base(file), err)
		}
	}
	if s.Validate(map[string]any{"modulesContent": map[string]any{}}) == nil {
		t.Error("the schema takes anything")
	}
}
