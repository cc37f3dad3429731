package fleet

// Count is what the fleet is, by its own count: what a client that sums up the twins has
// to come to.
type Count struct {
	Devices int    `json:"devices"`
	Seed    uint64 `json:"seed"`
	// Reporting is how many devices edgenet has reported of at all; Silent the others.
	Reporting int `json:"reporting"`
	Silent    int `json:"silent"`
	// Stale is how many of those that report last did so over 13 hours ago.
	Stale int `json:"stale"`
	// ByProtocol counts what the reports recommend; "none" where they recommend nothing.
	ByProtocol map[string]int `json:"byProtocol"`
	// ByStatus counts what the reports say; Down is those that say down.
	ByStatus map[string]int `json:"byStatus"`
	Down     int            `json:"down"`
	// Unreachable is how many devices the hub cannot reach now: edgeAgent or edgeHub has no
	// way out that works, or the device is off.
	Unreachable int `json:"unreachable"`
}

// staleAfter is when a report is old, in seconds: two heartbeats and an hour.
const staleAfter = 13 * 3600

// Count counts.
func (f *Fleet) Count() Count {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.countNow()
}

func (f *Fleet) countNow() Count {
	to := f.now()
	f.settleAll(to)
	c := Count{Devices: len(f.devices), Seed: f.options.Seed, ByProtocol: map[string]int{}, ByStatus: map[string]int{}}
	for n := range f.devices {
		d := &f.devices[n]
		if !d.is(agentUp) || !d.is(hubUp) {
			c.Unreachable++
		}
		if d.hub == nil {
			c.Silent++
			continue
		}
		c.Reporting++
		if float64(to-d.hubChecked) > f.seconds(staleAfter) {
			c.Stale++
		}
		recommended := "none"
		if p := d.hub.key.recommends; p != absent {
			recommended = protocolNames[p]
		}
		c.ByProtocol[recommended]++
		c.ByStatus[d.hub.status]++
	}
	c.Down = c.ByStatus["down"]
	return c
}

// Stranding says how the devices stand that a change of deployment moved.
type Stranding struct {
	// Moved is how many were moved since the fleet began.
	Moved int `json:"moved"`
	// Stranded is how many of them never came back: edgeAgent has been cut off since the
	// move, although its way of before would work now. No deployment reaches it any more.
	Stranded int `json:"stranded"`
	// Saveable is how many of those evidence could have saved: when their move was decided, by
	// a tag or a deployment, the hub had no report of the last 24 hours that said ok for the
	// way that they were moved to.
	Saveable int `json:"saveable"`
	// Changed are the others: proven when it was decided, and their network had changed.
	Changed int `json:"changed"`
	// Later is how many came back after the move, and were cut off when their network
	// changed afterwards, although their way of before would work.
	Later int `json:"later"`
	// Mute is how many were moved and have an edgeHub that is cut off, although its way of
	// before would work now, while edgeAgent still hears of the fix.
	Mute int `json:"mute"`
	// Cut is how many devices edgeAgent is cut off of, moved or not, without those that are
	// switched off.
	Cut int `json:"cut"`
	// Left is how many of those were never moved, although another way would work.
	Left int `json:"left"`
	// IDs are the stranded devices.
	IDs []string `json:"-"`
}

// Stranded counts what no client can see: who is cut off, and why.
func (f *Fleet) Stranded() Stranding {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.strandedNow()
}

func (f *Fleet) strandedNow() Stranding {
	f.settleAll(f.now())
	var s Stranding
	for n := range f.devices {
		if d := &f.devices[n]; !d.is(dead) {
			f.addStranding(&s, n)
		}
	}
	return s
}

func (f *Fleet) addStranding(s *Stranding, n int) {
	d := &f.devices[n]
	if !d.is(agentUp) {
		s.Cut++
	}
	if !d.is(deployed) {
		best, _ := choose(int(d.net), kindsOfSite[f.sites[d.site].kind].proxy, absent)
		if !d.is(agentUp) && best != absent {
			s.Left++
		}
		return
	}
	s.Moved++
	_, agent := working(d.before.agent, int(d.net))
	_, edge := working(d.before.hub, int(d.net))
	switch {
	case d.is(agentUp) && !d.is(hubUp) && edge:
		s.Mute++
	case d.is(agentUp) || !agent:
	case d.is(confirmed):
		s.Later++
	case d.is(movedProven):
		s.Stranded, s.Changed, s.IDs = s.Stranded+1, s.Changed+1, append(s.IDs, f.ID(n))
	default:
		s.Stranded, s.Saveable, s.IDs = s.Stranded+1, s.Saveable+1, append(s.IDs, f.ID(n))
	}
}
