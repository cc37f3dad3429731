package machine

import (
	"hash/fnv"
	"strconv"
	"time"
)

// Now is one moment by two clocks: durations and schedules go by the first, which never
// jumps; what people read goes by the second, which may.
type Now struct {
	Mono time.Duration // since the process started
	Wall time.Time     // what this host's clock says
}

// jitter is how much periods are stretched or shrunk.
const jitter = 0.1

// spread gives a number from 0 up to 1 that follows from the device's name, what it is
// for, and how often it happened: the same after a restart, and another on every device.
func spread(identity, purpose string, n uint64) float64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(identity + "\x00" + purpose + "\x00" + strconv.FormatUint(n, 10))) // never fails
	x := h.Sum64()
	x ^= x >> 33 // FNV's upper bits hardly see the last bytes
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	x ^= x >> 33
	return float64(x>>11) / (1 << 53)
}

// jittered is a period, up to a tenth longer or shorter.
func jittered(period time.Duration, identity, purpose string, n uint64) time.Duration {
	f := 1 - jitter + 2*jitter*spread(identity, purpose, n)
	return time.Duration(float64(period) * f)
}
