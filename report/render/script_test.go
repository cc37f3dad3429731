package render_test

import (
	"strings"
	"testing"

	"edgenet/report/render"
)

// TestScript: on a terminal comments are wrapped and stay comments; what is copied stays whole.
func TestScript(t *testing.T) {
	t.Parallel()
	const command = "edgenet check --expect AmqpWs --proxy http://proxy.corp:3128 --hub contoso.azure-devices.net"
	text := "# ---- /etc/x\n# " + strings.Repeat("word ", 30) + "\n{\n  \"a\": 1\n}\n#\n# 12. " + strings.Repeat("step ", 20) +
		"\n#    " + strings.Repeat("why ", 30) + "\n" + command + "\n"
	var b strings.Builder
	if err := render.Script(&b, text, render.TextOptions{Width: 40, Color: true}); err != nil {
		t.Fatal(err)
	}
	plain := strings.NewReplacer("\x1b[1m", "", "\x1b[0m", "").Replace(b.String())
	if plain == b.String() || strings.Contains(plain, "\x1b") {
		t.Errorf("heads are not bold:\n%q", b.String())
	}
	for _, l := range strings.Split(plain, "\n") {
		if len(l) > 40 && l != command || l != "" && !strings.HasPrefix(l, "#") && !strings.Contains(text, "\n"+l+"\n") {
			t.Errorf("%q", l)
		}
	}
	if !strings.Contains(plain, "\n#     step") || !strings.Contains(plain, "\n#    why") {
		t.Errorf("the indent is lost:\n%s", plain)
	}
	words := func(s string) string { return strings.Join(strings.Fields(strings.ReplaceAll(s, "#", "")), " ") }
	if words(plain) != words(text) {
		t.Errorf("something is lost:\n%s", plain)
	}
}
