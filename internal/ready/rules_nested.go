package ready

import (
	"net/netip"

	"edgenet/internal/hostname"
	"edgenet/report"
)

func nestedRules() []Rule {
	return []Rule{{
		ID: "nested", Group: GroupDevice,
		Severity: "error where the parent cannot be found, warning where it is not trusted",
		Actor:    report.ActorHost,
		Looks:    "parent_hostname, its address, and the trust bundle",
		Holds:    "a nested device's parent is named by a host name that leads somewhere, and a trust bundle is set",
		Remedy: "Set parent_hostname to the parent's hostname, as its edgeHub certificate has it, and let this " +
			"device look it up (DNS, or /etc/hosts).",
		Replaces: []string{"parent_hostname", "container-resolve-parent-hostname"},
		Source:   "nested edge tutorial; parent_hostname.rs of Azure/iotedge",
		judge:    nested,
	}}
}

// mostName is how long a name may be that goes into a certificate.
const mostName = 64

func nested(f *Facts) []Row {
	p := f.Config.ParentHostname
	if rows := unseen(p, "parent_hostname"); rows != nil {
		return rows
	}
	if p.Value == "" {
		return []Row{{Status: Skipped, Source: p.Source, Summary: "the device has no parent"}}
	}
	rows := append(parentName(f), parentTrust(f)...)
	return tidy(rows)
}

// parentName judges the parent's name, and whether it leads somewhere.
func parentName(f *Facts) []Row {
	p, r := f.Config.ParentHostname, f.Host.Parent
	name := report.Clean(p.Value, 80)
	_, err := netip.ParseAddr(p.Value)
	address := err == nil
	_, invalid := hostname.Valid(p.Value)
	switch {
	case len(p.Value) > mostName:
		return one(Error, p.Source, "parent_hostname has %d characters: a certificate's common name takes %d",
			len(p.Value), mostName)
	case !address && invalid != nil:
		return one(Error, p.Source, "parent_hostname is no host name: %s", report.Clean(invalid.Error(), 160))
	case address:
		return one(OK, p.Source, "the device reaches the cloud by its parent, the address %s", name)
	case r.Looked() && !r.Known() && !r.Left:
		return []Row{{Status: Unknown, Source: r.Source, Needs: r.Needs,
			Summary: "whether the parent " + name + " has an address was not seen"}}
	case !r.Known():
		return one(Info, p.Source, "the device reaches the cloud by its parent %s", name)
	case len(r.Value) == 0:
		return one(Error, r.Source, "the parent %s has no address here: nothing of this device reaches the cloud", name)
	}
	return one(OK, r.Source, "the device reaches the cloud by its parent %s, which has an address", name)
}

// parentTrust: the parent shows a certificate of its own, which the system modules trust by
// the trust bundle alone.
func parentTrust(f *Facts) []Row {
	if f.Config.Old || !f.Config.Present || f.Certs.TrustBundle.Looked() {
		return nil
	}
	r := one(Warning, f.Config.ParentHostname.Source,
		"the device has a parent and no trust bundle: its modules trust the parent only if a public authority "+
			"signed for it")
	r[0].Remedy = "Set trust_bundle_cert in /etc/aziot/config.toml to a file with the parent's root certificate, " +
		"then iotedge config apply."
	return r
}
