package fleet

import "strconv"

var regions = []string{"north", "south", "east", "west"}

// tagsOf are the device twin's tags.
func (f *Fleet) tagsOf(n int) object {
	d := &f.devices[n]
	if d.extra != nil && d.extra.tags != nil {
		return d.extra.tags
	}
	kind := &kindsOfSite[f.sites[d.site].kind]
	o := object{member("site", siteName(d.site)), member("region", regions[d.site%uint32(len(regions))])}
	if kind.proxy != 0 {
		o = append(o, member("proxy", string(rune('a'+kind.proxy-1))))
	}
	if d.is(managed) {
		o = append(o, member("managed", "base"))
	}
	return o
}

func siteName(s uint32) string {
	digits := strconv.Itoa(int(s))
	return "site-" + "00000"[:max(0, 5-len(digits))] + digits
}

// moduleTags are a module twin's tags: none until somebody writes some.
func (f *Fleet) moduleTags(n int, module string) object {
	if s := f.devices[n].extra.of(module); s != nil && s.tags != nil {
		return s.tags
	}
	return object{}
}

// baseDesired are edgenet's desired properties as this fleet sets them: the proxy of the
// site.
func (f *Fleet) baseDesired(d *device) object {
	if p := kindsOfSite[f.sites[d.site].kind].proxy; p != 0 {
		return object{member("proxies", []any{proxyURL(p)})}
	}
	return object{}
}

// desiredOfModule are edgenet's desired properties as they are.
func (f *Fleet) desiredOfModule(n int) object {
	d := &f.devices[n]
	if s := d.extra.of("edgenet"); s != nil && s.desired != nil {
		return s.desired
	}
	return f.baseDesired(d)
}
