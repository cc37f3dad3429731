package fleet

import (
	"fmt"
	"slices"

	"edgenet/internal/secret"
	"edgenet/report"
)

// way is a class that is proven, and how its proxy is known.
type way struct {
	class Class
	by    string
}

// best gives the proven way that comes first, nil where there is none: by the preference
// where one was asked for, else the module's own recommendation, else the classes' order.
// Where the present way works, what comes behind it is not better.
func (j *judged) best(works bool) *way {
	ways := j.proven()
	order := j.c.Order()
	if len(j.rules.Prefer) > 0 {
		order = completed(j.rules.Prefer)
	} else if i := slices.IndexFunc(ways, j.recommended); i >= 0 {
		return &ways[i]
	}
	if len(ways) == 0 {
		return nil
	}
	rank := func(w way) int { return slices.Index(order, w.class.Protocol) }
	// of equals the first, which is proxied
	best := slices.MinFunc(ways, func(a, b way) int { return rank(a) - rank(b) })
	if works && rank(best) >= slices.Index(order, j.from.Protocol) {
		return nil
	}
	return &best
}

// recommended tells whether a way is the one that the module itself recommends.
func (j *judged) recommended(w way) bool {
	r := j.d.Report
	return string(w.class.Protocol) == r.Recommended && (w.class.Proxy == "") == (r.Route == report.RouteDirect)
}

// proven lists what the module says ok of, by a proxy first where there is one (R10).
func (j *judged) proven() []way {
	r := j.d.Report
	var out []way
	for _, p := range report.UpstreamProtocols() {
		if p.WebSocket() && r.Proxy[string(p)] == LabelOK && passes(r.Proxy) {
			if n, by := j.whose(); n != nil {
				out = append(out, way{Class{p, n.Name}, by})
			}
		}
		if r.Direct[string(p)] == LabelOK && passes(r.Direct) {
			out = append(out, way{Class{p, ""}, ""})
		}
	}
	return out
}

// passes tells whether HTTPS is not known to fail on a route: the daemon needs it whatever
// the protocol (R1).
func passes(route map[string]string) bool {
	label := route[string(report.HTTPS)]
	return label == "" || label == LabelOK
}

// whose finds which proxy the module tried, since its twin names none: by its own settings,
// else by what the classes file says of its site.
func (j *judged) whose() (*NamedProxy, string) {
	at := j.c.OfSite(j.d.Site)
	tried := ""
	switch r := j.d.Report; {
	case r.ProxySource == "twin" && len(j.d.Proxies) == 1:
		tried = j.d.Proxies[0]
	case r.ProxySource == "twin" && len(j.d.Proxies) > 1:
		j.trouble(RuleProven, "its module tries several proxies, and does not say which one works: leave one in its "+
			"desired property proxies")
		return nil, ""
	case r.ProxySource != "twin" && j.d.Running != nil:
		tried = j.d.Running.Module
	}
	if tried == "" {
		if at == nil {
			j.trouble(RuleClass, fmt.Sprintf("nothing says which proxy it tried: name the proxy of its site %q in the "+
				"classes file", secret.Name(orNone(j.d.Site), 60)))
			return nil, ""
		}
		return at, "site"
	}
	n := j.c.At(tried)
	switch {
	case n == nil:
		j.trouble(RuleClass, "the proxy that its module tried has no name: add it to the classes file")
		return nil, ""
	case at != nil && at.Name != n.Name:
		j.trouble(RuleSilent, fmt.Sprintf("its module tried the proxy %s, and the classes file says that its "+
			"site has %s",
			n.Name, at.Name))
		return nil, ""
	}
	return n, "module"
}

func (j *judged) trouble(rule Rule, text string) { j.proxyRule, j.proxyTrouble = rule, text }

// named is whose proxy it is, without a complaint.
func (j *judged) named() *NamedProxy {
	rule, text := j.proxyRule, j.proxyTrouble
	n, _ := j.whose()
	j.proxyRule, j.proxyTrouble = rule, text
	return n
}
