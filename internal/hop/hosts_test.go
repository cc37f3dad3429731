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
		if got := fmt.Sprint(readHosts(strings.NewReader(text), "hub.test")); got != want {
			t.Errorf("%.60q: got %s, want %s", text, got, want)
		}
	}
	r := &Resolver{Hosts: t.TempDir() + "/absent"}
	if r.hostsFile("hub.test") != nil || (&Resolver{Hosts: "-"}).hostsFile("localhost") != nil {
		t.Error("no file, no addresses")
	}
}
