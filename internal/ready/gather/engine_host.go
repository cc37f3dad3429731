package gather

import (
	"bytes"
	"context"
	"os"
	"slices"
	"strconv"
	"strings"

	"edgenet/internal/engine"
	"edgenet/internal/ready"
)

// memoryStore looks for what edgeHub says when it cannot open its store.
func (g *gatherer) memoryStore(ctx context.Context, c *engine.Client) {
	if len(g.raw) == 0 || !slices.ContainsFunc(g.raw, func(in engine.Inspected) bool { return in.Name == "edgeHub" }) {
		return
	}
	const lines = 2000
	text, err := c.Log(ctx, "edgeHub", lines)
	source := c.Socket + " GET /containers/edgeHub/logs"
	if err != nil {
		g.facts.EdgeHub.InMemory = ready.Unseen[bool](
			source,
			"a log that the engine can read (driver local, json-file or journald)",
		)
		return
	}
	g.storeLog(text, source)
}

// storeLog reads edgeHub's log. That the words are missing from its newest lines says
// nothing where its start is not among them.
func (g *gatherer) storeLog(text []byte, source string) {
	fell := bytes.LastIndex(text, []byte("Falling back to in-memory store"))
	began := bytes.LastIndex(text, []byte("Starting Edge Hub"))
	switch {
	case fell >= 0 && fell > began-(64<<10):
		g.facts.EdgeHub.InMemory = ready.Seen(true, source)
	case began >= 0:
		g.facts.EdgeHub.InMemory = ready.Seen(false, source)
	default:
		g.facts.EdgeHub.InMemory = ready.Unseen[bool](
			source,
			"the beginning of edgeHub's log, which is no longer among its newest lines",
		)
	}
}

// ports adds who else listens on edgeHub's ports.
func (g *gatherer) ports(taken map[int]string) {
	if !g.live {
		return
	}
	for _, x := range g.facts.Containers.Value {
		if x.Name != "edgeHub" || x.State == "running" {
			continue
		}
		for _, p := range x.Ports {
			if taken[p.Host] == "" && g.listening(p.Host) {
				taken[p.Host] = "another program"
			}
		}
	}
}

// listening looks into the kernel's tables of TCP sockets.
func (g *gatherer) listening(port int) bool {
	want := strings.ToUpper(strconv.FormatInt(int64(port), 16))
	for _, file := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, err := os.ReadFile(g.system(file))
		if err != nil {
			continue
		}
		for l := range strings.SplitSeq(string(text), "\n") {
			f := strings.Fields(l)
			if len(f) < 4 || f[3] != "0A" {
				continue
			}
			if _, p, ok := strings.Cut(f[1], ":"); ok && strings.TrimLeft(p, "0") == want {
				return true
			}
		}
	}
	return false
}
