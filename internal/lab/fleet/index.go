package fleet

import "time"

// index is what queries see: twins as they were, for as long as the hub's index lags.
type index struct {
	old map[int]past
}

// past is a device as it was, until when queries see it so.
type past struct {
	device device
	until  int32
}

// keep remembers a device before it changes at a moment. What it points to never changes,
// but is replaced.
func (f *Fleet) keep(n int, at int32) {
	lag := f.switches.IndexLag
	if lag == 0 {
		return
	}
	if old, seen := f.index.old[n]; seen && old.until > at {
		return
	}
	f.index.old[n] = past{f.devices[n], at + int32(lag/time.Second)}
}

// show lets a query look at a device as the index has it.
func (x *index) show(f *Fleet, n int, to int32, look func()) {
	old, lags := x.old[n]
	if !lags {
		look()
		return
	}
	if old.until <= to {
		delete(x.old, n)
		look()
		return
	}
	now := f.devices[n]
	f.devices[n] = old.device
	look()
	f.devices[n] = now
}
