package fleet

import (
	"fmt"
	"strings"
	"unicode"

	"edgenet/internal/lab/hub"
	"edgenet/internal/lab/twinsql"
)

// Documented limits of twins.
const (
	maxTags    = 8 << 10
	maxString  = 4 << 10
	maxKeyName = 1 << 10
	maxLevels  = 10
)

func notFound(id string) *hub.StatusError {
	return &hub.StatusError{Status: 404, Code: "DeviceNotFound", Message: id + " is not registered"}
}

func outdated(what string) *hub.StatusError {
	return &hub.StatusError{Status: 412, Code: "PreconditionFailed",
		Message: "Precondition failed: " + what +
			" version did not match. Please check whether the ETag is up to date."}
}

// matches holds If-Match against an ETag. Without one, or with * in quotes or without,
// everything goes.
func matches(ifMatch, etag string) bool {
	bare := strings.Trim(strings.TrimPrefix(strings.TrimSpace(ifMatch), "W/"), `"`)
	return bare == "" || bare == "*" || bare == etag
}

// changeTwin is what PATCH (merge) and PUT (replace) do to a twin.
func (f *Fleet) changeTwin(n int, module string, body object, ifMatch string, replace bool) error {
	if !matches(ifMatch, etagOf(f.version(n, module))) {
		return outdated("Twin")
	}
	tags, hasTags := body.Get("tags").(object)
	desired, hasDesired := twinsql.At(body, []string{"properties", "desired"}).(object)
	e := f.devices[n].extra.clone()
	s := e.section(module)
	s.bumps++
	if hasTags {
		was := f.moduleTags(n, module)
		if module == "" {
			was = f.tagsOf(n)
		}
		now, err := revise(was, tags, replace, maxTags)
		if err != nil {
			return err
		}
		if s.tags = now; module == "" {
			e.tags = now
		}
	}
	if hasDesired {
		was, _ := f.desiredOf(n, module)
		now, err := revise(was, without(desired), replace, maxDesired)
		if err != nil {
			return err
		}
		s.desired = now
	}
	f.write(n, module, e, hasDesired)
	return nil
}

// without leaves out what the hub writes itself.
func without(o object) object { return o.Without("$metadata").Without("$version") }

// write puts a changed extra in place, and lets follow what follows.
func (f *Fleet) write(n int, module string, e *extra, desired bool) {
	at := f.now()
	f.keep(n, at)
	d := &f.devices[n]
	d.extra = e
	switch {
	case module == "":
		f.retarget(n, at)
	case module == "$edgeAgent" && desired:
		if m, err := f.manifest(object{member("$edgeAgent",
			object{member("properties.desired", e.of(module).desired)})}); err == nil {
			f.decided(n, m, at)
			f.wants(n, m, at)
		}
	case module == "edgenet" && desired && d.is(running) && d.is(hubUp):
		f.readSettings(n)
		d.set(asked, true)
		d.checkAt = min(d.checkAt, at+f.delay(n, 2, 15))
	}
	d.plan()
}

// revise merges a patch into a section or puts it in its place, and holds the limit.
func revise(was, patch object, replace bool, limit int) (object, error) {
	if err := validate(patch, 1); err != nil {
		return nil, err
	}
	if replace {
		was = nil
	}
	now := merge(was, patch)
	if size := sizeOf(now); size > limit {
		return nil, badRequest("ArgumentInvalid", fmt.Sprintf("%d bytes, at most %d are allowed", size, limit))
	}
	return now, nil
}

// merge is a merge patch: null deletes, objects merge, the rest is replaced.
func merge(was, patch object) object {
	out := append(object{}, was...)
	for _, m := range patch {
		switch v := m.Value.(type) {
		case nil:
			out = out.Without(m.Name)
		case object:
			below, _ := out.Get(m.Name).(object)
			out = out.Set(m.Name, merge(below, v))
		default:
			out = out.Set(m.Name, v)
		}
	}
	return out
}

func validate(o object, depth int) error {
	if depth > maxLevels {
		return badRequest("ArgumentInvalid", fmt.Sprintf("deeper than %d levels", maxLevels))
	}
	for _, m := range o {
		if m.Name == "" || len(m.Name) > maxKeyName || strings.ContainsAny(m.Name, ".$ ") ||
			strings.ContainsFunc(m.Name, unicode.IsControl) {
			return badRequest("ArgumentInvalid", fmt.Sprintf(
				"a key that is empty, longer than %d bytes, or holds a control character, space or one of . $",
				maxKeyName))
		}
		switch v := m.Value.(type) {
		case object:
			if err := validate(v, depth+1); err != nil {
				return err
			}
		case string:
			if len(v) > maxString {
				return badRequest("ArgumentInvalid", fmt.Sprintf("a string longer than %d bytes", maxString))
			}
		}
	}
	return nil
}

// sizeOf counts as the documentation does: keys and strings by their bytes, numbers 8,
// truth values 4.
func sizeOf(v any) int {
	n := 0
	switch v := v.(type) {
	case object:
		for _, m := range v {
			n += len(m.Name) + sizeOf(m.Value)
		}
	case []any:
		for _, item := range v {
			n += sizeOf(item)
		}
	case string:
		n = len(v)
	case float64:
		n = 8
	case bool:
		n = 4
	}
	return n
}

// applyContent gives one device a manifest of its own. An automatic deployment that
// targets it writes over that at its next change.
func (f *Fleet) applyContent(n int, content object) error {
	modules, ok := content.Get("modulesContent").(object)
	if !ok {
		return badRequest("ArgumentInvalid", "expected an object with modulesContent")
	}
	m, err := f.manifest(modules)
	if err != nil {
		return badRequest("ArgumentInvalid", err.Error())
	}
	at := f.now()
	f.keep(n, at)
	f.devices[n].set(byHand, true)
	f.decided(n, m, at)
	f.wants(n, m, at)
	f.devices[n].plan()
	return nil
}
