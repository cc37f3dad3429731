package hop

import (
	"fmt"
	"strings"
	"testing"
)

func TestReadHosts(t *testing.T) {
	for text, want := range map[string]string{
		"": "[]", "1.2.3.4 hub.test\n": "[1.2.3.4]", "1.2.3.4 a b\tHub.Test. c": "[1.2.3.4]",
		"1.2.3.4 hub.test hub.test":                     "[1.2.3.4]",
		"1.2.3.4 hub.test\n::1 hub.test\n5.6.7.8 other": "[1.2.3.4 ::1]", "::ffff:1.2.3.4 hub.test": "[1.2.3.4]",
		"# 1.2.3.4 hub.test": "[]", "1.2.3.4 # hub.test": "[]", "1.2.3.4 hub.test#x": "[1.2.3.4]", "1.2.3.4": "[]",
		"nonsense hub.test": "[]", "1.2.3.4 xhub.test": "[]",
		"0.0.0.0 " + strings.Repeat("ads.test ", 20000) + "\n1.2.3.4 hub.test": "[1.2.3.4]",
	} {
		addrs, line := readHosts(strings.NewReader(text), "hub.test")
		if got := fmt.Sprint(addrs); got != want || (line > 0) != (len(addrs) > 0) {
			t.Errorf("%.60q: got %s, want %s", text, got, want)
		}
	}
	r := &Resolver{Hosts: t.TempDir() + "/absent"}
	for _, none := range []*Resolver{r, {Hosts: "-"}} {
		if addrs, line := none.hostsFile("localhost"); addrs != nil || line != 0 {
			t.Error("no file, no addresses")
		}
	}
	if _, line := readHosts(strings.NewReader("# one\n1.2.3.4 other\n1.2.3.5 hub.test\n1.2.3.6 hub.test\n"),
		"hub.test"); line != 3 {
		t.Errorf("line %d", line)
	}
}
