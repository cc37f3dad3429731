package render

import (
	"path/filepath"
	"strings"
	"testing"

	"edgenet/internal/verify/sample"
	"edgenet/report"
)

func TestSummary(t *testing.T) {
	var reports []*report.Report
	for i, name := range []string{"all-ok", "nothing", "mismatch", "proxy-only", "partial", "intercepted", "hostile"} {
		r := sample.Reports()[name]
		if name != "hostile" {
			r.Target.Hub = "site-" + string(rune('a'+i)) + ".azure-devices.net"
		}
		reports = append(reports, r)
	}
	show := func(o TextOptions, reports ...*report.Report) string {
		var b strings.Builder
		if err := Summary(&b, reports, o); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	golden(t, filepath.Join("testdata", "summary.golden"), show(TextOptions{Width: 60, Unicode: true}, reports...)+
		"====\n"+show(TextOptions{Width: 120}, reports...)+"====\n"+show(TextOptions{Quiet: true}, reports...))
	for _, width := range []int{20, 60, 80, 140} {
		for _, o := range []TextOptions{{Width: width}, {Width: width, Unicode: true},
			{Width: width, Unicode: true, Verbose: true}} {
			for l := range strings.Lines(show(o, reports...)) {
				l = strings.TrimSuffix(l, "\n")
				if n := displayWidth(l); n > width {
					t.Errorf("%d columns of %d: %q", n, width, l)
				}
				fit(t, l, o.Unicode)
			}
		}
	}
	for want, list := range map[string][]*report.Report{
		"1 hub: 1 works.\n": {sample.AllOK()}, "2 hubs: 2 work.\n": {sample.AllOK(), sample.Attempts()},
		"2 hubs: 2 work only if set.\n":     {sample.ProxyOnly(), sample.ProxyOnly()},
		"3 hubs: 1 works, 2 do not work.\n": {sample.AllOK(), sample.Nothing(), sample.Intercepted()},
	} {
		if got := show(TextOptions{}, list...); !strings.HasSuffix(got, want) {
			t.Errorf("%q does not end with %q", got, want)
		}
	}
	if Summary(broken{}, reports, TextOptions{}) == nil || Summary(broken{}, reports, TextOptions{Quiet: true}) == nil {
		t.Error("no error when writing fails")
	}
}
