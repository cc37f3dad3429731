package fleet

import (
	"fmt"
	"strings"

	"edgenet/internal/lazyregexp"

	"edgenet/internal/proxyurl"
	"edgenet/internal/secret"
	"edgenet/report"
)

// Class is a way out that a deployment can set: a protocol, directly or by a proxy that
// has a name (F1).
type Class struct {
	Protocol report.Protocol
	Proxy    string // the proxy's name; empty means directly
}

// Name is the class as tags have it.
func (c Class) Name() string {
	n := strings.ToLower(string(c.Protocol))
	if n != "" && c.Proxy != "" {
		n += "-" + c.Proxy
	}
	return n
}

// Path is the class as evidence: the protocol and by what.
func (c Class) Path() string {
	if c.Proxy == "" {
		return string(c.Protocol) + "@" + report.RouteDirect
	}
	return string(c.Protocol) + "@" + c.Proxy
}

// NamedProxy is a proxy of the classes file.
type NamedProxy struct {
	Name  string
	Proxy *proxyurl.Proxy
	Sites []string // values of the site's tag
}

// Classes is what the operator says of the fleet's sites and proxies.
type Classes struct {
	Tag      string            // the tag of device twins that says the site; zero means site
	Prefer   []report.Protocol // of several proven ways; zero means the runtime's own order
	Priority int               // of deployments; zero means just above what rules the devices now
	Proxies  []NamedProxy
}

// SiteTag is the tag that says a device's site.
func (c *Classes) SiteTag() string {
	if c.Tag == "" {
		return "site"
	}
	return c.Tag
}

// Order is the order of preference, complete.
func (c *Classes) Order() []report.Protocol { return completed(c.Prefer) }

func completed(prefer []report.Protocol) []report.Protocol {
	out := append([]report.Protocol(nil), prefer...)
	for _, p := range report.DefaultPreference() {
		if !contains(out, p) {
			out = append(out, p)
		}
	}
	return out
}

func contains(list []report.Protocol, p report.Protocol) bool {
	for _, x := range list {
		if x == p {
			return true
		}
	}
	return false
}

// Named finds a proxy by its name.
func (c *Classes) Named(name string) *NamedProxy {
	for i := range c.Proxies {
		if c.Proxies[i].Name == name {
			return &c.Proxies[i]
		}
	}
	return nil
}

// OfSite finds the proxy that a site has.
func (c *Classes) OfSite(site string) *NamedProxy {
	if site == "" {
		return nil
	}
	for i, p := range c.Proxies {
		for _, s := range p.Sites {
			if s == site {
				return &c.Proxies[i]
			}
		}
	}
	return nil
}

// At finds the proxy that listens where a URL says, whatever the credentials.
func (c *Classes) At(url string) *NamedProxy {
	p, err := proxyurl.Assume(url, "")
	if err != nil {
		return nil
	}
	for i, n := range c.Proxies {
		if strings.EqualFold(n.Proxy.Address(), p.Address()) {
			return &c.Proxies[i]
		}
	}
	return nil
}

var proxyName = lazyregexp.New(`^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`)

// Check says what is wrong with the classes; nil where nothing is.
func (c *Classes) Check() error {
	names, sites, places := map[string]bool{}, map[string]string{}, map[string]string{}
	for _, p := range c.Proxies {
		shown := secret.Name(p.Name, 60)
		switch {
		case !proxyName().MatchString(p.Name):
			return fmt.Errorf("the proxy's name %q: expected lower-case letters, digits and dashes, at most 32", shown)
		case names[p.Name]:
			return fmt.Errorf("the proxy %s is there twice", shown)
		case p.Proxy == nil:
			return fmt.Errorf("the proxy %s has no url: expected http://host:port", shown)
		}
		names[p.Name] = true
		for _, t := range proxyurl.EdgeAgent.Trouble(p.Proxy.URL()) {
			if t.Severity == report.SeverityError {
				return fmt.Errorf("the proxy %s (%s): %s. %s", shown, p.Proxy, t.Text, t.Remedy)
			}
		}
		if o := places[strings.ToLower(p.Proxy.Address())]; o != "" {
			return fmt.Errorf("the proxies %s and %s are at the same address %s: give it one name", o, shown,
				p.Proxy.Address())
		}
		places[strings.ToLower(p.Proxy.Address())] = p.Name
		for _, s := range p.Sites {
			if o := sites[s]; o != "" {
				return fmt.Errorf("the site %q has two proxies, %s and %s: give it one", secret.Name(s, 60), o, shown)
			}
			sites[s] = p.Name
		}
	}
	return nil
}
