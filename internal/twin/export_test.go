package twin

import "time"

// SetBackoff shortens the waits between tries.
func (w *Workload) SetBackoff(f func(try int) time.Duration) { w.backoff = f }
