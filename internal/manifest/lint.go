package manifest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"edgenet/internal/jsonedit"
	"edgenet/internal/proxyurl"
	"edgenet/internal/secret"
	"edgenet/report"
)

// Problem is one thing that Lint finds.
type Problem struct {
	Rule     Rule            `json:"rule"`
	Severity report.Severity `json:"severity"`
	File     string          `json:"file"`
	Line     int             `json:"line"`
	Column   int             `json:"column"`
	Module   string          `json:"module,omitempty"`
	Summary  string          `json:"summary"`
	Remedy   string          `json:"remedy"`

	at int
}

type linter struct {
	m       *Manifest
	out     []Problem
	pending []int // where placeholders stand
}

// Lint judges what the manifest says of the way to the hub, and what the runtime refuses,
// by the runtime's own rules. Errors first, then by place.
func Lint(m *Manifest) []Problem {
	l := &linter{m: m, out: []Problem{}}
	l.form()
	if m.Kind == Layered {
		l.layered()
	} else {
		l.refusals()
		l.system()
	}
	for _, x := range m.all() {
		l.module(x)
		l.options(x)
		l.variables(x)
	}
	l.names()
	l.expected()
	l.duplicates(m.Doc.Root, "")
	l.placeholders()
	l.places()
	worstFirst(l.out)
	return l.out
}

// worstFirst orders problems by their severity, and those of one by their place.
func worstFirst(list []Problem) {
	order := []report.Severity{report.SeverityError, report.SeverityWarning, report.SeverityInfo}
	sort.SliceStable(list, func(i, j int) bool {
		a, b := list[i], list[j]
		return cmp.Or(slices.Index(order, a.Severity)-slices.Index(order, b.Severity), a.Line-b.Line,
			a.Column-b.Column) < 0
	})
}

// Unreadable is a file that is no manifest, as a problem: what lints a list of files must
// not leave it out.
func Unreadable(file string, err error) Problem {
	p := Problem{Rule: RuleUnreadable, Severity: report.SeverityError, File: secret.Path(file), Line: 1, Column: 1,
		Summary: secret.Within(report.Clean(err.Error(), 400)),
		Remedy:  "Correct the place, or give the file that holds the manifest."}
	var e *Error
	if errors.As(err, &e) {
		p.Line, p.Column, p.Summary = e.Line, e.Column, secret.Within(report.Clean(e.Expected, 400))
	}
	return p
}

func (l *linter) add(r Rule, s report.Severity, at int, module, summary, remedy string) {
	l.out = append(l.out, Problem{Rule: r, Severity: s, File: l.m.File, Module: secret.Show(module, 60),
		Summary: summary, Remedy: remedy, at: at})
}

// places finds the lines and columns, all at once: a manifest may well be one line of a
// mebibyte.
func (l *linter) places() {
	at := make([]int, len(l.out))
	for i, p := range l.out {
		at[i] = p.at
	}
	for i, place := range l.m.Doc.Places(at) {
		l.out[i].Line, l.out[i].Column = place.Line, place.Column
	}
}

// form says what is odd about how the manifest is written down.
func (l *linter) form() {
	m := l.m
	if at := notUTF8(m.Doc.Text); at >= 0 {
		l.add(RuleEncoding, report.SeverityWarning, at, "", "the file is not UTF-8: this byte is none of it",
			"Save it as UTF-8, or az iot edge and others will refuse it.")
	}
	if m.encoding.order != nil {
		l.add(RuleEncoding, report.SeverityInfo, 0, "", "the file is UTF-16, as Windows PowerShell writes it",
			"Save it as UTF-8 (Out-File -Encoding utf8), which every tool reads.")
	}
	if k := m.form.key; k != nil && k.Key != contentKeys[0] {
		l.add(RuleForm, report.SeverityWarning, k.KeyStart, "",
			"the key is moduleContent, its name of 2018: today's tools look for modulesContent",
			"Write modulesContent.")
	}
	if m.nested {
		l.add(RuleForm, report.SeverityWarning, m.desired.Start, "",
			`the desired properties stand under "properties" and "desired", as in a twin: a deployment has one key, "properties.desired"`, `Write "properties.desired".`)
	}
	if m.Doc.Root.Kind == jsonedit.Array {
		l.add(RuleForm, report.SeverityWarning, m.Doc.Root.Start, "",
			"the manifest is the item of a list: az and the portal take the manifest itself", "Take the brackets away.")
	}
	if m.agent == nil && m.Kind == Layered {
		l.add(RuleForm, report.SeverityWarning, m.form.content.Start, "",
			"the layered deployment has no $edgeAgent, which the documentation asks for", `Add "$edgeAgent": {}.`)
	}
	l.misspelt()
	if m.desired != nil && m.agent != nil {
		for _, x := range m.agent.Members {
			if strings.HasPrefix(x.Key, "properties.desired.") {
				l.add(RuleForm, report.SeverityWarning, x.KeyStart, "",
					"a key of a layered deployment stands beside the whole properties.desired: what becomes of it is "+
						"not documented", "Put it inside properties.desired.")
			}
		}
	}
}

