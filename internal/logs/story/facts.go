package story

import (
	"strings"

	"edgenet/internal/logs/pattern"
)

// Own tells whether the event is about the component's own connection, not about that of
// a client behind it.
func Own(e *pattern.Event) bool {
	c := e.Values.Client
	return c == "" || strings.Contains(c, "$edgeHub") || unreadable(c)
}

// unreadable tells an id that somebody took out before the log was shared.
func unreadable(id string) bool {
	id = strings.ToLower(id[strings.LastIndexByte(id, '/')+1:]) // the module's name, where it stands
	for _, sign := range [...]string{"*", "<", "xxx", "redact", "remove", "hidden", "anonym", "…", "..."} {
		if strings.Contains(id, sign) {
			return true
		}
	}
	return false
}

// facts keeps what an event tells whatever the state is.
func (t *teller) facts(e *pattern.Event) {
	v := &e.Values
	if v.Hub != "" {
		t.s.Hub = v.Hub
	}
	if v.Device != "" {
		t.s.Device = v.Device
	}
	if v.Version != "" {
		t.s.Version = v.Version
	}
	if device, _, ok := strings.Cut(v.Client, "/$edgeHub"); ok && t.s.Device == "" && !strings.Contains(device, "*") {
		t.s.Device = device
	}
	switch {
	case e.Row.ID == "hub.monitor":
		t.s.Monitor = true
	case e.Row.ID == "hub.no-monitor":
		t.s.Silent = true
	case e.Row.Kind == pattern.Config && v.Proxy != "":
		t.s.Proxy, t.s.NoProxy = v.Proxy, false
	case e.Row.Kind == pattern.Alive && e.Row.Role == pattern.RoleHTTPS, e.Row.ID == "identityd.reconciled" &&
		!t.skipped:
		t.s.HTTPSOK = e
	case e.Row.Kind == pattern.Alive && e.Row.Role == pattern.RoleDPS:
		t.s.DPSOK = e
	}
}
