package jsonedit_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"go.uber.org/goleak"

	"edgenet/internal/jsonedit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func parse(t *testing.T, text string) *jsonedit.Document {
	t.Helper()
	d, err := jsonedit.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return d
}

func TestSyntaxError(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "line 1, column 1: not JSON: expected a value",
		"{\n  \"a\": 1,\n}":         "line 3, column 1: not JSON: expected a key in double quotes, or no comma before }",
		"{\n  \"a\": 1\n  \"b\": 2": "line 3, column 3: not JSON: expected a comma or }",
		"[1, 2":                     "line 1, column 6: not JSON: expected a comma or ]",
		"{\"a\" 1}":                 "line 1, column 6: not JSON: expected a colon after the key",
		"{'a': 1}":                  "line 1, column 2: not JSON: expected a key in double quotes",
		"\"abc":                     "line 1, column 1: not JSON: expected the end of this string",
		"\"a\nb\"": "line 1, column 3: not JSON: expected the end of the string, or its control " +
			"characters escaped",
		`"\x"`:                   `line 1, column 1: not JSON: expected a string with valid escapes (\" \\ \/ \b \f \n \r \t \uXXXX)`,
		"{} {}":                  "line 1, column 4: not JSON: expected the end of the text",
		"{\n// why\n}":           "line 2, column 1: not JSON: expected no comment: JSON has none",
		"01":                     "line 1, column 2: not JSON: expected the end of the text",
		"1.":                     "line 1, column 3: not JSON: expected a digit",
		"tru":                    "line 1, column 1: not JSON: expected true",
		strings.Repeat("[", 600): "line 1, column 502: not JSON: expected less than 500 levels",
	} {
		_, err := jsonedit.Parse([]byte(text))
		var se *jsonedit.SyntaxError
		if !errors.As(err, &se) || err.Error() != want {
			t.Errorf("%.40q: got %v, want %s", text, err, want)
		}
	}
}

// TestAdd: what is put in looks like what is there.
func TestAdd(t *testing.T) {
	value := jsonedit.Value{Pairs: []jsonedit.Pair{{Key: "value", Value: jsonedit.Value{Str: "x"}}}}
	for _, tt := range []struct{ name, text, want string }{
		{"two spaces", "{\n  \"env\": {\n    \"a\": 1\n  }\n}\n",
			"{\n  \"env\": {\n    \"a\": 1,\n    \"n\": {\n      \"value\": \"x\"\n    }\n  }\n}\n"},
		{"tabs", "{\n\t\"env\": {\n\t\t\"a\": 1\n\t}\n}\n",
			"{\n\t\"env\": {\n\t\t\"a\": 1,\n\t\t\"n\": {\n\t\t\t\"value\": \"x\"\n\t\t}\n\t}\n}\n"},
		{"CRLF", "{\r\n  \"env\": {\r\n    \"a\": 1\r\n  }\r\n}",
			"{\r\n  \"env\": {\r\n    \"a\": 1,\r\n    \"n\": {\r\n      \"value\": \"x\"\r\n    }\r\n  }\r\n}"},
		{"minified", `{"env":{"a":1,"b":2}}`, `{"env":{"a":1,"b":2,"n":{"value":"x"}}}`},
		{"one line with spaces", `{ "env": { "a": 1, "b": 2 } }`, `{ "env": { "a": 1, "b": 2, "n": {"value": "x"} } }`},
		{"empty", "{\n  \"env\": {}\n}\n", "{\n  \"env\": {\n    \"n\": {\n      \"value\": \"x\"\n    }\n  }\n}\n"},
		{"empty over lines", "{\n  \"env\": {\n  }\n}\n",
			"{\n  \"env\": {\n    \"n\": {\n      \"value\": \"x\"\n    }\n  }\n}\n"},
		{"empty and minified", `{"env":{}}`, `{"env":{"n":{"value":"x"}}}`},
		{"a neighbour in one line", "{\n  \"env\": {\n    \"a\": { \"value\": 1 }\n  }\n}",
			"{\n  \"env\": {\n    \"a\": { \"value\": 1 },\n    \"n\": {\"value\": \"x\"}\n  }\n}"},
		{"a byte order mark", "\xef\xbb\xbf{\"env\":{\"a\":1}}",
			"\xef\xbb\xbf{\"env\":{\"a\":1,\"n\":{\"value\":\"x\"}}}"},
	} {
		d := parse(t, tt.text)
		out, err := d.Apply([]jsonedit.Edit{d.Add([]*jsonedit.Node{d.Root, d.Root.Get("env")},
			jsonedit.Pair{Key: "n", Value: value})})
		if err != nil || string(out) != tt.want {
			t.Errorf("%s: got %v\n%s\nwant\n%s", tt.name, err, out, tt.want)
		}
	}
}

