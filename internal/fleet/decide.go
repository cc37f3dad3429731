package fleet

import (
	"fmt"
	"strings"
	"time"

	"edgenet/internal/secret"
	"edgenet/report"
)

// Rule is one of the numbered rules that a plan follows.
type Rule string

// The rules of judging a device.
const (
	RuleClass  Rule = "F1"
	RuleProven Rule = "F2"
	RuleStays  Rule = "F3"
	RuleSilent Rule = "F4"
)

// Rules are what a plan asks of evidence.
type Rules struct {
	Now    time.Time
	Fresh  time.Duration     // the last check is younger
	Steady time.Duration     // the last change is older
	Prefer []report.Protocol // move what works, too, to the first of these that is proven; zero means what works stays
}

// Fate is what becomes of a device.
type Fate string

// The fates.
const (
	Stay Fate = "stay"
	Move Fate = "move"
	Hold Fate = "hold" // it would move, or nobody can tell, and evidence is missing
)

// Kind is why a device is held, in a word.
type Kind string

// The kinds.
const (
	KindNever         Kind = "never-reported"
	KindStale         Kind = "stale"
	KindUnreadable    Kind = "unreadable"
	KindClock         Kind = "clock"
	KindFlapping      Kind = "flapping"
	KindUnsteady      Kind = "unsteady"
	KindUnproven      Kind = "unproven"
	KindProxy         Kind = "proxy-unknown"
	KindContradiction Kind = "contradiction"
	KindRefused       Kind = "deployment-refused"
)

// Decision is what the rules say of a device, and why.
type Decision struct {
	Fate     Fate
	From, To Class
	Rule     Rule
	Kind     Kind // of what is held
	Reason   string
	Evidence Evidence
}

// Evidence is what a move rests on.
type Evidence struct {
	Path      string `json:"path"` // protocol@direct, or protocol@ and the proxy's name
	CheckedAt string `json:"checkedAt"`
	ChangedAt string `json:"changedAt"`
	// how the proxy is known: module (its own settings), site (the classes file)
	ProxyBy string `json:"proxyBy,omitempty"`
}

// Decide judges one device by F1 to F4. It moves a device to nothing that its own module
// has not proven.
func Decide(d *Device, c *Classes, rules Rules) Decision {
	j := &judged{d: d, c: c, rules: rules}
	if held := j.readable(); held != nil {
		return *held
	}
	j.from = j.present()
	works, told := j.works(j.from)
	if works && len(rules.Prefer) == 0 {
		return Decision{Fate: Stay, From: j.from, Rule: RuleStays, Reason: j.from.Path() + " works, and stays"}
	}
	way := j.best(works)
	if works && (way == nil || way.class == j.from) {
		return Decision{Fate: Stay, From: j.from, Rule: RuleStays, Reason: j.from.Path() + " works, and stays"}
	}
	if held := j.steady(); held != nil {
		return *held
	}
	switch {
	case way == nil && j.proxyTrouble != "":
		return j.hold(j.proxyRule, KindProxy, j.proxyTrouble)
	case way == nil:
		return j.hold(RuleProven, KindUnproven, "nothing is proven from where the module stands: "+told)
	case way.class == j.from:
		return j.hold(RuleSilent, KindContradiction,
			fmt.Sprintf("it contradicts itself: %s is proven, and said not to work",
				way.class.Path()))
	}
	return Decision{Fate: Move, From: j.from, To: way.class, Rule: RuleProven, Reason: j.from.Path() + ": " + told,
		Evidence: Evidence{way.class.Path(), d.Report.CheckedAt, d.Report.ChangedAt, way.by}}
}

// judged is a device on its way through the rules.
type judged struct {
	d     *Device
	c     *Classes
	rules Rules
	from  Class

	proxyRule    Rule
	proxyTrouble string // why the proxied ways count for nothing
}

func (j *judged) hold(r Rule, k Kind, reason string) Decision {
	return Decision{Fate: Hold, From: j.from, Rule: r, Kind: k, Reason: string(r) + " " + reason}
}

