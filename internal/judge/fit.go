package judge

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"edgenet/report"
)

// fit words a failure's remedy for what the target is: a hub, a parent gateway, an address, a
// name of mDNS, a provisioning service. It comes before everything that knows more of this
// very failure, and changes nothing where the cause's own remedy fits.
func fit(r *report.Result) {
	if r.Hop != report.HopTarget {
		return
	}
	switch r.Cause {
	case report.TLSNameMismatch:
		fitName(r)
	case report.TLSUntrusted, report.TLSIntercepted:
		if !fitInstalled(r) {
			fitTrust(r)
			fitAlone(r)
			fitInspector(r)
		}
	case report.TLSWeak:
		fitHalfway(r)
	case report.TLSAlert:
		fitLegacy(r)
	case report.TLSExpired:
		fitRootEnded(r)
	case report.DNSNXDomain, report.DNSNoAddress:
		fitLookup(r)
	case report.TCPRefused, report.TCPTimeout:
		fitSilent(r)
	}
}

// isAddress tells whether the target was given by its address.
func isAddress(host string) bool {
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil
}

// fitName: a certificate for another name. Of a hub's own name DNS is doubted; an address can
// only be in a certificate as one; a parent shows the name that it is configured with.
func fitName(r *report.Result) {
	var names []string
	if d := tlsDetail(r); d != nil {
		names = d.Names
	}
	hub := slices.IndexFunc(names, func(n string) bool { return strings.Contains(n, ".azure-devices.") })
	switch {
	case isAddress(r.Host) && slices.Contains(names, r.Host):
		r.Actor = report.ActorParent
		r.Summary += "; it has the address as if it were a name, which no client takes for the address"
		r.Remedy = fmt.Sprintf("Give the gateway's certificate %s as an IP address (subjectAltName IP, not DNS); "+
			"or set its hostname to a name that resolves on this device, and parent_hostname here to the same.", r.Host)
	case isAddress(r.Host) && hub >= 0:
		r.Actor = report.ActorHost
		r.Remedy = fmt.Sprintf("What answers at %s is an IoT Hub, and no hub's certificate holds an address: set the "+
			"hub's own name on this device (its certificate is for %s), and let DNS, a private DNS zone or the hosts "+
			"file lead that name to %s.", r.Host, names[hub], r.Host)
	case isAddress(r.Host):
		r.Actor = report.ActorHost
		r.Remedy = fmt.Sprintf("Use a name of the certificate (%s) on this device in place of the address %s, and "+
			"let DNS or the hosts file lead it there; or have whoever runs %s give its certificate the address.",
			strings.Join(names, ", "), r.Host, r.Host)
	case r.Endpoint == report.EndpointParent && slices.Contains(names, answeredAs(r)):
		r.Actor = report.ActorHost
		r.Remedy = fmt.Sprintf("Set parent_hostname on this device to %s: that is the name that %s was answered as, "+
			"by a search domain, and the parent's certificate is for it.", answeredAs(r), r.Host)
	case r.Endpoint == report.EndpointParent:
		r.Actor = report.ActorParent
		r.Remedy = fmt.Sprintf("The certificate of a parent gateway is for its own hostname: set hostname in the "+
			"parent's config.toml to %s and apply it; or set parent_hostname on this device to the name that the "+
			"parent has (%s), if it resolves here. Else %s leads to another machine: check its address.", r.Host,
			strings.Join(names, ", "), r.Host)
	case r.Endpoint == report.EndpointDPS:
		r.Remedy = fmt.Sprintf("Check where %s resolves to, and that global_endpoint in /etc/aziot/config.toml is the "+
			"provisioning service's public name.", r.Host)
	}
}

// answeredAs is the whole name by which a search domain had the target answered; empty where none did.
func answeredAs(r *report.Result) string {
	if d := nameStep(r); d != nil {
		return strings.TrimSuffix(d.Answered, ".")
	}
	return ""
}

// fitTrust: what is not to be trusted is not to be installed.
func fitTrust(r *report.Result) {
	d := tlsDetail(r)
	switch {
	case d == nil:
	case d.Impostor != "":
		r.Actor = report.ActorFirewall
		r.Remedy = fmt.Sprintf("Do not install this certificate or its CA: it only claims to be signed by %s. Find "+
			"out who answers for %s on the way (a firewall or proxy that inspects TLS, or an attack), and exempt "+
			"%s from it.",
			shortName(d.Impostor), r.Host, r.Host)
	case parentsCA(r):
		r.Remedy = parentRemedy(r, nil)
	case r.Cause == report.TLSUntrusted && publicCloud(r.Host) && len(d.Chain) > 0 && !somewhere(d):
		r.Actor = report.ActorUnknown
		r.Remedy = fmt.Sprintf("Install nothing yet: %s has a public certificate, and this chain leads to no "+
			"public root, so it is either sent without its intermediates or not the service's. Compare its issuer "+
			"and fingerprint with what another network shows for the same name; where this host's own store is at "+
			"fault, update its ca-certificates.", r.Host)
	}
}

