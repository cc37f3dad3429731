package judge

import (
	"strings"
	"testing"

	"edgenet/report"
)

// TestWhoAnswered: a product is named by what it said in place of the hub, not by the
// certificate that it showed.
func TestWhoAnswered(t *testing.T) {
	t.Parallel()
	tls := report.Step{Detail: &report.TLSDetail{Vendor: "Zscaler"}}
	for want, steps := range map[string][]report.Step{
		"":          {tls, {Detail: &report.HTTPDetail{}}},
		"Fortinet":  {tls, {Detail: &report.HTTPDetail{Vendor: "Fortinet"}}},
		"Netskope":  {tls, {Detail: &report.WebSocketDetail{Vendor: "Netskope"}}},
		"Palo Alto": {{Detail: &report.TLSDetail{Vendor: "Palo Alto", FirstBytes: "HTTP/1.1 302"}}},
	} {
		if got := answeredBy(&report.Result{Steps: steps}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestAPortalIsNamed where its answer gives it away.
func TestAPortalIsNamed(t *testing.T) {
	t.Parallel()
	for vendor, want := range map[string]string{"": "a portal or filter answers in place of the hub: ",
		"Fortinet": "a portal or filter (Fortinet) answers in place of the hub: "} {
		q := asking(t, "direct")
		rs := pathLines(t, q, "HTTPS@direct http.block-page")
		target(&rs[0], report.StageHTTP, &report.HTTPDetail{Vendor: vendor})
		for _, c := range captivePortal(&view{results: rs, q: q}) {
			if !strings.HasPrefix(c.summary, want) {
				t.Errorf("%q, want %q", c.summary, want)
			}
		}
	}
}
