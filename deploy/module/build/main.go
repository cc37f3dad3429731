// Build makes the module's image: the static binary of three platforms, one layer each,
// as one multi-platform OCI image layout. It needs Go and nothing else, neither a
// container engine nor root.
//
//	go run ./deploy/module/build --out DIR
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"edgenet/internal/image"
	"edgenet/internal/outfile"
)

// maxLayer is how large a compressed layer may be, in bytes: a device downloads it over
// LTE.
const maxLayer = 5_500_000

// platforms are those that IoT Edge supports.
var platforms = []image.Platform{{Architecture: "amd64"}, {Architecture: "arm64"}, {Architecture: "arm", Variant: "v7"}}

type options struct {
	out, archives, version string
	only                   []string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var o options
	fl := pflag.NewFlagSet("build", pflag.ContinueOnError)
	fl.SetOutput(stderr)
	fl.SortFlags = false
	fl.StringVar(&o.out, "out", "", "`DIR` of the OCI image layout; made if it is not there")
	fl.StringVar(&o.version, "version", "dev", "the image's `VERSION`, and its tag")
	fl.StringSliceVar(&o.only, "platform", nil, "`LIST` of linux/amd64, linux/arm64, linux/arm/v7 (default all)")
	fl.StringVar(&o.archives, "archives", "", "also write edgenet-ARCH.tar into `DIR`, one a platform, for docker load")
	err := fl.Parse(args)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return 0
	case err == nil:
		err = o.check(fl.Args())
	}
	if err != nil {
		fmt.Fprintln(stderr, "build:", err)
		return 2
	}
	if err := build(ctx, o, stdout); err != nil {
		fmt.Fprintln(stderr, "build:", err)
		return 1
	}
	return 0
}

func (o options) check(args []string) error {
	if o.out == "" || len(args) > 0 {
		return errors.New("expected --out DIR and no arguments")
	}
	for _, r := range o.version {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-", r) {
			return fmt.Errorf("--version %q: expected what an image's tag may be: letters, digits, '.', '_' and '-'",
				o.version)
		}
	}
	if o.version == "" || len(o.version) > 128 || strings.ContainsAny(o.version[:1], ".-") {
		return fmt.Errorf("--version %q: expected 1 to 128 characters that do not start with '.' or '-'", o.version)
	}
	for _, name := range o.only {
		if !o.known(name) {
			return fmt.Errorf("--platform %q: expected linux/amd64, linux/arm64 or linux/arm/v7", name)
		}
	}
	return nil
}

func (options) known(name string) bool {
	for _, p := range platforms {
		if p.String() == name {
			return true
		}
	}
	return false
}

func (o options) wants(p image.Platform) bool {
	for _, name := range o.only {
		if p.String() == name {
			return true
		}
	}
	return len(o.only) == 0
}

// build compiles, packs, writes and measures.
func build(ctx context.Context, o options, stdout io.Writer) error {
	images, sizes, err := o.images(ctx)
	if err != nil {
		return err
	}
	digest, written, err := image.Layout(o.out, o.version, images...)
	if err != nil {
		return err
	}
	if err := o.archive(images); err != nil {
		return err
	}
	w := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "platform\tbinary\tlayer\tdigest\n")
	for n, x := range written {
		fmt.Fprintf(w, "%s\t%d\t%d\t%s\n", x.Platform, sizes[n], x.LayerBytes, x.Digest)
	}
	fmt.Fprintf(w, "oci:%s:%s\t\t\t%s\n", o.out, o.version, digest)
	if err := w.Flush(); err != nil {
		return err
	}
	for _, x := range written {
		if x.LayerBytes > maxLayer {
			return fmt.Errorf("%s: the compressed layer has %d bytes, more than the %d that it may have", x.Platform,
				x.LayerBytes, maxLayer)
		}
	}
	return nil
}

// images compiles and packs every platform that is wanted; beside each image stands its
// binary's size.
func (o options) images(ctx context.Context) (images []*image.Image, sizes []int, err error) {
	tmp, err := os.MkdirTemp("", "edgenet-build-")
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = os.RemoveAll(tmp) }() // only compiled files are left
	for _, p := range platforms {
		if !o.wants(p) {
			continue
		}
		binary, err := compile(ctx, filepath.Join(tmp, "edgenet"), o.version, p)
		if err != nil {
			return nil, nil, err
		}
		i, err := image.New(binary, image.Options{Platform: p, Version: o.version})
		if err != nil {
			return nil, nil, err
		}
		images, sizes = append(images, i), append(sizes, len(binary))
	}
	return images, sizes, nil
}

// What the image is built with. The tag device leaves out what people run at a desk (lab,
// logs, fleet, ready). The module speaks no HTTP/2. Without inlining the code is a tenth
// smaller; what is hot in it, cryptography, is assembly, and a module that is idle uses less
// than a ten-thousandth of a core.
const (
	buildTags  = "device,nethttpomithttp2"
	buildFlags = "all=-l"
)

// compile builds the command for a platform, the same bytes wherever it is built.
func compile(ctx context.Context, to, version string, p image.Platform) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags", buildTags, "-gcflags",
		buildFlags, "-ldflags", "-s -w -X edgenet/internal/build.version="+version, "-o", to,
		"edgenet/cmd/edgenet") //nolint:gosec // version was checked
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOOS=linux", "GOARCH="+p.Architecture, "GOARM="+
		strings.TrimPrefix(p.Variant, "v"))
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build for %s: %w\n%s", p, err, text)
	}
	return os.ReadFile(to) //nolint:gosec // just built
}

// archive writes what docker load reads, where it is wanted.
func (o options) archive(images []*image.Image) error {
	if o.archives == "" {
		return nil
	}
	if err := os.MkdirAll(o.archives, 0o755); err != nil { //nolint:gosec // an image is public
		return err
	}
	for _, i := range images {
		name := filepath.Join(o.archives, "edgenet-"+i.Platform.Architecture+i.Platform.Variant+".tar")
		write := func(w io.Writer) error { return i.Archive(w, "edgenet:"+o.version) }
		if err := outfile.Write(context.Background(), name, outfile.Options{}, write); err != nil {
			return err
		}
	}
	return nil
}
