// Package proxy knows which proxy a site has and gets a connection through it: the
// URL with its masked secret, discovery from the environment, no_proxy rules, and
// dialling by HTTP CONNECT (over TCP or TLS) or SOCKS5 with a step for every move.
//
// CONNECT is done by hand, since net/http hides the proxy's answer. Credentials go to
// the proxy they belong to, and over TLS only once its certificate verified. The
// package does not answer NTLM, Negotiate or Digest: IoT Edge cannot either, and
// saying so is the diagnosis.
package proxy
