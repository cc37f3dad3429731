package logs

import (
	"strings"

	"edgenet/internal/logs/pattern"
	"edgenet/internal/logs/record"
)

// store keeps an event, or folds it into one that says the same.
func (c *collector) store(e *pattern.Event, rec *record.Record) {
	key := foldKey(e)
	if o := c.recent[key]; o != nil && o.Who == e.Who {
		o.Count++
		o.Values.N = max(o.Values.N, e.Values.N)
		if e.At >= o.Last {
			o.Last, o.LastLine = e.At, e.Line
			o.HubTime = e.HubTime
		} else if e.Timed && e.At < o.At { // newest first
			o.At, o.Line = e.At, e.Line
		}
		return
	}
	e.Text = c.g.clean(quoted(e, rec), 200)
	for k, o := range c.recent {
		if o.Who == e.Who && (turns(e) || sign(e)*sign(o) < 0) {
			delete(c.recent, k)
		}
	}
	if len(c.recent) > maxRecent {
		clear(c.recent)
	}
	c.recent[key] = e
	switch {
	case len(c.head) < maxFirst:
		c.head = append(c.head, e)
	case len(c.tail) < maxLast:
		c.tail = append(c.tail, e)
	default:
		c.tail[c.at] = e
		c.at = (c.at + 1) % maxLast
		c.dropped++
	}
}

// turns tells whether after an event nothing is folded into what came before.
func turns(e *pattern.Event) bool {
	switch e.Row.Kind {
	case pattern.Start, pattern.Stop:
		return true
	}
	if e.Row.ID == pattern.ModuleRequest || e.Row.ID == pattern.ModuleAnswer { // which count in pairs
		return true
	}
	return e.Row.ID == "agent.status" || e.Row.ID == "hub.status" || e.Row.ID == "hub.cloud-state"
}

// sign tells whether an event speaks for a connection or against one. What speaks for it is
// not folded across what speaks against it, nor the other way round.
func sign(e *pattern.Event) int {
	switch e.Row.Kind {
	case pattern.Connected, pattern.Alive, pattern.Recovered:
		return 1
	case pattern.Attempt, pattern.Refused, pattern.Lost, pattern.Suspect:
		return -1
	}
	return 0
}

func foldKey(e *pattern.Event) string {
	var b strings.Builder
	b.WriteString(e.Component)
	b.WriteByte(0)
	b.WriteString(e.Row.ID)
	b.WriteByte(0)
	b.WriteString(string(e.Values.Protocol))
	b.WriteString(e.Values.Status)
	b.WriteString(e.Values.Unit)
	b.WriteString(e.Values.Proxy)
	b.WriteString(e.Unread)
	if strings.HasSuffix(e.Values.Client, "$edgeHub") || e.Values.Client == "" {
		b.WriteByte('*')
	}
	for i := range e.Failures {
		b.WriteByte(0)
		b.WriteString(e.Failures[i].Row)
		b.WriteString(e.Failures[i].Addr)
	}
	return b.String()
}
