package jsonedit_test

import (
	"bytes"
	"encoding/json"
	"math/big"
	"testing"
	"unicode/utf8"

	"edgenet/internal/jsonedit"
)

// plain is a node as encoding/json would give it; numbers are texts.
func plain(n *jsonedit.Node) any {
	switch n.Kind {
	case jsonedit.Object:
		out := map[string]any{}
		for _, m := range n.Members {
			out[m.Key] = plain(m.Value)
		}
		return out
	case jsonedit.Array:
		out := []any{}
		for _, i := range n.Items {
			out = append(out, plain(i))
		}
		return out
	case jsonedit.String:
		return n.Text
	case jsonedit.Null:
		return nil
	case jsonedit.Bool:
		return n.Text == "true"
	}
	return json.Number(n.Text)
}

// TestLoose: a table of what Newtonsoft.Json's reader is documented, and by its own tests
// known, to take and to refuse.
func TestLoose(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, want, what string }{
		{`{"a":1}`, `{"a":1}`, ""},
		{`{a:1}`, `{"a":1}`, "a key without quotes"},
		{`{$a_1:"x"}`, `{"$a_1":"x"}`, "a key without quotes"},
		{`{'a':'x"y'}`, `{"a":"x\"y"}`, "single quotes"},
		{`{"a":'it\'s'}`, `{"a":"it's"}`, "single quotes"},
		{`{"a":1,}`, `{"a":1}`, "a comma before }"},
		{`[1,2,]`, `[1,2]`, "a comma before ]"},
		{`[1,,2]`, `[1,null,2]`, "a missing value"},
		{"{/* c */\"a\":1// d\n}", `{"a":1}`, "a comment"},
		{"// c\n[]", `[]`, "a comment"},
		{`[] // c`, `[]`, "a comment"},
		{"{\"a\":\"x\ny\t\"}", `{"a":"x\ny\t"}`, "a control character in a string"},
		{`[0x1F]`, `["0x1F"]`, "a number that JSON does not know"},
		{`[017]`, `["017"]`, "a number that JSON does not know"},
		{`[.5]`, `[".5"]`, "a number that JSON does not know"},
		{`[5.]`, `["5."]`, "a number that JSON does not know"},
		{`[NaN,-Infinity,undefined]`, `["NaN","-Infinity",null]`, "NaN"},
		{"\u00a0[]", `[]`, "white space that JSON does not know"},
		{`{"Env":["A=b"],Env:[]}`, `{"Env":[]}`, "a key without quotes"},
		{`"\u00e9\ud83d\ude00"`, `"é😀"`, ""},
		{`-1.5e+3`, `-1.5e+3`, ""},
	} {
		d, err := jsonedit.ParseLoose([]byte(tt.text))
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		got := plain(d.Root)
		var want any
		dec := json.NewDecoder(bytes.NewReader([]byte(tt.want)))
		dec.UseNumber()
		if err := dec.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if !alike(got, want) {
			t.Errorf("%s: got %v, want %v", tt.text, got, want)
		}
		if (d.Loose == nil) != (tt.what == "") || d.Loose != nil && d.Loose.What != tt.what {
			t.Errorf("%s: got %+v, want %s", tt.text, d.Loose, tt.what)
		}
	}
	for _, text := range []string{
		"", "{", `{"a"}`, `{"a" 1}`, `{,}`, `{"a":1,,}`, `{a b:1}`, `{a-b:1}`, `{"a":x}`, `{"a":'x}`, `{"a":"\x"}`,
		`{"a":"\u12"}`, `{"a":1} x`, `{} {}`, "/* c", `[1 2]`, `[1;2]`, `{"a"=1}`,
		`{"a":True}`, `[09]`, `[1.2.3]`, `[-]`, `[0x]`, `[+1]`, `[1e]`,
	} {
		if d, err := jsonedit.ParseLoose([]byte(text)); err == nil {
			t.Errorf("%q is read as %v", text, plain(d.Root))
		}
	}
}

// alike compares values; a number that JSON does not know stands in the table as a text.
func alike(a, b any) bool {
	if n, ok := a.(json.Number); ok {
		s, isText := b.(string)
		return a == b || isText && s == n.String()
	}
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for k := range x {
			if !alike(x[k], y[k]) {
				return false
			}
		}
		return true
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !alike(x[i], y[i]) {
				return false
			}
		}
		return true
	}
	return a == b
}

// FuzzDifferential: the strict reader takes what encoding/json takes, and makes the same of
// it; the loose one makes the same of that, and finds nothing loose.
func FuzzDifferential(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e-3,null,true,"x\u00e9"]}`, `{"a":1,"a":2}`, "[1,]", `{a:1}`, "\"\x7f\xff\"",
		`"\ud800"`, "[0x1]", "[01]", "{'a':1}", "\t[]\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if bytes.HasPrefix(text, []byte("\xef\xbb\xbf")) ||
			bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{")) > 400 {
			return // a mark and a depth that the two take differently, on purpose
		}
		strict, err := jsonedit.Parse(text)
		loose, looseErr := jsonedit.ParseLoose(text)
		valid := json.Valid(text)
		if valid != (err == nil) {
			t.Fatalf("encoding/json says %v, Parse %v", valid, err)
		}
		if !valid {
			if looseErr == nil && loose.Loose == nil {
				t.Fatalf("no JSON, and nothing is called loose")
			}
			return
		}
		if looseErr != nil || loose.Loose != nil && utf8.Valid(text) {
			t.Fatalf("JSON, and the loose reader says %v, %+v", looseErr, loose)
		}
		var want any
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&want); err != nil {
			t.Fatal(err)
		}
		for _, doc := range []*jsonedit.Document{strict, loose} {
			if got := plain(doc.Root); !sameValue(got, want) {
				t.Fatalf("got %v, want %v", got, want)
			}
		}
	})
}

// sameValue compares what two readers made; numbers by their value.
func sameValue(a, b any) bool {
	if n, ok := a.(json.Number); ok {
		m, ok := b.(json.Number)
		if !ok || n == m {
			return ok
		}
		x, ok1 := new(big.Rat).SetString(n.String())
		y, ok2 := new(big.Rat).SetString(m.String())
		return ok1 && ok2 && x.Cmp(y) == 0
	}
	return alike(a, b)
}
