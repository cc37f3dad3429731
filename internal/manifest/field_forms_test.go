package manifest_test

import (
	"strings"
	"testing"
	"unicode/utf16"

	"edgenet/internal/manifest"
	"edgenet/report"
)

// asUTF16 is a text as PowerShell's redirection saves it.
func asUTF16(text string) string {
	var b strings.Builder
	b.WriteString("\xff\xfe")
	for _, u := range utf16.Encode([]rune(text)) {
		b.WriteByte(byte(u & 0xff)) //nolint:gosec // its halves
		b.WriteByte(byte(u >> 8))
	}
	return b.String()
}

// TestFormsThatRun: no error over a form that the runtime runs, or that the tools turn into
// one which it runs. The forms are those that files of the field have.
func TestFormsThatRun(t *testing.T) {
	t.Parallel()
	swap := func(pairs ...string) func(*testing.T, string) string {
		return func(t *testing.T, text string) string {
			t.Helper()
			for i := 0; i < len(pairs); i += 2 {
				if !strings.Contains(text, pairs[i]) {
					t.Fatalf("%q is not in the deployment", pairs[i])
				}
				text = strings.Replace(text, pairs[i], pairs[i+1], 1)
			}
			return text
		}
	}
	plain := func(change func(string) string) func(*testing.T, string) string {
		return func(_ *testing.T, text string) string { return change(text) }
	}
	filterOptions := `"{\"HostConfig\":{\"Memory\":67108864,\"LogConfig\":{\"Type\":\"json-file\",` +
		`\"Config\":{\"max-size\":\"10m\"}}}}"`
	for name, change := range map[string]func(*testing.T, string) string{
		"as it is":                 swap(),
		"a value that is null":     swap(`"INTERVAL":{"value":"5"}`, `"INTERVAL":{"value":null}`),
		"a variable without value": swap(`"INTERVAL":{"value":"5"}`, `"INTERVAL":{}`),
		"a value that is a bool":   swap(`"INTERVAL":{"value":"5"}`, `"INTERVAL":{"value":true}`),
		"a value that is a number": swap(`"INTERVAL":{"value":"5"}`, `"INTERVAL":{"value":5}`),
		"value in another case":    swap(`"INTERVAL":{"value":"5"}`, `"INTERVAL":{"Value":"5"}`),
		"env that is empty":        swap(`"env":{"INTERVAL":{"value":"5"}}`, `"env":{}`),
		"options that are null":    swap(filterOptions, `null`),
		"options that are empty":   swap(filterOptions, `""`),
		"options without a text": swap(`,
"createOptions":`+filterOptions, ``),
		"options in single quotes": swap(filterOptions, `"{'HostConfig':{'Memory':67108864}}"`),
		"options without quotes":   swap(filterOptions, `"{HostConfig:{Memory:67108864,}}"`),
		"options with a comment":   swap(filterOptions, `"{/* later */\"HostConfig\":{}}"`),
		"options in two parts":     swap(filterOptions, `"{\"HostConfig\":","createOptions01":"{}}"`),
		"an image from the parent": swap("r.test/filter:0.1.2", "$upstream:443/filter:0.1.2"),
		"a template's tag":         swap("filter:0.1.2", "filter:${TAG}"),
		"a template's registry":    swap("r.test/filter", "${REGISTRY}/filter"),
		"an enum in another case":  swap(`"status":"running"`, `"status":"Running"`),
		"a protocol in other case": swap(`"UpstreamProtocol":{"value":"AmqpWs"}`,
			`"UpstreamProtocol":{"value":"amqpws"}`),
		"the name of 2018": swap("modulesContent", "moduleContent"),
		"bare, as a twin's section": plain(func(s string) string {
			return strings.TrimSuffix(strings.TrimPrefix(s, `{"modulesContent":`), "}")
		}),
		"a configuration of the hub": plain(func(s string) string { return `{"id":"x","content":` + s + `}` }),
		"a BOM and CRLF": plain(func(s string) string {
			return "\ufeff" + strings.ReplaceAll(s, "\n",
				"\r\n")
		}),
		"UTF-16": plain(asUTF16),
		"tabs":   plain(func(s string) string { return strings.ReplaceAll(s, "\n", "\n\t\t") }),
		"properties nested": swap(`{"properties.desired":{"schemaVersion":"1.1","routes"`,
			`{"properties":{"desired":{"schemaVersion":"1.1","routes"`, `7200}}}}}`, `7200}}}}}}`),
		"a layer": plain(func(string) string {
			return `{"modulesContent":{"$edgeAgent":{"properties.desired.modules.m":{"type":"docker","status":"running",` +
				`"restartPolicy":"always","settings":{"image":"r.test/m:1.2.3","createOptions":"{}"}}}}}`
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m, err := manifest.Parse("d.json", []byte(change(t, deploymentText)))
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range manifest.LintFor(m, manifest.Default) {
				if p.Severity == report.SeverityError {
					t.Errorf("%s in line %d, column %d: %s", p.Rule, p.Line, p.Column, p.Summary)
				}
			}
		})
	}
}
