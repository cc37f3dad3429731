package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"edgenet/internal/lab"
)

// TestScenarios holds a real report of every scenario of the lab against the JSON
// Schema, and every output against what may never be in one.
func TestScenarios(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t)
	for _, s := range lab.Scenarios() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			x := scenarioRuns[s.Name]()
			if x.err != nil {
				t.Fatal(x.err)
			}
			r, out := &x.r, x.json
			if x.errs != "" && len(s.Flags) == 0 { // --hold says that it takes a while
				t.Errorf("standard error: %s", x.errs)
			}
			doc, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(doc); err != nil {
				t.Error(err)
			}
			if !x.shows(s.Shows) {
				t.Errorf("the findings are %v, the scenario says %v", r.Findings, s.Shows)
			}
			if x.code != r.Verdict.ExitCode {
				t.Errorf("exit code %d, report says %d", x.code, r.Verdict.ExitCode)
			}
			clean(t, out)
			for _, text := range x.files {
				clean(t, strings.ReplaceAll(text, "\r\n", "\n")) // CSV has its line ends from RFC 4180
			}
		})
	}
}

// clean fails where an output holds a secret of the lab or a control character.
func clean(t *testing.T, out string) {
	t.Helper()
	for _, secret := range []string{"edge:lab@", "ZWRnZTpsYWI=", /* Basic edge:lab */
		"SharedAccessSignature sr=", "sig="} {
		if strings.Contains(out, secret) {
			t.Errorf("the output holds %q", secret)
		}
	}
	for _, r := range out {
		if r < 0x20 && r != '\n' || r == 0x7f || r == 0x9b {
			t.Fatalf("the output holds the control character %U", r)
		}
	}
}

func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile("../../report/schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("report.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}
