package probe

import (
	"fmt"
	"strings"

	"edgenet/internal/hop"
	"edgenet/internal/iothub"
	"edgenet/report"
)

// tlsDetail is the evidence of the target's handshake.
func tlsDetail(r *report.Result) *report.TLSDetail { return tlsAt(r, report.HopTarget) }

// foreign tells whether a path shows a chain that is not the public one for a public
// name, whether or not this host has been taught to trust it.
func foreign(r *report.Result) bool {
	if r.Cause == report.TLSIntercepted && r.Hop == report.HopTarget {
		return true
	}
	d := tlsDetail(r)
	if d == nil || r.Status == report.Skipped || len(d.Chain) == 0 || !iothub.PublicName(r.Host) {
		return false
	}
	taught := d.Trust[hop.PoolOS].OK || d.Trust[hop.PoolBundle].OK
	return taught && !d.Trust[hop.PoolPublic].OK
}

// strangeRoot tells whether a public name's chain is publicly trusted, and neither by a root
// nor by an issuer that IoT Hub is known to have.
func strangeRoot(r *report.Result) bool {
	d := tlsDetail(r)
	if d == nil || len(d.Chain) == 0 || !iothub.PublicName(r.Host) || !d.Trust[hop.PoolPublic].OK {
		return false
	}
	by := d.Chain[0].Issuer
	return !iothub.HubRoot(d.Trust[hop.PoolPublic].Root) && !strings.Contains(by, "Microsoft Corporation") && !strings.Contains(by, "DigiCert Inc")
}

// tlsStrange: two explanations fit, and both are named.
func tlsStrange(v view) []report.Finding {
	odd := v.matching(strangeRoot)
	if len(odd) == 0 {
		return nil
	}
	d := tlsDetail(odd[0])
	return one(report.Finding{Code: report.TLSInspection, Severity: report.SeverityWarning, Actor: report.ActorUnknown, Results: ids(odd),
		Summary: fmt.Sprintf("the certificate shown for %s was issued by %s and ends in %s, which IoT Hub is not known to use: either TLS is opened on the way with a public CA, or Azure has new roots", odd[0].Host, d.Chain[0].Issuer, d.Trust[hop.PoolPublic].Root),
		Remedy:  "Compare with the chain that another network shows for the same name, and with Azure's list of certificate authorities."})
}

func tlsInspection(v view) []report.Finding {
	bad := v.matching(foreign)
	if len(bad) == 0 {
		return tlsStrange(v)
	}
	needed, directly, proxied := false, false, false
	for _, r := range bad {
		needed = needed || failed(r) && v.needed(r)
		directly, proxied = directly || direct(r), proxied || !direct(r)
	}
	actor, where := report.ActorFirewall, "on both ways, directly and through the proxy,"
	switch {
	case !proxied:
		where = "on the direct way"
	case !directly:
		actor, where = report.ActorProxy, "on the way through the proxy"
	}
	by := "an unknown CA"
	if c := leaf(bad[0]); c != nil {
		by = c.Issuer
	}
	if d := tlsDetail(bad[0]); d != nil && d.Vendor != "" {
		by += " (" + d.Vendor + ")"
	}
	remedy := fmt.Sprintf("Exempt %s from inspection. Else its root CA has to be in this host's CA store and in trust_bundle_cert of /etc/aziot/config.toml, and stay there.", bad[0].Host)
	if failed(bad[0]) {
		remedy = bad[0].Remedy
	}
	return one(report.Finding{Code: report.TLSInspection, Severity: severity(needed, report.SeverityWarning), Actor: actor, Results: ids(bad),
		Summary: fmt.Sprintf("TLS to %s is opened %s by %s; X.509 device authentication cannot work through it", bad[0].Host, where, by),
		Remedy:  remedy})
}

