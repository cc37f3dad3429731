package manifest_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"edgenet/internal/manifest"
)

// TestChecker: the checker sees what it is there for.
func TestChecker(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ from, to string }{
		{`"docker","status"`, `"docker", "status"`}, {"r.azurecr.io/m:1", "r.azurecr.io/m:2"}, {`"routes"`,
			`"Routes"`}, {"7200", "7200.0"},
		{`"m":{"type":"docker",`, `"m":{`}, {`"$edgeHub"`, `"x":1,"$edgeHub"`}, {"INTO $upstream",
			`INTO \u0024upstream`},
	} {
		if unmoved(t, []byte(whole), []byte(change(t, x.from, x.to))) == nil {
			t.Errorf("%s for %s is not seen", x.to, x.from)
		}
	}
	if err := unmoved(t, []byte(whole), []byte(change(t, `"AmqpWs"`, `"Mqtt"`))); err != nil {
		t.Error(err)
	}
	if holds([]byte(whole), "Mqtt", "") == nil || holds([]byte(whole), "AmqpWs", "http://p:1") == nil {
		t.Error("a wrong value is not seen")
	}
}

// TestOptionsParts: what createOptions says stays, however it is cut.
func TestOptionsParts(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 400, 460, 470, 480, 512, 2000} {
		options := fmt.Sprintf(`{"Env":["A=b","UpstreamProtocol=Mqtt","https_proxy=http://o:1"],"Labels":{"l":"%s"}}`,
			strings.Repeat("é😀", n/4))
		quoted, err := json.Marshal(options)
		if err != nil {
			t.Fatal(err)
		}
		text := change(t, `"createOptions":"{}"`, `"createOptions":`+string(quoted))
		m, err := manifest.Parse("m.json", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		out, err := m.Set(wanted(t))
		if err != nil {
			t.Fatal(err)
		}
		again, err := manifest.Parse("m.json", out)
		if err != nil {
			t.Fatal(err)
		}
		want := strings.NewReplacer("UpstreamProtocol=Mqtt", "UpstreamProtocol=AmqpWs", "http://o:1",
			wanted(t).Proxy.URL()).Replace(options)
		if again.Agent.CreateOptions != want {
			t.Errorf("%d: got %.200s", n, again.Agent.CreateOptions)
		}
		for _, key := range regexp.MustCompile(`"createOptions[0-9]*": ?("(?:[^"\\]|\\.)*")`).FindAllSubmatch(out, -1) {
			var part string
			if err := json.Unmarshal(key[1], &part); err != nil {
				t.Fatal(err)
			}
			units := 0
			for _, r := range part {
				if units++; r > 0xffff {
					units++
				}
			}
			if units > 512 && n < 470 {
				t.Errorf("%d: a part has %d characters", n, units)
			}
		}
	}
}