func TestApply(t *testing.T) {
	d := parse(t, `{"a":1,"b":"é\u0041","a":2}`)
	if d.Root.Get("a").Text != "2" || d.Root.Get("b").Text != "éA" || d.Root.Get("c") != nil ||
		d.Root.Get("a", "b") != nil {
		t.Error("Get does not find what is there")
	}
	out, err := d.Apply([]jsonedit.Edit{jsonedit.Replace(d.Root.Get("a"), jsonedit.Value{Str: "<&>"}),
		jsonedit.Replace(d.Root.Get("b"), jsonedit.Value{Str: "\"\n"})})
	if want := `{"a":1,"b":"\"\n","a":"<&>"}`; err != nil || string(out) != want {
		t.Errorf("got %s, %v, want %s", out, err, want)
	}
	if _, err := d.Apply([]jsonedit.Edit{{Start: 1, End: 5}, {Start: 4, End: 6}}); err == nil {
		t.Error("overlapping edits are made")
	}
	if _, err := d.Apply([]jsonedit.Edit{{Start: 1, End: 500}}); err == nil {
		t.Error("an edit beyond the text is made")
	}
}

// FuzzParse: the grammar is encoding/json's, the positions are right, and an empty edit
// changes nothing.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`{"a":[1,2,{"b":"c\u00e9\ud83d\ude00"}],"d":null}`, `[]`, `"\`, `{"a":1,"a":2}`,
		"\xef\xbb\xbf{}", `1e5`, "{\n}", "\"\xff\""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := jsonedit.Parse(text)
		bare := strings.TrimPrefix(string(text), "\xef\xbb\xbf")
		if valid := json.Valid([]byte(bare)); valid != (err == nil) {
			if strings.Count(bare, "[")+strings.Count(bare, "{") > 500 {
				return
			}
			t.Fatalf("encoding/json says %v, Parse %v", valid, err)
		}
		if err != nil {
			return
		}
		same(t, d, d.Root)
		if out, err := d.Apply(nil); err != nil || string(out) != string(text) {
			t.Fatalf("no edit changes the text: %v", err)
		}
	})
}

// same compares a node with what encoding/json makes of its bytes.
func same(t *testing.T, d *jsonedit.Document, n *jsonedit.Node) {
	t.Helper()
	raw := d.Raw(n)
	if !json.Valid([]byte(raw)) {
		t.Fatalf("a node's bytes are %q", raw)
	}
	if n.Kind == jsonedit.String {
		var s string
		if err := json.Unmarshal([]byte(raw), &s); err != nil || s != n.Text {
			t.Fatalf("the string is %q, and was read as %q", s, n.Text)
		}
		var again string
		if err := json.Unmarshal([]byte(jsonedit.Quote(s)), &again); err != nil || !reflect.DeepEqual(again, s) {
			t.Fatalf("%q is quoted as %s", s, jsonedit.Quote(s))
		}
	}
	for _, m := range n.Members {
		same(t, d, m.Value)
	}
	for _, i := range n.Items {
		same(t, d, i)
	}
}

// TestPlaces: many places in one walk are the same as one by one.
func TestPlaces(t *testing.T) {
	d := parse(t, "\xef\xbb\xbf{\"é\": 1,\r\n\"b\":\t\"😀\",\r\"c\": [\n]}")
	var at []int
	for i := len(d.Text); i >= 0; i-- {
		if i == len(d.Text) || utf8.RuneStart(d.Text[i]) {
			at = append(at, i)
		}
	}
	at = append(at, 0, 5, 5, len(d.Text)+9)
	for i, got := range d.Places(at) {
		if line, column := d.Position(at[i]); got != (jsonedit.Place{Line: line, Column: column}) {
			t.Errorf("%d: got %v, want %d:%d", at[i], got, line, column)
		}
	}
}
