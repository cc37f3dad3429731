package sidecar

import (
	"context"
	"errors"
	"os"
	"slices"
	"time"

	"edgenet/internal/sidecar/machine"
	"edgenet/internal/sidecar/web"
	"edgenet/internal/twin"
	"edgenet/report"
)

// stopLimit is how long everything beside the loop has to end; the engine kills a
// container ten seconds after it asked it to stop.
const stopLimit = 8 * time.Second

// errStuck means that something did not end in time; the process should.
var errStuck = errors.New("not everything ended in time")

// Run is the module: it ends when ctx does, after a goodbye of a few seconds. An error
// says what did not end well.
func Run(ctx context.Context, o Options) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return newLoop(ctx, o.withDefaults()).serve()
}

// serve is the loop's whole life.
func (l *loop) serve() error {
	o := l.o
	l.load()
	o.Log.Info("edgenet "+o.Version+" starts", "module", o.Module.Name(), "upstream", o.Upstream, "edgeHub",
		o.Module.Gateway)
	first := twin.Transport(l.state.Transport)
	l.wg.Go(func() { l.hub.run(l.ctx, first) })
	if o.Listener != nil {
		l.wg.Go(func() {
			if err := l.site().Serve(l.ctx, o.Listener); err != nil {
				o.Log.Error("the HTTP side ended: " + report.Clean(err.Error(), 200))
			}
		})
	}
	l.run()
	o.Log.Info("edgenet stops")
	done := make(chan struct{})
	go func() {
		l.wg.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(stopLimit):
		return errStuck
	}
	l.drain()
	return l.goodbye()
}

// drain takes what came to an end while the loop ended: an acknowledgement that is not
// remembered would be a message sent twice.
func (l *loop) drain() {
	for {
		select {
		case e := <-l.events:
			now := time.Now()
			l.state, _ = machine.Step(l.state, e, machine.Now{Mono: now.Sub(l.begun), Wall: now.Round(0)})
		default:
			return
		}
	}
}

// site is the HTTP side.
func (l *loop) site() *web.Site {
	hosts := append(slices.Clone(l.o.HTTPHosts), l.o.Module.Module, "localhost")
	if name, err := os.Hostname(); err == nil {
		hosts = append(hosts, name)
	}
	return &web.Site{
		Labels: web.Labels{Hub: l.o.Module.Hub, Device: l.o.Module.Device, Module: l.o.Module.Module},
		Hosts:  hosts, All: l.o.HTTPAll, Page: l.o.Page, PagePolicy: l.o.PagePolicy, Version: l.o.Version,
		View: func() web.View {
			v := l.shown.Load()
			m := l.prober.meter
			return web.View{
				State: &v.state, Report: v.report, BusySince: l.busySince(),
				Connections: m.connections.Load(), Sent: m.sent.Load(), Received: m.received.Load(),
			}
		},
	}
}
