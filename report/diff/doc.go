// Package diff compares two reports: yesterday's and today's, the host's and a
// container's. It is pure: Compare is the entry point, and render shows what it gives.
//
// What differs between any two runs is left out (ports, small differences of time), and
// what may differ although nothing happened (a renewed certificate of the same issuer,
// this host's own address) is a note: said, and no difference.
package diff
