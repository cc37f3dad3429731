package check

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/hostname"
	"edgenet/probe"
	"edgenet/report"
)

// maxTargets bounds a list: more is a fleet's matter, and a typing error.
const maxTargets = 10000

// maxBadLines bounds how many wrong lines of a list are named.
const maxBadLines = 20

// target is a line of the list.
type target struct {
	host   string
	labels map[string]string // beside those of all
}

// readTargets reads the list of --targets.
func readTargets(ctx context.Context, con *console.Console, o Options) ([]target, error) {
	switch {
	case o.Hub != "" || o.Lab:
		return nil, exit.Usagef("--targets excludes --hub and --lab: the list names the hubs")
	case o.Wait > 0:
		return nil, exit.Usagef(
			"--targets and --wait exclude each other: wait for one hub with --hub, or repeat the list with --every",
		)
	case o.Identity.given() || strings.EqualFold(o.Depth, string(probe.DepthAuth)):
		return nil, exit.Usagef("--targets and --depth auth exclude each other: an identity belongs to one hub")
	case o.Resume != "" && o.Every > 0:
		return nil, exit.Usagef("--resume and --every exclude each other: --resume finishes one round")
	}
	text, err := con.Read(ctx, o.Targets)
	if err != nil {
		return nil, exit.Inputf("--targets: %w", err)
	}
	name := report.Clean(o.Targets, 200)
	out, err := parseTargets(string(text))
	switch {
	case err != nil:
		return nil, exit.Inputf("--targets %s: %w", name, err)
	case len(out) == 0:
		return nil, exit.Inputf("--targets %s: no host in it, expected one a line, such as contoso.azure-devices.net",
			name)
	case len(out) > maxTargets:
		return nil, exit.Inputf("--targets %s: %d hosts, expected %d at most: split the list", name, len(out),
			maxTargets)
	}
	return out, nil
}

// parseTargets reads a host a line, and labels behind it; empty lines and # comments aside.
// A host that stands twice is probed once. All that is wrong is said at once.
func parseTargets(text string) ([]target, error) {
	var out []target
	var wrong []string
	seen := map[string]bool{}
	n, bad := 0, 0
	for line := range strings.SplitSeq(strings.TrimPrefix(text, "\ufeff"), "\n") {
		n++
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		t, err := parseTarget(line)
		if err != nil {
			if bad++; bad <= maxBadLines {
				wrong = append(wrong, fmt.Sprintf("line %d: %s", n, err))
			}
			continue
		}
		if key := strings.ToLower(t.host); !seen[key] {
			seen[key] = true
			out = append(out, t)
		}
	}
	if bad > maxBadLines {
		wrong = append(wrong, fmt.Sprintf("and %d more lines", bad-maxBadLines))
	}
	if bad > 0 {
		return nil, errors.New(strings.Join(wrong, "\n  "))
	}
	return out, nil
}

// parseTarget reads HOST, and behind it KEY=VALUE or one word, which is the label.
func parseTarget(line string) (t target, err error) {
	host, rest := line, ""
	if !strings.Contains(strings.ToLower(line), "sharedaccess") { // that whole line is a slip
		if i := strings.IndexAny(line, " \t,"); i > 0 {
			host, rest = line[:i], strings.Trim(line[i:], " \t,")
		}
	}
	if t.host, err = hostname.Read(host); err != nil {
		return t, err
	}
	if rest != "" && !strings.Contains(rest, "=") {
		rest = "label=" + rest
	} else {
		rest = strings.ReplaceAll(rest, ",", " ")
	}
	if strings.HasPrefix(rest, "label=") {
		return t, addLabel(&t.labels, rest)
	}
	for _, l := range strings.Fields(rest) {
		if err := addLabel(&t.labels, l); err != nil {
			return t, fmt.Errorf("label %w", err)
		}
	}
	return t, nil
}

// labelTargets gives each hub the labels of all behind its own, or none.
func (j *job) labelTargets(targets []target) {
	for i, t := range targets {
		if j.o.Anonymous {
			targets[i].labels = nil
			continue
		}
		for key, value := range j.labels {
			if _, there := t.labels[key]; !there {
				if targets[i].labels == nil {
					targets[i].labels = map[string]string{}
				}
				targets[i].labels[key] = value
			}
		}
	}
}
