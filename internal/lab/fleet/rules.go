package fleet

import (
	"slices"
	"strconv"
	"strings"

	"edgenet/internal/sorting"
)

// ruleset is which configurations target a device, and what follows. Devices that the
// same ones target share one.
type ruleset struct {
	targeted []*configuration
	applied  []*configuration // the base and its layers; the rest is only targeted
	content  *manifest        // nil without a base
}

// rulesFor finds the rules of a device.
func (f *Fleet) rulesFor(n int) *ruleset {
	var all []*configuration
	r := deviceRow{f, n}
	for _, c := range f.configurations {
		if c.forEdge && c.target.targets(r) {
			all = append(all, c)
		}
	}
	return f.rulesOf(all)
}

// rulesOf finds what some configurations mean together. Equal priorities: the newest.
func (f *Fleet) rulesOf(all []*configuration) *ruleset {
	if len(all) == 0 {
		return nil
	}
	var key strings.Builder
	for _, c := range all {
		key.WriteString(strconv.Itoa(c.order))
		key.WriteByte('@')
		key.WriteString(strconv.Itoa(int(c.priority)))
		key.WriteByte(' ')
	}
	if known := f.rulesets[key.String()]; known != nil {
		return known
	}
	rs := &ruleset{targeted: all}
	rank := slices.Clone(all)
	sorting.By(rank, func(a, b *configuration) int {
		if a.priority != b.priority {
			return int(b.priority) - int(a.priority)
		}
		return b.order - a.order
	})
	var base *configuration
	for _, c := range rank {
		if !c.layer {
			base = c
			break
		}
	}
	if base != nil {
		rs.content = base.content
		rs.applied = []*configuration{base}
		f.stack(rs, rank, base)
	}
	f.rulesets[key.String()] = rs
	return rs
}

// stack puts the layers of a higher priority than the base's onto it, the lowest first.
func (f *Fleet) stack(rs *ruleset, rank []*configuration, base *configuration) {
	modules, _ := base.raw.Get("modulesContent").(object)
	for _, c := range slices.Backward(rank) {
		if c.layer && c.priority > base.priority {
			layer, _ := c.raw.Get("modulesContent").(object)
			modules = overlay(modules, layer)
			rs.applied = append(rs.applied, c)
		}
	}
	if len(rs.applied) > 1 {
		if m, err := f.manifest(modules); err == nil {
			rs.content = m
		}
	}
}

// retarget looks anew at which configurations target a device. The hub takes a moment
// before the device's twin says so.
func (f *Fleet) retarget(n int, at int32) {
	d := &f.devices[n]
	rs := f.rulesFor(n)
	if rs == d.rules {
		return
	}
	d.rules = rs
	if rs != nil {
		f.decided(n, rs.content, at)
	}
	d.shownAt = at + f.delay(n, 5, 60)
	d.plan()
}

// retargetAll does so for all devices, after a configuration changed.
func (f *Fleet) retargetAll(at int32) {
	f.rulesets = make(map[string]*ruleset)
	for n := range f.devices {
		if d := &f.devices[n]; d.due <= at {
			f.settle(n, at)
		}
		f.retarget(n, at)
	}
}
