package judge

import (
	"slices"
	"strings"

	"edgenet/report"
)

// User is a program of the device that goes by settings of its own.
type User struct {
	Name      string
	Place     string            // where the setting stands that leads it, or is missing
	Proxy     string            // as it may be shown; empty: none
	Route     string            // of its HTTPS and WebSocket; empty: no route of this run
	Protocols []report.Protocol // in the order in which it tries them; empty: it pulls images alone
	Loss      string            // why it cannot use its setting at all; empty: it can
	Set       string            // how and where its proxy is set
}

// contained tells whether it runs in a container, as all do that go by an UpstreamProtocol.
func (u *User) contained() bool {
	return len(u.Protocols) > 0 && !slices.Contains(u.Protocols, report.HTTPS)
}

// fate is what became of the way that a program's own settings lead it.
type fate struct {
	*User
	Protocols []report.Protocol // that it would use
	works     *bool             // nil: not tried, or not to be told
	tried     []*report.Result
}

// fates tells of each program whether it gets out by its own settings.
func (c *chooser) fates() []*fate {
	var out []*fate
	for _, u := range c.q.Users {
		if !c.q.provisions() || slices.Contains(u.Protocols, report.HTTPS) { // the daemon alone talks to that service
			out = append(out, c.fate(u))
		}
	}
	return out
}

func (c *chooser) fate(u *User) *fate {
	f := &fate{User: u, Protocols: u.Protocols}
	if c.q.ExpectSource == "flag" && u.contained() {
		f.Protocols = []report.Protocol{c.q.Expect} // what it would do then is the question
	}
	if u.Loss != "" {
		f.works = say(false)
		return f
	}
	if len(u.Protocols) == 0 {
		return c.pulls(f)
	}
	open := false
	for _, p := range f.Protocols {
		route := u.Route
		if !p.Proxied() {
			route = report.RouteDirect
		}
		switch r := c.at(p, route); {
		case r == nil, r.Status == report.Skipped, r.Cause == report.PathSlow, r.Cause == report.HostLimit,
			ok(r) && r.RuntimeUsable == nil && p != report.HTTPS:
			open = true
		case ok(r) && !known(r.RuntimeUsable, false), p == report.HTTPS && r.Reached():
			f.works, f.tried = say(true), []*report.Result{r}
			return f
		default:
			f.tried = append(f.tried, r)
		}
	}
	if !open {
		f.works = say(false)
	}
	return f
}

// pulls is the container engine's fate: the paths to the hub say of its registries only that a
// proxy which cannot be reached, or does not take its login, leads to none of them.
func (c *chooser) pulls(f *fate) *fate {
	login := []report.Cause{report.ConnectAuthRequired, report.ConnectAuthRejected, report.ConnectAuthUnsupported,
		report.ConnectNotHTTP}
	r := c.at(report.HTTPS, f.Route)
	if r != nil && f.Route != report.RouteDirect && failed(r) && r.Hop == report.HopProxy &&
		(r.Stage != report.StageConnect || slices.Contains(login, r.Cause)) {
		f.works, f.tried = say(false), []*report.Result{r}
	}
	return f
}

func (c *chooser) at(p report.Protocol, route string) *report.Result {
	i := slices.IndexFunc(c.results, func(r *report.Result) bool { return r.Protocol == p && r.Route == route })
	if i < 0 {
		return nil
	}
	return c.results[i]
}

// components are the fates as a report has them.
func (c *chooser) components() []report.Component {
	var out []report.Component
	for _, f := range c.fates() {
		x := report.Component{Name: f.Name, Setting: f.Place, Proxy: f.Proxy, Route: f.Route, Works: f.works}
		x.Results = ids(f.tried)
		out = append(out, x)
	}
	return out
}

