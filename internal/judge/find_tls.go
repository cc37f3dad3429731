package judge

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"edgenet/report"
)

// tlsDetail is the evidence of the target's handshake.
func tlsDetail(r *report.Result) *report.TLSDetail { return tlsAt(r, report.HopTarget) }

// foreign tells whether a path shows a chain that is not the public one for a public
// name, whether or not this host has been taught to trust it.
func (v *view) foreign(r *report.Result) bool {
	if r.Cause == report.TLSIntercepted && r.Hop == report.HopTarget {
		return !v.misled(r)
	}
	d := tlsDetail(r)
	if d == nil || r.Status == report.Skipped || len(d.Chain) == 0 || !v.q.Public {
		return false
	}
	if inspectorsFault(r) {
		return true
	}
	public := d.Trust[report.PoolPublic]
	if offTime(r) { // a chain that is good but for its time names its root
		return public.Root == "" && d.Trust[report.PoolOS].Root+d.Trust[report.PoolBundle].Root != ""
	}
	return (d.Trust[report.PoolOS].OK || d.Trust[report.PoolBundle].OK) && !public.OK
}

// strangeRoot tells whether a public name's chain is publicly trusted, and neither by a root
// nor by an issuer that IoT Hub is known to have.
func (v *view) strangeRoot(r *report.Result) bool {
	d := tlsDetail(r)
	if d == nil || len(d.Chain) == 0 || !v.q.Public || !d.Trust[report.PoolPublic].OK {
		return false
	}
	by := d.Chain[0].Issuer
	return !v.hubRoot(d.Trust[report.PoolPublic].Root) && !strings.Contains(by, "Microsoft Corporation") &&
		!strings.Contains(by, "DigiCert Inc")
}

// hubRoot tells whether a root's subject is one that IoT Hub is known to use.
func (v *view) hubRoot(subject string) bool {
	return slices.ContainsFunc(v.q.HubRoots, func(name string) bool {
		return subject == "CN="+name || strings.HasPrefix(subject, "CN="+name+",")
	})
}

// tlsStrange: two explanations fit, and both are named.
func tlsStrange(v *view) []conclusion {
	odd := v.matching(v.strangeRoot)
	if len(odd) == 0 {
		return nil
	}
	d := tlsDetail(odd[0])
	return one(conclusion{actor: report.ActorUnknown, results: odd,
		summary: fmt.Sprintf("the certificate shown for %s was issued by %s and ends in %s, which IoT Hub is not "+
			"known to use: either TLS is decrypted on the way with a public CA, or Azure has new roots", odd[0].Host,
			shortName(d.Chain[0].Issuer), shortName(d.Trust[report.PoolPublic].Root)),
		remedy: "Compare with the chain that another network shows for the same name, and with Azure's list of " +
			"certificate authorities."})
}

// tlsInspection tells each box by itself: two that stand on different ways show two CAs.
func tlsInspection(v *view) []conclusion {
	bad := v.matching(v.foreign)
	if len(bad) == 0 {
		return tlsStrange(v)
	}
	var out []conclusion
	for _, box := range boxes(bad) {
		out = append(out, v.inspectedBy(box)...)
	}
	return out
}

// boxes parts paths by whose certificate they show; one that shows none belongs to those
// of its route.
func boxes(bad []*report.Result) [][]*report.Result {
	issuer := func(r *report.Result) string {
		if c := leaf(r); c != nil {
			return c.Issuer
		}
		return ""
	}
	var out [][]*report.Result
	for _, r := range bad {
		i := slices.IndexFunc(out, func(box []*report.Result) bool {
			return issuer(box[0]) == issuer(r) || issuer(r) == "" && box[0].Route == r.Route
		})
		if i < 0 {
			i, out = len(out), append(out, nil)
		}
		out[i] = append(out[i], r)
	}
	return out
}

// inspectedBy is about the paths on which one box shows its certificate.
func (v *view) inspectedBy(bad []*report.Result) []conclusion {
	actor, where := whoInspects(bad)
	bad = slices.DeleteFunc(bad, func(r *report.Result) bool { return failed(r) && !byBox(r) })
	if len(bad) == 0 {
		return nil
	}
	needed := slices.ContainsFunc(bad, func(r *report.Result) bool { return v.wanted(r) && !offTime(r) })
	by := "an unknown CA"
	if c := leaf(bad[0]); c != nil {
		by = shortName(c.Issuer)
	}
	if d := tlsDetail(bad[0]); d != nil && d.Vendor != "" {
		by += " (" + d.Vendor + ")"
	}
	remedy := fmt.Sprintf("Exempt %s from inspection: it works as long as the inspection's root CA stays in this "+
		"host's CA store and in trust_bundle_cert of /etc/aziot/config.toml.", bad[0].Host)
	lead := v.leading(bad)
	if lead != nil {
		remedy = lead.Remedy
	}
	c := conclusion{facts: report.Facts{Needed: needed}, actor: actor, results: bad, remedy: remedy,
		summary: fmt.Sprintf("TLS to %s is decrypted %s by %s; X.509 device authentication cannot work through it",
			bad[0].Host, where, by)}
	if i := slices.IndexFunc(bad, inspectorsFault); i >= 0 {
		c.summary += "; " + tlsDetail(bad[i]).Reason
	}
	if i := slices.IndexFunc(bad, halfSent); i >= 0 {
		c.summary += "; it does not send the certificate of " + missingCA(bad[i]) + ", which is no known root, along"
	}
	if i := slices.IndexFunc(bad, v.untimely); i >= 0 {
		c.summary += ". Besides, " + untimelyWords(bad[i])
	}
	if i := slices.IndexFunc(bad, func(r *report.Result) bool { return weakness(r) != nil }); i >= 0 {
		w := weakness(bad[i])
		c.summary += fmt.Sprintf(". Paths fail for the certificate that it makes, not for a missing CA: %s, and %s",
			w.What, whoRefuses(w))
		c.remedy = fmt.Sprintf("Exempt %s from inspection. Else the inspection (%s) has to make certificates that all "+
			"clients accept: RSA of 2048 bits or P-256, signed with SHA-256, with the name as a subjectAltName.",
			bad[0].Host, by)
	} else if lead != nil && lead.Stage != report.StageTLS {
		c.summary += ". Behind its certificate paths fail: " + lead.Summary
	}
	return one(c)
}