// parentsCA tells whether a parent gateway's CA is trusted nowhere here, and is to be.
func parentsCA(r *report.Result) bool {
	d := tlsDetail(r)
	return failed(r) && d != nil && r.Cause == report.TLSUntrusted && r.Endpoint == report.EndpointParent &&
		!isAddress(r.Host) && !somewhere(d) && !d.Unfit && d.Renewed == "" && d.Impostor == ""
}

func parentRemedy(r *report.Result, b *Bundle) string {
	return fmt.Sprintf("Get the root CA of the gateway %s from whoever runs it; add it to %s, for the containers, "+
		"and to this host's store for the daemon, or try it first with --ca-file.", r.Host, b.into())
}

// fitBundle words what is asked of a trust bundle for the one that is set.
func fitBundle(results []report.Result, b *Bundle) {
	for i := range results {
		if r := &results[i]; b != nil && parentsCA(r) {
			r.Remedy = parentRemedy(r, b)
			fitAlone(r)
		}
	}
}

// fitAlone: a certificate that a CA issued came without any of its CAs. Which CA is missing is not
// known then, and one from the middle of a chain is of no use in a store.
func fitAlone(r *report.Result) {
	d := tlsDetail(r)
	if d == nil || r.Cause != report.TLSUntrusted || len(d.Chain) != 1 || d.Chain[0].Issuer == d.Chain[0].Subject ||
		publicCloud(r.Host) || somewhere(d) {
		return
	}
	r.Remedy += fmt.Sprintf(" It is the root that has to be installed: if %s, which issued the certificate, stands "+
		"below another CA, %s has to send it along, as OpenSSL and .NET do not end at an intermediate CA.",
		shortName(d.Chain[0].Issuer), r.Host)
}

// somewhere tells whether any store here trusts the chain: then it is known what to do.
func somewhere(d *report.TLSDetail) bool {
	for _, t := range d.Trust {
		if t.OK {
			return true
		}
	}
	return false
}

// publicCloud tells whether a name is Azure's own, for which public roots stand.
func publicCloud(host string) bool {
	host = strings.ToLower(host)
	for _, suffix := range []string{"net", "us", "cn"} {
		if strings.HasSuffix(host, ".azure-devices."+suffix) ||
			strings.HasSuffix(host, ".azure-devices-provisioning."+suffix) {
			return true
		}
	}
	return false
}

// fitLookup: a parent's name is the site's own affair, and names of mDNS are no DNS server's.
func fitLookup(r *report.Result) {
	switch {
	case strings.HasSuffix(strings.ToLower(r.Host), ".local"):
		r.Actor = report.ActorHost
		r.Remedy = fmt.Sprintf("Names in .local are told by multicast DNS on the link, which DNS servers and "+
			"containers do not take part in: write %s with its address into this host's hosts file, or give it a "+
			"name in the site's DNS. Containers need it too.", r.Host)
	case r.Endpoint == report.EndpointParent:
		r.Remedy = fmt.Sprintf("Put %s into the site's DNS, if it is the hostname in the parent gateway's config.toml.",
			r.Host)
	}
}

// fitSilent: a parent may be off, which a hub never is.
func fitSilent(r *report.Result) {
	if r.Endpoint != report.EndpointParent {
		return
	}
	if r.Cause == report.TCPRefused {
		r.Actor = report.ActorParent
		r.Remedy = fmt.Sprintf("See whether edgeHub runs on the gateway %s, and publishes port %d to its host; else a "+
			"firewall on the gateway refuses it.", r.Host, r.Port)
		return
	}
	r.Remedy = fmt.Sprintf("See whether the gateway %s is on and this is its address. If it is, allow TCP %d to it "+
		"from this device, in the gateway's own firewall and on the way.", r.Host, r.Port)
}

// impostor: a chain that names a public root and is not signed by it.
func impostor(v *view) []conclusion {
	bad := v.matching(func(r *report.Result) bool {
		d := tlsDetail(r)
		return failed(r) && d != nil && d.Impostor != ""
	})
	if len(bad) == 0 {
		return nil
	}
	return one(conclusion{facts: v.matter(bad), actor: bad[0].Actor, results: bad, remedy: bad[0].Remedy,
		summary: fmt.Sprintf("the chain shown for %s names %s, and that root has not signed it: a box in between "+
			"forged it", bad[0].Host, shortName(tlsDetail(bad[0]).Impostor))})
}
