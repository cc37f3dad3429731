package fleet

import "math"

// never is a moment that does not come.
const never = math.MaxInt32

// protocols of a device are kept in bytes; absent is none.
const absent = 255

// device is all that is kept of a device. What can be computed is not: its id, its tags
// until somebody changes them, its twins.
type device struct {
	run   *runtime
	taken *manifest // what edgeAgent has carried out
	// wanted is what the desired properties of $edgeAgent say.
	wanted *manifest
	rules  *ruleset // the configurations that target it now
	shown  *ruleset // those that its twin tells of: the hub takes its time
	hub    *facts   // edgenet's report as the hub has it; nil if there never was one
	local  *facts   // as the device has it
	before *runtime // what it was before it was last moved
	extra  *extra   // what the service wrote; nil if it never did

	due     int32 // the first of the moments below
	netAt   int32 // its network changes
	shownAt int32 // the hub writes what the configurations say
	applyAt int32 // edgeAgent carries it out
	checkAt int32 // edgenet checks

	hubChecked, hubChanged     int32
	localChecked, localChanged int32
	agentSeen, hubSeen         int32 // last heard of at the hub
	movedAt                    int32 // never without

	site       uint32
	change     uint16 // of its site's network
	serial     uint32 // of what chance decides
	reports    uint32 // that the hub took
	desired    uint32 // $version
	applied    uint32 // the $version that edgeAgent carried out
	told       uint32 // the one that it told of
	toldCode   int16
	outcome    int16 // of the last carrying out
	seq        uint16
	net        uint8
	fails      uint8
	proxy      uint8 // that edgenet tries
	wish       uint8 // expected, of edgenet's desired properties; absent without
	given      uint8 // UpstreamProtocol that edgenet's container was made with; absent without
	recommends uint8
	route      uint8 // the proxy of the recommended way
	flags      flags
}

type flags uint16

const (
	agentUp     flags = 1 << iota // edgeAgent is connected
	hubUp                         // edgeHub is
	dead                          // switched off for good
	running                       // edgenet runs
	ownLine                       // not the site's network but an open one
	managed                       // by the base deployment from the start
	byHand                        // its manifest was applied to it alone
	flapping                      // one of its ways comes and goes
	movedProven                   // when its move was decided, a fresh report at the hub said ok for the new way
	confirmed                     // it was connected since it was last moved
	deployed                      // it was moved by a deployment since the fleet began
	asked                         // somebody asked for edgenet's next check
	clockOff                      // its clock is wrong
)

func (d *device) is(f flags) bool { return d.flags&f != 0 }

func (d *device) set(f flags, on bool) {
	if on {
		d.flags |= f
	} else {
		d.flags &^= f
	}
}

// plan computes when the device has to be looked at next.
func (d *device) plan() { d.due = min(d.netAt, d.shownAt, d.applyAt, d.checkAt) }

// settle lets everything happen to a device that was to happen until to, in its order.
func (f *Fleet) settle(n int, to int32) {
	d := &f.devices[n]
	for d.due <= to {
		at := d.due
		f.keep(n, at)
		switch at {
		case d.netAt:
			f.networkChanges(n, at)
		case d.shownAt:
			f.hubWrites(n, at)
		case d.applyAt:
			f.carriesOut(n, at)
		default:
			f.checks(n, at)
		}
		d.plan()
	}
}

// networkChanges moves a device to the next network of its site.
func (f *Fleet) networkChanges(n int, at int32) {
	d := &f.devices[n]
	changes := f.sites[d.site].changes
	if !d.is(ownLine | dead) {
		d.change++
		d.net = changes[d.change].net
	}
	f.nextChange(d)
	f.connects(n, at)
	if d.is(running) && !d.is(dead) {
		d.checkAt = min(d.checkAt, at+f.delay(n, 30, 300)) // the watch sees it, and edgeHub tells of it
	}
}

func (f *Fleet) nextChange(d *device) {
	d.netAt = never
	changes := f.sites[d.site].changes
	if !d.is(ownLine|dead) && int(d.change)+1 < len(changes) {
		d.netAt = changes[d.change+1].at
	}
}

