package manifest

import (
	"fmt"
	"strings"

	"edgenet/internal/edgeagent"
	"edgenet/internal/secret"
	"edgenet/report"
)

// variables judges a module's names of variables: two spellings that contradict each
// other, and those that were meant for the runtime and are read by nobody.
func (l *linter) variables(x *Module) {
	seen := map[string]Var{}
	for _, v := range x.Vars {
		if v.FromOptions {
			continue
		}
		key := strings.ToLower(v.Name)
		if o, ok := seen[key]; ok && o.Name != v.Name && o.Value != v.Value && l.folds(x) {
			l.add(RuleContradicts, report.SeverityError, v.at, x.Name,
				fmt.Sprintf("%s and %s are one variable to the runtime, with two values: which one counts is not "+
					"defined",
					secret.Show(o.Name, 60), secret.Show(v.Name, 60)), "Leave one.")
		}
		seen[key] = v
	}
	if x != l.m.Agent && x != l.m.Hub {
		return
	}
	for _, v := range x.Vars {
		if want := misspelt(v.Name); want != "" && len(x.Find(want)) == 0 {
			l.add(RuleUnread, report.SeverityWarning, v.at, x.Name,
				fmt.Sprintf("nobody reads %s", secret.Show(v.Name, 60)), "Write "+want+".")
		}
	}
	if p := x.Find("http_proxy"); len(p) > 0 && p[0].Value != "" && len(x.Find(edgeagent.VarProxy)) == 0 {
		l.add(RuleUnread, report.SeverityWarning, p[0].at, x.Name,
			p[0].Name+" alone is no proxy on the way to the hub: "+x.Name+" reads https_proxy",
			"Set https_proxy as well: edgenet manifest set FILE --proxy URL.")
	}
}

// folds tells whether a module's variables are one in every case: those of edgeAgent and
// edgeHub are, which go through .NET's configuration; what another module does with them
// is its own affair.
func (l *linter) folds(x *Module) bool { return x == l.m.Agent || x == l.m.Hub }

// separators are what people put between words, and .NET between levels.
var separators = strings.NewReplacer("_", "", "-", "", ".", "", " ", "", ":", "")

// misspelt names the variable of the runtime that a name was meant for, empty where it is
// none or is right.
func misspelt(name string) string {
	bare := separators.Replace(strings.ToLower(name))
	for _, want := range []string{edgeagent.VarProtocol, edgeagent.VarProxy} {
		if strings.EqualFold(name, want) {
			return ""
		}
		if w := strings.ReplaceAll(strings.ToLower(want), "_", ""); bare == w || len(bare) > 7 && near(bare, w) {
			if strings.EqualFold(name, "http_proxy") {
				return ""
			}
			return want
		}
	}
	if bare == "proxy" || bare == "proxyurl" || bare == "httpsproxyurl" {
		return edgeagent.VarProxy
	}
	return ""
}

// near tells whether two names differ in one character: another, one more, one less, or two
// that changed places.
func near(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || a == b {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) < len(b) {
		return a[i:] == b[i+1:]
	}
	return a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
