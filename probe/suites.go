package probe

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"strings"

	"edgenet/internal/hop"
	"edgenet/internal/neterr"
	"edgenet/report"
)

// suites offers the peer that refused what OpenSSL has beside this program's suites.
func suites(ctx context.Context, t *trial) (report.Outcome, string) {
	reach, name := t.reach, t.Host
	if t.hop == report.HopProxy {
		p := t.Route.Proxy
		name = p.Host
		reach = func(ctx context.Context) (net.Conn, *hop.Fault) {
			return hop.Dial(ctx, t.env, t.trace, report.HopProxy, p.Host, p.Port)
		}
	}
	c, fault := reach(ctx)
	if fault != nil {
		return spokenTo(fault), told("a hello with OpenSSL's suites", spokenTo(fault), fault)
	}
	chosen, err := hop.ChosenSuite(ctx, c, name)
	switch {
	case err != nil:
		return report.Silent, "a hello with OpenSSL's suites gets no answer: " + neterr.Text(err)
	case chosen.Suite == "":
		return report.Killed, "a hello with OpenSSL's suites is refused as well"
	case chosen.Old != "":
		t.taken = hop.Taken{Old: chosen.Old}
		return report.Answered, "a hello that leaves the version open is answered with " + chosen.Old
	case hop.Offered(chosen.Suite) && chosen.Beyond() == "":
		return report.Killed, fmt.Sprintf("a hello with OpenSSL's suites is answered with %s, which was offered "+
			"before, so the suites are not the reason", chosen.Suite)
	}
	t.taken = chosen
	with := ""
	if w := cmp.Or(chosen.TooSmall(), chosen.Beyond()); w != "" {
		with = " with " + w
	}
	return report.Answered, fmt.Sprintf("a hello with OpenSSL's suites is answered: the peer takes %s%s", chosen.Suite,
		with)
}

// dotnet tells whether .NET offers a suite on Linux by default (its CipherSuitesPolicy: ECDHE
// with AES, no RSA key exchange, no SHA-1), which edgeAgent and edgeHub go by.
func dotnet(suite string) bool {
	return strings.HasPrefix(suite, "ECDHE-") && strings.Contains(suite, "AES") &&
		(strings.HasSuffix(suite, "SHA256") || strings.HasSuffix(suite, "SHA384"))
}

// onlyOld words a peer that takes nothing of what this program offers: another suite, or a suite of
// its own with a curve or key that it does not.
func onlyOld(f hop.Fault, e report.Experiment) hop.Fault {
	takes := e.Suite
	who := "OpenSSL, and so the daemon, offers it; .NET, and so edgeAgent and edgeHub, does not by default"
	if e.Beyond != "" {
		takes += " with " + e.Beyond
	}
	switch {
	case e.TooSmall != "":
		takes += " with " + e.TooSmall
		who = "neither the daemon nor edgeAgent and edgeHub get through"
	case dotnet(e.Suite):
		who = "OpenSSL and .NET offer it, so the daemon, edgeAgent and edgeHub may get through"
	}
	return hop.Fault{Cause: report.TLSCipher,
		Summary: fmt.Sprintf("%s; of all that OpenSSL offers it takes %s, which this program does not offer: %s",
			f.Summary, takes, who)}
}
