// Package lab is an IoT hub, an edgeHub, a workload API and a site's proxies and
// DNS server in one process, on loopback, with faults to choose from: what
// edgenet is tried, shown and tested with where there is no cloud.
//
// Entry point: [Start]. Everything it opens ends with [Lab.Close].
//
// It is not a broker to run anything on. It shares no code with what it tests:
// nothing here imports the probes, and they import nothing from here. What
// loopback cannot do (ICMP answers, NAT, path MTU on a real link) it does not
// pretend to do.
package lab
