// Package probe tries the ways out: Target x Route -> Path, each a straight line of
// steps (dns, tcp, [connect], tls, [websocket], protocol, [auth]) on a connection of its
// own, all paths side by side and bounded. Each stage has a file that owns its wire
// format and its classifier. Refine, Findings and Choose are pure functions over the
// results; Check puts everything together.
//
// Without credentials it proves that the service answers, not that it would let a
// device in. It never retries to make a result look better, never sends a secret before
// a certificate verified, and never uses an identity that it was not given.
package probe