// weakness is why a path failed whose certificate clients judge differently; nil for any other: nothing
// but that failure has it.
func weakness(r *report.Result) *report.Weakness {
	if d := tlsDetail(r); d != nil {
		return d.Weak
	}
	return nil
}

func whoRefuses(w *report.Weakness) string {
	switch {
	case w.OpenSSL:
		return "this program and newer ones refuse it, while OpenSSL, which the daemon and the containers use, does not"
	case w.Here:
		return "OpenSSL, which the daemon and the containers use, refuses it"
	}
	return "no client accepts it"
}

// caMissingInBundle: the host trusts a chain that the containers do not.
func caMissingInBundle(v *view) []conclusion {
	in := v.matching(func(r *report.Result) bool {
		d := tlsDetail(r)
		return d != nil && d.Trust[report.PoolOS].OK && !d.Trust[report.PoolPublic].OK &&
			!d.Trust[report.PoolBundle].OK
	})
	if len(in) == 0 {
		return nil
	}
	return one(conclusion{facts: v.matter(in), results: in,
		summary: fmt.Sprintf("this host trusts the chain of %s, and the containers do not: the CA %q is missing in "+
			"the trust bundle", in[0].Host, shortName(tlsDetail(in[0]).Trust[report.PoolOS].Root)),
		remedy: fmt.Sprintf("Add the CA to %s, beside what is there, and run iotedge config apply.",
			v.q.Bundle.into())})
}

// caMissingInOS: the containers trust a chain that the host does not.
func caMissingInOS(v *view) []conclusion {
	in := v.matching(func(r *report.Result) bool {
		d := tlsDetail(r)
		if d == nil {
			return false
		}
		store, has := d.Trust[report.PoolOS]
		return has && !store.OK && !v.halfway() && (d.Trust[report.PoolPublic].OK || d.Trust[report.PoolBundle].OK)
	})
	if len(in) == 0 {
		return nil
	}
	trust := tlsDetail(in[0]).Trust
	root := cmp.Or(trust[report.PoolPublic].Root, trust[report.PoolBundle].Root)
	return one(conclusion{facts: v.matter(in), results: in,
		summary: fmt.Sprintf("the containers trust the chain of %s, and this host does not: the CA %q is missing "+
			"in its store", in[0].Host, shortName(root)),
		remedy: "Install the CA in this host's store (ca-certificates; /usr/local/share/ca-certificates and " +
			"update-ca-certificates, or the distribution's like) and restart the runtime and the container engine."})
}

// halfway tells whether what a store has of a target's chain is no root: to install that in another store
// as well repairs nothing.
func (v *view) halfway() bool {
	return slices.ContainsFunc(v.results, func(r report.Result) bool {
		w := weakness(&r)
		return w != nil && w.Halfway
	})
}

// captivePortal: pages in place of the hub, on otherwise healthy TCP.
func captivePortal(v *view) []conclusion {
	bad := v.matching(func(r *report.Result) bool {
		switch r.Cause {
		case report.HTTPBlockPage, report.WSBlockPage:
			return !v.foreign(r) || !byBox(r)
		case report.TLSNotTLS:
			d := tlsDetail(r)
			return r.Hop == report.HopTarget && d != nil && (strings.Contains(d.FirstBytes, "HTTP") ||
				strings.HasPrefix(d.FirstBytes, "<"))
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
	return one(conclusion{facts: v.matter(bad), actor: bad[0].Actor, results: bad,
		summary: "a portal or filter" + by + " answers in place of the hub: " + bad[0].Summary,
		remedy:  fmt.Sprintf("Exempt this device from the portal, or allow %s in the web filter.", bad[0].Host)})
}

// answeredBy names the product that gives itself away in an answer.
func answeredBy(r *report.Result) string {
	for _, st := range r.Steps {
		vendor := ""
		switch d := st.Detail.(type) {
		case *report.HTTPDetail:
			vendor = d.Vendor
		case *report.WebSocketDetail:
			vendor = d.Vendor
		case *report.TLSDetail:
			if d.FirstBytes != "" {
				vendor = d.Vendor
			}
		}
		if vendor != "" {
			return vendor
		}
	}
	return ""
}
