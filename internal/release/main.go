package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/pflag"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// options are the flags.
type options struct {
	version, out string
	platforms    []string // as target.String; empty means all
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var o options
	fl := pflag.NewFlagSet("release", pflag.ContinueOnError)
	fl.SetOutput(stderr)
	fl.SortFlags = false
	fl.StringVar(&o.version, "version", "0.0.0-dev", "the release's `VERSION`, such as 1.2.3 or 1.3.0-rc.1")
	fl.StringVar(&o.out, "out", "", "`DIR` for everything that is built; it must be empty or missing")
	fl.StringSliceVar(&o.platforms, "platform", nil, "`LIST` of platforms such as linux_amd64 (default all)")
	err := fl.Parse(args)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return 0
	case err == nil:
		err = o.check(fl.Args())
	}
	if err != nil {
		fmt.Fprintln(stderr, "release:", err)
		return 2
	}
	made, err := release(ctx, o)
	if err != nil {
		fmt.Fprintln(stderr, "release:", err)
		return 1
	}
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, f := range made {
		fmt.Fprintf(w, "%d\t  %s\n", f.Size, f.Name)
	}
	if err := w.Flush(); err != nil {
		return 1
	}
	return 0
}

func (o *options) check(args []string) error {
	if o.out == "" || len(args) > 0 {
		return errors.New("expected --out DIR and no arguments")
	}
	if !semver.MatchString(o.version) {
		return fmt.Errorf("--version %q: expected MAJOR.MINOR.PATCH, with -rc.1 or the like behind it if need be",
			o.version)
	}
	var known []string
	for _, t := range targets() {
		known = append(known, t.String())
	}
	for _, p := range o.platforms {
		if !slices.Contains(known, p) {
			return fmt.Errorf("--platform %q: expected some of %s", p, strings.Join(known, ", "))
		}
	}
	out, err := filepath.Abs(o.out)
	if err != nil {
		return err
	}
	o.out = out
	if entries, err := os.ReadDir(out); err == nil && len(entries) > 0 {
		return fmt.Errorf("--out %s is not empty: expected a new or an empty directory, so that nothing of another "+
			"release is left in it", out)
	}
	return nil
}

func (o *options) wants(t target) bool {
	return len(o.platforms) == 0 || slices.Contains(o.platforms, t.String())
}
