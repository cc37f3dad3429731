package fleet

import (
	"hash/maphash"
	"math/bits"
)

// join keeps a few bytes for every device, so that rows about the device and rows about
// its module meet, in whatever order they come. The hub has no such join. Devices are known
// by a hash of 64 bits: among a million, two share one with a chance of 1 to 30 million.
type join struct {
	seed  maphash.Seed
	slots []slot
	n     int
}

// slot is what is kept of a device.
type slot struct {
	hash  uint64
	tag   uint32 // index of the tag's value
	cause uint16
	said  state
	stale bool
}

// state is what the module of a device says.
type state uint8

const (
	unsaid state = iota // no report
	saidOK
	saidDegraded
	saidDown
	saidElse
)

// fullAt is the load, in sixteenths, at which the table grows.
const fullAt = 13

func newJoin(devices int) *join {
	return &join{seed: maphash.MakeSeed(), slots: make([]slot, max(1024, devices*16/fullAt+1))}
}

// of finds a device's slot, or makes one; it counts until the next call.
func (j *join) of(device string) *slot {
	if j.n*16 >= len(j.slots)*fullAt {
		j.grow()
	}
	h := maphash.String(j.seed, device)
	if h == 0 {
		h = 1
	}
	s := j.find(h)
	if s.hash == 0 {
		s.hash = h
		j.n++
	}
	return s
}

func (j *join) find(h uint64) *slot {
	at, _ := bits.Mul64(h, uint64(len(j.slots)))
	for i := int(at); ; i++ { //nolint:gosec // below the length
		if i == len(j.slots) {
			i = 0
		}
		if s := &j.slots[i]; s.hash == 0 || s.hash == h {
			return s
		}
	}
}

func (j *join) grow() {
	old := j.slots
	j.slots = make([]slot, len(old)*3/2)
	for _, s := range old {
		if s.hash != 0 {
			*j.find(s.hash) = s
		}
	}
}