// misspelt names what is almost the key of the desired properties: the hub has one spelling.
func (l *linter) misspelt() {
	const key = "properties.desired"
	if l.m.form.content == nil {
		return
	}
	for _, module := range l.m.form.content.Members {
		for _, x := range module.Value.Members {
			if len(x.Key) >= len(key) && strings.EqualFold(x.Key[:len(key)], key) && !strings.HasPrefix(x.Key, key) {
				l.add(RuleForm, report.SeverityWarning, x.KeyStart, "",
					"this is no key of desired properties: its case counts, and what stands under it was not judged",
					`Write "properties.desired" in this spelling.`)
			}
		}
	}
}

// layered manifests must not name system modules at all.
func (l *linter) layered() {
	if l.m.agent == nil {
		return
	}
	for _, x := range l.m.agent.Members {
		if strings.HasPrefix(x.Key, "properties.desired.systemModules") {
			l.add(RuleSystem, report.SeverityError, x.KeyStart, "", "a layered deployment cannot hold system modules",
				"Move them to the base deployment.")
		}
	}
}

func (l *linter) system() {
	system := l.m.desired.Fold("systemModules")
	if system == nil || system.Kind != jsonedit.Object {
		return // refusals says so
	}
	for _, x := range []struct {
		name   string
		module *Module
		reader proxyurl.Component
	}{{"edgeAgent", l.m.Agent, proxyurl.EdgeAgent}, {"edgeHub", l.m.Hub, proxyurl.EdgeHub}} {
		if x.module == nil {
			if n := system.Fold(x.name); n == nil || n.Kind == jsonedit.Null {
				l.add(RuleSystem, report.SeverityError, system.Start, x.name, "systemModules has no "+x.name,
					"Add it: a base deployment names both system modules.")
			}
			continue
		}
		if k := x.module.key; k.Key != x.name {
			l.add(RuleSystem, report.SeverityWarning, k.KeyStart, x.name,
				fmt.Sprintf("it is written %q: edgeAgent reads it in any case, other tools do not",
					secret.Show(k.Key, 40)), "Write "+x.name+".")
		}
		l.protocol(x.module)
		l.proxy(x.module, x.reader)
	}
	if l.m.Agent != nil && l.m.Hub != nil {
		l.protocols(l.m.Agent, l.m.Hub)
		l.proxies(l.m.Agent, l.m.Hub)
	}
}

// expected: edgenet's own module must hold the device to what the deployment sets.
func (l *linter) expected() {
	set, ok := l.m.Hub.Protocol()
	if !ok || l.m.Hub.pending("UpstreamProtocol") {
		return
	}
	for _, x := range l.m.own() {
		n := l.m.expected(x)
		if n == nil || isPlaceholder(n.Text) {
			continue
		}
		if p, err := report.ParseProtocol(n.Text); err != nil || p != set {
			l.add(RuleExpected, report.SeverityWarning, n.Start, x.Name,
				fmt.Sprintf("expected is %q, and the deployment sets %s", secret.Show(n.Text, 40),
					set.RuntimeName()), "Write "+set.RuntimeName()+" (edgenet manifest set keeps both in step).")
		}
	}
}

// whereOf names the object that a path leads to.
func whereOf(path string) string {
	if path == "" {
		return "the manifest"
	}
	return strings.TrimSuffix(path, ".")
}

// duplicates: of a repeated key most readers take the last, some the first.
func (l *linter) duplicates(n *jsonedit.Node, path string) {
	seen := map[string]bool{}
	for _, m := range n.Members {
		if seen[m.Key] {
			l.add(RuleDuplicate, report.SeverityWarning, m.KeyStart, "",
				fmt.Sprintf("the key %q is there twice in %s: the runtime takes the last", secret.Show(m.Key, 60),
					secret.Name(whereOf(path), 120)), "Leave one.")
		}
		seen[m.Key] = true
		l.duplicates(m.Value, path+m.Key+".")
	}
	for _, i := range n.Items {
		l.duplicates(i, path)
	}
}

// placeholders says once that the manifest is a template.
func (l *linter) placeholders() {
	l.findPlaceholders(l.m.Doc.Root)
	if len(l.pending) == 0 {
		return
	}
	what := "1 value is a placeholder"
	if n := len(l.pending); n > 1 {
		what = fmt.Sprintf("%d values are placeholders", n)
	}
	l.add(RulePlaceholder, report.SeverityInfo, slices.Min(l.pending), "",
		what+": what will stand there is not known, and is not judged", "Lint what comes out of the template.")
}

func (l *linter) findPlaceholders(n *jsonedit.Node) {
	if n.Kind == jsonedit.String && isPlaceholder(n.Text) {
		l.pending = append(l.pending, n.Start)
	}
	for _, m := range n.Members {
		l.findPlaceholders(m.Value)
	}
	for _, i := range n.Items {
		l.findPlaceholders(i)
	}
}
