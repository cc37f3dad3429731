//go:build unix && !linux

package hop

// bindDevice does nothing here: the source address alone chooses the interface.
func bindDevice(int, string) error { return nil }
