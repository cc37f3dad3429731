package fleet

// dice gives the same number for the same question, so that nothing depends on the order
// in which devices are looked at. The mixing is that of SplitMix64.
func dice(seed uint64, parts ...uint64) uint64 {
	x := seed
	for _, p := range parts {
		x += 0x9e3779b97f4a7c15 + p*0xd1342543de82ef95
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		x ^= x >> 31
	}
	return x
}

// share is a number from 0 up to and without 1.
func share(n uint64) float64 { return float64(n>>11) / (1 << 53) }

// What is asked of chance.
const (
	askSite uint64 = iota + 1
	askChange
	askProfile
	askFate
	askSilence
	askCheck
	askDelay
	askSetting
	askSerial
)
