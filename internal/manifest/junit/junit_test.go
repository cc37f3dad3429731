package junit_test

import (
	"bytes"
	"encoding/xml"
	"slices"
	"strings"
	"testing"

	"edgenet/internal/manifest"
	"edgenet/internal/manifest/junit"
)

// odd is a deployment with one value that XML has to escape.
const odd = `{"modulesContent":{"$edgeAgent":{"properties.desired":{"schemaVersion":"1.1","runtime":{"type":"docker"},
"systemModules":{"edgeAgent":{"type":"docker","settings":{"image":"a"},"env":{"UpstreamProtocol":{"value":"<&>"}}},
"edgeHub":{"type":"docker","status":"running","settings":{"image":"h"}}}}}}}`

type junitCase struct {
	Name    string `xml:"name,attr"`
	Failure *struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	} `xml:"failure"`
}

func TestJUnit(t *testing.T) {
	m, err := manifest.Parse("m.json", []byte(odd))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := junit.Write(&b, []manifest.Linted{{File: "m.json", Kind: m.Kind,
		Problems: manifest.Lint(m)}}); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Suites   []struct {
			Cases []junitCase `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Tests != len(manifest.Rules()) || got.Failures != 1 || len(got.Suites) != 1 ||
		!slices.ContainsFunc(got.Suites[0].Cases, func(c junitCase) bool {
			return c.Name == "protocol.inconsistent" && c.Failure != nil && strings.Contains(c.Failure.Message, "<&>")
		}) {
		t.Errorf("got %+v\n%s", got, b.String())
	}
}
