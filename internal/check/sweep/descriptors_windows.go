package sweep

// Descriptors is unknown here: Windows bounds handles by memory alone.
func Descriptors() int { return 0 }
