package main

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

// duration is a flag's value that takes 90s, 1m30s, and 90, which people mean as seconds.
type duration struct {
	to  *time.Duration
	off bool // zero is a value, and means off
}

func (d duration) String() string {
	if d.to == nil || *d.to == 0 {
		return ""
	}
	return d.to.String()
}

func (duration) Type() string { return "duration" }

func (d duration) Set(text string) error {
	v, err := time.ParseDuration(text)
	if seconds, notNumber := strconv.ParseFloat(text, 64); notNumber == nil && math.Abs(seconds) < 1e9 {
		v, err = time.Duration(seconds*float64(time.Second)), nil
	}
	switch {
	case err != nil:
		return errors.New("expected a duration, such as 10s, 5m or 1h30m; a number alone is seconds")
	case v < 0 || v == 0 && !d.off:
		return errors.New("expected more than 0, such as 10s")
	}
	*d.to = v
	return nil
}

// durationFlag declares one. The default is what help says; the option's zero means it.
func durationFlag(fl *pflag.FlagSet, to *time.Duration, name, standard, usage string) {
	fl.Var(duration{to, standard == ""}, name, usage)
	fl.Lookup(name).DefValue = standard
}

// number is a flag's value of at least one.
type number struct{ to *int }

func (n number) String() string {
	if n.to == nil || *n.to == 0 {
		return ""
	}
	return strconv.Itoa(*n.to)
}

func (number) Type() string { return "int" }

func (n number) Set(text string) error {
	v, err := strconv.Atoi(text)
	if err != nil || v < 1 {
		return errors.New("expected a whole number of at least 1")
	}
	*n.to = v
	return nil
}

// named is a flag's value that cannot be empty: an empty one comes of a variable that is
// not set, and does not mean that the flag was left out.
type named struct{ to *string }

func (n named) String() string {
	if n.to == nil {
		return ""
	}
	return *n.to
}

func (named) Type() string { return "string" }

func (n named) Set(text string) error {
	if strings.TrimSpace(text) == "" {
		return errors.New("is empty")
	}
	*n.to = text
	return nil
}

// The groups of flags in help texts, in order.
const (
	groupTarget = "What is checked"
	groupProxy  = "Ways out"
	groupTry    = "What is tried, and what is expected"
	groupLogin  = "Logging in"
	groupRepeat = "Again and again"
	groupOutput = "Output"
	groupLab    = "The lab"
)

func groups() []string {
	return []string{groupTarget, groupProxy, groupTry, groupLogin, groupRepeat, groupOutput, groupLab}
}

// groupKey marks a flag's group.
const groupKey = "edgenet group"

// group declares flags of a group.
func group(fl *pflag.FlagSet, name string, declare func(*pflag.FlagSet)) {
	own := pflag.NewFlagSet(name, pflag.ContinueOnError)
	own.SortFlags = false
	declare(own)
	own.VisitAll(func(f *pflag.Flag) {
		f.Annotations = map[string][]string{groupKey: {name}}
	})
	fl.AddFlagSet(own)
}

// grouped are the flags of a group; those without one belong to the last set.
func grouped(fl *pflag.FlagSet, name string) *pflag.FlagSet {
	out := pflag.NewFlagSet(name, pflag.ContinueOnError)
	out.SortFlags = fl.SortFlags
	fl.VisitAll(func(f *pflag.Flag) {
		if g := f.Annotations[groupKey]; len(g) == 0 && name == "" || len(g) > 0 && g[0] == name {
			out.AddFlag(f)
		}
	})
	return out
}
