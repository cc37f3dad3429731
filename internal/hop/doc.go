// Package hop holds the moves that both hops share: resolving a name, connecting,
// shaking hands over TLS. Each move takes the shared Env and a Trace, records one
// Step whether it succeeds or not, and names the cause of its own failure; each file
// owns its classifier. The package knows nothing of proxies and protocols, retries
// nothing, and writes nothing to a peer whose certificate did not verify.
package hop
