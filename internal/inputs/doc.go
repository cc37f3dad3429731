// Package inputs reads what flags name: this device's settings, a manifest, a report,
// certificates, credentials, proxies, and how connections are made. Every error says
// what was wrong, where, and what was expected; nothing is contacted.
//
// It judges none of it.
package inputs
