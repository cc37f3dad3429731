package twin_test

import (
	"context"
	"strings"
	"testing"

	"edgenet/internal/twin"
)

// Links of methods that edgeHub detaches are attached again, on the same connection.
func TestMethodsDetached(t *testing.T) {
	t.Parallel()
	l := startLab(t)
	c := config(t, l)
	h := &heard{}
	c.Handler = h.handler()
	s := open(t, c, twin.AMQP)
	for round := 1; round <= 3; round++ {
		if a, err := l.Hub().Invoke(within(t), module, "check", []byte(`1`), plenty, plenty); err != nil ||
			a.Status != 200 {
			t.Fatalf("round %d: %d, %v", round, a.Status, err)
		}
		if !l.Edge().DetachMethods(module) {
			t.Fatal("the module is not there")
		}
		eventually(t, "the detach is noticed", func() bool { return len(h.said()) == round })
	}
	if a, err := l.Hub().Invoke(within(t), module, "check", []byte(`2`), plenty, plenty); err != nil ||
		a.Status != 200 || s.Err() != nil {
		t.Errorf("at last: %d, %v, %v", a.Status, err, s.Err())
	}
	for _, n := range h.said() {
		if !strings.Contains(n.Error(), "amqp:link:detach-forced") {
			t.Errorf("noticed: %v", n)
		}
	}
	if n := count(l, "login"); n != 1 {
		t.Errorf("%d logins", n)
	}
}

// A method that is answered just when its links are detached is answered all the same,
// on the old links or on the new ones.
func TestMethodsDetachedMeanwhile(t *testing.T) {
	t.Parallel()
	l := startLab(t)
	c := config(t, l)
	c.Handler.Method = func(context.Context, twin.Method) twin.Reply {
		l.Edge().DetachMethods(module)
		return twin.Reply{Status: 200, Payload: []byte(`"late"`)}
	}
	s := open(t, c, twin.AMQP)
	for i := range 5 {
		if a, err := l.Hub().Invoke(within(t), module, "check", nil, plenty, plenty); err != nil ||
			string(a.Payload) != `"late"` {
			t.Fatalf("call %d: %s, %v", i, a.Payload, err)
		}
	}
	if s.Err() != nil {
		t.Error(s.Err())
	}
}
