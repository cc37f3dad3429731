package sarif

import (
	"bytes"
	"encoding/json"
	"testing"
)

func TestLog(t *testing.T) {
	t.Parallel()
	l := New("edgenet v1.2.3-dirty")
	l.Rule("a.b", "short", "help")
	l.Add(Result{Rule: "a.b", Level: "error", Message: Text{"m"}, Locations: At("/a b/ü.json", 3, 4)})
	l.Add(Result{Rule: "new", Level: "note", Message: Text{"n"}, Locations: At("x.json", 0, 0)})
	var b bytes.Buffer
	if err := l.Write(&b); err != nil {
		t.Fatal(err)
	}
	var got Log
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	run := got.Runs[0]
	first := run.Results[0].Locations[0].Physical
	if run.Tool.Driver.Version != "1.2.3" || run.Tool.Driver.Rules[run.Results[1].Index].ID != "new" ||
		first.Artifact.URI != "file:///a%20b/%C3%BC.json" || *first.Region != (Region{3, 4}) ||
		run.Results[1].Locations[0].Physical.Region != nil {
		t.Errorf("%s", b.String())
	}
}
