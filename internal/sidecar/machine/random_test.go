package machine

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"edgenet/internal/sidecar/desired"
	"edgenet/internal/sidecar/fence"
	"edgenet/probe"
	"edgenet/report"
)

// chaos makes a random network, and what happens to a device in it.
type chaos struct {
	*simulation
	rnd *rand.Rand
	now truth
}

// rows is rule R7 told again in another way: of the current recommendation, how many
// checks in a row were against it. It knows nothing of watchSec, so it bounds from above.
type rows struct {
	current probe.PathName
	against int
	known   bool
}

var someCauses = []string{"tcp.timeout", "tcp.refused", "tls.intercepted", "mqtt.closed", "ws.block-page",
	"dns.servfail", "proxy/tcp.timeout", "connect.auth-required", "skipped"}

func (c *chaos) shake() {
	c.now = truth{}
	for _, r := range c.plan.Routes {
		for _, p := range report.Protocols() {
			if c.rnd.IntN(3) == 0 {
				c.now[string(p)+"@"+r.ID] = someCauses[c.rnd.IntN(len(someCauses))]
			}
		}
	}
	if c.rnd.IntN(4) == 0 {
		c.now = truth{}
	}
}

func (c *chaos) step() {
	switch c.rnd.IntN(12) {
	case 0, 1, 2:
		c.shake()
	case 3:
		if c.link {
			c.disconnect()
		} else {
			c.connect()
		}
	case 4:
		c.post(CheckAsked{Call: c.rnd.Uint64()%1000 + 1, Wait: c.rnd.IntN(2) == 0})
	case 5:
		c.desire()
	case 6:
		c.diskFull = !c.diskFull
	case 7:
		c.simulation.now.Wall = c.simulation.now.Wall.Add(time.Duration(c.rnd.IntN(7200)-3600) * time.Second)
	case 8:
		c.post(EdgeHubSeen{[]EdgeHub{EdgeHubOnline, EdgeHubOffline, EdgeHubUnknown}[c.rnd.IntN(3)]})
	case 9:
		if !c.diskFull && c.state.DiskError == "" && c.rnd.IntN(4) == 0 {
			c.run(time.Second) // the last write is on its way
			c.restart()
		}
	}
	c.run(time.Duration(c.rnd.Int64N(int64(20 * time.Minute))))
}

func (c *chaos) desire() {
	section := fmt.Sprintf(`{"intervalSec":%d,"watchSec":%d,"failAfter":%d,"expected":%q,"holdSec":%d,"junk%d":1}`,
		900+c.rnd.IntN(9000), 60+c.rnd.IntN(600), 1+c.rnd.IntN(4),
		[]string{"Amqp", "AmqpWs", "MqttWs", "Nonsense"}[c.rnd.IntN(4)], max(0, c.rnd.IntN(7200)-3600), c.rnd.IntN(3))
	s, complaints := desired.Parse(json.RawMessage(section), &fence.Fence{})
	c.post(DesiredSeen{json.RawMessage(section), s, complaints})
}

// TestRandom throws everything at the machine in random order. While it lasts, nothing
// spins, no two of a kind are under way, patches keep to the contract, and no state is
// changed in place (the simulation holds all that); afterwards, in peace, the twin says
// what the machine knows, and every transition came once or more, in order, none invented.
func TestRandom(t *testing.T) {
	t.Parallel()
	for seed := range uint64(24) {
		c := &chaos{rnd: rand.New(rand.NewPCG(seed, 4)), now: truth{}}
		c.simulation = simulate(t, fmt.Sprintf("device%d/edgenet", seed), func(time.Duration) truth { return c.now })
		if seed%2 == 0 {
			c.proxied()
		}
		c.pure = true
		c.failWrite = func() bool { return c.rnd.IntN(10) == 0 }
		c.idle = func() HoldDone {
			return []HoldDone{{}, {Short: &holdShort}, {Undecided: true}}[c.rnd.IntN(3)]
		}
		c.begin()
		for range 60 {
			c.step()
		}
		c.failWrite, c.diskFull = nil, false
		if !c.link {
			c.connect()
		}
		c.now = truth{}
		c.run(9 * time.Hour)
		c.settled()
		if c.state.Seen == nil || c.state.DiskError != "" || c.state.Status == StatusDown ||
			c.state.Status == StatusUnseen {
			t.Fatalf("seed %d: %+v", seed, c.state.Memory)
		}
		if m := c.state; m.HoldShort != nil && m.Settings.Hold == 0 || m.trying != 0 {
			t.Fatalf("seed %d: %+v, run %d of idle connections", seed, m.HoldShort, m.trying)
		}
		if last := c.disk[len(c.disk)-1].Memory; last.Seq != c.state.Seq || last.Acked != c.state.Acked {
			t.Fatalf("seed %d: the disk has %+v, the machine %+v", seed, last, c.state.Memory)
		}
	}
}

