package judge

import (
	"slices"
	"sort"

	"edgenet/report"
)

// Bounds of the search for the smallest change: so many steps at once, of so many.
const (
	mostAtOnce  = 3
	mostWeighed = 12
)

// alternatives is the key of entries of which one way is enough.
const alternatives = "verdict"

// inOrder puts first what makes the verdict good with the fewest steps, as Choose says
// when their causes are gone. Other steps that do the same are alternatives to it.
func (a *adviser) inOrder() []report.Advice {
	out := []report.Advice{}
	if a.verdict.ExitCode != 0 && a.verdict.ExitCode != 130 {
		ways := a.ways()
		for n, way := range ways {
			a.narrow(way)
			for _, i := range way {
				s := &a.steps[i].Advice
				if s.Way = string(rune('A' + n)); len(ways) > 1 {
					s.OrInstead = alternatives
				}
			}
		}
		for _, way := range ways {
			for _, i := range way {
				out = a.put(out, i)
			}
		}
		for i := range a.steps { // where no few steps are known to suffice
			if len(ways) == 0 && len(out) == 0 && a.spokenOf(&a.steps[i]) {
				out = a.put(out, i)
			}
		}
	}
	for i := range a.steps {
		out = a.put(out, i)
	}
	return out
}

// put adds a step that is not there yet, and behind it what somebody else can do in its place,
// unless that is a way of its own.
func (a *adviser) put(out []report.Advice, i int) []report.Advice {
	s := &a.steps[i]
	if s.told {
		return out
	}
	s.told, out = true, append(out, s.Advice)
	if i++; i < len(a.steps) && a.steps[i].other && a.steps[i].Way == "" {
		o := &a.steps[i].Advice
		o.Way, o.OrInstead, o.Do = s.Way, s.OrInstead, "Or instead: "+o.Do
		out, a.steps[i].told = append(out, *o), true
	}
	return out
}

// ways are the smallest sets of steps each of which makes the verdict good, no step in
// two of them; the best first.
func (a *adviser) ways() [][]int {
	var pool []int
	for i := range a.steps {
		s := &a.steps[i]
		if (len(s.opens)+len(s.bars)+len(s.mends)+len(s.frees) > 0 || s.sets != "") && len(pool) < mostWeighed {
			pool = append(pool, i)
		}
	}
	sort.SliceStable(pool, func(i, j int) bool { return a.preference(pool[i]) < a.preference(pool[j]) })
	for size := 1; size <= mostAtOnce; size++ {
		var found [][]int
		used := map[int]bool{}
		subsets(pool, size, func(set []int) {
			if !slices.ContainsFunc(set, func(i int) bool { return used[i] }) && a.good(set) {
				found = append(found, slices.Clone(set))
				for _, i := range set {
					used[i] = true
				}
			}
		})
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// narrow leaves out of a way the ports that the verdict can do without, so that nobody is
// asked to open what nothing needs.
func (a *adviser) narrow(way []int) {
	for _, i := range way {
		whole := a.steps[i]
		if whole.of == nil || len(whole.of.ports) < 2 || frontOf(whole.of.first).ttl > 0 ||
			!whole.of.first.Cause.PerPort(whole.of.first.Hop) {
			continue
		}
		ports := make([]int, len(whole.of.ports))
		for n := range ports {
			ports[n] = n
		}
		for size := 1; size < len(ports); size++ {
			done := false
			subsets(ports, size, func(set []int) {
				if done {
					return
				}
				var some []string
				for _, n := range set {
					some = append(some, whole.of.ports[n])
				}
				least := a.ofFailure(a.onPorts(whole.of, some), whole.Severity)
				least.Findings = whole.Findings
				a.steps[i] = least
				if done = a.good(way); !done {
					a.steps[i] = whole
				}
			})
			if done {
				break
			}
		}
	}
}

// preference ranks steps of equal effect: a setting on the device is the smallest change,
// then comes what the verdict speaks of.
func (a *adviser) preference(i int) int {
	s := &a.steps[i]
	switch {
	case s.other:
		return 3 + a.preference(i-1)
	case s.sets != "", len(s.bars)+len(s.mends)+len(s.frees) > 0,
		s.code == report.ProxyRuntimeLimits, s.code == report.ProxyScheme:
		return 0
	case a.spokenOf(s):
		return 1
	}
	return 2
}

// spokenOf tells whether the verdict's reason speaks of what a step repairs.
func (a *adviser) spokenOf(s *step) bool {
	b := a.verdict.Because
	return b != nil && slices.Contains(s.opens, b.Result) && (b.Finding == "" || slices.Contains(s.Findings, b.Finding))
}

// good tells whether the verdict would be good with the causes of these steps gone.
func (a *adviser) good(set []int) bool {
	q, results := a.q, slices.Clone(a.results)
	if q.ExpectSource == "default" && a.verdict.UpstreamProtocol == nil {
		q.Expect = "" // nobody set it: what opens can be set
	}
	for _, i := range set {
		q.Users = slices.DeleteFunc(slices.Clone(q.Users), func(u *User) bool {
			return slices.Contains(a.steps[i].mends, u.Name) || a.steps[i].sets != "" && u.contained()
		})
		if a.steps[i].sets != "" {
			q.Expect = a.steps[i].sets
		}
		for n := range results {
			if r := &results[n]; failed(r) && slices.Contains(a.steps[i].opens, r.ID) && !a.barred(r.ID, set) {
				if plainProxy(r) { // http:// is what the runtime can use
					r.RuntimeUsable = say(r.Protocol.Proxied())
				}
				r.Status, r.Cause = report.OK, ""
			} else if ok(r) && slices.Contains(a.steps[i].opens, r.ID) {
				r.RuntimeUsable = say(r.Protocol.Proxied())
			}
			if slices.Contains(a.steps[i].frees, results[n].ID) {
				results[n].RuntimeUsable = say(true)
			}
		}
	}
	return Choose(results, q, false).ExitCode == 0
}

// barred tells whether a path needs a step that is not in a set.
func (a *adviser) barred(id string, set []int) bool {
	for i := range a.steps {
		if slices.Contains(a.steps[i].bars, id) && !slices.Contains(set, i) {
			return true
		}
	}
	return false
}

// subsets calls do for every set of that size, in the order of the pool.
func subsets(pool []int, size int, do func([]int)) {
	set := make([]int, 0, size)
	var grow func(from int)
	grow = func(from int) {
		if len(set) == size {
			do(set)
			return
		}
		for i := from; i < len(pool); i++ {
			set = append(set, pool[i])
			grow(i + 1)
			set = set[:len(set)-1]
		}
	}
	grow(0)
}
