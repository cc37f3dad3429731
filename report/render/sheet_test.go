package render_test

import (
	"bytes"
	"strings"
	"testing"

	"edgenet/report"
	"edgenet/report/render"
)

func sheet() *render.Sheet {
	return &render.Sheet{
		Title: "config show", Facts: []string{"IoT Edge 1.2 or later", "snap"},
		Blocks: []render.Block{
			{Heading: "Proxy for HTTPS", Columns: []string{"VALUE", "USED BY", "WHERE"}, Rows: []render.SheetRow{
				{Mark: render.MarkGood, Cells: []string{"http://edge:****@proxy.corp:3128", "edgeAgent when created",
					"/etc/aziot/config.toml:12 agent.env.https_proxy"}},
				{Mark: render.MarkBad, Cells: []string{"http://old.corp:1", "aziot-identityd: HTTPS to hub and DPS",
					"/etc/systemd/system/aziot-identityd.service.d/override.conf:2 https_proxy"},
					Notes: []string{"a note | with <markup> and `ticks`"}},
				{Mark: render.MarkIdle, Cells: []string{"x\x1b[31m\u202e", "nobody", "/etc/environment:1"}},
				{Mark: render.MarkOpen, Cells: []string{"not set", "docker: image pulls", "unit:docker"}},
			}},
			{Heading: "Empty", Columns: []string{"A"}},
		},
		Findings: []report.Finding{{Code: report.ProtocolInconsistent, Severity: report.SeverityError,
			Actor: report.ActorHost, Summary: "the proxy differs", Remedy: "Write the same in every place."}},
		Notes:   []string{"Not read: /etc/x: permission denied"},
		Verdict: "The settings do not fit together.", Failed: true,
	}
}

// TestSheetText: nothing is lost, nothing is wider than the terminal, and nothing but
// the marks' own colours reaches it.
func TestSheetText(t *testing.T) {
	for _, width := range []int{20, 40, 60, 80, 100, 160} {
		for _, unicode := range []bool{true, false} {
			var b bytes.Buffer
			if err := render.SheetText(&b, sheet(), render.TextOptions{Width: width, Unicode: unicode}); err != nil {
				t.Fatal(err)
			}
			out := b.String()
			for l := range strings.Lines(out) {
				if n := len([]rune(strings.TrimRight(l, "\n"))); n > width {
					t.Errorf("width %d: %d columns: %q", width, n, l)
				}
			}
			if strings.ContainsAny(out, "\x1b\u202e") || !unicode &&
				strings.ContainsFunc(out, func(r rune) bool { return r > 0x7e }) {
				t.Errorf("width %d: %q", width, out)
			}
			squeezed := strings.Join(strings.Fields(out), "")
			for _, want := range []string{"/etc/systemd/system/aziot-identityd.service.d/override.conf:2",
				"http://edge:****@proxy.corp:3128", "protocol.inconsistent", "permissiondenied", "unit:docker"} {
				if width >= 40 && !strings.Contains(squeezed, want) {
					t.Errorf("width %d: %s is lost in\n%s", width, want, out)
				}
			}
		}
	}
}

func TestSheetGolden(t *testing.T) {
	var b bytes.Buffer
	if err := render.SheetText(&b, sheet(), render.TextOptions{Width: 100, Unicode: true}); err != nil {
		t.Fatal(err)
	}
	const text = `edgenet config show
IoT Edge 1.2 or later · snap

Proxy for HTTPS
  VALUE                             USED BY
✓ http://edge:****@proxy.corp:3128  edgeAgent when created
    /etc/aziot/config.toml:12 agent.env.https_proxy
✗ http://old.corp:1                 aziot-identityd: HTTPS to hub and DPS
    /etc/systemd/system/aziot-identityd.service.d/override.conf:2 https_proxy
    ↳ a note | with <markup> and ` + "`ticks`" + `
○ x·[31m·                           nobody
    /etc/environment:1
– not set                           docker: image pulls
    unit:docker

WHAT TO DO
✗ Write the same in every place.
  the proxy differs · protocol.inconsistent

! Not read: /etc/x: permission denied

✗ The settings do not fit together.
`
	if b.String() != text {
		t.Errorf("got\n%s", b.String())
	}
	b.Reset()
	if err := render.SheetMarkdown(&b, sheet()); err != nil {
		t.Fatal(err)
	}
	const markdown = `## config show

IoT Edge 1.2 or later

snap

### Proxy for HTTPS

| | VALUE | USED BY | WHERE |
|---|---|---|---|
| ok | http://edge:\*\*\*\*@proxy.corp:3128 | edgeAgent when created | /etc/aziot/config.toml:12 agent.env.https\_proxy |
| **wrong** | http://old.corp:1 | aziot-identityd: HTTPS to hub and DPS | /etc/systemd/system/aziot-identityd.service.d/override.conf:2 https\_proxy<br>a note \| with &lt;markup&gt; and \` + "`ticks\\`" + ` |
| no effect | x·\[31m· | nobody | /etc/environment:1 |
| not set | not set | docker: image pulls | unit:docker |

### What to do

- **error** ` + "`protocol.inconsistent`" + ` the proxy differs  
  Write the same in every place.

- Not read: /etc/x: permission denied

**The settings do not fit together.**
`
	if b.String() != markdown {
		t.Errorf("got\n%s", b.String())
	}
	b.Reset()
	if err := render.SheetText(&b, sheet(), render.TextOptions{Quiet: true}); err != nil ||
		b.String() != "The settings do not fit together.\n" {
		t.Errorf("quiet: %q, %v", b.String(), err)
	}
}