// stranded are the programs that their own settings lead nowhere although another way works.
// What the mismatch of protocols says already is left out.
func (c *chooser) stranded(v report.Verdict) []*fate {
	if v.UpstreamProtocol == nil && !c.onlyHTTPS() || v.HTTPSOK != nil && !*v.HTTPSOK {
		return nil
	}
	var out []*fate
	for _, f := range c.fates() {
		told := known(v.Consistent, false) && f.contained() && slices.Contains(f.Protocols, c.q.Expect)
		if known(f.works, false) && !told {
			out = append(out, f)
		}
	}
	return out
}

// band are programs that fail alike and are mended alike.
type band []*fate

// bands puts those together that share a proxy, or have none, and need the same.
func bands(fates []*fate, v report.Verdict) []band {
	var out []band
	for _, f := range fates {
		i := slices.IndexFunc(out, func(b band) bool {
			o := b[0]
			return o.Proxy == f.Proxy && o.Loss == f.Loss && o.contained() == f.contained() &&
				o.resets(v) == f.resets(v) || o.Proxy == f.Proxy && o.Loss+f.Loss == "" &&
				!o.resets(v) && !f.resets(v) && v.Route == v.HTTPSRoute
		})
		if i < 0 {
			out = append(out, band{f})
		} else {
			out[i] = append(out[i], f)
		}
	}
	return out
}

// resets tells whether the program needs another UpstreamProtocol than its own to get out.
func (f *fate) resets(v report.Verdict) bool {
	return f.contained() && v.UpstreamProtocol != nil && !slices.Contains(f.Protocols, *v.UpstreamProtocol)
}

func (b band) each(what func(*fate) string) []string {
	var out []string
	for _, f := range b {
		if x := what(f); x != "" && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

func (b band) names() []string { return b.each(func(f *fate) string { return f.Name }) }

func (b band) results() []*report.Result {
	var out []*report.Result
	for _, f := range b {
		out = append(out, f.tried...)
	}
	return out
}

// words say how they fare.
func (b band) words() string {
	first := b[0]
	what := " cannot reach the hub as set: "
	switch pulls := func(f *fate) bool { return len(f.Protocols) == 0 }; {
	case !slices.ContainsFunc(b, pulls):
	case len(b) == 1:
		what = " cannot pull images as set: "
	default:
		what = " get nowhere as set: "
	}
	places := " (" + strings.Join(b.each(func(f *fate) string { return f.Place }), ", ") + ")"
	s := listed(b.names()) + what
	tried := b.results()
	switch {
	case first.Loss != "":
		return s + first.Loss + places
	case first.Proxy == "" || !slices.ContainsFunc(tried, func(r *report.Result) bool { return !direct(r) }):
		if first.Proxy == "" {
			s += "no proxy" + places + ", and "
		} else {
			s += "the proxy is not for its protocol" + places + ", and "
		}
		return s + protocolsOf(tried) + " directly fails (" + labelsOf(tried) + ")"
	case !slices.ContainsFunc(tried, failed):
		return s + "the proxy " + first.Proxy + places + " is on this host's loopback, which containers do not reach"
	}
	return s + "by the proxy " + first.Proxy + places + " " + protocolsOf(tried) + " fails (" + labelsOf(tried) + ")"
}

// labelsOf are the causes with the hops of failures.
func labelsOf(rs []*report.Result) string {
	var out []string
	for _, r := range rs {
		if x := r.Cause.Label(r.Hop); failed(r) && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return strings.Join(out, ", ")
}

func listed(names []string) string {
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

// strandedWords are the verdict's sentences about them, and about those whose way was not tried.
func (c *chooser) strandedWords(v report.Verdict) []string {
	var out []string
	for _, b := range bands(c.stranded(v), v) {
		out = append(out, b.words()+".")
	}
	var untried []string
	for _, f := range c.fates() {
		if f.works == nil && f.Route == "" && len(f.Protocols) > 0 {
			untried = append(untried, f.Name+" ("+f.way()+")")
		}
	}
	if len(untried) > 0 {
		out = append(out, "Not tried is the way that this device's own settings lead "+listed(untried)+".")
	}
	return out
}

// way is where the program's setting leads it.
func (f *fate) way() string {
	if f.Proxy == "" {
		return "directly"
	}
	return f.Proxy
}
