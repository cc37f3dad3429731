// Package proxy gets a connection through a site's proxy: by HTTP CONNECT (over TCP or
// TLS) or SOCKS5, with a step for every move. What a setting says is read by
// internal/proxyurl.
//
// CONNECT is done by hand, since net/http hides the proxy's answer. Credentials go to
// the proxy they belong to, and over TLS only once its certificate verified. The
// package does not answer NTLM, Negotiate or Digest: IoT Edge cannot either, and
// saying so is the diagnosis.
package proxy