// TestHysteresisHolds: whatever the network does, and whatever triggers the checks, a
// recommendation changes only after failAfter checks in a row in which it failed and
// another worked, unless somebody asked or its path is no longer tried.
func TestHysteresisHolds(t *testing.T) {
	t.Parallel()
	for seed := range uint64(24) {
		c := &chaos{rnd: rand.New(rand.NewPCG(seed, 5)), now: truth{}}
		c.simulation = simulate(t, fmt.Sprintf("device%d/edgenet", seed), func(time.Duration) truth { return c.now })
		c.begin()
		r := &rows{}
		for range 150 {
			if c.rnd.IntN(3) > 0 {
				c.shake()
			}
			if c.rnd.IntN(25) == 0 {
				c.post(CheckAsked{Call: 1})
			}
			c.run(time.Duration(c.rnd.Int64N(int64(9 * time.Minute))))
			r.hold(t, c.simulation)
		}
	}
}

// hold replays the checks since it was last called. Between two calls there may be
// several; the recommendation may have changed at any of them.
func (r *rows) hold(t *testing.T, m *simulation) {
	t.Helper()
	_, busy := m.state.Checking()
	seen, triggers := m.seen, m.triggers
	if busy { // its verdict has not counted yet
		m.seen, m.triggers = seen[len(seen)-1:], triggers[len(triggers)-1:]
		seen, triggers = seen[:len(seen)-1], triggers[:len(triggers)-1]
	} else {
		m.seen, m.triggers = nil, nil
	}
	reached, asked := r.against, false
	for i, o := range seen {
		asked = asked || triggers[i].asked()
		works, known := o.works(r.current)
		switch {
		case works, o.Choice.Protocol == "" && !o.Undecided:
			r.against = 0
		case known && o.Choice.Protocol != "":
			r.against++
			reached = max(reached, r.against)
		}
	}
	now := m.state.Current()
	if r.known && now != r.current && !asked && reached < m.state.Settings.FailAfter {
		t.Fatalf("%s became %s after %d checks in a row (%d wanted)", r.current, now, reached,
			m.state.Settings.FailAfter)
	}
	if now != r.current || asked {
		r.current, r.known, r.against = now, now.Protocol != "", 0
	}
}

// TestLogIsBounded: a hub that takes nothing costs no memory, and what is lost is counted.
func TestLogIsBounded(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", func(at time.Duration) truth {
		if at/(20*time.Minute)%2 == 0 {
			return nil
		}
		return nothing
	})
	m.post(Begin{})
	m.run(10 * 24 * time.Hour)
	if n := len(m.state.Log); n != maxLog || m.state.Dropped == 0 || uint64(n)+m.state.Dropped != m.state.Seq {
		t.Errorf("%d kept, %d dropped, %d in all", n, m.state.Dropped, m.state.Seq)
	}
	m.net = still(nil)
	m.telemetry = nil
	m.connect()
	m.run(3 * time.Hour)
	m.settled()
	if m.telemetry[0].Seq != m.state.Dropped+1 {
		t.Errorf("the first that came is %d, %d were dropped", m.telemetry[0].Seq, m.state.Dropped)
	}
}

// TestComplaintsFit: however much there is to complain about, the twin's patch stays small
// and says the rest of it.
func TestComplaintsFit(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", still(nothing))
	m.proxied()
	m.begin()
	var complaints []string
	for range 9 {
		complaints = append(complaints, strings.Repeat("x", 160))
	}
	m.post(DesiredSeen{[]byte(`{"a":1}`), desired.Defaults(), complaints})
	m.run(time.Minute)
	m.settled()
	list, ok := m.twin["configErrors"].([]any)
	if !ok || len(list) < 2 || list[len(list)-1] != "and more" {
		t.Errorf("%v", m.twin["configErrors"])
	}
}

// TestFullDiskHoldsNothingUp: a transition that comes while the disk refuses is sent at
// once, not when the disk is asked again.
func TestFullDiskHoldsNothingUp(t *testing.T) {
	t.Parallel()
	m := simulate(t, "d/edgenet", switching(weather{0, nil}, weather{3 * time.Minute, nothing}))
	m.diskFull = true
	m.begin()
	m.run(2 * time.Minute)
	m.settled()
	if m.state.DiskError == "" || len(m.telemetry) != 1 {
		t.Fatalf("%q, %d sent", m.state.DiskError, len(m.telemetry))
	}
	m.post(CheckAsked{Call: 1})
	m.run(2 * time.Minute)
	m.post(CheckAsked{Call: 2})
	m.run(10 * time.Second)
	m.settled()
	if len(m.telemetry) != 2 {
		t.Errorf("%d sent", len(m.telemetry))
	}
}