// connects finds who is connected now, and what follows from it.
func (f *Fleet) connects(n int, at int32) {
	d := &f.devices[n]
	was := d.flags
	_, agent := working(d.run.agent, int(d.net))
	_, hub := working(d.run.hub, int(d.net))
	d.set(agentUp, agent && !d.is(dead))
	d.set(hubUp, hub && !d.is(dead))
	if was&agentUp != 0 || d.is(agentUp) {
		d.agentSeen = at
	}
	if was&hubUp != 0 || d.is(hubUp) {
		d.hubSeen = at
	}
	if d.is(agentUp) {
		d.set(confirmed, true)
		d.told, d.toldCode = d.applied, d.outcome
		if d.applied != d.desired && d.applyAt == never {
			d.applyAt = at + f.delay(n, 20, 90)
		}
	}
	if d.is(hubUp) && was&hubUp == 0 && d.is(running) {
		d.checkAt = min(d.checkAt, at+f.delay(n, 5, 60)) // edgeHub sends what waited
	}
}

// hubWrites puts what the configurations say into the desired properties.
func (f *Fleet) hubWrites(n int, at int32) {
	d := &f.devices[n]
	d.shownAt = never
	d.shown = d.rules
	if d.rules == nil || d.rules.content == nil {
		return // nothing targets it: its modules stay
	}
	f.wants(n, d.rules.content, at)
}

// wants gives a device new desired properties of $edgeAgent.
func (f *Fleet) wants(n int, m *manifest, at int32) {
	d := &f.devices[n]
	d.wanted = m
	d.desired++
	f.moduleWants(n, m)
	if d.is(agentUp) {
		d.applyAt = at + f.delay(n, 20, 90)
	}
}

// moduleWants replaces the desired properties of edgenet, where the manifest has some.
func (f *Fleet) moduleWants(n int, m *manifest) {
	d := &f.devices[n]
	if m.edgenet != nil {
		e := d.extra.clone()
		e.section("edgenet").desired = m.edgenet
		e.section("edgenet").bumps++
		d.extra = e
		d.set(asked, true)
	}
}

// carriesOut is edgeAgent doing what the desired properties say, if it has heard.
func (f *Fleet) carriesOut(n int, at int32) {
	d := &f.devices[n]
	d.applyAt = never
	if !d.is(agentUp) || d.wanted == nil {
		return // it hears of it when it is back
	}
	d.applied, d.outcome = d.desired, int16(d.wanted.code)
	if d.wanted.code == 200 {
		next := f.runtimes.deploy(d.run, d.wanted)
		was := d.taken
		d.taken = d.wanted
		f.moves(n, next, at)
		d.set(running, d.wanted.module)
		d.checkAt = never
		if d.is(running) {
			d.remade(was)
			f.readSettings(n)
			d.checkAt = at + f.delay(n, 20, 60)
		}
	}
	f.connects(n, at)
}

// remade is edgenet's container after a deployment: made anew only where its own
// specification changed, with the protocol that edgeAgent has now, and with no memory where
// it has nothing to keep it in.
func (d *device) remade(was *manifest) {
	if was != nil && was.module && was.spec == d.taken.spec {
		return
	}
	if d.given = absent; d.run.protocol != unset {
		d.given = uint8(d.run.protocol)
	}
	if !d.taken.keeps {
		d.recommends, d.route, d.fails = absent, 0, 0
	}
}

// decided notes, when somebody decides to move a device, whether its report says that the
// new way works: the last moment at which he could have known.
func (f *Fleet) decided(n int, m *manifest, at int32) {
	d := &f.devices[n]
	if m == nil || m.code != 200 {
		return
	}
	if next := f.runtimes.deploy(d.run, m); next != d.run {
		fresh := d.hub != nil && at-d.hubChecked < day
		d.set(movedProven, fresh && d.hub.proves(next.agent) && d.hub.proves(next.hub))
	}
}

// moves gives a device new containers.
func (f *Fleet) moves(n int, next *runtime, at int32) {
	d := &f.devices[n]
	if next == d.run {
		return
	}
	d.set(deployed, true)
	d.set(confirmed, false)
	d.before, d.run, d.movedAt = d.run, next, at
}

// seconds is a duration of the simulation at its pace.
func (f *Fleet) seconds(n float64) float64 { return math.Max(1, n/f.options.Pace) }

// delay is a duration between two, which chance decides.
func (f *Fleet) delay(n int, least, most float64) int32 {
	d := &f.devices[n]
	d.serial++
	x := share(dice(f.options.Seed, askDelay, uint64(n), uint64(d.serial)))
	return int32(f.seconds(least + (most-least)*x))
}
