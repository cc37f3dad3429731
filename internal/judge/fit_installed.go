package judge

import (
	"fmt"

	"edgenet/report"
)

// What is installed is not to be installed: where a CA by the chain's name is in the store, the
// remedy is about what is wrong with it, or with the chain.

// bothStores are where a private CA has to be.
const bothStores = "this host's CA store, and the file of trust_bundle_cert in /etc/aziot/config.toml for the " +
	"containers"

// maker is who makes the certificates that a target shows: who runs a parent gateway or a private
// service, and for a public name the box in between.
func maker(r *report.Result) (report.Actor, string) {
	switch {
	case r.Endpoint == report.EndpointParent:
		return report.ActorParent, "whoever runs the gateway"
	case publicCloud(r.Host) && direct(r):
		return report.ActorFirewall, "whoever runs the inspection"
	case publicCloud(r.Host):
		return report.ActorProxy, "whoever runs the inspection"
	}
	return report.ActorService, "whoever runs it"
}

// fitInstalled is about a chain whose CA is known here by name; false where none is, or where the
// chain borrows a public root's name.
func fitInstalled(r *report.Result) bool {
	d := tlsDetail(r)
	if d == nil || d.Impostor != "" {
		return false
	}
	actor, who := maker(r)
	exempt := ""
	if publicCloud(r.Host) {
		exempt = fmt.Sprintf("Exempt %s from TLS inspection. Else ", r.Host)
	}
	switch {
	case d.Unfit && len(d.Chain) > 0:
		r.Actor = actor
		if r.Cause == report.TLSIntercepted {
			r.Summary += "; its CA is installed here, and no client accepts the chain: " + d.Reason
		}
		r.Remedy = exempt + fmt.Sprintf("%s has to make the certificate of %s anew: for servers (extendedKeyUsage "+
			"serverAuth), with the name as a subjectAltName, by a CA that may sign for this name and stands as far "+
			"below its root as that allows. Its CA is installed already: nothing is missing on this host.",
			capital(exempt == "", who), r.Host)
	case d.Renewed != "":
		r.Actor = report.ActorHost
		if r.Cause == report.TLSIntercepted {
			r.Actor = actor
			r.Summary += "; the CA of that name that is installed here has another key"
		}
		r.Remedy = exempt + fmt.Sprintf("%s %s whether the CA %s was renewed, and compare the fingerprint of the new "+
			"one with what they say; only then put it in the place of the old one, in %s. What only has its name is "+
			"not to be installed.", capital(exempt == "", "ask"), who, shortName(d.Renewed), bothStores)
	default:
		return false
	}
	return true
}

// capital begins a sentence where it is the first.
func capital(first bool, s string) string {
	if first {
		return string(s[0]-'a'+'A') + s[1:]
	}
	return s
}

// rootEnded tells whether it is the installed CA that is past its time.
func rootEnded(r *report.Result) bool {
	d := tlsDetail(r)
	return d != nil && d.RootEnded != nil && r.Hop == report.HopTarget
}

// fitRootEnded: another certificate of the same CA would be refused as well.
func fitRootEnded(r *report.Result) {
	if !rootEnded(r) {
		return
	}
	_, who := maker(r)
	r.Actor = report.ActorHost
	r.Remedy = fmt.Sprintf("It is the installed CA that has expired, not the certificate of %s. Check this host's "+
		"clock; if it is right, get the CA that replaces it from %s, and put it in the place of the old one, in %s.",
		r.Host, who, bothStores)
	if publicCloud(r.Host) {
		r.Remedy += fmt.Sprintf(" Better still, have %s exempted from TLS inspection.", r.Host)
	}
}

// fitHalfway: a CA from the middle of the chain was installed in place of the root.
func fitHalfway(r *report.Result) {
	d := tlsDetail(r)
	if d == nil || d.Weak == nil || !d.Weak.Halfway {
		return
	}
	_, who := maker(r)
	r.Actor = report.ActorHost
	r.Remedy = fmt.Sprintf("Install the root that stands above %s: get it from %s, and put it into %s. What is there "+
		"now may stay.", d.Weak.Certificate, who, bothStores)
}

// fitLegacy: the peer refuses nothing, and lacks what OpenSSL wants of it.
func fitLegacy(r *report.Result) {
	d := tlsDetail(r)
	if d == nil || !d.Legacy {
		return
	}
	actor, _ := maker(r)
	r.Actor = actor
	r.Remedy = fmt.Sprintf("Bring what answers for %s:%d up to date: its TLS is older than secure renegotiation "+
		"(RFC 5746, of 2010).", r.Host, r.Port)
	if publicCloud(r.Host) {
		r.Remedy = fmt.Sprintf("Exempt %s from TLS inspection: the hub itself knows secure renegotiation. Else: "+
			"", r.Host) +
			r.Remedy
	}
}