// caMissing compares the pools: what one component trusts and the other does not.
func caMissing(v view) []report.Finding {
	inBundle := v.matching(func(r *report.Result) bool {
		d := tlsDetail(r)
		return d != nil && len(d.Trust) > 0 && d.Trust[hop.PoolOS].OK && !d.Trust[hop.PoolPublic].OK && !d.Trust[hop.PoolBundle].OK
	})
	inOS := v.matching(func(r *report.Result) bool {
		d := tlsDetail(r)
		if d == nil {
			return false
		}
		store, has := d.Trust[hop.PoolOS]
		return has && !store.OK && (d.Trust[hop.PoolPublic].OK || d.Trust[hop.PoolBundle].OK)
	})
	var out []report.Finding
	if len(inBundle) > 0 {
		out = append(out, report.Finding{Code: report.TLSCAMissingInBundle, Severity: report.SeverityError, Actor: report.ActorHost, Results: ids(inBundle),
			Summary: fmt.Sprintf("this host trusts the chain of %s, and the containers do not: the CA %q is missing in the trust bundle", inBundle[0].Host, tlsDetail(inBundle[0]).Trust[hop.PoolOS].Root),
			Remedy:  "Add the CA to the file of trust_bundle_cert in /etc/aziot/config.toml (one file: append it to what is there) and run iotedge config apply."})
	}
	if len(inOS) > 0 {
		root := tlsDetail(inOS[0]).Trust[hop.PoolPublic].Root + tlsDetail(inOS[0]).Trust[hop.PoolBundle].Root
		out = append(out, report.Finding{Code: report.TLSCAMissingInOS, Severity: report.SeverityError, Actor: report.ActorHost, Results: ids(inOS),
			Summary: fmt.Sprintf("the containers trust the chain of %s, and this host does not: the CA %q is missing in its store", inOS[0].Host, root),
			Remedy:  "Install the CA in this host's store (ca-certificates; /usr/local/share/ca-certificates and update-ca-certificates, or the distribution's like) and restart the runtime and the container engine."})
	}
	return out
}

// captivePortal: pages in place of the hub, on otherwise healthy TCP.
func captivePortal(v view) []report.Finding {
	bad := v.matching(func(r *report.Result) bool {
		switch r.Cause {
		case report.HTTPBlockPage, report.WSBlockPage:
			return true
		case report.TLSNotTLS:
			d := tlsDetail(r)
			return r.Hop == report.HopTarget && d != nil && (strings.Contains(d.FirstBytes, "HTTP") || strings.HasPrefix(d.FirstBytes, "<"))
		}
		return false
	})
	if len(bad) == 0 {
		return nil
	}
	by := ""
	for _, r := range bad {
		if vendor := answeredBy(r); vendor != "" && by == "" {
			by = " (" + vendor + ")"
		}
	}
	return one(report.Finding{Code: report.CaptivePortal, Severity: report.SeverityError, Actor: bad[0].Actor, Results: ids(bad),
		Summary: "a portal or filter" + by + " answers in place of the hub: " + bad[0].Summary,
		Remedy:  fmt.Sprintf("Log in to the portal, have this device exempted from it, or have %s allowed in the web filter.", bad[0].Host)})
}

// answeredBy names the product that gives itself away in an answer.
func answeredBy(r *report.Result) string {
	for _, st := range r.Steps {
		switch d := st.Detail.(type) {
		case *report.HTTPDetail:
			return hop.VendorOfAnswer(d.Server, d.Title, d.Location)
		case *report.WebSocketDetail:
			return hop.VendorOfAnswer(d.Server, d.Title, d.Location)
		case *report.TLSDetail:
			if d.FirstBytes != "" {
				return hop.VendorOfAnswer(d.FirstBytes)
			}
		}
	}
	return ""
}

// clockSkewed: warning from 60 s, error from the hub's tolerance.
func clockSkewed(v view) []report.Finding {
	skew, ok := clockSkew(v.results)
	if !ok || skew.Abs() < clockNoise {
		return nil
	}
	with := v.matching(func(r *report.Result) bool {
		for _, st := range r.Steps {
			switch d := st.Detail.(type) {
			case *report.HTTPDetail:
				if d.SkewMs != nil {
					return true
				}
			case *report.TLSDetail:
				if d.SkewMs != nil {
					return true
				}
			case *report.ConnectDetail:
				if d.Date != nil {
					return true
				}
			}
		}
		return false
	})
	return one(report.Finding{Code: report.ClockSkew, Severity: severity(skew.Abs() >= clockTolerance, report.SeverityWarning), Actor: report.ActorHost, Results: ids(with),
		Summary: skewWords(skew) + "; the hub refuses tokens from 300 s on",
		Remedy:  clockRemedy})
}
