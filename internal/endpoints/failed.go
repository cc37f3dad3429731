package endpoints

import (
	"slices"
	"strings"

	"edgenet/internal/proxyurl"
	"edgenet/report"
)

// Failed lists what has to be opened according to a report: where the way of the
// expected protocol, else every way, is closed, and HTTPS where it is. An empty list
// means that nothing has to.
func Failed(r *report.Report) *Allowlist {
	a := &Allowlist{Schema: Schema, Hub: r.Target.Hub, Endpoints: []Endpoint{}}
	a.Protocol = string(r.Verdict.Expected)
	proxies := map[string]string{}
	for _, route := range r.Routes {
		if route.URL != "" {
			proxies[route.ID] = route.URL
			a.Proxy = route.URL
		}
	}
	for _, res := range r.Results {
		if res.Status != report.Failed || res.Reached() || res.RuntimeUsable != nil && !*res.RuntimeUsable {
			continue
		}
		need, ok := needOf(r, res, len(proxies) > 0)
		if !ok {
			continue
		}
		e := Endpoint{Host: res.Host, Port: res.Port, Protocol: string(res.Protocol), Role: res.Endpoint, Need: need,
			UsedBy: user(res), Via: proxies[res.Route], Test: ofResult(res)}
		if res.Protocol.WebSocket() {
			e.Protocol = "WebSocket"
		}
		if need == OneOf {
			e.Group = "upstream"
		}
		if res.Hop == report.HopProxy && res.Stage != report.StageConnect { // the proxy itself is not reached
			e = itself(e)
		}
		a.add(e)
	}
	if len(a.Endpoints) == 0 {
		a.Notes = append(a.Notes, "Nothing has to be opened: "+report.Clean(r.Verdict.Reason, 400))
	}
	return a
}

// needOf tells whether a failed path has to be opened: whether the report says that it is
// needed, and the site means it to be gone. Where there is a proxy, the WebSocket protocols
// and HTTPS go through it, and their direct ways stay closed.
func needOf(r *report.Report, res report.Result, proxied bool) (Need, bool) {
	switch {
	case res.Needed == nil || !*res.Needed:
		return "", false
	case proxied && res.Protocol.Proxied() && res.Route == report.RouteDirect:
		return "", false
	case res.Protocol == report.HTTPS:
		return Required, true
	case r.Verdict.Expected != "":
		return Required, res.Protocol == r.Verdict.Expected
	}
	return OneOf, true
}

func user(res report.Result) string {
	if res.Protocol == report.HTTPS {
		return "the daemon"
	}
	return "edgeAgent, edgeHub with " + res.Protocol.RuntimeName()
}

// OnlyFailed keeps the endpoints whose test failed and that are needed: of a group only
// where none of it works.
func OnlyFailed(a *Allowlist) *Allowlist {
	out := *a
	out.Endpoints = []Endpoint{}
	for _, e := range a.Endpoints {
		if e.Test == nil || e.Test.Status != report.Failed || e.Need == Optional {
			continue
		}
		other := slices.ContainsFunc(a.Endpoints, func(o Endpoint) bool {
			return e.Group != "" && o.Group == e.Group && o.Test != nil && o.Test.Status == report.OK
		})
		if !other {
			out.Endpoints = append(out.Endpoints, e)
		}
	}
	out.Notes = nil
	if len(out.Endpoints) == 0 {
		out.Notes = []string{"Nothing has to be opened: what is needed and could be tested answers."}
	}
	return &out
}

// Untested lists what is needed and could not be tested by its name: patterns of which no test has
// shown a host, and hosts whose name is not known.
func (a *Allowlist) Untested() []string {
	var out []string
	for _, e := range a.Endpoints {
		if !e.Pattern && !e.Unknown || e.Need == Optional {
			continue
		}
		if !slices.ContainsFunc(a.Endpoints, func(o Endpoint) bool {
			return (o.Host == e.Host || e.Group != "" && o.Group == e.Group) && a.shown(o)
		}) {
			out = append(out, e.Host+" ("+e.UsedBy+")")
		}
	}
	return out
}

// shown tells whether a host of a pattern was tested.
func (a *Allowlist) shown(e Endpoint) bool {
	before, after, pattern := strings.Cut(e.Host, "*")
	return pattern && slices.ContainsFunc(a.Endpoints, func(o Endpoint) bool {
		return !o.Pattern && o.Test != nil && o.Test.Status != report.Skipped && strings.HasPrefix(o.Host, before) &&
			strings.HasSuffix(o.Host, after)
	})
}

// Broken tells whether something needed does not answer.
func (a *Allowlist) Broken() bool { return len(OnlyFailed(a).Endpoints) > 0 }

// itself turns the line of a way through a proxy into that of the proxy.
func itself(e Endpoint) Endpoint {
	p, err := proxyurl.Parse(e.Via, "")
	if err != nil {
		return e
	}
	return Endpoint{Host: p.Host, Port: p.Port, Protocol: "CONNECT", Role: report.EndpointCustom, Need: Required,
		UsedBy: "everything that goes through the proxy", Test: e.Test}
}
