// Package sidecar is edgenet as an IoT Edge module: it watches every upstream path from
// where edgeAgent and edgeHub stand and reports to its own module twin through edgeHub.
// The judgement is package machine's; here are the loop that carries its effects out, the
// probing, the session with edgeHub, the methods, and what puts them together.
//
// It refuses to connect to the hub with a real identity, to probe what the manifest does
// not allow, and to let anything (a check, a disk, a hub that hangs) hold the loop up.
// Every goroutine belongs to Run, which waits for it. Entry point: [Run].
package sidecar
