package fleet

import "maps"

// extra is what the service wrote to a device's twins beyond what the fleet makes up. It
// is never changed, but replaced: the query's index may still hold the older one.
type extra struct {
	tags     object // of the device; nil while they are the site's
	sections map[string]*section
	jobs     int
}

// section is one twin: the device's own under "", a module's under its name.
type section struct {
	tags    object
	desired object // in place of what it would be; nil without
	bumps   uint32 // writes, which are part of the ETag
}

func (e *extra) of(module string) *section {
	if e == nil {
		return nil
	}
	return e.sections[module]
}

// clone is a copy to change.
func (e *extra) clone() *extra {
	out := &extra{sections: map[string]*section{}}
	if e != nil {
		out.tags, out.jobs = e.tags, e.jobs
		maps.Copy(out.sections, e.sections)
	}
	return out
}

// section is a module's, copied so that it can be changed.
func (e *extra) section(module string) *section {
	s := &section{}
	if old := e.sections[module]; old != nil {
		*s = *old
	}
	e.sections[module] = s
	return s
}
