package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"edgenet/internal/console"
	"edgenet/internal/lab"
	"edgenet/report"
)

// inProcess runs the program with an empty environment and gives what it printed.
func inProcess(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	a := &app{
		Console: &console.Console{
			Stdin:  strings.NewReader(""),
			Stdout: &stdout,
			Stderr: &stderr,
			Getenv: func(string) string { return "" },
			Root:   t.TempDir(),
		},
	}
	code = run(context.Background(), args, a)
	return code, stdout.String(), stderr.String()
}

// TestScenarios holds a real report of every scenario of the lab against the JSON
// Schema, and every output against what may never be in one.
func TestScenarios(t *testing.T) {
	t.Parallel()
	schema := compileSchema(t)
	for _, s := range lab.Scenarios() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			more := []string{filepath.Join(dir, "r.txt"), filepath.Join(dir, "r.jsonl")}
			args := []string{"check", "--lab", "--scenario", s.Name, "--timeout", "5s", "-v", "-f", "json", "-o",
				more[0], "-o", more[1]}
			code, out, errs := inProcess(t, append(args, s.Flags...)...)
			if errs != "" && len(s.Flags) == 0 { // --hold says that it takes a while
				t.Errorf("standard error: %s", errs)
			}
			doc, err := jsonschema.UnmarshalJSON(strings.NewReader(out))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(doc); err != nil {
				t.Error(err)
			}
			var r report.Report
			if err := json.Unmarshal([]byte(out), &r); err != nil {
				t.Fatal(err)
			}
			var found []string
			for _, f := range r.Findings {
				found = append(found, string(f.Code))
			}
			if !slices.Equal(slices.Sorted(slices.Values(found)), slices.Sorted(slices.Values(s.Shows))) {
				t.Errorf("the findings are %v, the scenario says %v", found, s.Shows)
			}
			if code != r.Verdict.ExitCode {
				t.Errorf("exit code %d, report says %d", code, r.Verdict.ExitCode)
			}
			for _, name := range more {
				text, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				out += string(text)
			}
			clean(t, out)
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
