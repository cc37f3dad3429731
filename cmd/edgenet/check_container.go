package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"edgenet/internal/engine"
	"edgenet/internal/image"
	"edgenet/internal/vantage"
	"edgenet/probe"
	"edgenet/report"
)

// startSlack is what a container may take beyond its check's deadline.
const startSlack = 30 * time.Second

// checkFrom reads --from, and refuses what a container cannot do.
func (f *checkFlags) checkFrom(j *job) error {
	switch f.from {
	case "host":
		return nil
	case "container":
	default:
		return fmt.Errorf("--from %q: expected host or container", report.Clean(f.from, 40))
	}
	switch {
	case f.lab:
		return errors.New("--from container and --lab exclude each other: the lab listens on this host's loopback, which no container reaches")
	case j.plan.Depth == probe.DepthAuth:
		return errors.New("--from container and --depth auth exclude each other: host and container would log in at once, and throw each other out")
	case f.source != "":
		return errors.New("--from container and --source exclude each other: a container has none of this host's addresses")
	case f.wait > 0:
		return errors.New("--from container and --wait exclude each other: wait on the host, then look from the container")
	case runtime.GOOS != "linux":
		return errors.New("--from container works on Linux alone, where the runtime is")
	}
	return nil
}

// runFrom runs the check from where the flags say.
func (a *app) runFrom(ctx context.Context, j *job, f *checkFlags) (*report.Report, error) {
	host := j.round
	switch {
	case f.inside:
		j.round = func(ctx context.Context, observe probe.Observer) *report.Report {
			r := host(ctx, observe)
			r.Vantage = vantage.Look(a.root)
			return r
		}
	case f.from == "container":
		b, err := a.startBeside(ctx, j, f)
		if err != nil && ctx.Err() != nil {
			return nil, exitError(exitInterrupted)
		}
		if err != nil {
			return nil, usageError{fmt.Errorf("--from container: %w", err)}
		}
		defer func() {
			if closeErr := b.close(ctx); closeErr != nil {
				fmt.Fprintf(a.stderr, "edgenet: %s\n", report.Clean(closeErr.Error(), 500))
			}
		}()
		j.round = func(ctx context.Context, observe probe.Observer) *report.Report {
			return a.checkBeside(ctx, j, b, observe)
		}
	}
	return a.runCheck(ctx, j, f)
}

// beside is the check in a container, ready to run beside the host's.
type beside struct {
	client      *engine.Client
	running     *engine.Running
	name, image string
	found       report.Container
}

// startBeside loads this very binary into the engine and starts it. What goes wrong
// leaves nothing behind, and nothing was probed.
func (a *app) startBeside(ctx context.Context, j *job, f *checkFlags) (_ *beside, err error) {
	settings, unread := engine.Find(a.root, a.getenv)
	for _, err := range unread {
		fmt.Fprintf(a.stderr, "edgenet: could not read which engine and network the runtime uses: %s\n", report.Clean(err.Error(), 200))
	}
	limit := j.plan.Round() + startSlack
	b := &beside{}
	b.name, b.image = engine.Names(time.Now(), limit, randomName())
	if b.client, err = engine.Open(ctx, settings); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.close(ctx))
		}
	}()
	if err := b.client.Sweep(ctx, time.Now()); err != nil {
		fmt.Fprintf(a.stderr, "edgenet: could not remove what an earlier run left in the engine: %s\n", report.Clean(err.Error(), 200))
	}
	network, err := b.network(ctx, settings)
	if err != nil {
		return nil, err
	}
	packed, err := j.pack()
	if err != nil {
		return nil, err
	}
	if a.width() > 0 {
		fmt.Fprintln(a.stderr, "edgenet: loading this program into the container engine …")
	}
	if err := b.client.Load(ctx, func(w io.Writer) error { return packed.Archive(w, b.image) }); err != nil {
		return nil, err
	}
	b.running, err = b.client.Start(ctx, engine.Spec{
		Name: b.name, Image: b.image, Network: network, Args: f.insideArgs(j),
		Env: []string{"no_proxy=" + j.plan.NoProxy}, Stdin: proxyURLs(j.plan.Routes), Limit: limit,
	})
	return b, err
}

// network chooses the runtime's network, or the engine's default where that is not
// there, and notes what is known of it.
func (b *beside) network(ctx context.Context, s engine.Settings) (string, error) {
	b.found = report.Container{Engine: b.client.Socket, Network: s.Network, NetworkSource: s.NetworkSource, Subnets: []string{}}
	n, err := b.client.Network(ctx, s.Network)
	switch {
	case engine.IsNotFound(err):
		b.found.Network, b.found.NetworkSource = "bridge", "fallback"
		return "bridge", nil
	case err != nil:
		return "", fmt.Errorf("network %s: %w", s.Network, err)
	}
	b.found.Internal = n.Internal
	for _, p := range n.Subnets {
		b.found.Subnets = append(b.found.Subnets, p.String())
	}
	return s.Network, nil
}

// wait takes the container's report.
func (b *beside) wait(ctx context.Context) *report.Container {
	c := b.found
	out, err := b.running.Wait(ctx)
	var r report.Report
	switch jsonErr := json.Unmarshal(out.Stdout, &r); {
	case err == nil && jsonErr == nil:
		c.Report = &r
	case err != nil:
		c.Error = report.Clean(err.Error(), 300)
	default:
		said := bytes.TrimSpace(out.Stderr)
		c.Error = report.Clean(fmt.Sprintf("edgenet ended there with exit code %d and no report: %s", out.ExitCode, said), 400)
	}
	return &c
}

// close removes the container and the image, whatever happened before.
func (b *beside) close(ctx context.Context) error {
	defer b.client.Close()
	var err error
	if b.running != nil {
		err = b.running.Remove(ctx)
	}
	if err := errors.Join(err, b.client.RemoveImage(ctx, b.image)); err != nil {
		return fmt.Errorf("removing what was put into the engine: %w (by hand: docker rm -f, docker rmi %s)", err, b.image)
	}
	return nil
}

// checkBeside runs the host's check and the container's at once.
func (a *app) checkBeside(ctx context.Context, j *job, b *beside, observe probe.Observer) *report.Report {
	inside := make(chan *report.Container, 1)
	go func() { inside <- b.wait(ctx) }()
	r := probe.Check(ctx, j.plan, j.env, observe)
	r.Vantage = vantage.Look(a.root)
	vantage.Beside(r, <-inside, j.plan, ctx.Err() != nil)
	return r
}

// pack makes an image of this program, with the roots that the check needs.
func (j *job) pack() (*image.Image, error) {
	binary, err := os.ReadFile("/proc/self/exe") // the program that runs, even if its file was replaced
	if err != nil {
		return nil, fmt.Errorf("reading this program: %w", err)
	}
	var files []image.File
	for path, certs := range map[string][]*x509.Certificate{insideCA: j.env.Trust.Extra, insideBundle: j.env.Trust.Bundle} {
		if len(certs) > 0 {
			files = append(files, image.File{Path: path, Data: pemOf(certs)})
		}
	}
	i, err := image.New(binary, image.Options{Platform: image.Platform{Architecture: runtime.GOARCH}, Version: versionText(), Files: files})
	if err != nil {
		return nil, fmt.Errorf("this program cannot run in a container: %w", err)
	}
	return i, nil
}

func pemOf(certs []*x509.Certificate) []byte {
	var b bytes.Buffer
	for _, c := range certs {
		_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}) // a buffer takes everything
	}
	return b.Bytes()
}

func randomName() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
