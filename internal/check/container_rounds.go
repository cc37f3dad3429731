package check

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

// containerRounds is the check in a container beside the host's: the image in the engine, and a
// container a round, of which the first is started before anything is probed.
type containerRounds struct {
	client  *engine.Client
	image   string
	spec    engine.Spec
	running *engine.Running // nil between rounds
	left    *engine.Running // what could not be removed after its round
	found   report.Container
}

// startContainer loads this very binary into the engine and starts it. What goes wrong
// leaves nothing behind, and nothing was probed.
func (j *job) startContainer(ctx context.Context) (_ *containerRounds, err error) {
	settings, unread := engine.Find(j.con.Root, j.con.Getenv)
	for _, err := range unread {
		j.con.Note("could not read which engine and network the runtime uses: %s", err)
	}
	b := &containerRounds{}
	if b.client, err = engine.Open(ctx, settings); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, b.close(ctx))
		}
	}()
	if err := b.client.Sweep(ctx, time.Now()); err != nil {
		j.con.Note("could not remove what an earlier run left in the engine: %s", err)
	}
	network, err := b.network(ctx, settings)
	if err != nil {
		return nil, err
	}
	packed, err := j.pack()
	if err != nil {
		return nil, err
	}
	if j.con.OutWidth() > 0 {
		j.con.Note("loading this program into the container engine …")
	}
	b.spec = engine.Spec{
		Network: network, Args: j.insideArgs(), Env: []string{"no_proxy=" + j.plan.NoProxy},
		Stdin: proxyURLs(j.plan.Routes),
		Limit: j.plan.Round() + startSlack,
	}
	_, b.image = engine.Names(time.Now(), b.spec.Limit, randomName())
	if err := b.client.Load(ctx, func(w io.Writer) error { return packed.Archive(w, b.image) }); err != nil {
		return nil, err
	}
	return b, b.start(ctx)
}

// start starts the container of the next round.
func (b *containerRounds) start(ctx context.Context) (err error) {
	b.spec.Image = b.image
	b.spec.Name, _ = engine.Names(time.Now(), b.spec.Limit, randomName())
	b.running, err = b.client.Start(ctx, b.spec)
	return err
}

// network chooses the runtime's network, or the engine's default where that is not
// there, and notes what is known of it.
func (b *containerRounds) network(ctx context.Context, s engine.Settings) (string, error) {
	b.found = report.Container{
		Engine:        b.client.Socket,
		Network:       s.Network,
		NetworkSource: s.NetworkSource,
		Subnets:       []string{},
	}
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

// round takes the report of one container, and removes it.
func (b *containerRounds) round(ctx context.Context) *report.Container {
	c := b.found
	if b.running == nil {
		if err := b.start(ctx); err != nil {
			c.Error = report.Clean(err.Error(), 300)
			return &c
		}
	}
	out, err := b.running.Wait(ctx)
	if b.running.Remove(ctx) != nil {
		b.left = b.running // close tries again, and says why not
	}
	b.running = nil
	var r report.Report
	switch jsonErr := json.Unmarshal(out.Stdout, &r); {
	case err == nil && jsonErr == nil:
		c.Report = &r
	case err != nil:
		c.Error = report.Clean(err.Error(), 300)
	default:
		said := bytes.TrimSpace(out.Stderr)
		c.Error = report.Clean(
			fmt.Sprintf("edgenet ended there with exit code %d and no report: %s", out.ExitCode, said),
			400,
		)
	}
	return &c
}

// close removes the container and the image, whatever happened before.
func (b *containerRounds) close(ctx context.Context) error {
	defer b.client.Close()
	var err error
	for _, r := range []*engine.Running{b.running, b.left} {
		if r != nil {
			err = errors.Join(err, r.Remove(ctx))
		}
	}
	if b.image != "" {
		err = errors.Join(err, b.client.RemoveImage(ctx, b.image))
	}
	if err != nil {
		return fmt.Errorf(
			"removing what was put into the engine: %w (by hand: docker rm -f %s; docker rmi %s)",
			err,
			b.spec.Name,
			b.image,
		)
	}
	return nil
}

// checkBoth runs the host's check and the container's at once.
func (j *job) checkBoth(ctx context.Context, b *containerRounds, observe probe.Observer) *report.Report {
	inside := make(chan *report.Container, 1)
	go func() { inside <- b.round(ctx) }()
	r := j.fromHost(ctx, observe)
	r.Vantage = vantage.Look(j.con.Root)
	vantage.Join(r, <-inside, j.plan, ctx.Err() != nil)
	return r
}

// pack makes an image of this program, with the roots that the check needs.
func (j *job) pack() (*image.Image, error) {
	binary, err := os.ReadFile("/proc/self/exe") // the program that runs, even if its file was replaced
	if err != nil {
		return nil, fmt.Errorf("reading this program: %w", err)
	}
	var files []image.File
	for path, certs := range map[string][]*x509.Certificate{insideCA: j.env.Trust.Extra,
		insideBundle: j.env.Trust.Bundle} {
		if len(certs) > 0 {
			files = append(files, image.File{Path: path, Data: pemOf(certs)})
		}
	}
	i, err := image.New(
		binary,
		image.Options{Platform: image.Platform{Architecture: runtime.GOARCH}, Version: j.con.Version, Files: files},
	)
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
