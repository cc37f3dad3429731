package judge

import (
	"fmt"

	"edgenet/report"
)

// A box in between makes certificates of its own for a public name: what is wrong with them is its
// admin's to mend, and neither the service's nor, where its CA is installed, this host's.

// inspectorsClock tells whether a path fails for the time of a certificate under a CA that is not public, shown
// for a public name: the service has no such certificate.
func inspectorsClock(r *report.Result) bool {
	d := tlsDetail(r)
	if !failed(r) || r.Hop != report.HopTarget || d == nil || len(d.Chain) == 0 || rootEnded(r) ||
		r.Cause != report.TLSExpired && r.Cause != report.TLSNotYetValid {
		return false
	}
	public, asked := d.Trust[report.PoolPublic]
	return asked && public.Root == "" && publicCloud(r.Host)
}

// inspectorsFault tells whether a server's clock showed that it is the box's certificate that is at fault, and not
// this host's clock.
func inspectorsFault(r *report.Result) bool {
	actor, _ := maker(r)
	return inspectorsClock(r) && r.Actor == actor
}

// inspectorsTime gives such a failure to whoever runs the box; false where it is none.
func inspectorsTime(r *report.Result) bool {
	if !inspectorsClock(r) {
		return false
	}
	r.Actor, _ = maker(r)
	r.Summary += "; no public CA stands above it, so it is not the service's own: TLS is decrypted on the way"
	r.Remedy = fmt.Sprintf("Exempt %s from TLS inspection. Else have the inspection renew its own: %s. If that is its "+
		"CA, the new one has to be in %s.", r.Host, tlsDetail(r).Reason, bothStores)
	return true
}

// halfSent tells whether an inspection leaves out a certificate of its chain: nothing here leads on from what it
// sent, though a CA of the same organization is installed.
func halfSent(r *report.Result) bool {
	d := tlsDetail(r)
	return failed(r) && r.Cause == report.TLSIntercepted && d != nil && d.Sibling != "" && !somewhere(d)
}

// missingCA is who issued the last certificate that came.
func missingCA(r *report.Result) string {
	chain := tlsDetail(r).Chain
	return shortName(chain[len(chain)-1].Issuer)
}

// fitInspector: another root does not help where the way to the one that is there is not shown.
func fitInspector(r *report.Result) {
	if !halfSent(r) {
		return
	}
	r.Remedy = fmt.Sprintf("%s If that is impossible, have the inspection send the certificate of %s along with its "+
		"own, without which no client gets to the root. %s, of the same organization, is installed here already: "+
		"another one is needed only if %s does not stand below it.", r.Remedy, missingCA(r),
		shortName(tlsDetail(r).Sibling), missingCA(r))
}
