package endpoints

import (
	"fmt"

	"edgenet/report"
)

// Unreachable are the findings of a test: a provisioning service or a registry that is
// needed and does not answer.
func (a *Allowlist) Unreachable() []report.Finding {
	var out []report.Finding
	for _, e := range OnlyFailed(a).Endpoints {
		f := report.Finding{Severity: report.SeverityError, Actor: e.Test.Actor, Results: []string{},
			Remedy: e.opening()}
		switch e.Role {
		case report.EndpointDPS:
			f.Code = report.DPSUnreachable
			f.Summary = fmt.Sprintf("the provisioning service %s does not answer: %s", e.Address(), e.Test.Summary)
		case report.EndpointRegistry:
			f.Code = report.RegistryUnreachable
			f.Summary = fmt.Sprintf("the registry %s does not answer, so images cannot be pulled from it: %s",
				e.Address(),
				e.Test.Summary)
		case report.EndpointRegistryData:
			f.Code = report.RegistryUnreachable
			f.Summary = fmt.Sprintf("%s, which a registry sends to (%s), does not answer, so images cannot be "+
				"pulled: %s", e.Address(), e.UsedBy, e.Test.Summary)
		default:
			continue
		}
		if f.Actor == "" {
			f.Actor = report.ActorFirewall
		}
		out = append(out, f)
	}
	return out
}

// opening is what would make the endpoint answer, by what was seen.
func (e Endpoint) opening() string {
	by := e.by()
	switch cause := report.Cause(e.Test.Cause); cause {
	case report.TCPTimeout, report.TCPRefused, report.TCPUnreachable:
		return fmt.Sprintf("Allow outbound TCP %d to %s from this device%s.", e.Port, e.Host, by)
	case report.ConnectForbidden, report.ConnectRedirect, report.ConnectStatus:
		return fmt.Sprintf("Allow CONNECT to %s from this device without a page or a login in between.", e.Address())
	case report.TLSIntercepted:
		return fmt.Sprintf("Exempt %s from TLS inspection; or install the inspection's root CA in this host's store, "+
			"which the daemon and the container engine go by.", e.Host)
	case report.TLSUntrusted:
		return fmt.Sprintf("Install the CA of %s in this host's store and restart the container engine, if that "+
			"certificate is meant to be there.", e.Host)
	case report.TLSNameMismatch:
		return fmt.Sprintf("Compare the address that this network gives for %s with another network's: what answers "+
			"here is a server of another name. Where they differ, correct the name server, or exempt this device from "+
			"the portal that it leads to.", e.Host)
	case report.TLSExpired, report.TLSNotYetValid:
		return fmt.Sprintf("Check this host's clock; if it is right, whoever answers for %s has to renew its "+
			"certificate.", e.Host)
	case report.TLSReset, report.TLSTimeout:
		return fmt.Sprintf("Find the rule (server name, URL category) that cuts TLS to %s, and let it pass.",
			e.Address())
	case report.HTTPBlockPage:
		return fmt.Sprintf("Let %s pass the web filter or portal that answers in its place.", e.Address())
	case report.HTTPStatus:
		return fmt.Sprintf("Try again later; if it stays so, ask whoever runs %s.", e.Host)
	case report.DNSNXDomain, report.DNSNoAddress, report.DNSServfail, report.DNSRefused, report.DNSTimeout:
		return fmt.Sprintf("Make the name %s resolvable on this host.", e.Host)
	}
	return fmt.Sprintf("Let this device reach %s by HTTPS%s: see what is said of it.", e.Address(), by)
}

func (e Endpoint) by() string {
	if e.Via != "" {
		return ", through the proxy " + e.Via
	}
	return ""
}
