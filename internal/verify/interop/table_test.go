//go:build interop && unix

package interop

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"

	"edgenet/internal/verify/blackbox"
	"edgenet/report"
)

// seen is one line of the table: what a server produced.
type seen struct{ what, by, how string }

var table struct {
	mu   sync.Mutex
	rows []seen
}

func note(by, how string, w blackbox.Want) {
	what := string(w.Protocol) + " works"
	if w.Cause != "" {
		hop := w.Hop
		if hop == "" {
			hop = report.HopTarget
		}
		what = w.Cause.Label(hop)
	}
	table.mu.Lock()
	defer table.mu.Unlock()
	if s := (seen{what, by, how}); !slices.Contains(table.rows, s) {
		table.rows = append(table.rows, s)
	}
}

// elsewhere are causes that other suites produce: squid in internal/verify/netns, and the
// limits of this host itself in internal/hop.
var elsewhere = []report.Cause{report.ConnectUpstreamTimeout, report.HostLimit}

// conclude compares what was seen with the table of causes and with the document.
func conclude() error {
	slices.SortFunc(table.rows, func(a, b seen) int {
		return slices.Compare([]string{rank(a.what), a.by, a.how}, []string{rank(b.what), b.by, b.how})
	})
	var wrong []error
	for _, c := range report.Causes() {
		here := slices.ContainsFunc(table.rows,
			func(s seen) bool { return strings.TrimPrefix(s.what, "proxy/") == string(c.Code) })
		switch {
		case c.Reproduced == "foreign" && !here && !slices.Contains(elsewhere, c.Code):
			wrong = append(wrong, fmt.Errorf("%s is said to be reproduced by a foreign server, and no test here does",
				c.Code))
		case c.Reproduced == "lab" && here:
			wrong = append(wrong, fmt.Errorf("%s is said to be reproduced by the lab alone, and a foreign server "+
				"produced it here: write foreign", c.Code))
		}
	}
	text := page()
	const name = "../../../docs/interop.md"
	if *update {
		return errors.Join(append(wrong, os.WriteFile(name, []byte(text), 0o644))...) //nolint:gosec // a document
	}
	old, err := os.ReadFile(name)
	if err != nil || withoutVersions(string(old)) != withoutVersions(text) {
		wrong = append(wrong, fmt.Errorf("docs/interop.md is not what was seen (%w): run go test -tags interop "+
			"./internal/verify/interop/ -update", err))
	}
	return errors.Join(wrong...)
}

// rank sorts what works first, then causes in the order of the stages.
func rank(what string) string {
	i := slices.IndexFunc(report.Causes(),
		func(c report.CauseInfo) bool { return string(c.Code) == strings.TrimPrefix(what, "proxy/") })
	return fmt.Sprintf("%03d %s", i+1, what)
}

func page() string {
	var b strings.Builder
	b.WriteString("# What foreign servers produced\n\n```\ngo test -tags interop ./internal/verify/interop/\n```\n\n" +
		"Every line is an assertion of `go test -tags interop ./internal/verify/interop/`, which wrote this page " +
		"(`-update`): the command was run against a server that is\n" +
		"not in this repository, and had to name this cause at its hop and stage and none of the neighbouring ones. " +
		"`proxy/` marks the hop to the proxy.\n" +
		"Refusals by the network itself (drop, reject, routes) are in `internal/verify/netns`. The runtime's own " +
		"daemons, its checks and the vendor's SDKs are in [runtime.md](runtime.md).\n\n" +
		"| Result | Server | Version | Made to |\n|---|---|---|---|\n")
	for _, s := range table.rows {
		what := "`" + s.what + "`"
		if strings.HasSuffix(s.what, " works") {
			what = s.what
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", what, s.by, version(s.by), s.how)
	}
	return b.String()
}

func withoutVersions(page string) string {
	var out []string
	for line := range strings.Lines(page) {
		cells := strings.Split(line, " | ")
		if len(cells) == 4 {
			cells[2] = ""
		}
		out = append(out, strings.Join(cells, " | "))
	}
	return strings.Join(out, "")
}

var version = func() func(string) string {
	known := map[string]string{}
	return func(pkg string) string {
		if v, ok := packages[pkg]; ok {
			return v
		}
		if v, ok := known[pkg]; ok {
			return v
		}
		out, err := exec.Command("dpkg-query", "-W", "-f", "${Version}",
			pkg).Output() //nolint:gosec // names from this file
		v := string(out)
		if err != nil || v == "" {
			v = "?"
		}
		if _, after, ok := strings.Cut(v, ":"); ok {
			v = after
		}
		v, _, _ = strings.Cut(v, "-")
		known[pkg] = v
		return v
	}
}()
