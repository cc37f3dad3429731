package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Limits of one run.
const (
	maxStdout = 16 << 20
	maxStderr = 64 << 10
	maxFrames = 1 << 20 // of output, however little each holds
	// stopGrace is how long a container may take to end after an interrupt.
	stopGrace = 10 * time.Second
)

// Spec is a container that runs once: read-only, without capabilities, without a log.
type Spec struct {
	Name, Image string
	Network     string
	Args        []string
	Env         []string
	Stdin       []byte        // secrets go here: the engine keeps command line and environment
	Limit       time.Duration // of the run; zero means a minute
}

// Output is what came of a run.
type Output struct {
	Stdout, Stderr []byte
	ExitCode       int
}

// Running is a container on its way. Remove has to be called.
type Running struct {
	client *Client
	id     string
	stream *stream
	spec   Spec
}

type createRequest struct {
	Image        string
	Cmd          []string
	Env          []string
	AttachStdin  bool
	AttachStdout bool
	AttachStderr bool
	OpenStdin    bool
	StdinOnce    bool
	Labels       map[string]string
	HostConfig   hostConfig
}

type hostConfig struct {
	NetworkMode    string
	ReadonlyRootfs bool
	CapDrop        []string
	SecurityOpt    []string
	LogConfig      struct{ Type string }
	Ulimits        []ulimit
}

type ulimit struct {
	Name       string
	Soft, Hard int
}

// ulimits are more than a check needs; without them some engines ask for more than they
// may give, where they are themselves confined.
var ulimits = []ulimit{{"nofile", 1024, 1024}, {"nproc", 512, 512}}

// Start creates, attaches and starts. On an error nothing is left behind.
func (c *Client) Start(ctx context.Context, s Spec) (_ *Running, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*callTimeout)
	defer cancel()
	req := createRequest{
		Image: s.Image, Cmd: s.Args, Env: s.Env, AttachStdin: true, AttachStdout: true, AttachStderr: true,
		OpenStdin: true, StdinOnce: true,
		Labels: map[string]string{label: "1"},
		HostConfig: hostConfig{NetworkMode: s.Network, ReadonlyRootfs: true, CapDrop: []string{"ALL"},
			SecurityOpt: []string{"no-new-privileges"}, Ulimits: ulimits},
	}
	req.HostConfig.LogConfig.Type = "none" // the report is no log, and the disk is small
	var made struct{ ID string }
	if err := c.call(ctx, http.MethodPost, "/containers/create?name="+s.Name, req, &made); err != nil {
		return nil, errors.Join(fmt.Errorf("creating the container: %w", err), c.removeContainer(ctx, s.Name))
	}
	r := &Running{client: c, id: s.Name, spec: s}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Remove(ctx))
		}
	}()
	if r.stream, err = c.attach(ctx, r.id); err != nil {
		return nil, fmt.Errorf("attaching to the container: %w", err)
	}
	if err := c.call(ctx, http.MethodPost, "/containers/"+r.id+"/start", nil, nil); err != nil {
		return nil, fmt.Errorf("starting the container: %w", err)
	}
	return r, nil
}

// Wait gives what the container writes and its exit code. When ctx ends, the container
// is interrupted as if by Ctrl-C, and what it still says is taken.
func (r *Running) Wait(ctx context.Context) (Output, error) {
	limit := r.spec.Limit
	if limit <= 0 {
		limit = time.Minute
	}
	whole, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), limit, errLimit)
	defer cancel()
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		// an engine that does not do it says so by the time that runs out
		_ = r.client.call(whole, http.MethodPost, "/containers/"+r.id+"/kill?signal=SIGINT", nil, nil)
		select {
		case <-time.After(stopGrace):
			cancel()
		case <-whole.Done():
		}
	})
	defer func() {
		cancel()
		if !stop() {
			<-interrupted
		}
	}()
	out, err := r.stream.run(whole, r.spec.Stdin)
	if err != nil {
		return out, r.lost(whole, err)
	}
	var end struct{ StatusCode int }
	if err := r.client.call(whole, http.MethodPost, "/containers/"+r.id+"/wait", nil, &end); err != nil {
		return out, r.lost(whole, err)
	}
	out.ExitCode = end.StatusCode
	return out, nil
}

var errLimit = errors.New("limit of the run")

func (r *Running) lost(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errLimit) {
		return fmt.Errorf("the container did not end within %s", r.spec.Limit)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the container's output broke off")
	}
	return fmt.Errorf("the container's output: %w", err)
}

// Remove stops the container where it still runs, and removes it.
func (r *Running) Remove(ctx context.Context) error {
	if r.stream != nil {
		r.stream.Close()
	}
	return r.client.removeContainer(ctx, r.id)
}

func (c *Client) removeContainer(ctx context.Context, name string) error {
	return c.remove(ctx, "/containers/"+name+"?force=1&v=1")
}