// readable holds what says nothing that can be relied on.
func (j *judged) readable() *Decision {
	r := j.d.Report
	held := func(rule Rule, kind Kind, format string, args ...any) *Decision {
		d := j.hold(rule, kind, fmt.Sprintf(format, args...))
		return &d
	}
	if r == nil {
		return held(RuleSilent, KindNever, "silent: its module never reported")
	}
	at := r.Checked()
	switch {
	case r.Odd || r.Schema != "" && r.Schema != Schema:
		return held(RuleSilent, KindUnreadable, "its report cannot be read: expected %s", Schema)
	case at.IsZero():
		return held(RuleSilent, KindUnreadable, "its report does not say when it was checked")
	case at.Sub(j.rules.Now) > ahead:
		return held(RuleProven, KindClock, "it was checked %s in the future: a clock is off",
			roughly(at.Sub(j.rules.Now)))
	case j.rules.Now.Sub(at) >= j.rules.Fresh:
		return held(RuleProven, KindStale, "silent: checked %s ago, and evidence counts for %s",
			roughly(j.rules.Now.Sub(at)),
			roughly(j.rules.Fresh))
	case r.ClockSuspect:
		return held(RuleProven, KindClock, "its clock is suspect, so that its times mean nothing")
	case j.d.Running != nil && j.d.Running.Differ:
		return held(RuleSilent, KindContradiction,
			"edgeAgent and edgeHub are given different protocols: see to that first (edgenet manifest lint)")
	}
	return nil
}

// steady holds what changed lately or changes all the time.
func (j *judged) steady() *Decision {
	r := j.d.Report
	at := r.Changed()
	var d Decision
	switch {
	case len(r.Flapping) > 0:
		d = j.hold(RuleProven, KindFlapping, "flapping: "+secret.Name(strings.Join(r.Flapping, ", "), 120))
	case at.IsZero():
		d = j.hold(RuleProven, KindUnsteady, "its report does not say since when it stands")
	case j.rules.Now.Sub(at) < j.rules.Steady:
		d = j.hold(RuleProven, KindUnsteady, fmt.Sprintf("changed %s ago, and has to stand for %s",
			roughly(j.rules.Now.Sub(at)),
			roughly(j.rules.Steady)))
	default:
		return nil
	}
	return &d
}

// present is the way that the device is set to now.
func (j *judged) present() Class {
	if run := j.d.Running; run != nil && run.Known {
		c := Class{Protocol: run.Protocol}
		if c.Protocol == "" {
			c.Protocol = report.AMQP // unset: edgeHub's default, without a fallback
		}
		if c.Protocol.WebSocket() && run.Proxy != "" {
			c.Proxy = unnamed
			if n := j.c.At(run.Proxy); n != nil {
				c.Proxy = n.Name
			}
		}
		return c
	}
	p, err := report.ParseProtocol(j.d.Report.Configured)
	if err != nil || p == report.HTTPS {
		p = report.AMQP
	}
	c := Class{Protocol: p}
	if p.WebSocket() && j.d.Report.Proxy[string(p)] != "" && (j.d.Report.Route != report.RouteDirect ||
		j.d.Report.Direct[string(p)] != LabelOK) {
		if c.Proxy = unnamed; j.named() != nil {
			c.Proxy = j.named().Name
		}
	}
	return c
}

// unnamed is the proxy that a device has and the classes file does not know.
const unnamed = "unnamed"

// works tells whether the device's own module says so of the way that it is set to.
func (j *judged) works(c Class) (bool, string) {
	r, p := j.d.Report, string(c.Protocol)
	direct, proxied := r.Direct[p], r.Proxy[p]
	said := direct
	switch known := j.d.Running != nil && j.d.Running.Known; {
	case !c.Protocol.WebSocket():
	case known && c.Proxy != "":
		said = proxied
	case known:
	case direct == LabelOK || proxied == LabelOK:
		return true, LabelOK
	case c.Proxy != "":
		said = proxied
	}
	if said == "" {
		return false, "the module has not tried it"
	}
	return said == LabelOK, secret.Name(said, 60)
}

// roughly says a duration as people do.
func roughly(d time.Duration) string {
	switch {
	case d >= 72*time.Hour:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	}
	return fmt.Sprintf("%d seconds", int(d.Seconds()))
}
