package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// options are the command line.
type options struct {
	packages []string
	run      string   // the tests that run; empty means all
	also     []string // packages whose tests run beside the package's own
	funcs    *regexp.Regexp
	files    *regexp.Regexp
	n        int // at most so many of a package; zero means all
	seed     uint64
	timeout  time.Duration // of one run of the tests
	parallel int
	verbose  bool
}

// outcome is what became of a mutant.
type outcome int

const (
	killed outcome = iota
	survived
	timedOut    // counts as killed: a test that hangs is noticed
	unbuildable // does not count
)

var words = [...]string{"killed", "SURVIVED", "timed out", "does not compile"}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	o, err := parse(os.Args[1:])
	if err == nil {
		err = run(ctx, o, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

func parse(args []string) (options, error) {
	var o options
	fl := flag.NewFlagSet("mutate", flag.ContinueOnError)
	funcs := fl.String("func", ".", "`REGEXP` of functions to change")
	files := fl.String("file", ".", "`REGEXP` of file names to change")
	also := fl.String("also", "", "`LIST` of packages whose tests run too, separated by commas")
	fl.StringVar(&o.run, "run", "", "`REGEXP` of tests to run; empty means all")
	fl.IntVar(&o.n, "n", 0, "at most `N` changes of a package, chosen by the seed; 0 means all")
	fl.Uint64Var(&o.seed, "seed", 1, "of the choice")
	fl.DurationVar(&o.timeout, "timeout", 60*time.Second, "of one run of the tests")
	fl.IntVar(&o.parallel, "parallel", 2, "mutants at a time")
	fl.BoolVar(&o.verbose, "v", false, "print every mutant")
	if err := fl.Parse(args); err != nil {
		return o, err
	}
	var err, err2 error
	o.funcs, err = regexp.Compile(*funcs)
	o.files, err2 = regexp.Compile(*files)
	if *also != "" {
		o.also = strings.Split(*also, ",")
	}
	if o.packages = fl.Args(); len(o.packages) == 0 {
		return o, errors.New("no package given, such as ./probe")
	}
	return o, errors.Join(err, err2)
}

func run(ctx context.Context, o options, w io.Writer) error {
	total := map[outcome]int{}
	for _, pkg := range o.packages {
		count, err := runPackage(ctx, o, pkg, w)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s: %s\n", pkg, score(count))
		for k, n := range count {
			total[k] += n
		}
	}
	if len(o.packages) > 1 {
		fmt.Fprintf(w, "all: %s\n", score(total))
	}
	return ctx.Err()
}

func score(c map[outcome]int) string {
	dead, all := c[killed]+c[timedOut], c[killed]+c[timedOut]+c[survived]
	if all == 0 {
		return "no mutants"
	}
	return fmt.Sprintf("%d of %d killed (%.1f %%), %d of them by timeout; %d more do not compile", dead, all,
		100*float64(dead)/float64(all), c[timedOut], c[unbuildable])
}

func runPackage(ctx context.Context, o options, pkg string, w io.Writer) (map[outcome]int, error) {
	all, err := ofPackage(ctx, o, pkg)
	if err != nil {
		return nil, err
	}
	if r := test(ctx, o, pkg, ""); r != survived {
		return nil, fmt.Errorf("%s: its tests do not pass unchanged (%s)", pkg, words[r])
	}
	count := map[outcome]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	slots := make(chan struct{}, max(o.parallel, 1))
	for _, m := range all {
		slots <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		wg.Go(func() {
			defer func() { <-slots }()
			r, err := try(ctx, o, pkg, m)
			if ctx.Err() != nil {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			count[r]++
			if o.verbose || r == survived || err != nil {
				fmt.Fprintln(w, words[r], m, errText(err))
			}
		})
	}
	wg.Wait()
	return count, nil
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// ofPackage lists a package's mutants, a choice of them where there are too many.
func ofPackage(ctx context.Context, o options, pkg string) ([]mutant, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-f", "{{.Dir}}{{range .GoFiles}}\n{{.}}{{end}}",
		pkg).Output() //nolint:gosec // a package of the command line
	if err != nil {
		return nil, fmt.Errorf("go list %s: %w", pkg, err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	var all []mutant
	for _, f := range lines[1:] {
		if !o.files.MatchString(f) {
			continue
		}
		ms, err := mutants(filepath.Join(lines[0], f), o.funcs)
		if err != nil {
			return nil, err
		}
		all = append(all, ms...)
	}
	if o.n > 0 && len(all) > o.n {
		r := rand.New(rand.NewPCG(o.seed, 0)) //nolint:gosec // a choice that can be repeated
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		all = all[:o.n]
	}
	return all, nil
}

// try runs the tests against one mutant.
func try(ctx context.Context, o options, pkg string, m mutant) (outcome, error) {
	src, err := os.ReadFile(m.file)
	if err != nil {
		return unbuildable, err
	}
	dir, err := os.MkdirTemp("", "mutate-")
	if err != nil {
		return unbuildable, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	changed, overlay := filepath.Join(dir, "changed.go"), filepath.Join(dir, "overlay.json")
	text, err := json.Marshal(map[string]map[string]string{"Replace": {m.file: changed}})
	if err == nil {
		err = errors.Join(os.WriteFile(changed, m.apply(src), 0o600), os.WriteFile(overlay, text, 0o600))
	}
	if err != nil {
		return unbuildable, err
	}
	return test(ctx, o, pkg, overlay), nil
}

// test runs the tests of the package; survived means that they pass. Nobody debugs what it
// links, so symbols are left out: linking is most of what a mutant costs.
func test(ctx context.Context, o options, pkg, overlay string) outcome {
	args := append([]string{"test", "-overlay", overlay, "-ldflags", "-s -w", "-count=1", "-failfast", "-vet=off",
		"-timeout", o.timeout.String(), "-run", o.run, pkg}, o.also...)
	out, err := exec.CommandContext(ctx, "go", args...).CombinedOutput() //nolint:gosec // packages of the command line
	switch {
	case err == nil:
		return survived
	case strings.Contains(string(out), "[build failed]"):
		return unbuildable
	case strings.Contains(string(out), "panic: test timed out"):
		return timedOut
	}
	return killed
}
