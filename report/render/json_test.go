package render

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"edgenet/internal/verify/sample"
	"edgenet/report"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func TestJSONKeepsTheContract(t *testing.T) {
	text, err := os.ReadFile("../schema.json")
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
	schema := c.MustCompile("report.json")
	for name, r := range sample.Reports() {
		var long, short bytes.Buffer
		if err := JSON(&long, r); err != nil {
			t.Fatal(err)
		}
		if err := JSONL(&short, r); err != nil {
			t.Fatal(err)
		}
		if s := short.String(); strings.Count(s, "\n") != 1 || !strings.HasSuffix(s, "\n") {
			t.Errorf("%s: not one line", name)
		}
		var a, b report.Report
		if json.Unmarshal(long.Bytes(), &a) != nil || json.Unmarshal(short.Bytes(), &b) != nil ||
			!reflect.DeepEqual(a, b) {
			t.Errorf("%s: the two forms differ", name)
		}
		for _, line := range strings.Split(long.String(), "\n") {
			fit(t, strings.TrimRight(line, " "), true)
		}
		v, err := jsonschema.UnmarshalJSON(&long)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); (err != nil) != (name == "hostile") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEscapesKeepTheValue(t *testing.T) {
	for _, s := range []string{"\u009b31m", "\u202e", "\U000e0001tag", "日本<&>", "a\u00a0b"} {
		var b bytes.Buffer
		if err := JSONL(&b, &report.Report{Verdict: report.Verdict{Reason: s}}); err != nil {
			t.Fatal(err)
		}
		var back report.Report
		if err := json.Unmarshal(b.Bytes(), &back); err != nil || back.Verdict.Reason != s {
			t.Errorf("%q came back as %q, %v", s, back.Verdict.Reason, err)
		}
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, bytes.ErrTooLarge }

func TestWriteErrorsAreReported(t *testing.T) {
	if JSON(broken{}, sample.AllOK()) == nil || JSONL(broken{}, sample.AllOK()) == nil ||
		Text(broken{}, sample.AllOK(), TextOptions{}) == nil ||
		Text(broken{}, sample.AllOK(), TextOptions{Quiet: true}) == nil {
		t.Error("a write error got lost")
	}
}
