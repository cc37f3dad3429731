package render

import (
	"strings"
	"testing"

	"edgenet/internal/verify/sample"
	"edgenet/report"
)

// A ticket holds what one recipient is asked for, says who is asked for the other way, and
// shows what a log can be searched for.
func TestTicket(t *testing.T) {
	t.Parallel()
	r := sample.Nothing()
	r.Advice = []report.Advice{
		{Actor: report.ActorProxy, Do: "Ask them to allow it.", ForThem: "Allow CONNECT.", Severity: "error",
			Results: []string{"r8"}, OrInstead: "k", Way: "A"},
		{Actor: report.ActorFirewall, Do: "Ask them to open it.", ForThem: "Open TCP 443.", Severity: "error",
			Results: []string{"r3"}, OrInstead: "k", Way: "B"},
	}
	r.Device = &report.Device{Host: "gw-17", Labels: map[string]string{"site": "plant-3"}}
	var b strings.Builder
	if err := SheetText(&b, Ticket(r, report.ActorFirewall), TextOptions{Width: 120, Unicode: true}); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(b.String()), " ")
	for _, want := range []string{"request to the firewall admin", "gw-17", "site=plant-3", "Open TCP 443.",
		"This page is about way B. Way A, in its place, is asked of the proxy admin: Allow CONNECT.", "203.0.113.9", "TCP 443",
		"192.0.2.7:50212", "--wait 30m"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
	for _, not := range []string{"Ask them", "****"} {
		if strings.Contains(got, not) {
			t.Errorf("%q is in\n%s", not, b.String())
		}
	}
	if n := Ticket(r, report.ActorDNS); len(n.Blocks) > 0 || !strings.Contains(n.Notes[0],
		"Nothing is asked of the DNS admin. Asked is: the proxy admin (proxy-admin) and the firewall admin") {
		t.Errorf("got %+v", n)
	}
}

// The screen points at the ticket of whoever acts first, also of whoever issues credentials.
func TestPointsAtTheFirstTicket(t *testing.T) {
	t.Parallel()
	for first, want := range map[report.Actor]string{report.ActorCredentials: "--for credentials",
		report.ActorHost: "--for firewall-admin", report.ActorProxy: "--for proxy-admin"} {
		r := sample.Nothing()
		r.Advice = []report.Advice{{Actor: first, Do: "Do this.", Severity: report.SeverityError, OrInstead: "k", Way: "A"},
			{Actor: report.ActorFirewall, Do: "Ask for it.", Severity: report.SeverityError, OrInstead: "k", Way: "B"}}
		if got := text(t, r, TextOptions{}); !strings.Contains(got, "-o ticket.md "+want+"\n") {
			t.Errorf("%s: %s", first, got[max(0, len(got)-300):])
		}
	}
}

// What asks and what explains it are told apart, and no headline is cut.
func TestWhyAndHeadlineAreWhole(t *testing.T) {
	t.Parallel()
	got := text(t, sample.Mismatch(), TextOptions{Width: 60, Unicode: true})
	for _, want := range []string{"! The device would lose contact as it is set; another\n  setting works.\n", "   Why: "} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}

// A parent gateway is no cloud service.
func TestTicketNamesTheTarget(t *testing.T) {
	t.Parallel()
	for role, want := range map[report.Endpoint]string{report.EndpointIoTHub: "its cloud service ",
		report.EndpointParent: "its parent gateway "} {
		r := sample.Nothing()
		for i := range r.Results {
			r.Results[i].Endpoint = role
		}
		if s := Ticket(r, report.ActorFirewall); !strings.Contains(s.Facts[0], want+r.Target.Hub) {
			t.Errorf("%s: %s", role, s.Facts[0])
		}
	}
}

// A ticket alone says how the device stands: whether it works and by what, or by what it would.
func TestTicketSaysTheState(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]*report.Report{
		"state: works, by AMQP 5671 without a proxy": sample.AllOK(),
		"state: does not work as it is set (Amqp); ": sample.Mismatch(),
		"state: does not work":                       sample.Nothing(),
	} {
		if got := strings.Join(Ticket(r, report.ActorNetwork).Facts, " | "); !strings.Contains(got, want) {
			t.Errorf("%q is not in %s", want, got)
		}
	}
	// a provisioning service, of which HTTPS alone is asked, has no UpstreamProtocol
	r := sample.AllOK()
	r.Verdict.UpstreamProtocol, r.Verdict.Route = nil, ""
	if got := Ticket(r, report.ActorNetwork).Facts[0]; !strings.HasSuffix(got, "; state: works") {
		t.Error(got)
	}
}

// What several paths share stands once, and a DNS admin is shown questions, not ports.
func TestTicketSaysASentenceOnce(t *testing.T) {
	t.Parallel()
	r := sample.Nothing()
	all := []string{}
	for i := range r.Results {
		if r.Results[i].Status == report.Failed {
			r.Results[i].Summary = "no answer from it"
			all = append(all, r.Results[i].ID)
		}
	}
	r.Advice = []report.Advice{{Actor: report.ActorFirewall, ForThem: "Open it.", Severity: "error", Results: all}}
	var b strings.Builder
	if err := SheetText(&b, Ticket(r, report.ActorFirewall), TextOptions{Width: 160}); err != nil {
		t.Fatal(err)
	}
	causes := map[report.Cause]bool{}
	for _, x := range r.Results {
		if x.Status == report.Failed {
			causes[x.Cause] = true
		}
	}
	if n := strings.Count(b.String(), "no answer from it"); n != len(causes) {
		t.Errorf("a sentence of %d paths with %d causes stands %d times\n%s", len(all), len(causes), n, b.String())
	}
	r.Advice[0].Actor = report.ActorDNS
	s := Ticket(r, report.ActorDNS)
	if got := s.Blocks[len(s.Blocks)-1].Columns; got[3] != "Name server" {
		t.Errorf("a DNS admin is shown %v", got)
	}
}
