package probe

import (
	"edgenet/internal/hop"
	"edgenet/internal/iothub"
	"edgenet/internal/judge"
	"edgenet/internal/proxyurl"
	"edgenet/report"
)

// Question is what the plan asks of its results: all that judging has to know, as data.
func (p Plan) Question() judge.Question {
	p = p.withDefaults()
	q := judge.Question{
		Host: p.Host, Role: p.role(), Public: iothub.PublicName(p.Host), Protocols: p.Protocols, Depth: p.Depth,
		Expect:       p.Expect,
		ExpectSource: p.ExpectSource,
		Prefer:       p.Prefer, Closed: p.ExpectClosed, NoProxy: proxyurl.Excluded(p.NoProxy, p.Host),
		Settings: p.Settings, Compared: p.Compared, Users: p.Users, OnHost: p.OnHost, Unreached: p.Unreached,
		Untested: p.Untested, Bundle: p.Bundle,
		HubRoots: iothub.HubRoots(),
	}
	for _, r := range p.Routes {
		x := judge.Route{ID: r.ID}
		if r.Proxy != nil {
			x.URL, x.Address, x.Scheme, x.Source = r.Proxy.String(), r.Proxy.Address(), r.Proxy.Scheme, r.Proxy.Source
			x.NoScheme, x.NoPort = r.Proxy.NoScheme, r.Proxy.NoPort
			x.Loopback = p.OnHost && r.Proxy.Loopback()
		}
		q.Routes = append(q.Routes, x)
	}
	return q
}

// nameVendors notes which product gives itself away in what answered in place of a hub.
func nameVendors(results []report.Result) {
	for i := range results {
		for _, st := range results[i].Steps {
			switch d := st.Detail.(type) {
			case *report.HTTPDetail:
				d.Vendor = hop.VendorOfAnswer(d.Server, d.Title, d.Location)
			case *report.WebSocketDetail:
				d.Vendor = hop.VendorOfAnswer(d.Server, d.Title, d.Location)
			case *report.TLSDetail:
				if d.Vendor == "" && d.FirstBytes != "" {
					d.Vendor = hop.VendorOfAnswer(d.FirstBytes)
				}
			}
		}
	}
}
