// Package machine is the module's judgement: a pure function from a state, an event and a
// moment to the next state and the effects that somebody else carries out. It decides when
// to check, when the recommendation changes, what the twin has to say, which transitions
// there were and what is worth a write to the disk. A day of a device passes in
// milliseconds here.
//
// It touches no clock, no network and no disk, and starts no goroutine. A state is never
// changed in place. Entry points: [New] and [Step].
package machine
